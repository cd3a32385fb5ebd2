"""How close to a reference: PSNR, SSIM and ISNR, that of structure measured by scikit-image."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from restore.checks import Array, InvalidValue, as_image, as_positive
from restore.operators.unit import Unit

#: Edge of the window of SSIM, where the picture is large enough.
WINDOW = 7
#: Full scales of SSIM beside the largest sample: it divides by the fourth power, which of smaller ones is 0.
LEAST_SPAN, LARGEST_SPAN = 1e-70, 1e70


def psnr(reference: ArrayLike, image: ArrayLike, *, data_range: float | None = None) -> float:
    """Return PSNR = 10 log10(range^2 / mean |image - reference|^2) in dB.

    Parameters
    ----------
    reference, image : float arrays of one shape
        The sharp picture and the one to measure, in the same unit.
    data_range : float, > 0, optional
        Full scale in that unit; None takes the range of the reference.

    Returns
    -------
    psnr : float
        In dB, larger is closer; infinity where both are equal.

    Raises
    ------
    TypeError, ValueError
        A picture is not float32 or float64, not finite, or of another shape.

    See Also
    --------
    isnr : what a restoration gains.

    Notes
    -----
    Nothing is clipped: a picture that will be stored is measured as stored.

    References
    ----------
    R. C. Gonzalez and R. E. Woods, Digital Image Processing, 4th ed., 2018, eq. 8-11.

    Examples
    --------
    >>> import numpy as np
    >>> from restore import psnr
    >>> round(psnr(np.array([0.0, 1.0]), np.array([0.1, 0.9])), 6)
    20.0
    """
    sharp, values, unit = _pair(reference, image)
    error = values - sharp
    if not error.any():
        return float("inf")
    of_error = Unit.of(error)  # may be far smaller
    mean_square = float(np.mean(np.square(of_error.inside(error))))
    exponent = of_error.exponent
    if data_range is None:
        span = _span(sharp, None, unit)
    else:  # which may be nothing in the unit
        span, exponent = as_positive(data_range, "data_range"), exponent + unit.exponent
    return float(20 * np.log10(span) - 10 * np.log10(mean_square) - 20 * np.log10(2) * exponent)


def ssim(
    reference: ArrayLike, image: ArrayLike, *, data_range: float | None = None, channel_axis: int | None = None
) -> float:
    """Return SSIM, the mean likeness of local luminance, contrast and structure.

    Parameters
    ----------
    reference, image : float arrays of one shape
        The sharp picture and the one to measure, in the same unit.
    data_range : float, > 0, optional
        Full scale in that unit; None takes the range of the reference.
    channel_axis : int, optional
        Axis of the colour channels, whose mean is returned.

    Returns
    -------
    ssim : float
        1 where both are equal; nan where an axis is shorter than 3 samples.

    Raises
    ------
    TypeError, ValueError
        A picture is not float32 or float64, not finite, or of another shape.

    See Also
    --------
    psnr : the error in dB.

    Notes
    -----
    Uniform windows of 7 samples along every axis, fewer in a picture that is smaller.

    References
    ----------
    Z. Wang, A. C. Bovik, H. R. Sheikh and E. P. Simoncelli, Image quality assessment: from error visibility to
    structural similarity, IEEE Trans. Image Process. 13, 2004.

    Examples
    --------
    >>> import numpy as np
    >>> from restore import ssim
    >>> picture = np.random.default_rng(0).random((16, 16))
    >>> round(ssim(picture, picture), 6)
    1.0
    """
    from skimage.metrics import structural_similarity

    sharp, values, unit = _pair(reference, image)
    spatial = np.delete(sharp.shape, channel_axis) if channel_axis is not None else sharp.shape
    window = min(WINDOW, *spatial)
    window -= 1 - window % 2
    if window < 3:
        return float("nan")
    span = min(max(_span(sharp, data_range, unit), LEAST_SPAN), LARGEST_SPAN)
    metric: Callable[..., float] = structural_similarity
    return float(metric(sharp, values, data_range=span, win_size=window, channel_axis=channel_axis))


def isnr(reference: ArrayLike, observed: ArrayLike, restored: ArrayLike) -> float:
    """Return ISNR = 10 log10(|observed - reference|^2 / |restored - reference|^2) in dB: what a restoration gains.

    Parameters
    ----------
    reference, observed, restored : float arrays of one shape
        The sharp picture, the blurred one and the restored one, in the same unit.

    Returns
    -------
    isnr : float
        In dB; below 0 the restoration is farther from the reference than what it was made of.

    Raises
    ------
    TypeError, ValueError
        A picture is not float32 or float64, not finite, or of another shape.

    See Also
    --------
    psnr : its difference between the two is the ISNR.

    Notes
    -----
    Does not depend on the range of the pictures.

    References
    ----------
    M. R. Banham and A. K. Katsaggelos, Digital image restoration, IEEE Signal Process. Mag. 14 (2), 1997.

    Examples
    --------
    >>> import numpy as np
    >>> from restore import isnr
    >>> round(isnr(np.zeros(4), np.full(4, 0.1), np.full(4, 0.01)), 6)
    20.0
    """
    return psnr(reference, restored, data_range=1.0) - psnr(reference, observed, data_range=1.0)


def _pair(reference: ArrayLike, image: ArrayLike) -> tuple[Array, Array, Unit]:
    """Return both pictures in their common unit, and that."""
    sharp, values = as_image(reference, "reference"), as_image(image)
    if sharp.shape != values.shape:
        raise InvalidValue(f"image must have the shape {sharp.shape} of the reference, got {values.shape}")
    unit = Unit.of(sharp, values)
    return unit.inside(sharp.astype(np.float64)), unit.inside(values.astype(np.float64)), unit


def _span(sharp: Array, data_range: float | None, unit: Unit) -> float:
    """Return the full scale in the unit, which a flat reference is taken to have by itself."""
    if data_range is None:
        return float(np.ptp(sharp)) or unit.inside(1.0)
    return unit.inside(as_positive(data_range, "data_range"))
