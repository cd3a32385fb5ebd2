"""A PSF on samples of another size: what light falls into each, from the light up to each edge."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy import interpolate

from restore.checks import Array, InvalidValue, as_positive, as_real, require_finite
from restore.psf.raster import unit


def resampled(psf: ArrayLike, factors: float | Sequence[float]) -> Array:
    """Return a PSF on a grid that is finer by these factors: H(x) = sum of h up to x, differences at the new edges.

    Parameters
    ----------
    psf : n-D array, real
        Its centre at size // 2.
    factors : float or sequence of float, > 0
        Old spacing over new spacing, one for all axes or one for each: 2 is twice as fine, 0.25 takes four samples
        together.

    Returns
    -------
    psf : float64 array, odd sizes, sum 1
        Its centre at size // 2, as large as the PSF was.

    Raises
    ------
    TypeError
        `psf` is not real.
    ValueError
        A factor is not finite and > 0, there is not one for each axis, or `psf` is empty or not finite.

    Notes
    -----
    Along each axis the light up to the edge of a sample is a cubic spline, so that all of it stays. A whole number of
    samples taken together is their sum exactly. A PSF of fewer than three samples across is no shape to make finer.

    References
    ----------
    C. de Boor, A Practical Guide to Splines, 1978, chapter VIII (area matching splines).

    Examples
    --------
    >>> from restore import psf
    >>> fine = psf.resampled(psf.gaussian(2), 1.5)
    >>> fine.shape, round(float(fine.max() / psf.gaussian(3).max()), 1)
    ((27, 27), 1.0)
    """
    array = as_real(psf, "psf")
    if array.size == 0 or array.ndim == 0:
        raise InvalidValue(f"psf must hold samples, got shape {array.shape}")
    require_finite(array, "psf")
    ratios: list[float] = [factors] * array.ndim if np.ndim(factors) == 0 else list(factors)  # type: ignore[arg-type, list-item]
    if len(ratios) != array.ndim:
        raise InvalidValue(f"factors must be one number, or one for each of {array.ndim} axes, got {factors}")
    for axis, factor in enumerate(ratios):
        array = _along(array, axis, as_positive(factor, "factors"))
    return unit(np.maximum(array, 0) if np.asarray(psf).min() >= 0 else array)


def _along(array: Array, axis: int, factor: float) -> Array:
    """Return the samples along one axis: differences of the light up to their edges."""
    n = array.shape[axis]
    if factor == 1 and n % 2:
        return array
    edges = np.arange(-1, n + 2) - n // 2 - 0.5  # one empty sample on each side: nothing lies beyond
    padded = np.pad(np.moveaxis(array, axis, 0), [(1, 1), *[(0, 0)] * (array.ndim - 1)])
    light = np.concatenate([np.zeros_like(padded[:1]), np.cumsum(padded, axis=0)])
    spline = interpolate.make_interp_spline(edges, light, k=3)
    half = max(int(np.ceil(factor * (n // 2 + 0.5) - 0.5 - 1e-9)), 0)
    ends = (np.arange(-half, half + 2) - 0.5) / factor
    return np.moveaxis(np.diff(spline(np.clip(ends, edges[0], edges[-1])), axis=0), 0, axis)
