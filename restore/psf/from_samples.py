"""A PSF from a picture of a point, and how far off its middle it lies."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import fft, ndimage

from restore.checks import Array, InvalidValue, as_finite, as_real, require_finite
from restore.operators.unit import MOST, Unit
from restore.psf.raster import unit

#: The word for a centroid that is in the middle by more than whole pixels, and steps to it: what is below 0 is cut off.
EXACTLY, STEPS = "exactly", 3


def measured(samples: ArrayLike, *, background: float | str = "border", center: bool | str = False) -> Array:
    """Return a PSF from a picture of a point: background removed, negative rest set to 0, sum 1.

    Parameters
    ----------
    samples : n-D array, real
        The point (a bead, a star, a pinhole), well exposed and not clipped.
    background : "border" or float
        Level to subtract: the median of the array's outermost samples, or a number in the units of `samples`. Samples
        below it become 0; with "border" also those within three standard deviations of the rim's noise, which would
        add up to a pedestal.
    center : bool or "exactly"
        Move the brightness centroid to the middle sample, by whole pixels, growing the array by zeros where needed.
        "exactly" moves it by the rest of a pixel too, for a smooth PSF at least three samples wide, such as that of a
        telescope, drawn where a star happened to lie between the samples. Without it the samples stay where they are:
        an off-centre PSF shifts the restored picture by `centroid_offset`.

    Returns
    -------
    psf : float64 array, odd sizes, sum 1
        Even sizes grow by one row or column of zeros, so that index size // 2 stays on the same sample.

    Raises
    ------
    TypeError
        `samples` is not real.
    ValueError
        `samples` is empty or not finite, nothing lies above the background, or `center` is another word.

    Notes
    -----
    A constant background in a PSF acts like a very wide blur and darkens what is restored; that is why it goes first.

    References
    ----------
    J. R. Janesick, Photon OTF, 2007, chapter 5 (background subtraction).

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
    if array.size == 0 or array.ndim == 0:
        raise InvalidValue(f"samples must hold a picture of a point, got shape {array.shape}")
    require_finite(array, "samples")
    scale = Unit.of(array)
    array = scale.inside(array)
    if background == "border":
        level, least = _rim(array)
    else:
        ground = scale.inside(as_finite(background, "background"))  # type: ignore[arg-type]
        level, least = float(np.clip(ground, -MOST, MOST)), 0.0
    light = np.where(array - level > least, array - level, 0)
    if light.sum() <= 0:
        least, level, most = (scale.outside(float(value)) for value in (least, level, array.max()))
        noise = f" by more than {least:.6g}, three times the noise of the rim" if least > 0 else ""
        raise InvalidValue(f"samples must rise above the background {level:.6g}{noise}, got at most {most:.6g}")
    light = Unit.of(light).inside(light)
    light = np.pad(light, [(0, 1 - n % 2) for n in light.shape])
    if isinstance(center, str):
        if center != EXACTLY:
            raise InvalidValue(f"center must be True, False or {EXACTLY!r}, got {center!r}")
        return _shifted(unit(_centred(light)))
    return unit(_centred(light) if center else light)


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
        `psf` is empty, a sample is not finite, or the sum is not > 0.

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
    if array.size == 0 or array.ndim == 0:
        raise InvalidValue(f"psf must hold samples, got shape {array.shape}")
    require_finite(array, "psf")
    array = Unit.of(array).inside(array)
    total = array.sum()
    if not total > 0:
        raise InvalidValue(f"psf must have a positive sum, got {total:.6g}")
    grids = np.meshgrid(*[np.arange(n) - n // 2 for n in array.shape], indexing="ij")
    return np.array([(grid * array).sum() / total for grid in grids])


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


def _shifted(psf: Array) -> Array:
    """Return a PSF moved by a share of a pixel, its band-limited function sampled elsewhere: centroid in the middle."""
    moved = np.pad(psf, [(n // 2, n // 2) for n in psf.shape])  # what leaves on one side shall not come in on the other
    for _ in range(STEPS):
        spectrum = ndimage.fourier_shift(fft.fftn(moved), -centroid_offset(moved))
        moved = np.maximum(fft.ifftn(spectrum).real, 0)
    inside = tuple(slice(n // 2, n // 2 + n) for n in psf.shape)
    return unit(moved[inside])
