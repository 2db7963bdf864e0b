"""What every kernel asks of its input, before any loop starts."""

from __future__ import annotations

from collections.abc import Iterable
from operator import index
from typing import TYPE_CHECKING, Any

import numpy as np

from mobility.errors import InputError

if TYPE_CHECKING:
    import numpy.typing as npt

    from mobility.kernels.csr import Csr

    Ints = npt.NDArray[np.int64]


def whole_numbers(name: str, values: npt.ArrayLike) -> Ints:
    """Return a private int64 copy in one dimension; refuse what is not whole."""
    array = _array(name, values)
    if array.ndim == 0:
        array = array.reshape(1)
    if array.ndim != 1:
        msg = f"{name} should have one dimension, not {array.ndim}"
        raise InputError(msg)
    if array.size == 0:
        return np.empty(0, np.int64)
    if array.dtype.kind == "f":
        if not bool(np.all(array == np.floor(array))):  # NaN fails this too
            msg = f"{name} must be whole numbers"
            raise InputError(msg)
        if not bool(np.all(np.abs(array) < 2.0**63)):
            msg = f"{name} must be finite and fit 64 bits"
            raise InputError(msg)
    elif array.dtype.kind == "u":
        if int(array.max()) >= 2**63:
            msg = f"{name} must be finite and fit 64 bits"
            raise InputError(msg)
    elif array.dtype.kind != "i":
        msg = f"{name} must be whole numbers"
        raise InputError(msg)
    return array.astype(np.int64, copy=True)


def per_arc(
    name: str, values: npt.ArrayLike, count: int, *, low: int, high: int
) -> Ints:
    """Return one whole number per arc (or node), each from `low` to `high`."""
    array = whole_numbers(name, values)
    if len(array) != count:
        msg = f"{name} differ in length: {len(array)} for {count}"
        raise InputError(msg)
    if len(array) and not (array.min() >= low and array.max() <= high):
        bad = int(array[(array < low) | (array > high)][0])
        msg = f"{name}: {bad} is outside {low} to {high}"
        raise InputError(msg)
    return array


def subset(name: str, values: npt.ArrayLike, count: int) -> npt.NDArray[np.bool_]:
    """Return which of `count` things are meant: by number, or by a bool each."""
    array = _array(name, values)
    if array.dtype == np.bool_:
        if array.shape != (count,):
            msg = f"{name}: {array.size} marks for {count}"
            raise InputError(msg)
        return array
    numbers = whole_numbers(name, array)
    if len(numbers) and not (numbers.min() >= 0 and numbers.max() < count):
        bad = int(numbers[(numbers < 0) | (numbers >= count)][0])
        msg = f"{name}: {bad} is outside 0 to {count - 1}"
        raise InputError(msg)
    mask = np.zeros(count, dtype=np.bool_)
    mask[numbers] = True
    return mask


def groups(name: str, sets: Iterable[npt.ArrayLike], count: int) -> list[Ints]:
    """Return the members of each group of `count` things, in order, each once."""
    if isinstance(sets, str | bytes) or not isinstance(sets, Iterable):
        msg = f"{name} should be a list of lists"
        raise InputError(msg)
    return [
        np.flatnonzero(subset(f"group {i}", group, count))
        for i, group in enumerate(sets)
    ]


def node(name: str, number: int, graph: Csr) -> int:
    """Return a node number that the graph has."""
    number = _index(name, number)
    if not 0 <= number < graph.node_count:
        msg = f"{name} {number} is outside 0 to {graph.node_count - 1}"
        raise InputError(msg)
    return number


def ends(source: int, target: int, graph: Csr) -> tuple[int, int]:
    """Return two different nodes of the graph."""
    pair = node("source", source, graph), node("target", target, graph)
    if pair[0] == pair[1]:
        msg = f"source and target are the same node, {source}"
        raise InputError(msg)
    return pair


def nodes(name: str, numbers: npt.ArrayLike, graph: Csr) -> Ints:
    """Return node numbers that the graph has."""
    array = whole_numbers(name, numbers)
    if len(array) and not (array.min() >= 0 and array.max() < graph.node_count):
        bad = int(array[(array < 0) | (array >= graph.node_count)][0])
        msg = f"{name}: {bad} is outside 0 to {graph.node_count - 1}"
        raise InputError(msg)
    return array


def whole(name: str, value: int, *, low: int, high: int) -> int:
    """Return one whole number from `low` to `high`."""
    number = _index(name, value)
    if not low <= number <= high:
        msg = f"{name} = {number} is outside {low} to {high}"
        raise InputError(msg)
    return number


def _index(name: str, value: int) -> int:
    try:
        number = index(value)
    except TypeError:
        number = None
    if number is None or isinstance(value, bool):
        msg = f"{name} {value!r} is no whole number"
        raise InputError(msg)
    return number


def share(name: str, value: float) -> float:
    """Return a number from 0 to 1."""
    if isinstance(value, bool | np.bool_) or not isinstance(
        value, int | float | np.integer | np.floating
    ):
        msg = f"{name} {value!r} is no number"
        raise InputError(msg)
    if not 0 <= value <= 1:  # NaN fails this too
        msg = f"{name} = {value} is outside 0 to 1"
        raise InputError(msg)
    return float(value)


def _array(name: str, values: npt.ArrayLike) -> npt.NDArray[Any]:
    try:
        return np.asarray(values)
    except (TypeError, ValueError):
        msg = f"{name} should be a plain list of numbers"
        raise InputError(msg) from None
