"""Periodic pictures on another grid: all frequencies that both grids have, and no other.

What a blur left of a picture lies at low frequencies, where a grid of a fraction of the samples shows the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
from scipy import fft

from restore.checks import Array


def resampled(values: Array, shape: Sequence[int]) -> Array:
    """Return the band-limited picture of `shape` through the samples of a periodic one, float.

    Sample 0 stays where it is. Between its samples the larger grid has trigonometric interpolation; of a frequency that
    the smaller grid does not tell from its opposite nothing is kept. One real FFT along each axis and one back.
    """
    axes = range(values.ndim)
    for axis in axes if np.prod(shape) > values.size else reversed(axes):  # the long axis while there are few samples
        size = shape[axis]
        if size != values.shape[axis]:
            bins = tuple(slice(_bins(values.shape[axis], size)) if a == axis else slice(None) for a in axes)
            spectrum = fft.rfft(values, axis=axis)[bins]
            values = fft.irfft(spectrum * spectrum.real.dtype.type(size / values.shape[axis]), n=size, axis=axis)
    return values


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
