"""Point-spread functions: what one bright point becomes in the picture.

Every model returns a float64 array of odd sizes that sums to one, with its centre exactly at size // 2. Sizes are in
pixels and need not be whole: the models are averaged over the pixel (anti-aliased), so that a radius of 3.2 differs
from 3 by as much as it should.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, special

from restore._checks import Array, as_finite, as_positive, as_real, per_axis, require_finite

__all__ = ["airy", "box", "centroid_offset", "disk", "gaussian", "measured", "moffat", "motion"]

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
    return _outer([_gaussian_profile(s, reach) for s in per_axis(sigma, "sigma")])


def disk(radius: float) -> Array:
    """Return h(x) = 1 / (pi r^2) for |x| <= r, the share of each pixel that the circle covers.

    Parameters
    ----------
    radius : float, > 0
        Radius of the circle of confusion in pixels. A larger value blurs more.

    Returns
    -------
    psf : float64 array, odd square, sum 1

    Raises
    ------
    TypeError
        `radius` is not a number.
    ValueError
        `radius` is not finite and > 0.

    Notes
    -----
    Geometric defocus of a lens with a round, fully open aperture. Its transfer function 2 J1(z) / z has rings of
    zeros, which no linear filter can bring back.

    References
    ----------
    J. W. Goodman, Introduction to Fourier Optics, 3rd ed., 2005, section 6.4.4.

    Examples
    --------
    >>> from restore import psf
    >>> psf.disk(1.0).round(3)
    array([[0.025, 0.145, 0.025],
           [0.145, 0.318, 0.145],
           [0.025, 0.145, 0.025]])
    """
    r = as_positive(radius, "radius")
    half = int(np.ceil(r - 0.5))
    x = np.arange(-half, half + 1)
    # Exact overlap with each pixel along x, averaged over fine lines in y, one of them through the centre.
    lines = (np.arange(129) + 0.5) / 129 - 0.5
    y = x[:, None] + lines
    chord = np.sqrt(np.maximum(r**2 - y**2, 0))[:, None, :]
    pixel = x[None, :, None]
    overlap = np.minimum(pixel + 0.5, chord) - np.maximum(pixel - 0.5, -chord)
    return _unit(np.maximum(overlap, 0).mean(axis=-1))


def motion(length: float, angle: float = 0.0) -> Array:
    """Return the trace of a point moved at constant speed along a straight line of `length` pixels.

    Parameters
    ----------
    length : float, > 0
        Length of the path in pixels. Up to 1 the point stays within its pixel.
    angle : float
        Direction in degrees, counter-clockwise from +x as seen on the screen; angle and angle + 180 are the same.

    Returns
    -------
    psf : float64 array, odd sizes, sum 1

    Raises
    ------
    TypeError
        An argument is not a number.
    ValueError
        `length` is not finite and > 0, or `angle` is not finite.

    Notes
    -----
    Along the axis nearest to the path each pixel gets the exact length of path inside it; across, the path is shared
    between the two nearest pixels by distance. So ``motion(9)`` is nine equal samples, and a degree or a tenth of a
    pixel matters. The transfer function is about sinc(L (u cos a + v sin a)).

    References
    ----------
    R. C. Gonzalez and R. E. Woods, Digital Image Processing, 4th ed., 2018, eq. 5-77.

    Examples
    --------
    >>> from restore import psf
    >>> psf.motion(5, 0).shape, psf.motion(5, 90).shape
    ((1, 5), (5, 1))
    >>> psf.motion(4, 10).round(2)
    array([[0.  , 0.  , 0.01, 0.04, 0.04],
           [0.08, 0.21, 0.24, 0.21, 0.08],
           [0.04, 0.04, 0.01, 0.  , 0.  ]])
    """
    reach = as_positive(length, "length") / 2
    turn = np.deg2rad(as_finite(angle, "angle") % 180)
    along, across = np.cos(turn), -np.sin(turn)  # rows count downwards, so up is -
    if abs(across) > abs(along):
        return _unit(_line(reach * abs(across), along / across).T)
    return _unit(_line(reach * abs(along), across / along))


def box(size: float | Sequence[float]) -> Array:
    """Return h(x) = 1 / prod(size) inside a centred box, the share of each pixel that it covers.

    Parameters
    ----------
    size : float or sequence of float, > 0
        Edge lengths in pixels; one number gives a 2-D square, a sequence one length per axis. An even length such as
        4 is centred by half-weighted ends (1/2, 1, 1, 1, 1/2), never moved by half a pixel.

    Returns
    -------
    psf : float64 array, odd sizes, sum 1

    Raises
    ------
    TypeError
        `size` is not a number.
    ValueError
        `size` is not finite and > 0.

    Notes
    -----
    Pixel binning, or a uniform average. The classic 9 x 9 uniform blur is ``box(9)``.

    References
    ----------
    R. C. Gonzalez and R. E. Woods, Digital Image Processing, 4th ed., 2018, section 3.5.

    Examples
    --------
    >>> from restore import psf
    >>> psf.box((1, 4))
    array([[0.125, 0.25 , 0.25 , 0.25 , 0.125]])
    """
    return _outer([_box_profile(s) for s in per_axis(size, "size")])


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


def measured(samples: ArrayLike, *, background: float | str = "border", center: bool = False) -> Array:
    """Return a PSF from a picture of a point: background removed, negative rest set to 0, sum 1.

    Parameters
    ----------
    samples : n-D array, real
        The point (a bead, a star, a pinhole), well exposed and not clipped.
    background : "border" or float
        Level to subtract: the median of the array's outermost samples, or a number in the units of `samples`. Samples
        below it become 0; with "border" also those within three standard deviations of the rim's noise, which would
        add up to a pedestal.
    center : bool
        Move the brightness centroid to the middle sample, by whole pixels, growing the array by zeros where needed.
        Without it the samples stay where they are: an off-centre PSF shifts the restored picture by `centroid_offset`.

    Returns
    -------
    psf : float64 array, odd sizes, sum 1
        Even sizes grow by one row or column of zeros, so that index size // 2 stays on the same sample.

    Raises
    ------
    TypeError
        `samples` is not real.
    ValueError
        `samples` is empty or not finite, or nothing lies above the background.

    Notes
    -----
    A constant background in a PSF acts like a very wide blur and darkens what is restored; that is why it goes first.

    References
    ----------
    J. R. Janesick, Photon Transfer, 2007, chapter 5 (background subtraction).

    Examples
    --------
    >>> import numpy as np
    >>> from restore import psf
    >>> spot = np.full((5, 5), 10.0)
    >>> spot[2, 2], spot[2, 3] = 40, 20
    >>> psf.measured(spot)[2]
    array([0.  , 0.  , 0.75, 0.25, 0.  ])
    """
    array = as_real(samples, "samples")
    if array.size == 0:
        raise ValueError(f"samples must hold a picture of a point, got shape {array.shape}")
    require_finite(array, "samples")
    if background == "border":
        level, least = _rim(array)
    else:
        level, least = as_finite(background, "background"), 0.0  # type: ignore[arg-type]
    light = np.where(array - level > least, array - level, 0)
    if light.sum() <= 0:
        raise ValueError(f"samples must rise above the background {level:.6g}, got a maximum of {array.max():.6g}")
    light = np.pad(light, [(0, 1 - n % 2) for n in light.shape])
    return _unit(_centred(light) if center else light)


def centroid_offset(psf: ArrayLike) -> Array:
    """Return sum(x h(x)) / sum(h) - size // 2: how far, in pixels per axis, a PSF moves the picture it blurs.

    Parameters
    ----------
    psf : n-D array, real, sum > 0

    Returns
    -------
    offset : float64 array, one entry per axis
        Restoring with this PSF moves the picture back by as much.

    Raises
    ------
    TypeError
        `psf` is not real.
    ValueError
        The sum is not > 0.

    Notes
    -----
    The models of this module return 0 up to rounding.

    References
    ----------
    First moment of the intensity; see J. W. Goodman, Introduction to Fourier Optics, 3rd ed., 2005, problem 2-2.

    Examples
    --------
    >>> from restore import psf
    >>> psf.centroid_offset([[0.0, 0.5, 0.5]]).tolist()
    [0.0, 0.5]
    """
    array = as_real(psf, "psf")
    total = array.sum()
    if not total > 0:
        raise ValueError(f"psf must have a positive sum, got {total:.6g}")
    grids = np.meshgrid(*[np.arange(n) - n // 2 for n in array.shape], indexing="ij")
    return np.array([(grid * array).sum() / total for grid in grids])


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


def _box_profile(size: float) -> Array:
    half = int(np.ceil(size / 2 - 0.5))
    x = np.abs(np.arange(-half, half + 1))
    return np.clip(size / 2 - x + 0.5, 0, 1)


def _line(reach: float, slope: float) -> Array:
    """Rasterise the segment y = slope x, |x| <= reach, |slope| <= 1: exact lengths along x, a linear share across."""
    half = int(np.ceil(reach - 0.5))
    columns = np.arange(-half, half + 1)
    start = np.clip(columns - 0.5, -reach, reach)
    stop = np.clip(columns + 0.5, -reach, reach)
    tall = int(np.ceil(abs(slope) * reach - 1e-9))
    rows = np.arange(-tall, tall + 1)[:, None]
    share = _mean_tent(slope * start - rows, slope * stop - rows)
    return np.maximum(share, 0) * (stop - start)


def _mean_tent(a: Array, b: Array) -> Array:
    """Mean of the tent max(1 - |t|, 0) for t from a to b."""

    def integral(t: Array) -> Array:
        t = np.clip(t, -1, 1)
        return t - t * np.abs(t) / 2

    width = b - a
    flat = np.abs(width) < 1e-9
    mean = (integral(b) - integral(a)) / np.where(flat, 1, width)
    return np.where(flat, np.maximum(1 - np.abs((a + b) / 2), 0), mean)


def _radial(profile: Callable[[Array], Array], half: int, samples: int = 7) -> Array:
    """Average a round profile over each pixel on a samples x samples grid."""
    offsets = (np.arange(samples) + 0.5) / samples - 0.5
    fine = (np.arange(-half, half + 1)[:, None] + offsets).ravel()
    values = profile(np.hypot(fine[:, None], fine))
    size = 2 * half + 1
    return _unit(values.reshape(size, samples, size, samples).mean(axis=(1, 3)))


def _outer(profiles: Sequence[Array]) -> Array:
    product = np.ones(())
    for profile in profiles:
        product = np.multiply.outer(product, profile)
    return _unit(product)


def _unit(array: Array) -> Array:
    return array / array.sum()


def _rim(array: Array) -> tuple[float, float]:
    """Return the background and three standard deviations of its noise, seen in the outermost samples."""
    inner = np.zeros(array.shape, bool)
    inner[tuple(slice(1, -1) for _ in array.shape)] = True
    rim = array[~inner] if not inner.all() else array
    level = np.median(rim)
    return float(level), 3 * 1.4826 * float(np.median(np.abs(rim - level)))


def _centred(array: Array) -> Array:
    """Pad by zeros so that the centroid, rounded to a pixel, is the middle sample."""
    shift = np.rint(centroid_offset(array)).astype(int)
    return np.pad(array, [(max(-2 * s, 0), max(2 * s, 0)) for s in shift])
