"""Samples of a large picture that are unknown: solved for in cells that do not depend on how it is cut into tiles.

Tiles that solved for them by themselves would not agree: an iteration that stops where the noise does leaves them as
far apart as the noise. So all tiles read the same completed samples, those of the cell in which they lie, which is
solved for with what lies around it.

Areas that hold no picture, such as the ground beside a registered one, are told cell by cell too. A cell with what lies
around it may be such an area wholly: equal samples without an edge in sight are none that a tile could learn from.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from restore.checks import Array
from restore.noise.constant_areas import may_have_constant_areas
from restore.observation.boundary import UNKNOWN
from restore.observation.dead_areas import dead_areas
from restore.observation.masks import with_dead
from restore.observation.observation import observe
from restore.operators.unit import Unit
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
        if hidden is None or not hidden.any():
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
        job, near = self._job, _with_surroundings(cell, self._job)
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


class WithoutDeadAreas:
    """A picture as it is read, with areas that hold no picture hidden too; where these end is held, in bits."""

    def __init__(self, picture: Any, job: Job) -> None:
        self._picture, self._job = picture, job
        self._dead: dict[Box, Array | bool] = {}
        self._last: tuple[Box, bool] | None = None

    def read(self, box: Box) -> Array:
        """Return the samples of a box, channels last, as they are."""
        data: Array = self._picture.read(box)
        self._last = box, self._may_have_dead_areas(data)
        return data

    def hidden(self, box: Box) -> Array | None:
        """Return which samples of a box are unknown, channels last; None where all are known."""
        hidden: Array | None = self._picture.hidden(box)
        return with_dead(hidden, self.dead(box), (*_sizes(box), 1))

    def dead(self, box: Box) -> Array | None:
        """Return which samples of a box are none of a picture, None where all are."""
        if self._last is None or overlap(box, self._last[0]) != box:
            self.read(box)
        assert self._last is not None
        if not self._last[1]:
            return None
        dead = np.zeros(_sizes(box), bool)
        for cell in cells(box, self._job.shape):
            if cell not in self._dead:
                where = self._of(cell)
                self._dead[cell] = where if isinstance(where, bool) else np.packbits(where)
            both, packed = overlap(cell, box), self._dead[cell]
            assert both is not None
            if isinstance(packed, bool):
                dead[slices(both, box)] = packed
            else:
                shape = _sizes(cell)
                where = np.unpackbits(packed, count=math.prod(shape)).reshape(shape).astype(bool)
                dead[slices(both, box)] = where[slices(both, cell)]
        return dead if dead.any() else None

    def _of(self, cell: Box) -> Array | bool:
        """Return the dead samples of a cell, by what lies around it too; or whether all of them are."""
        near = _with_surroundings(cell, self._job)
        data, hidden = self._picture.read(near), self._picture.hidden(near)
        if hidden is not None:
            data, hidden = known_alone(data, hidden)
            if hidden.all(axis=tuple(range(len(near)))).any():  # of nothing is known nothing
                return False
        if not self._may_have_dead_areas(data) or not np.isfinite(data).all():
            return False  # who restores what is not finite refuses it
        middle = data[slices(_with_surroundings(cell, self._job, 0.5), near)]  # an edge farther off shows too little
        if (middle == middle[(0,) * len(near)]).all():
            return True
        unit = Unit.of(data)
        extra = unit.inside(self._job.extra_noise_var, 2)
        dead = dead_areas(unit.inside(data), self._job.psf, hidden, extra, most=1.0)
        return False if dead is None else dead[slices(cell, near)]

    def _may_have_dead_areas(self, data: Array) -> bool:
        return self._job.extra_noise_var > 0 or may_have_constant_areas(data)


def _sizes(box: Box) -> list[int]:
    return [end - start for start, end in box]


def _with_surroundings(cell: Box, job: Job, share: float = 1.0) -> Box:
    """Return what is looked at of the picture to tell something of a cell, or a cell with a share of what is around."""
    least = AROUND if len(job.shape) <= 2 else AROUND_OF_STACKS
    near = grown(cell, [int(share * max(least, 4 * k)) for k in job.psf.shape])
    return tuple((max(start, 0), min(end, n)) for (start, end), n in zip(near, job.shape, strict=True))


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
