"""What lies around the frame of a large picture, found once and told to every tile that reads it.

Tiles that completed the border by themselves would not agree: each knows other data. Here it is completed piece by
piece, in places that do not depend on how the picture is cut into tiles.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from restore.checks import Array
from restore.observation.boundary import UNKNOWN
from restore.observation.observation import observe
from restore.tiles.job import Agreement, Caller, Job, Reader
from restore.tiles.plan import Box, grown, overlap, slices
from restore.tiles.tile import finite

#: Samples of a border that is held, in one channel.
HELD = 1 << 22
#: Samples of the rim that a piece goes along, and least number that it looks at around it; and those of a stack.
LENGTH, LEAST_LOOK = 1024, 128
LENGTH_OF_STACKS, LEAST_LOOK_OF_STACKS = 192, 32


class Border:
    """The pieces of what lies around a picture, made as blocks ask for them.

    Those of a border that is no larger than a tile are held, of a larger one those that the last block read, of which
    the next one shares some: that of a large stack is larger than memory. A graph of tasks holds them all (`lasts`),
    for each of them is one task.
    """

    def __init__(
        self, read: Reader, job: Job, halo: Sequence[int], agreement: Any, call: Caller, *, lasts: bool = False
    ) -> None:
        self._read, self._job, self._halo, self._agreement, self._call = read, job, halo, agreement, call
        self._ring = [] if job.hides_the_outside else ring(job.shape, halo)
        self._lasts = lasts or sum(math.prod(b - a for a, b in box) for box in self._ring) <= HELD
        self._pieces: dict[Box, Any] = {}

    def near(self, block: Box) -> list[tuple[Box, Any]]:
        """Return the pieces that a block reads."""
        boxes = [box for box in self._ring if overlap(box, block)]
        held = self._pieces if self._lasts else {b: p for b, p in self._pieces.items() if b in boxes}
        held.update({box: self._piece(box) for box in boxes if box not in held})
        self._pieces = held
        return [(box, held[box]) for box in boxes]

    def _piece(self, box: Box) -> Any:
        source = looked_at(box, self._job, self._halo)
        data = wrapped(self._read, source, self._job.shape) if self._job.boundary == "periodic" else self._read(source)
        return self._call(piece, box, source, data, self._agreement, self._job)


def ring(shape: Sequence[int], halo: Sequence[int]) -> list[Box]:
    """Return the pieces of what lies around a picture within the halo."""
    axes, length = [], LENGTH if len(shape) <= 2 else LENGTH_OF_STACKS
    for n, h in zip(shape, halo, strict=True):
        count = max(1, round(n / length))
        cuts = [-h, *(n * i // count for i in range(count)), n, n + h]
        axes.append([(a, b) for a, b in itertools.pairwise(sorted(cuts)) if a < b])
    return [box for box in itertools.product(*axes) if not _inside(box, shape)]


def _inside(box: Box, shape: Sequence[int]) -> bool:
    return all(start >= 0 and end <= n for (start, end), n in zip(box, shape, strict=True))


def looked_at(box: Box, job: Job, halo: Sequence[int]) -> Box:
    """Return the samples of the picture that a piece is found from."""
    if job.boundary == "periodic":
        return box
    least, times = (LEAST_LOOK, 4) if len(job.shape) <= 2 else (LEAST_LOOK_OF_STACKS, 2)
    look = [max(least, times * k, h + 1) for k, h in zip(job.psf.shape, halo, strict=True)]
    near = grown(box, look)
    return tuple((max(start, 0), min(end, n)) for (start, end), n in zip(near, job.shape, strict=True))


def piece(box: Box, source: Box, data: Array, agreement: Agreement, job: Job) -> Array:
    """Return the data in a box outside the frame, from those in a box inside; channels are last."""
    if job.boundary == "periodic":
        return data
    width = [(max(a - start, 0), max(end - b, 0)) for (start, end), (a, b) in zip(box, source, strict=True)]
    origin = tuple((a - before, 0) for (a, _), (before, _) in zip(source, width, strict=True))
    data = finite(np.ascontiguousarray(data), source)
    whole = _completed if job.boundary in UNKNOWN else _padded
    return whole(data, width, agreement, job)[slices(box, origin)].copy()


def _padded(data: Array, width: list[tuple[int, int]], _: Agreement, job: Job) -> Array:
    modes = {"reflect": "reflect", "symmetric": "symmetric", "edge": "edge", "zero": "constant"}
    return np.pad(data, [*width, (0, 0)], mode=modes[job.boundary])  # type: ignore[call-overload]


def _completed(data: Array, width: list[tuple[int, int]], agreement: Agreement, job: Job) -> Array:
    """Return the data with what was solved for around them, as wide as asked for."""
    halves = [k // 2 for k in job.psf.shape]
    reach = max([2, *(-(-max(pair) // half) for pair, half in zip(width, halves, strict=True) if half)])
    observation = observe(
        data, job.psf, job.boundary, data.ndim - 1, None, job.extra_noise_var, whole=agreement.whole, reach=reach
    )
    rooms = [(s.start, n - s.stop) for s, n in zip(observation.frame, observation.grid, strict=True)]
    widths = [tuple(min(w, r) for w, r in zip(*pair, strict=True)) for pair in zip(width, rooms, strict=True)]
    cut = tuple(slice(s.start - b, s.stop + a) for s, (b, a) in zip(observation.frame, widths, strict=True))
    missing = [(w[0] - k[0], w[1] - k[1]) for w, k in zip(width, widths, strict=True)]
    return observation.unit.outside(np.pad(observation.data[cut], [*missing, (0, 0)], mode="edge"))


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
