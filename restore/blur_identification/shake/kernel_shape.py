"""What makes a fitted kernel a camera's path: light alone, in one piece, in the middle of its square."""

from __future__ import annotations

import numpy as np
from scipy import fft, ndimage

from restore.checks import Array

#: Samples below this share of the peak are no part of a path.
FAINT = 0.05
#: Islands with less than this share of the light are no part of a camera's path.
ISLAND = 0.1


def cleaned(kernel: Array, faint: float = FAINT) -> Array:
    """Return the kernel of sum 1 without samples below `faint` of its peak and without small islands.

    A kernel without any positive sample is none: a delta comes back.
    """
    peak = float(kernel.max())
    if peak <= 0:
        return delta(kernel.shape[0])
    path = np.where(kernel < max(faint * peak, 0), 0, kernel)
    islands, count = ndimage.label(path > 0, np.ones((3, 3)))
    light = ndimage.sum_labels(path, islands, np.arange(count + 1))
    light[0] = 0
    path = np.where((light >= ISLAND * light.sum())[islands], path, 0)
    return path / path.sum() if path.any() else delta(kernel.shape[0])


def centred(kernel: Array) -> Array:
    """Return the kernel moved by whole samples so that its centroid lies nearest to the middle.

    Blind to shifts, the fit lets a kernel wander off; what would leave the frame is lost, nothing wraps around.
    """
    middle = kernel.shape[0] // 2
    shift = -np.round(np.array(ndimage.center_of_mass(kernel)) - middle)
    if not shift.any():
        return kernel
    result = ndimage.shift(kernel, shift, order=0)
    return result / result.sum()


def enlarged(kernel: Array, size: int, scale: float | None = None) -> Array:
    """Return the kernel on a finer grid: `scale` times as fine, or so that its square becomes one of `size`."""
    if scale is None:
        finer = ndimage.zoom(kernel, size / kernel.shape[0], order=3, mode="grid-constant", grid_mode=True)
        return light(finer)
    places = (np.arange(size) - size // 2) / scale + kernel.shape[0] // 2
    finer = ndimage.map_coordinates(kernel, np.meshgrid(places, places, indexing="ij"), order=3, mode="grid-constant")
    return light(finer)


def light(kernel: Array) -> Array:
    """Return the kernel without what is negative, of sum 1."""
    positive = np.maximum(kernel, 0)
    return positive / positive.sum()


def boxed(kernel: Array) -> Array:
    """Return the kernel with the box around all that is not faint in the middle of its square."""
    places = np.argwhere(kernel > FAINT * kernel.max())
    middle = (places.min(axis=0) + places.max(axis=0)) // 2
    return np.roll(kernel, kernel.shape[0] // 2 - middle, (0, 1))


def trimmed(kernel: Array) -> Array:
    """Return the kernel in the smallest square of odd edge about its middle that holds it and a rim of one sample."""
    middle = kernel.shape[0] // 2
    reach = min(int(np.abs(np.argwhere(kernel > 0) - middle).max()) + 1, middle)
    return kernel[middle - reach : middle + reach + 1, middle - reach : middle + reach + 1]


def extent(kernel: Array) -> int:
    """Return the longer side of the box around all that is not faint."""
    places = np.argwhere(kernel > FAINT * kernel.max())
    return int((np.ptp(places, axis=0) + 1).max())


def spread(kernel: Array) -> float:
    """Return the standard deviation of the light along the line on which it is largest, in samples."""
    return float(_deviations(kernel)[1])


def roundness(kernel: Array) -> float:
    """Return the least standard deviation over the largest: 1 of a round kernel, 0 of a line."""
    least, largest = _deviations(kernel)
    return float(least / largest) if largest > 0 else 1.0


def _deviations(kernel: Array) -> Array:
    places = np.indices(kernel.shape).reshape(2, -1)
    variances = np.linalg.eigvalsh(np.cov(places, aweights=kernel.ravel(), ddof=0))
    return np.asarray(np.sqrt(np.maximum(variances, 0)))


def likeness(first: Array, second: Array) -> float:
    """Return the largest normalised correlation of two kernels over all shifts: 1 for the same path anywhere."""
    grid = [fft.next_fast_len(a + b, real=True) for a, b in zip(first.shape, second.shape, strict=True)]
    product = np.conj(fft.rfft2(first, grid)) * fft.rfft2(second, grid)
    return float(fft.irfft2(product, grid).max() / np.sqrt(np.sum(first**2) * np.sum(second**2)))


def delta(size: int) -> Array:
    """Return the kernel that does nothing."""
    kernel = np.zeros((size, size))
    kernel[size // 2, size // 2] = 1
    return kernel


def odd(number: int) -> int:
    """Return the number, or the next one if it is even."""
    return number + 1 - number % 2


def largest_odd(number: int) -> int:
    """Return the number, or the one before if it is even."""
    return number - 1 + number % 2
