"""One source, two speeds: loops run as they are, or compiled where the work is large.

A loop is a plain function over sequences that it reads, writes and never makes.
Interpreted it gets lists; compiled it gets arrays, and numba (an optional extra)
translates it. Both give the same bits: all arithmetic is on integers that fit 64 bits.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from mobility.errors import InputError
from mobility.kernels import heap
from mobility.kernels.heap import empty_array, pop_from_array, push_in_array

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Loop = TypeVar("Loop", bound=Callable[..., Any])

# Work is counted in arcs looked at, about 0.15 µs each when interpreted. To load numba
# and a kernel from its cache takes 0.8 s, to translate a large kernel anew 3.5 s: as
# long as so much work does.
LARGE = 20_000_000
# with the kernel already at hand, what it costs to call it
LARGE_ONCE_COMPILED = 1_000

_loops: list[Callable[..., Any]] = []
_registered: set[Callable[..., Any]] = set()
_compiled: dict[Callable[..., Any], Callable[..., Any]] = {}
_forced: ContextVar[bool | None] = ContextVar("forced", default=None)


def loop(function: Loop) -> Loop:
    """Mark a function as a loop that may be compiled."""
    _loops.append(function)
    return function


def is_worth_compiling(function: Callable[..., Any], work: int) -> bool:
    """Say whether to run a loop compiled, for this many arcs looked at."""
    forced = _forced.get()
    if forced is not None:
        return forced
    if function in _compiled:
        return work > LARGE_ONCE_COMPILED
    return work > LARGE and find_spec("numba") is not None


@contextmanager
def running(speed: str) -> Iterator[None]:
    """Run all kernels of a block `compiled` or `interpreted`, whatever their work.

    Examples
    --------
    >>> with running("interpreted"):
    ...     is_worth_compiling(running, 10**9)
    False
    """
    if speed not in ("compiled", "interpreted"):
        msg = f"speed {speed!r} is none of compiled, interpreted"
        raise InputError(msg)
    if speed == "compiled" and find_spec("numba") is None:
        msg = "compiled kernels need numba: pip install 'mobility-corridors[fast]'"
        raise InputError(msg)
    token = _forced.set(speed == "compiled")
    try:
        yield
    finally:
        _forced.reset(token)


def call(function: Callable[..., Any], fast: bool, *args: Any) -> Any:
    """Run a loop, compiled where `fast`."""
    if not fast:
        return function(*args)
    if function not in _compiled:
        _compiled[function] = _compile(function)
    return _compiled[function](*args)


def filled(count: int, value: int, *, fast: bool, kind: Any = np.int64) -> Any:
    """Return a sequence of equal numbers to work on: an array, or a list."""
    return np.full(count, value, dtype=kind) if fast else [value] * count


def table(
    rows: int, columns: int, value: int, *, fast: bool, kind: Any = np.int64
) -> Any:
    """Return rows of equal numbers to work on: an array, or a list of lists."""
    if fast:
        return np.full((rows, columns), value, dtype=kind)
    return [[value] * columns for _ in range(rows)]


def queue(count: int, *, fast: bool) -> tuple[Any, Any]:
    """Return an empty queue for nodes 0 to count - 1: its heap and its places."""
    if fast:
        place = np.full(count + 1, heap.OUT, dtype=np.int32)
        place[count] = 0
        return np.empty(2 * count, dtype=np.int64), place
    return [], [*[heap.OUT] * count, 0]


def sequence(array: Any, *, fast: bool) -> Any:
    """Return an array as what a loop reads: itself, or a list."""
    return array if fast else array.tolist()


def _compile(function: Callable[..., Any]) -> Callable[..., Any]:
    """Translate a loop and all it calls; keep the result on disk."""
    import numba
    from numba.extending import overload, register_jitable

    if not _registered:
        overload(heap.push, strict=False)(lambda heap, place, key, node: push_in_array)
        overload(heap.pop, strict=False)(lambda heap, place, key: pop_from_array)
        overload(heap.empty, strict=False)(lambda heap, place: empty_array)
    for other in _loops:
        if other not in _registered:
            _registered.add(other)
            register_jitable(other)
    # serial: a parallel build of the same function would share its cache entry
    try:
        made: Any = numba.njit(cache=True, nogil=True)(function)
    except RuntimeError:  # nowhere to keep it
        made = numba.njit(nogil=True)(function)
    else:
        # stale when any loop it may call has changed, not those of its own file alone
        made._cache._cache_file._source_stamp = _stamp()
    compiled: Callable[..., Any] = made
    return compiled


def _stamp() -> tuple[tuple[str, int, int], ...]:
    files = sorted(Path(__file__).parent.glob("*.py"))
    told = [(file.name, file.stat()) for file in files]
    return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in told)
