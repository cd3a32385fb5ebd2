"""Areas of a large picture that hold none, such as the ground beside a registered one: told cell by cell.

A cell with what lies around it may be such an area wholly: equal samples without an edge in sight are none that a tile
could learn from.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from restore.checks import Array
from restore.noise.constant_areas import may_have_constant_areas
from restore.observation.dead_areas import dead_areas
from restore.observation.masks import with_dead
from restore.operators.unit import Unit
from restore.tiles.cells.division import cells, known_alone, sizes, with_surroundings
from restore.tiles.job import Job
from restore.tiles.plan import Box, overlap, slices


class WithoutDeadAreas:
    """A picture as it is read, with areas that hold no picture hidden too; where these end is held, in bits."""

    def __init__(self, picture: Any, job: Job) -> None:
        self._picture, self._job, self.channels = picture, job, picture.channels
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
        return with_dead(hidden, self.dead(box), (*sizes(box), 1))

    def dead(self, box: Box) -> Array | None:
        """Return which samples of a box are none of a picture, None where all are."""
        if self._last is None or overlap(box, self._last[0]) != box:
            self.read(box)
        assert self._last is not None
        if not self._last[1]:
            return None
        dead = np.zeros(sizes(box), bool)
        for cell in cells(box, self._job.shape):
            if cell not in self._dead:
                where = self._of(cell)
                self._dead[cell] = where if isinstance(where, bool) else np.packbits(where)
            both, packed = overlap(cell, box), self._dead[cell]
            assert both is not None
            if isinstance(packed, bool):
                dead[slices(both, box)] = packed
            else:
                shape = sizes(cell)
                where = np.unpackbits(packed, count=math.prod(shape)).reshape(shape).astype(bool)
                dead[slices(both, box)] = where[slices(both, cell)]
        return dead if dead.any() else None

    def _of(self, cell: Box) -> Array | bool:
        """Return the dead samples of a cell, by what lies around it too; or whether all of them are."""
        near = with_surroundings(cell, self._job)
        data, hidden = self._picture.read(near), self._picture.hidden(near)
        if hidden is not None:
            data, hidden = known_alone(data, hidden)
            if hidden.all(axis=tuple(range(len(near)))).any():  # of nothing is known nothing
                return False
        if not self._may_have_dead_areas(data) or not np.isfinite(data).all():
            return False  # who restores what is not finite refuses it
        middle = data[slices(with_surroundings(cell, self._job, 0.5), near)]  # an edge farther off shows too little
        if (middle == middle[(0,) * len(near)]).all():
            return True
        unit = Unit.of(data)
        extra = unit.inside(self._job.extra_noise_var, 2)
        dead = dead_areas(unit.inside(data), self._job.psf, hidden, extra, most=1.0)
        return False if dead is None else dead[slices(cell, near)]

    def _may_have_dead_areas(self, data: Array) -> bool:
        return self._job.extra_noise_var > 0 or may_have_constant_areas(data)
