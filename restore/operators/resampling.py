"""Periodic pictures on another grid: all frequencies that both grids have, and no other.

What a blur left of a picture lies at low frequencies, where a grid of a fraction of the samples shows the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
from scipy import fft

from restore.checks import Array
from restore.operators.fourier import BLOCK_BYTES, VECTOR


def resampled(values: Array, shape: Sequence[int]) -> Array:
    """Return the band-limited picture of `shape` through the samples of a periodic one, float.

    Sample 0 stays where it is. Between its samples the larger grid has trigonometric interpolation; of a frequency that
    the smaller grid does not tell from its opposite nothing is kept. One real FFT along each axis and one back.
    """
    axes = range(values.ndim)
    for axis in axes if np.prod(shape) > values.size else reversed(axes):  # the long axis while there are few samples
        if shape[axis] != values.shape[axis]:
            values = _along(values, axis, shape[axis])
    return values


def resampled_at(values: Array, shape: Sequence[int], place: tuple[slice, ...]) -> Array:
    """Return a place of what `resampled` returns, the axis that it holds least of first: there it is cut at once."""
    place = (*place, *(slice(None),) * (values.ndim - len(place)))
    shares = [len(range(n)[side]) / n for n, side in zip(shape, place, strict=True)]
    for axis in sorted(range(values.ndim), key=shares.__getitem__):
        if shape[axis] != values.shape[axis]:
            values = _along(values, axis, shape[axis])
        values = values[(slice(None),) * axis + (place[axis],)]
    return values


def _along(values: Array, axis: int, size: int) -> Array:
    """Return values resampled along one axis, lines as suit the cache at a time: no spectrum is stored."""
    before, across = values.shape[axis], 1 if axis == 0 else 0
    scale, bins = values.dtype.type(size / before), _bins(before, size)
    result = np.empty((*values.shape[:axis], size, *values.shape[axis + 1 :]), values.dtype)
    if values.ndim == 1:
        result[...] = fft.irfft(fft.rfft(values)[:bins] * scale, n=size)
        return result
    lines, out = np.moveaxis(values, across, 0), np.moveaxis(result, across, 0)
    step = max(VECTOR, BLOCK_BYTES * len(lines) // max(values.nbytes, result.nbytes) // VECTOR * VECTOR)
    along = axis if across == 0 else 1
    for start in range(0, len(lines), step):
        some = slice(start, start + step)
        spectrum = fft.rfft(lines[some], axis=along, workers=1).take(range(bins), along)
        spectrum *= scale
        out[some] = fft.irfft(spectrum, n=size, axis=along, workers=1)
    return result


def low_bins(symbol: Array, shape: Sequence[int], smaller: Sequence[int]) -> Array:
    """Return a half spectrum on the grid `shape` as the grid `smaller` has it, 0 where that grid is ambiguous."""
    low = np.zeros((*smaller[:-1], smaller[-1] // 2 + 1), symbol.dtype)
    *counts, last = [_bins(n, m) for n, m in zip(shape, smaller, strict=True)]
    sides = [[slice(k), slice(-(k - 1), None)] if k > 1 else [slice(1)] for k in counts]  # frequencies >= 0, and < 0
    for corner in product(*sides):
        low[(*corner, slice(last))] = symbol[(*corner, slice(last))]
    return low


def _bins(size: int, other: int) -> int:
    """Return how many bins of an axis' half spectrum are below the highest frequency of both grids."""
    return size // 2 + 1 if size == other else (min(size, other) - 1) // 2 + 1
