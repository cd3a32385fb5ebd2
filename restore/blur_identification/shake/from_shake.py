"""The PSF of a shaken camera, of any shape, from one blurred picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from operator import index

import numpy as np
from numpy.typing import ArrayLike
from scipy import ndimage

from restore.blur_identification.blur_estimate import BlurEstimate, Confidence
from restore.blur_identification.shake.edge_picture import edge_picture
from restore.blur_identification.shake.kernel_fit import (
    centred,
    cleaned,
    edge_threshold,
    enlarged,
    fit_kernel,
    strong,
)
from restore.blur_identification.texture_window import most_textured
from restore.checks import Array, InvalidType, InvalidValue, as_planar_image
from restore.operators.differences import gradient
from restore.operators.unit import Unit

__all__ = ["KernelEstimate", "estimate_kernel"]

Progress = Callable[[float], object]

#: From level to level the picture grows by the root of two; the coarsest kernel has this many samples along an edge.
FACTOR = 2**0.5
COARSEST = 5
#: Rounds of picture and kernel per level: 5, 8, 14 and 22 restored the first of Levin's pictures better and better.
ROUNDS = 22
#: lambda of the edge picture, relative to the squared range of the picture: the first, its fall per round, the last.
FIRST_STRENGTH = 7e-3
STRENGTH_FALL = 1.1
LAST_STRENGTH = 3.5e-3
#: Fall of the edge threshold per round.
THRESHOLD_FALL = 1.1
#: Kernel samples below this share of the peak are dropped: on coarse levels, and on the last.
FAINT = 0.02
FAINT_LAST = 0.05
#: Sizes tried in turn when none is given, until the kernel keeps clear of its border.
SIZES = (13, 19, 27, 39, 55)
#: A kernel touches its border with this share of its light on the outermost samples.
TOUCHING = 0.01
#: A kernel as concentrated as fewer even samples than this collapsed: sharp pictures give 2 to 3.5, shake from 5 on.
FEWEST = 4.0
#: One with more than this share of its samples lit fills its square.
FILLING = 0.6
#: Of larger pictures, the square of this edge with most texture is looked at.
LONGEST = 512
#: Distance of the squares compared.
STRIDE = 32
#: The picture must be this many times the kernel's size.
ROOM = 3


@dataclass(frozen=True, eq=False, kw_only=True)
class KernelEstimate(BlurEstimate):
    """What `estimate_kernel` found.

    Attributes
    ----------
    psf : float64 array of shape (size, size)
        Sum 1, not negative, its centroid within a sample of the middle: what to restore with.
    confidence : {"confident", "weak", "none"}
        "none": the kernel collapsed to a point or fills its square, and `psf` should not be used. "weak": it touches
        its border; the blur may be larger.
    verdict : str
        One sentence for people.
    size : int
        Edge of the square the kernel was looked for in: the one given, or the one chosen.
    """

    size: int


def estimate_kernel(
    image: ArrayLike,
    *,
    size: int | None = None,
    channel_axis: int | None = None,
    callback: Progress | None = None,
) -> KernelEstimate:
    """Return the kernel k, of any shape, that blurs the strong edges f into the picture g, found in turn with them:

        f = argmin |k * f - g|^2 + lambda |{x : grad f(x) != 0}|,    k = argmin |k * grad f - grad g|^2 + rho |k|^2,

    from a coarse picture to the full one.

    Parameters
    ----------
    image : (H, W) float array, or with channels on `channel_axis`
        The blurred picture, in any unit, as it will be restored: a photograph in linear light.
    size : int, odd and >= 3, optional
        Edge of the square that holds the kernel, in pixels; a little more than the blur is long. Larger: more freedom,
        more time, more room for wrong light. None tries 13, 19, 27, 39 and 55 and takes the first whose kernel keeps
        clear of its border.
    channel_axis : int, optional
        Axis of the colour channels; the estimate uses their mean.
    callback : callable, optional
        Called with the share of the work that is done, a float that grows to 1. When a size is tried in vain, the share
        of the next one starts again.

    Returns
    -------
    estimate : KernelEstimate

    Raises
    ------
    TypeError
        The image is not float32 or float64, or `size` is not a whole number.
    ValueError
        The image is not finite or has not two spatial axes, `size` is even or less than 3, or the image is less than
        three times as large as the kernel.

    See Also
    --------
    hyper_laplacian : what to restore with; a linear filter rings loudly where an estimated kernel errs.
    estimate_psf : the blur of a named family: quicker, surer, and good for lenses and straight motion.

    Notes
    -----
    Some 2000 FFTs of the picture on the last level and as many on all others together; of pictures larger than 512
    pixels only the square with most texture is looked at. Deterministic.

    What lies outside the frame is not assumed: the kernel is fitted to samples whose blur lies wholly inside, and the
    edges are found with the data outside as unknowns.

    A picture says nothing of where its kernel lies: the restoration may be shifted against the scene by a few pixels.
    A sharp picture gives a point and is told so; one with few edges may get a kernel that is not there.

    Fails where there are no strong edges in several directions, where noise drowns them, where lights are clipped, and
    where the blur varies over the frame, as it does when a camera rolls; a wrong kernel rings.

    References
    ----------
    L. Xu, S. Zheng and J. Jia, Unnatural L0 sparse representation for natural image deblurring, CVPR 2013, eqs. 4-11;
    S. Cho and S. Lee, Fast motion deblurring, ACM Trans. Graph. 28, 2009; A. Levin, Y. Weiss, F. Durand and W. T.
    Freeman, Understanding and evaluating blind deconvolution algorithms, CVPR 2009 (why edges, and the test pictures).

    Examples
    --------
    >>> import numpy as np
    >>> from restore import estimate_kernel
    >>> from scipy.signal import convolve
    >>> from skimage.data import camera
    >>> path = np.zeros((15, 15))
    >>> path[3:11, 4] = path[10, 4:12] = 1 / 15
    >>> blurred = convolve(camera()[60:280, 150:370] / 255, path, mode="valid")
    >>> estimate = estimate_kernel(blurred, size=15)
    >>> estimate.confidence, estimate.psf.shape
    ('confident', (15, 15))
    """
    picture = as_planar_image(image, channel_axis=channel_axis)
    picture = Unit.of(picture).inside(picture)
    room = min(picture.shape[:2]) // ROOM
    sizes = _fitting_sizes(room) if size is None else (_checked_size(size, room),)
    part = _textured_part(picture.mean(axis=-1))
    normalized = _normalized(part.astype(np.float64))
    for edge in sizes:
        kernel = _kernel(normalized, edge, callback or _silent)
        if not _touches(kernel):
            break
    return _kernel_estimate(kernel)


def _silent(share: float) -> None:
    """Show no progress."""


def _fitting_sizes(room: int) -> tuple[int, ...]:
    sizes = tuple(n for n in SIZES if n <= room)
    if not sizes:
        raise InvalidValue(
            f"image must have {ROOM * SIZES[0]} pixels or more per axis, got {ROOM * room} or a little more"
        )
    return sizes


def _checked_size(size: int, room: int) -> int:
    try:
        number = index(size)
    except TypeError:
        raise InvalidType(f"size must be a whole number, got {size!r}") from None
    if number < 3 or number % 2 == 0:
        raise InvalidValue(f"size must be odd and >= 3, got {number}")
    if number > room:
        raise InvalidValue(f"size must be at most a third of the image's shorter edge, {room}, got {number}")
    return number


def _textured_part(plane: Array) -> Array:
    """Cut a large picture to the square whose gradients are strongest in sum."""
    if max(plane.shape) <= LONGEST:
        return plane
    return plane[most_textured(np.hypot(*gradient(plane)), LONGEST, step=STRIDE)]


def _touches(kernel: Array) -> bool:
    return float(kernel[1:-1, 1:-1].sum()) < 1 - TOUCHING


def _kernel_estimate(kernel: Array) -> KernelEstimate:
    size = kernel.shape[0]
    lit = np.argwhere(kernel > 0)
    extent = int((np.ptp(lit, axis=0) + 1).max())
    confidence: Confidence = "confident"
    verdict = f"a kernel {extent} pixels long in a square of {size}"
    if 1 / float(np.sum(kernel**2)) < FEWEST:
        confidence, verdict = "none", "the kernel collapsed to a point: the picture looks sharp, or has too few edges"
    elif len(lit) > FILLING * size**2 and size > 3:
        confidence, verdict = "none", f"the kernel fills its square of {size} pixels: the picture does not show it"
    elif _touches(kernel):
        confidence, verdict = "weak", f"{verdict}, whose border it touches: the blur may be larger"
    return KernelEstimate(psf=kernel, confidence=confidence, verdict=verdict, size=size)


def _kernel(picture: Array, size: int, progress: Progress) -> Array:
    """Return the kernel of one size, from coarse to fine."""
    sizes = _level_sizes(size)
    kernel = np.zeros((sizes[0], sizes[0]))
    kernel[sizes[0] // 2, sizes[0] // 2 - 1 : sizes[0] // 2 + 1] = 0.5
    strength = FIRST_STRENGTH
    cost = np.cumsum([n**2 for n in sizes]) / sum(n**2 for n in sizes)
    for level, n in enumerate(sizes):
        blurred = picture if n == size else _shrunk(picture, n / size)
        faint = FAINT_LAST if n == size else FAINT
        if level:
            kernel = cleaned(centred(enlarged(kernel, n)), FAINT)
        kernel, strength = _level(blurred, kernel, strength, faint)
        progress(float(cost[level]))
    return kernel


def _level(blurred: Array, kernel: Array, strength: float, faint: float) -> tuple[Array, float]:
    """Alternate between picture and kernel on one level."""
    blurred_edges, threshold = gradient(blurred), None
    size = kernel.shape[0]
    for _ in range(ROUNDS):
        edges = gradient(edge_picture(blurred, kernel, strength))
        threshold = edge_threshold(edges, size) if threshold is None else threshold
        kernel = cleaned(fit_kernel(strong(edges, threshold), blurred_edges, kernel), faint)
        threshold /= THRESHOLD_FALL
        strength = max(strength / STRENGTH_FALL, LAST_STRENGTH)
    return cleaned(centred(kernel), faint), strength


def _level_sizes(size: int) -> list[int]:
    sizes = [size]
    while sizes[-1] > COARSEST:
        sizes.append(max(min(_nearest_odd(sizes[-1] / FACTOR), sizes[-1] - 2), 3))
    return sizes[::-1]


def _nearest_odd(value: float) -> int:
    return 2 * round((value - 1) / 2) + 1


def _shrunk(picture: Array, scale: float) -> Array:
    smooth = ndimage.gaussian_filter(picture, (1 / scale - 1) / 2, mode="mirror")
    return ndimage.zoom(smooth, scale, order=3, mode="mirror", grid_mode=True)


def _normalized(picture: Array) -> Array:
    low, high = np.percentile(picture, [0.5, 99.5])
    return (picture - low) / max(high - low, np.finfo(np.float64).tiny)
