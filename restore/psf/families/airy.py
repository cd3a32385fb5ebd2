"""The Airy pattern: diffraction at a round aperture in focus."""

from __future__ import annotations

import numpy as np
from scipy import special

from restore.checks import Array, InvalidValue, as_nonnegative, as_positive
from restore.psf.family import Family, Parameter, register
from restore.psf.raster import as_length, pixels_to_each_side, round_psf


def airy(radius: float, *, rings: float = 6.0, obstruction: float = 0.0) -> Array:
    """Return h(r) ~ (B(v) - e^2 B(e v))^2 with B(v) = 2 J1(v) / v, v = 3.8317 r / `radius`, e the obstruction.

    Parameters
    ----------
    radius : float, > 0
        Radius of the first dark ring in pixels: 1.22 wavelength N / pixel pitch for f-number N, or 0.61 wavelength / NA
        in a microscope's object space. A larger value blurs more.
    rings : float, > 0
        The array reaches this many radii to each side. The light outside falls like 1 / rings (about 3 % at 6) and is
        lost to the normalisation.
    obstruction : float, 0 to below 1
        Diameter of what stands in the middle of the aperture, a telescope's second mirror, as a share of the
        aperture's. A larger value narrows the spot and brightens its rings; `radius` is that without it.

    Returns
    -------
    psf : float64 array, odd square, sum 1

    Raises
    ------
    TypeError
        An argument is not a number.
    ValueError
        `radius` or `rings` is not finite and > 0, or `obstruction` does not lie in 0 <= e < 1.

    Notes
    -----
    Diffraction at a round aperture in focus, with or without an obstruction in its middle. Nothing passes above the
    cut-off frequency 1.22 / radius cycles per pixel.

    References
    ----------
    G. B. Airy, On the Diffraction of an Object-glass with Circular Aperture, Trans. Cambridge Phil. Soc. 5, 1835;
    J. W. Goodman, Introduction to Fourier Optics, 3rd ed., 2005, eq. 4-30; D. J. Schroeder, Astronomical Optics, 2nd
    ed., 2000, eq. 10.2.8.

    Examples
    --------
    >>> from restore import psf
    >>> h = psf.airy(4.0)
    >>> h.shape, bool(h[24, 24] == h.max())
    ((49, 49), True)
    """
    first_dark = as_length(radius, "radius")
    share = as_nonnegative(obstruction, "obstruction")
    if share >= 1:
        raise InvalidValue(f"obstruction must be below 1, got {obstruction}")

    def intensity(r: Array) -> Array:
        v = special.jn_zeros(1, 1)[0] * (r / first_dark)
        return (_besinc(v) - share**2 * _besinc(share * v)) ** 2

    return round_psf(intensity, pixels_to_each_side(first_dark * as_positive(rings, "rings"), "radius"))


def _besinc(v: Array) -> Array:
    """Return 2 J1(v) / v, the amplitude of a round aperture."""
    return np.divide(2 * special.j1(v), v, out=np.ones_like(v), where=v != 0)


register(
    Family(name="airy", draw=airy, parameters=(Parameter("radius", "px"), Parameter("obstruction", "", required=False)))
)
