"""What the families share: unit sum, outer products, means over the pixels, and the spread of a point."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from restore.checks import Array, InvalidValue, as_positive

#: Variance of a uniform pixel, in pixels squared.
PIXEL_VARIANCE = 1 / 12
#: Lines and columns that a pixel is averaged over.
FINE = 7
#: Pixels: a blur of this length is a point to the last digit, and its square is still a number.
SHORTEST = 1e-9
#: Pixels that a PSF may reach to each side, and samples of a finer grid that are worked on at once.
FARTHEST, AT_ONCE = 2048, 1 << 22


def as_length(value: float, name: str) -> float:
    """Return a length > 0 in pixels; what is far too short to differ from a point is taken for a little longer."""
    return max(as_positive(value, name), SHORTEST)


def pixels_to_each_side(reach: float, name: str) -> int:
    """Return in whole pixels how far a PSF reaches, by the argument of that name; refuse what no picture holds."""
    if not reach <= FARTHEST:
        raise InvalidValue(f"{name} must keep the PSF within {FARTHEST} pixels to each side, got {reach:.6g}")
    return int(np.ceil(reach))


def by_rows(rows: Array, samples: int, work: Callable[[Array], Array]) -> Array:
    """Return `work` of all rows, of which each costs so many samples, in blocks that memory always holds."""
    step = max(1, AT_ONCE // samples)
    return np.concatenate([work(rows[first : first + step]) for first in range(0, len(rows), step)])


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
    fine = np.arange(half + 1)[:, None] + offsets
    across = fine.ravel()

    def means(lines: Array) -> Array:
        return pixel_means(profile(np.hypot(lines.ravel()[:, None], across)))

    with np.errstate(over="ignore"):  # far outside a narrow profile
        quarter = by_rows(fine, FINE * across.size, means)
    return unit(np.pad(quarter, ((half, 0), (half, 0)), mode="reflect"))


def mean_deviation(covariance: Array) -> float:
    """Return the standard deviation per axis of a point from its second moments."""
    return float(np.sqrt(np.trace(covariance) / 2))
