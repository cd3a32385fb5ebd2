"""The Airy pattern: diffraction at a round aperture in focus."""

from __future__ import annotations

import numpy as np
from scipy import special

from restore.checks import Array, as_positive
from restore.psf.family import Family, Parameter, register
from restore.psf.raster import as_length, pixels_to_each_side, round_psf


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
    first_dark = as_length(radius, "radius")

    def intensity(r: Array) -> Array:
        v = special.jn_zeros(1, 1)[0] * (r / first_dark)
        amplitude = np.divide(2 * special.j1(v), v, out=np.ones_like(v), where=v != 0)
        return amplitude**2

    return round_psf(intensity, pixels_to_each_side(first_dark * as_positive(rings, "rings"), "radius"))


register(Family(name="airy", draw=airy, parameters=(Parameter("radius", "px"),)))
