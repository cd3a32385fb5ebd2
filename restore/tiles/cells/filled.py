"""Samples of a large picture that are unknown: solved for in cells, each with what lies around it."""

from __future__ import annotations

import numpy as np

from restore.checks import Array
from restore.observation.boundary import UNKNOWN
from restore.observation.observation import observe
from restore.tiles.cells.division import cells, known_alone, with_surroundings
from restore.tiles.job import Agreement, Job, Reader
from restore.tiles.plan import Box, overlap, slices
from restore.tiles.tile import finite


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
        job, near = self._job, with_surroundings(cell, self._job)
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
