"""Every error this package raises on purpose, under one root.

Each kind carries the exit code of the command line (`exit_code`), so that the command
line needs no table of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mobility.model import Problem


class MobilityError(Exception):
    """Root of the package's errors: well-formed input that must be refused."""

    exit_code = 1


class UnknownNameError(MobilityError, LookupError):
    """A place, link, corridor, load or state that no row of the data has."""


class InputError(MobilityError, ValueError):
    """A value that is well-formed but makes no sense here, such as A = B."""


class MissingDataError(MobilityError, FileNotFoundError):
    """A data folder, or its contract, that is not there."""

    def __str__(self) -> str:
        """Return the message alone; `OSError` would print its arguments."""
        return str(self.args[0]) if self.args else ""


class OutputError(MobilityError, OSError):
    """A file that cannot be written."""

    def __str__(self) -> str:
        """Return the message alone; `OSError` would print its arguments."""
        return str(self.args[0]) if self.args else ""


class NoRouteError(MobilityError):
    """No way joins two places under the conditions asked for.

    The message says why: which closed or unbuilt links would complete a way, or what
    bars it.
    """

    exit_code = 3


class DataError(MobilityError, ValueError):
    """The tables break their contract.

    Parameters
    ----------
    problems
        All of them, at once.

    Attributes
    ----------
    problems : tuple of Problem
        As given.
    """

    exit_code = 4

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))
