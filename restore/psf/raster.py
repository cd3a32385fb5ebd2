"""What the families share: unit sum, outer products, means over the pixels, and the spread of a point."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from restore.checks import Array

#: Variance of a uniform pixel, in pixels squared.
PIXEL_VARIANCE = 1 / 12
#: Lines and columns that a pixel is averaged over.
FINE = 7


def unit(array: Array) -> Array:
    """Return the array with sum 1."""
    return array / array.sum()


def outer(profiles: Sequence[Array]) -> Array:
    """Return the product of one profile per axis, with sum 1."""
    product = np.ones(())
    for profile in profiles:
        product = np.multiply.outer(product, profile)
    return unit(product)


def pixel_means(values: Array) -> Array:
    """Return the mean over each pixel of values on `FINE` lines and columns per pixel."""
    rows, columns = (n // FINE for n in values.shape)
    return np.asarray(values.reshape(rows, FINE, columns, FINE).mean(axis=(1, 3)))


def round_psf(profile: Callable[[Array], Array], half: int) -> Array:
    """Return the PSF of a round profile p(r) that reaches `half` pixels to each side, averaged over each pixel."""
    offsets = (np.arange(FINE) + 0.5) / FINE - 0.5
    fine = (np.arange(-half, half + 1)[:, None] + offsets).ravel()
    return unit(pixel_means(profile(np.hypot(fine[:, None], fine))))


def mean_deviation(covariance: Array) -> float:
    """Return the standard deviation per axis of a point from its second moments."""
    return float(np.sqrt(np.trace(covariance) / 2))
