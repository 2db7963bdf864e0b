"""How predictable a journey is: the distribution of its hours.

Every part is log-normal about its median: running times by mode, each crossing, each
change of mode with its wait. Parts are taken as independent, links of a mode as one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mobility.model import Mode
from mobility.network.arcs import MS_PER_H, Z95

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

    from mobility.network.build import Network

    Floats = npt.NDArray[np.float64]

# points of the grid that distributions are added on, a power of two
_POINTS = 8192


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a journey: hours, median and 95th percentile."""

    median_h: float
    p95_h: float


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """The distribution of the hours of a journey.

    Attributes
    ----------
    step_h
        Width of the classes of `mass`.
    mass : float array
        Probability of each class, from 0 h on; sums to 1.
    sure_h
        Hours that do not vary, to be added.
    """

    step_h: float
    mass: Floats
    sure_h: float

    @property
    def mean_h(self) -> float:
        """Mean, hours."""
        middles = (np.arange(len(self.mass)) + 0.5) * self.step_h
        return self.sure_h + float(middles @ self.mass) if self.step_h else self.sure_h

    def quantile_h(self, share: float) -> float:
        """Return the hours within which a share of journeys ends."""
        if not self.step_h:
            return self.sure_h
        reached = np.searchsorted(np.cumsum(self.mass), share)
        return self.sure_h + (float(reached) + 1) * self.step_h

    def probability(self, hours: float) -> float:
        """Return the share of journeys that end within some hours."""
        if not self.step_h:
            return float(hours >= self.sure_h)
        classes = math.floor((hours - self.sure_h) / self.step_h)
        return float(min(1.0, self.mass[: max(0, classes)].sum()))


def predict(parts: Iterable[Part]) -> Prediction:
    """Add the parts of a journey up.

    Parameters
    ----------
    parts
        Independent; one whose 95th percentile is not above its median does not vary.

    Notes
    -----
    Discrete convolution by Fourier transform on a grid that reaches beyond the sum of
    all 99.9th percentiles: exact but for the width of a class.
    """
    varying, sure = [], 0.0
    for part in parts:
        if part.p95_h > part.median_h > 0:
            varying.append(part)
        else:
            sure += part.median_h
    if not varying:
        return Prediction(0.0, np.ones(1), sure)
    sigmas = [math.log(part.p95_h / part.median_h) / Z95 for part in varying]
    reach = sum(
        part.median_h * math.exp(3.1 * sigma)
        for part, sigma in zip(varying, sigmas, strict=True)
    )
    step = reach / (_POINTS // 2)
    spectrum = np.ones(_POINTS + 1, dtype=np.complex128)
    for part, sigma in zip(varying, sigmas, strict=True):
        spectrum *= np.fft.rfft(_classes(part.median_h, sigma, step), 2 * _POINTS)
    mass = np.fft.irfft(spectrum, 2 * _POINTS).clip(min=0.0)
    # each class stands for its middle; of several added, half a class less one each
    shift = round((len(varying) - 1) / 2)
    mass = np.concatenate([np.zeros(shift), mass])
    return Prediction(step, mass / mass.sum(), sure)


def _classes(median: float, sigma: float, step: float) -> Floats:
    """Return the probability of each class of the grid."""
    edges = np.arange(1, _POINTS) * step
    scaled = np.log(edges / median) / (sigma * math.sqrt(2))
    below = np.array([0.0, *(0.5 + 0.5 * math.erf(x) for x in scaled), 1.0])
    return np.diff(below)


def parts_of(network: Network, arcs: Sequence[int]) -> list[Part]:
    """Return the parts of a way through a network, halts left out.

    Parameters
    ----------
    network
        The network the arcs belong to.
    arcs
        Arcs in order of travel.
    """
    running = dict.fromkeys(Mode, 0.0)
    parts = []
    for arc in arcs:
        mode = network.graph_nodes[int(network.tails[arc])].mode
        running[mode] += int(network.drive_ms[arc]) / MS_PER_H
        for median, p95 in (
            (network.border_ms, network.border_p95_ms),
            (network.transfer_ms, network.transfer_p95_ms),
        ):
            if median[arc]:
                parts.append(Part(median[arc] / MS_PER_H, p95[arc] / MS_PER_H))
    for mode, hours in running.items():
        if hours:
            sigma = network.rules.value("time_sigma", mode=mode)
            parts.append(Part(hours, hours * math.exp(Z95 * sigma)))
    return parts
