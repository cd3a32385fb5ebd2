"""PSFs that fall off smoothly: Gaussian, diffraction in focus, and seeing, averaged over the pixel."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy import optimize, special

from restore.checks import Array, as_finite, as_positive, per_axis
from restore.psf.raster import outer, unit

#: Variance of a uniform pixel, in pixels squared.
PIXEL_VARIANCE = 1 / 12
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
    return outer([_gaussian_profile(s, reach) for s in per_axis(sigma, "sigma")])


def airy(radius: float, *, rings: float = 6.0) -> Array:
    """Return h(r) ~ (2 J1(v) / v)^2 with v = 3.8317 r / `radius`: diffraction at a round aperture in focus.

    Parameters
    ----------
    radius : float, > 0
        Radius of the first dark ring in pixels: 1.22 wavelength N / pixel pitch for f-number N, or 0.61 wavelength / NA
        in a microscope's object space. A larger value blurs more.
    rings : float, > 0
        The array reaches this many radii to each side. The light outside falls like 1 / rings (about 3 % at 6) and is
        lost to the normalisation.

    Returns
    -------
    psf : float64 array, odd square, sum 1

    Raises
    ------
    TypeError
        An argument is not a number.
    ValueError
        An argument is not finite and > 0.

    Notes
    -----
    Nothing passes above the cut-off frequency 1.22 / radius cycles per pixel.

    References
    ----------
    G. B. Airy, On the Diffraction of an Object-glass with Circular Aperture, Trans. Cambridge Phil. Soc. 5, 1835;
    J. W. Goodman, Introduction to Fourier Optics, 3rd ed., 2005, eq. 4-30.

    Examples
    --------
    >>> from restore import psf
    >>> h = psf.airy(4.0)
    >>> h.shape, bool(h[24, 24] == h.max())
    ((49, 49), True)
    """
    first_dark = as_positive(radius, "radius")
    scale = special.jn_zeros(1, 1)[0] / first_dark

    def intensity(r: Array) -> Array:
        v = scale * r
        amplitude = np.divide(2 * special.j1(v), v, out=np.ones_like(v), where=v != 0)
        return amplitude**2

    return _radial(intensity, int(np.ceil(first_dark * as_positive(rings, "rings"))))


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
    width = as_positive(fwhm, "fwhm")
    if as_finite(beta, "beta", rule="finite and > 1") <= 1:
        raise ValueError(f"beta must be finite and > 1, got {beta}")
    alpha = width / (2 * np.sqrt(2 ** (1 / beta) - 1))
    return _radial(lambda r: (1 + (r / alpha) ** 2) ** -beta, int(np.ceil(width * as_positive(reach, "reach"))))


def _gaussian_profile(sigma: float, truncate: float) -> Array:
    half = max(int(np.ceil(truncate * sigma)), 1)
    edges = np.arange(-half, half + 2) - 0.5

    def profile(inner: float) -> Array:
        return np.diff(special.ndtr(edges / inner))

    if sigma >= WELL_SAMPLED:
        return profile(float(np.sqrt(sigma**2 - PIXEL_VARIANCE)))
    # Below, the sum over pixels differs from the integral: find the width whose samples have the variance asked for.
    x2 = np.arange(-half, half + 1) ** 2
    inner = optimize.brentq(lambda w: float((profile(w) * x2).sum()) - sigma**2, 1e-3, 1.0)
    return profile(float(inner))


def _radial(profile: Callable[[Array], Array], half: int, samples: int = 7) -> Array:
    """Average a round profile over each pixel on a samples x samples grid."""
    offsets = (np.arange(samples) + 0.5) / samples - 0.5
    fine = (np.arange(-half, half + 1)[:, None] + offsets).ravel()
    values = profile(np.hypot(fine[:, None], fine))
    size = 2 * half + 1
    return unit(values.reshape(size, samples, size, samples).mean(axis=(1, 3)))
