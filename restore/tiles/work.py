"""The one way from the samples of a large picture to its tiles, at once or as a graph of tasks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from restore.tiles.border import looked_at, piece, ring
from restore.tiles.cells.filled import Filled
from restore.tiles.job import Job
from restore.tiles.plan import Box, Plan, overlap
from restore.tiles.tile import frame_of, restored_tile, solved_tile

#: Returns the samples of a box, channels last.
Reader = Callable[[Box], Any]
#: Calls a function with arguments, or notes the call down to be made later.
Caller = Callable[..., Any]


def none_there(_: Box) -> None:
    """Return that no sample of a box is unknown, or dead."""


class Tiles:
    """The tiles of a plan, each of which may be asked for.

    Of the border's pieces those are held that the last tile read: the next one shares some of them, and the border of
    a large stack is larger than memory. A graph of tasks holds them all, for each of them is one task. `dead` says
    which samples of a box are none of a picture: they stay as they are.
    """

    def __init__(
        self,
        read: Reader,
        job: Job,
        plan: Plan,
        agreement: Any,
        call: Caller,
        hidden: Reader | None = None,
        dead: Reader = none_there,
    ) -> None:
        self._as_is, self._dead = read, dead
        self._read = read if hidden is None else Filled(read, hidden, job, agreement)
        self._hidden = hidden if hidden is not None and not job.tiling.completes else none_there
        self._job, self._plan, self._agreement, self._call = job, plan, agreement, call
        self._ring = [] if job.hides_the_outside else ring(plan.shape, plan.halo)
        self._pieces: dict[Box, Any] = {}

    def tile(self, index: Sequence[int]) -> Any:
        """Return the core of a tile, restored, channels last."""
        image, core = self._call(restored_tile, *self._of(index)), self._plan.core(index)
        dead = self._dead(core)
        return image if dead is None else np.where(dead[..., None], self._as_is(core), image)

    def solved(self, index: Sequence[int]) -> Any:
        """Return the same as a `Part`, with the numbers that a report says."""
        part, core = self._call(solved_tile, *self._of(index)), self._plan.core(index)
        dead = self._dead(core)
        if dead is None:
            return part
        return replace(part, image=np.where(dead[..., None], self._as_is(core), part.image), dead=dead)

    def _of(self, index: Sequence[int]) -> tuple[Any, ...]:
        """Return what a tile is made of."""
        block = self._plan.block(index)
        inside = overlap(block, frame_of(self._plan.shape))
        assert inside is not None
        near = self._near(block)
        data, hidden = self._read(inside), self._hidden(inside)  # last: what lies in it is known to be alive or not
        return index, self._plan, data, near, self._agreement, self._job, hidden

    def _near(self, block: Box) -> list[tuple[Box, Any]]:
        """Return the pieces of the border that a block reads."""
        boxes = [box for box in self._ring if overlap(box, block)]
        held = self._pieces if self._call is not at_once else {b: p for b, p in self._pieces.items() if b in boxes}
        held.update({box: self._piece(box) for box in boxes if box not in held})
        self._pieces = held
        return [(box, held[box]) for box in boxes]

    def _piece(self, box: Box) -> Any:
        source = looked_at(box, self._job, self._plan.halo)
        data = wrapped(self._read, source, self._job.shape) if self._job.boundary == "periodic" else self._read(source)
        return self._call(piece, box, source, data, self._agreement, self._job)


def wrapped(read: Reader, box: Box, shape: Sequence[int]) -> Any:
    """Return the samples of a box of a periodic picture."""

    def along(axis: int, chosen: Box) -> Any:
        if axis == len(shape):
            return read(chosen)
        parts = [along(axis + 1, (*chosen, span)) for span in _periods(*box[axis], shape[axis])]
        return parts[0] if len(parts) == 1 else joined(parts, axis)

    return along(0, ())


def joined(parts: list[Any], axis: int) -> Any:
    """Return arrays of one kind one after the other."""
    return np.concatenate(parts, axis=axis)  # of dask arrays it makes a dask array


def _periods(start: int, end: int, size: int) -> Iterator[tuple[int, int]]:
    """Yield the stretches of an axis that a span of it, periodically continued, is made of."""
    while start < end:
        first = start % size
        length = min(end - start, size - first)
        yield first, first + length
        start += length


def at_once(function: Callable[..., Any], *arguments: Any) -> Any:
    """Call a function now."""
    return function(*arguments)
