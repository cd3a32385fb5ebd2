"""The Gaussian: a soft lens, seeing over a long exposure, a microscope's spot in focus."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import optimize
from scipy.special import ndtr

from restore.checks import Array, as_positive, per_axis
from restore.psf.family import EdgeModel, Family, Parameter, PointModel, SpectrumModel, register
from restore.psf.raster import PIXEL_VARIANCE, mean_deviation, outer, pixels_to_each_side

#: From this sigma on a Gaussian's samples have the variance of the continuous one.
WELL_SAMPLED = 0.9


def gaussian(sigma: float | Sequence[float], *, truncate: float = 4.0) -> Array:
    """Return h(x) = exp(-|x|^2 / (2 sigma^2)) / (2 pi sigma^2), averaged over each pixel.

    The variance per axis is sigma^2 with the pixel's own 1/12 counted in, so the result widens what it blurs by exactly
    the sigma it is called by.

    Parameters
    ----------
    sigma : float or sequence of float, > 0
        Standard deviation in pixels; one number gives a round 2-D PSF, a sequence one value per axis (3 for a stack).
        A larger value blurs more.
    truncate : float, > 0
        The array reaches this many sigmas to each side.

    Returns
    -------
    psf : float64 array, odd sizes, sum 1

    Raises
    ------
    TypeError
        `sigma` is not a number.
    ValueError
        `sigma` or `truncate` is not finite and > 0.

    Notes
    -----
    Stands for a soft lens, seeing over a long exposure, or a microscope's in-focus spot. Below sigma = 0.9, where the
    samples' variance would differ from the integral's, the width inside the pixel is solved for.

    References
    ----------
    R. C. Gonzalez and R. E. Woods, Digital Image Processing, 4th ed., 2018, eq. 3-45.

    Examples
    --------
    >>> from restore import psf
    >>> h = psf.gaussian(1.5)
    >>> h.shape, round(float(h.sum()), 12)
    ((13, 13), 1.0)
    """
    reach = as_positive(truncate, "truncate")
    return outer([_profile(s, reach) for s in per_axis(sigma, "sigma")])


def _profile(sigma: float, truncate: float) -> Array:
    half = max(pixels_to_each_side(truncate * sigma, "sigma"), 1)
    x = np.arange(-half, half + 1)
    if sigma >= WELL_SAMPLED:
        return _pixels(x, float(np.sqrt(sigma**2 - PIXEL_VARIANCE)))
    # Below, the sum over pixels differs from the integral: find the width whose samples have the variance asked for.
    inner = optimize.brentq(lambda w: float((_pixels(x, w) * x**2).sum()) - sigma**2, 1e-3, 1.0)
    return _pixels(x, float(inner))


def _pixels(x: Array, inner: float) -> Array:
    """Return the share of light of the pixels at x; `inner` is the deviation without the pixel's own."""
    return np.asarray(ndtr((x + 0.5) / inner) - ndtr((x - 0.5) / inner))


def _power(x: Array) -> Array:
    return np.asarray(np.exp(-4 * np.pi**2 * x**2))


def _point(rows: Array, columns: Array, theta: Array) -> Array:
    return np.multiply.outer(*[_pixels(x, float(np.exp(theta[0]))) for x in (rows, columns)])


def _point_sigma(theta: Array) -> Array:
    """Return the deviation of the samples, which is what `gaussian` is called by."""
    inner = float(np.exp(theta[0]))
    x = np.arange(-int(8 * inner) - 3, int(8 * inner) + 4, dtype=float)
    return np.array([np.sqrt((x**2 * _pixels(x, inner)).sum())])


def _edge(d: Array, sigma: float) -> Array:
    return np.asarray(ndtr(d / np.sqrt(sigma**2 + PIXEL_VARIANCE)))


register(
    Family(
        name="gaussian",
        draw=gaussian,
        parameters=(Parameter("sigma", "px"),),
        spectrum=SpectrumModel(smallest=0.3, largest=8.0, visible=0.6, extent=8.0, profile=_power),
        point=PointModel(
            values=_point, start=lambda c: [float(np.log(0.9 * mean_deviation(c)))], parameters=_point_sigma
        ),
        edge=EdgeModel(profile=_edge, per_deviation=1.0, sharp=0.35),
    )
)
