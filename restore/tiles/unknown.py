"""Samples of a large picture that are unknown: solved for in cells that do not depend on how it is cut into tiles.

Tiles that solved for them by themselves would not agree: an iteration that stops where the noise does leaves them as
far apart as the noise. So all tiles read the same completed samples, those of the cell in which they lie, which is
solved for with what lies around it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from restore.checks import Array
from restore.observation.boundary import UNKNOWN
from restore.observation.observation import observe
from restore.tiles.job import Agreement, Job
from restore.tiles.plan import Box, grown, overlap, slices
from restore.tiles.tile import finite

#: Edges of a cell, and the least that is looked at around it; and those of a stack.
CELL, AROUND = 512, 128
CELL_OF_STACKS, AROUND_OF_STACKS = 96, 32

#: Returns the samples of a box, channels last; and which of them are unknown, of one channel or of all.
Reader = Callable[[Box], Any]


class Filled:
    """Reads a picture with its unknown samples as they were solved for; the cells of the last box are held."""

    def __init__(self, read: Reader, mask: Reader, job: Job, agreement: Agreement) -> None:
        self._read, self._mask, self._job, self._agreement = read, mask, job, agreement
        self._cells: dict[Box, Array] = {}

    def __call__(self, box: Box) -> Array:
        """Return the samples of a box, channels last."""
        data, hidden = self._read(box), self._mask(box)
        if not hidden.any():
            return data
        data, held = np.array(data), {}
        hidden = np.broadcast_to(hidden, data.shape)
        for cell in cells(box, self._job.shape):
            both = overlap(cell, box)
            assert both is not None
            here = slices(both, box)
            if hidden[here].any():
                held[cell] = self._cells[cell] if cell in self._cells else self._solved(cell)
                data[here] = np.where(hidden[here], held[cell][slices(both, cell)], data[here])
        self._cells = held
        return data

    def _solved(self, cell: Box) -> Array:
        """Return a cell with its unknown samples solved for."""
        job = self._job
        least = AROUND if len(job.shape) <= 2 else AROUND_OF_STACKS
        near = grown(cell, [max(least, 4 * k) for k in job.psf.shape])
        near = tuple((max(start, 0), min(end, n)) for (start, end), n in zip(near, job.shape, strict=True))
        data, hidden = known_alone(self._read(near), self._mask(near))
        data, hidden = (
            finite(data, near),
            hidden & ~hidden.all(axis=tuple(range(len(near)))),
        )  # of nothing is known nothing
        boundary = job.boundary if job.boundary in UNKNOWN else "unknown"
        observation = observe(
            data, job.psf, boundary, data.ndim - 1, hidden, job.extra_noise_var, whole=self._agreement.whole
        )
        return observation.unit.outside(observation.data[observation.frame][slices(cell, near)].copy())


def known_alone(data: Array, hidden: Array) -> tuple[Array, Array]:
    """Return samples, channels last, with zeros where they are unknown, and where that is, with all channels."""
    hidden = np.broadcast_to(hidden, data.shape)
    return np.where(hidden, data.dtype.type(0), data), hidden


def cells(box: Box, shape: tuple[int, ...]) -> Iterator[Box]:
    """Yield the cells that a box touches."""
    edge = CELL if len(shape) <= 2 else CELL_OF_STACKS
    spans = [
        [(i * edge, min((i + 1) * edge, n)) for i in range(start // edge, -(-end // edge))]
        for (start, end), n in zip(box, shape, strict=True)
    ]
    return itertools.product(*spans)
