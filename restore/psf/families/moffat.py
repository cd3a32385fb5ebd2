"""The Moffat profile: seeing with wings, as a telescope sees a star."""

from __future__ import annotations

import numpy as np

from restore.checks import Array, InvalidValue, as_finite, as_positive
from restore.psf.family import Family, Parameter, PointModel, register
from restore.psf.raster import FINE, as_length, mean_deviation, pixel_means, pixels_to_each_side, round_psf


def moffat(fwhm: float, *, beta: float = 4.765, reach: float = 6.0) -> Array:
    """Return h(r) ~ (1 + (r / a)^2)^-beta with a = fwhm / (2 sqrt(2^(1/beta) - 1)): seeing with wings.

    Parameters
    ----------
    fwhm : float, > 0
        Full width at half maximum in pixels, as star-finding programs report it. A larger value blurs more.
    beta : float, > 1
        How fast the wings fall: 4.765 is Kolmogorov turbulence, 2.5 usual for real telescopes, infinity a Gaussian.
    reach : float, > 0
        The array reaches this many `fwhm` to each side.

    Returns
    -------
    psf : float64 array, odd square, sum 1

    Raises
    ------
    TypeError
        An argument is not a number.
    ValueError
        `fwhm` or `reach` is not finite and > 0, or `beta` is not finite and > 1.

    Notes
    -----
    With beta <= 1 the light would be infinite.

    References
    ----------
    A. F. J. Moffat, A theoretical investigation of focal stellar images, Astron. Astrophys. 3, 1969, p. 455;
    I. Trujillo et al., The effects of seeing on Sersic profiles II, MNRAS 328, 2001, section 2 (beta = 4.765).

    Examples
    --------
    >>> from restore import psf
    >>> h = psf.moffat(3.0)
    >>> h.shape, bool(h[18, 18] == h.max())
    ((37, 37), True)
    """
    width = as_length(fwhm, "fwhm")
    if as_finite(beta, "beta", rule="finite and > 1") <= 1:
        raise InvalidValue(f"beta must be finite and > 1, got {beta}")
    half = pixels_to_each_side(width * as_positive(reach, "reach"), "fwhm")
    core = _core_radius(width, beta)
    # (1 + (r / a)^2)^-beta, kept apart from 1 where beta is large and both tend to a Gaussian.
    return round_psf(lambda r: np.exp(-beta * np.log1p((r / core) ** 2)), half)


def _core_radius(fwhm: float, beta: float) -> float:
    """Return a of the formula."""
    return float(fwhm / (2 * np.sqrt(np.expm1(np.log(2) / beta))))


def _point(rows: Array, columns: Array, theta: Array) -> Array:
    fwhm, beta = map(float, _point_parameters(theta))
    y, x = ((places[:, None] + (np.arange(FINE) + 0.5) / FINE - 0.5).ravel() for places in (rows, columns))
    return pixel_means((1 + (y[:, None] ** 2 + x**2) / _core_radius(fwhm, beta) ** 2) ** -beta)


def _point_parameters(theta: Array) -> Array:
    return np.array([np.exp(theta[0]), 1 + np.exp(theta[1])])


register(
    Family(
        name="moffat",
        draw=moffat,
        parameters=(Parameter("fwhm", "px"), Parameter("beta", "", required=False)),
        point=PointModel(
            values=_point,
            start=lambda c: [float(np.log(2 * mean_deviation(c))), float(np.log(2.0))],
            parameters=_point_parameters,
        ),
    )
)
