"""A queue of nodes by key, ties by number: the one part of a kernel written twice.

Interpreted, `heapq` on a list of (key, node) is fastest; compiled, a heap of node
numbers that knows where each node stands. Both give nodes in the same order, so that
kernels that use them agree to the last tie.

A queue is three sequences: `heap` (an empty list, or an array with two entries per
node), `place` (per node -1, and 0 as a last entry) and `key` (per node, lowered by the
caller before each `push`). A node that has left the queue must not come again until
`place` is reset.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import Any

OUT = -1
DONE = -2


def push(heap: Any, place: Any, key: Any, node: int) -> None:
    """Put a node in, or move it up after its key was lowered."""
    heappush(heap, (key[node], node))


def pop(heap: Any, place: Any, key: Any) -> int:
    """Take out the node with the lowest key; -1 where none is left."""
    while heap:
        at, node = heappop(heap)
        if place[node] != DONE and at == key[node]:
            place[node] = DONE
            return int(node)
    return -1


def empty(heap: Any, place: Any) -> None:
    """Drop what is still in the queue; `place` of nodes is the caller's to reset."""
    heap.clear()


def push_in_array(heap: Any, place: Any, key: Any, node: int) -> None:
    """Do as `push` does, in arrays: a heap of four children each.

    The first half of `heap` holds nodes, the second their keys.
    """
    last = len(place) - 1
    i = place[node]
    if i < 0:
        i = place[last]
        place[last] = i + 1
    k = key[node]
    while i > 0:
        above = (i - 1) >> 2
        kept = heap[last + above]
        if kept < k or (kept == k and heap[above] < node):
            break
        other = heap[above]
        heap[i] = other
        heap[last + i] = kept
        place[other] = i
        i = above
    heap[i] = node
    heap[last + i] = k
    place[node] = i


def pop_from_array(heap: Any, place: Any, key: Any) -> Any:
    """Do as `pop` does, in arrays."""
    last = len(place) - 1
    size = place[last]
    if size == 0:
        return -1
    top = heap[0]
    place[top] = -2
    size -= 1
    place[last] = size
    if size > 0:
        moved = heap[size]
        k = heap[last + size]
        i = 0
        while True:
            child = 4 * i + 1
            if child >= size:
                break
            best = child
            low = heap[last + child]
            for j in range(child + 1, min(child + 4, size)):
                kept = heap[last + j]
                if kept < low or (kept == low and heap[j] < heap[best]):
                    best, low = j, kept
            if k < low or (k == low and moved < heap[best]):
                break
            other = heap[best]
            heap[i] = other
            heap[last + i] = low
            place[other] = i
            i = best
        heap[i] = moved
        heap[last + i] = k
        place[moved] = i
    return top


def empty_array(heap: Any, place: Any) -> None:
    """Do as `empty` does, in arrays."""
    place[len(place) - 1] = 0
