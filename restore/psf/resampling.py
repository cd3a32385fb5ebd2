"""A PSF made larger, smaller or turned, from its samples alone."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from restore.checks import Array

#: Sub-samples per pixel and axis.
FINE = 5
#: Ratio of the spreads along its axes from which a PSF has a direction.
ELONGATED = 2.0


def scaled(array: Array, factor: float) -> Array:
    """Return h(x / factor), interpolated linearly and averaged over the pixel, with sum 1."""
    return _resampled(array, np.eye(2) / factor)


def stretched(array: Array, factor: float) -> Array:
    """Return the PSF longer by a factor along its main axis alone: a path has no width to grow."""
    along = np.linalg.eigh(_spread(array))[1][:, -1]
    return _resampled(array, np.eye(2) + (1 / factor - 1) * np.outer(along, along))


def turned(array: Array, degrees: float) -> Array:
    """Return the PSF turned counter-clockwise about its centre."""
    turn = np.deg2rad(degrees)
    # Rows count downwards: a turn that looks counter-clockwise is clockwise in (row, column).
    return _resampled(array, np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]))


def is_elongated(array: Array) -> bool:
    """Return whether the PSF has a direction: its spread along one axis is at least twice that across."""
    across, along = np.linalg.eigvalsh(_spread(array))
    return bool(along > ELONGATED**2 * across)


def _spread(array: Array) -> Array:
    """Return the covariance of the places in the PSF, that of a pixel included."""
    places = np.indices(array.shape).reshape(2, -1)
    return np.asarray(np.cov(places, aweights=np.maximum(array.ravel(), 0), ddof=0) + np.eye(2) / 12)


def _resampled(array: Array, back: Array) -> Array:
    """Return h(back x), x from the centre."""
    array = np.pad(array, [(0, 1 - n % 2) for n in array.shape])
    halves = np.ceil(np.abs(np.linalg.inv(back)) @ [n // 2 + 1 for n in array.shape]).astype(int)
    offsets = (np.arange(FINE) + 0.5) / FINE - 0.5
    axes = [(np.arange(-half, half + 1)[:, None] + offsets).ravel() for half in halves]
    places = np.tensordot(back, np.meshgrid(*axes, indexing="ij"), 1)
    centre = np.reshape([n // 2 for n in array.shape], (2, 1, 1))
    fine = ndimage.map_coordinates(array, places + centre, order=1, mode="grid-constant")
    shape = [2 * half + 1 for half in halves]
    mean = fine.reshape(shape[0], FINE, shape[1], FINE).mean(axis=(1, 3))
    reach = np.abs(np.argwhere(mean > 1e-6 * mean.max()) - halves).max(axis=0)
    mean = mean[tuple(slice(half - r, half + r + 1) for half, r in zip(halves, reach, strict=True))]
    return np.asarray(mean / mean.sum())
