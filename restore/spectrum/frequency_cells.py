"""Neighbouring frequencies of a large grid, taken together: what varies slowly over them is found at few places.

Along a long axis an odd number b of frequencies around b k, k = 0, 1, -1, 2, ..., makes up one cell, so that frequency
0 is the middle of one, and the cells are the half spectrum of a grid of 2 m + 1 samples: m + 1 of them from 0 up along
the last axis.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from restore.checks import Array
from restore.operators.fourier import frequencies

#: Least number of cells along an axis of so many frequencies or more: a window of the spectrum shows no more of them.
CELLS = 512


@dataclass(frozen=True)
class FrequencyCells:
    """The cells of a grid."""

    grid: tuple[int, ...]

    @property
    def sizes(self) -> tuple[int, ...]:
        """Return how many frequencies a cell holds along every axis."""
        return tuple(2 * (n // (2 * CELLS)) + 1 for n in self.grid)

    @property
    def lengths(self) -> tuple[int, ...]:
        """Return the shape of the grid whose half spectrum the cells are."""
        return tuple(n if b == 1 else 2 * int(_cell(n // 2, b)) + 1 for n, b in zip(self.grid, self.sizes, strict=True))

    @property
    def shape(self) -> tuple[int, ...]:
        """Return the shape of the half spectrum."""
        return (*self.lengths[:-1], self.lengths[-1] // 2 + 1)

    @property
    def middles(self) -> list[Array]:
        """Return the radian frequency in the middle of every cell, one array per axis, as `frequencies` has them."""
        steps = [b * m / n for n, b, m in zip(self.grid, self.sizes, self.lengths, strict=True)]
        return [w * step for w, step in zip(frequencies(self.lengths), steps, strict=True)]

    def add(self, sums: Array, values: Array, columns: slice) -> None:
        """Add the values in a slice of columns of the half spectrum, of any quantities, to the sums of their cells."""
        first = values.ndim - len(self.grid)
        for axis in range(len(self.grid) - 1):
            values = self._gathered(values, axis, first + axis)
        of_columns = _cell(np.arange(self.grid[-1] // 2 + 1)[columns], self.sizes[-1])
        starts = np.flatnonzero(np.diff(of_columns, prepend=-1))
        sums[..., of_columns[starts]] += np.add.reduceat(values, starts, axis=-1)

    def spread(self, values: Array, columns: slice) -> Array:
        """Return what cells hold at the frequencies of a slice of columns, linear in between."""
        at = np.arange(self.grid[-1] // 2 + 1)[columns] / self.sizes[-1]
        values = _interpolated(values, at, values.ndim - 1, wraps=False)
        for axis in range(len(self.grid) - 1):
            if self.sizes[axis] > 1:
                values = _interpolated(values, _signed(self.grid[axis]) / self.sizes[axis], axis, wraps=True)
        return values

    def _gathered(self, values: Array, axis: int, at: int) -> Array:
        """Return the sums of cells along an axis of the grid, which is the one `at` of the values."""
        if self.sizes[axis] == 1:
            return values
        rising = np.argsort(_signed(self.grid[axis]))
        cells = _cell(_signed(self.grid[axis])[rising], self.sizes[axis])
        starts = np.flatnonzero(np.diff(cells, prepend=cells[0] - 1))
        sums = np.add.reduceat(np.take(values, rising, at), starts, axis=at)
        shape = (*sums.shape[:at], self.lengths[axis], *sums.shape[at + 1 :])
        gathered = np.zeros(shape, sums.dtype)
        np.moveaxis(gathered, at, 0)[cells[starts]] = np.moveaxis(sums, at, 0)
        return gathered


def _signed(size: int) -> Array:
    """Return the frequencies of an axis in cycles over its length."""
    return np.asarray(np.fft.fftfreq(size, 1 / size)).round().astype(int)


def _cell(frequency: int | Array, size: int) -> Array:
    return np.asarray((np.asarray(frequency) + size // 2) // size)


def _interpolated(values: Array, at: Array, axis: int, *, wraps: bool) -> Array:
    """Return values at places along an axis; behind its last one the first follows, or that last one goes on."""
    size = values.shape[axis]
    before = np.floor(at).astype(int)
    ends = [(before + step) % size if wraps else np.minimum(before + step, size - 1) for step in (0, 1)]
    share = (at - before).reshape([-1 if a == axis else 1 for a in range(values.ndim)])
    low, high = (np.take(values, end, axis) for end in ends)
    return np.asarray(low + share * (high - low))
