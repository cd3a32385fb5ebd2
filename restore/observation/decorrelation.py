"""Channels turned so that they hardly go with one another."""

from __future__ import annotations

import numpy as np

from restore.checks import Array

#: Power of differences, as a share of the first component's, below which a component is no more than rounding.
NOTHING = 1e-9
#: Differences that are looked at along each axis: of more, one line in several.
LOOKED_AT = 1 << 20


def decorrelating(*pictures: Array) -> Array:
    """Return V, a row per component that holds anything, the one with the largest differences first.

    V are the orthonormal eigenvectors of the covariance of the differences of pictures with their channels last.
    """
    channels = pictures[0].shape[-1]
    covariance = np.zeros((channels, channels))
    for picture in pictures:
        for axis in range(picture.ndim - 1):
            steps = np.diff(_some_lines(picture, axis), axis=axis).reshape(-1, channels).astype(np.float64)
            covariance += steps.T @ steps
    power, columns = np.linalg.eigh(covariance)
    holds_something = power[::-1] > NOTHING * power[-1]
    holds_something[0] = True  # of a flat picture
    rows = columns.T[::-1][holds_something]
    return np.asarray(rows * np.where(rows.sum(axis=1, keepdims=True) < 0, -1, 1), dtype=pictures[0].dtype)


def _some_lines(picture: Array, axis: int) -> Array:
    """Return as many lines along an axis as show enough differences, from all over a picture."""
    other = 0 if axis or picture.ndim == 2 else 1
    step = 1 if other == axis else -(-picture.size // (picture.shape[-1] * LOOKED_AT))
    return picture[(slice(None),) * other + (slice(None, None, step),)]
