"""The PSF of a shaken camera, of any shape, from one blurred picture."""

from __future__ import annotations

from dataclasses import dataclass
from operator import index

import numpy as np
from numpy.typing import ArrayLike

from restore.blur_identification.blur_estimate import BlurEstimate, Confidence
from restore.blur_identification.shake.judgement import Judge
from restore.blur_identification.shake.kernel_shape import extent, roundness, spread
from restore.blur_identification.shake.search import Found, Search
from restore.blur_identification.shake.trials import SHARE
from restore.blur_identification.texture_window import textured_part
from restore.checks import Array, InvalidType, InvalidValue, as_planar_image
from restore.operators.progress import Progress, beside
from restore.operators.unit import Unit

__all__ = ["KernelEstimate", "estimate_kernel"]


#: The picture must be this many times the kernel's size, and no smaller than for this size.
ROOM = SHARE
LEAST_SIZE = 13
#: Light counts as clipped from this share of the top on, where more than LEAST_CLIPPED of the samples lie AT_TOP.
CLIPPED, AT_TOP, LEAST_CLIPPED = 0.95, 0.995, 2e-4
#: The percentile of the samples' size that is taken for the top.
TOP = 99.98
#: What samples are rounded to: the search magnifies every difference, and rounding errors should make none.
GRAIN = 2.0**-20
#: A kernel as concentrated as fewer even samples than this collapsed: sharp photographs give 1 to 8.
FEWEST = 8.5
#: One that spreads less than this, in pixels, is no shake where edges rise by more than this share of their height
#: within a pixel: sharp photographs do by 0.43 and more, shaken ones by 0.28 to 0.5.
SMALL, STEEP = 2.1, 0.42
#: No shaken photograph has edges that rise by more than this within a pixel: of 52, none with a right kernel by more
#: than 0.47. A small kernel as round as this is no sure path, nor one that is hardly larger beside steep edges: the
#: picture's own softness looks so.
STEEPEST, ROUND, HARDLY_LARGER = 0.52, 0.6, 3.0
#: One with more than this share of its samples lit fills its square.
FILLING = 0.6
#: A confident kernel has at least this likeness to the trials most like it and to itself before it was polished, ...
AGREEING, STABLE = 0.7, 0.94
#: ... more of the first where it leaves this much unexplained, and none where it leaves most, ...
MISFIT, AGREEING_BESIDE_MISFIT, MOST_MISFIT = 0.4, 0.88, 0.55
#: ... and a restoration with at most this share of its samples out of range, whose differences are sparser than the
#: picture's by at least this factor: those of a repeating texture are hardly. All of these, and the next, were chosen
#: on simulated photographs.
RINGING, SPARSER = 0.0125, 0.82
#: Worse than any of these, there is no kernel; few starts alone find a long one, which then stays as it is.
DISAGREEING, UNSTABLE, SETTLED = 0.66, 0.9, 0.99
#: Nor where its restoration has more than this share of its samples out of the picture's range, or below no light.
LOUD, IMPOSSIBLE = 0.2, 0.025
#: A kernel touches the border of a square that was given with this share of its light on the outermost samples.
TOUCHING = 0.02
#: What the errors of a kernel usually leave in the data, as a share of their range: 0.01 to 0.014 restore sixteen
#: pictures of a shaken camera alike, 0.016 0.2 dB below; the larger, the less flat ground rings on real photographs.
USUAL_ERROR = 0.016


@dataclass(frozen=True, eq=False, kw_only=True)
class KernelEstimate(BlurEstimate):
    """What `estimate_kernel` found.

    Attributes
    ----------
    psf : float64 array of shape (size, size)
        Sum 1, not negative, its centroid within a sample of the middle: what to restore with.
    confidence : {"confident", "weak", "none"}
        "none": the kernel collapsed to a point or fills its square, its restoration rings, or, where no size was
        given, other starts lead to other kernels or edges are as steep as those of a sharp picture, and `psf` should
        not be used. "weak": not all starts agree on it, the restoration rings a little or is hardly sharper, the kernel
        is as small as the picture's own softness, leaves most unexplained, or touches the border of the square that was
        given.
    verdict : str
        One sentence for people.
    size : int
        Edge of the square that holds the kernel: the one given, or the smallest.
    error : float
        What the errors of such a kernel usually leave in the data, as `deconvolve` takes it for `psf_error`.
    """

    size: int
    error: float = USUAL_ERROR


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
        The blurred picture, in any unit and with any offset: a photograph as its code values, whose contrast suits the
        search better than linear light.
    size : int, odd and >= 3, optional
        Edge of the square that holds the kernel, in pixels; a little more than the blur is long. Larger: more freedom,
        more time, more room for wrong light. None looks in squares of 34, 62 and 102 pixels at half size, as far as
        they are at most a third of the picture, and returns the smallest square that holds what it finds.
    channel_axis : int, optional
        Axis of the colour channels; the estimate uses their mean.
    callback : callable, optional
        Called with the share of the work that is done, a float that grows to 1.

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
    deconvolve : what to restore with, its `psf_error` the `error` of the estimate, by the method "hyper_laplacian": a
        linear filter rings loudly where an estimated kernel errs.
    estimate_psf : the blur of a named family: quicker, surer, and good for lenses and straight motion.

    Notes
    -----
    Nine starts at half size (three squares, three values of the first lambda), each once more in a square that fits its
    kernel; up to three are refined at full size, and the kernel whose quick restoration has the sparsest edges and
    the least misfit is polished. Some 3000 FFTs of the picture; of pictures larger than 512 pixels only the square
    with most texture is looked at. Deterministic, whatever the number of threads.

    Light at the top of the picture, where it was cut off, and its surroundings say nothing of the kernel.

    A picture says nothing of where its kernel lies: the restoration may be shifted against the scene by a few pixels.
    A sharp picture gives a point and is told so; one with few edges may get a kernel that is not there.

    Fails where there are no strong edges in several directions, where noise drowns them, and
    where the blur varies over the frame, as it does when a camera rolls; a wrong kernel rings.

    References
    ----------
    L. Xu, S. Zheng and J. Jia, Unnatural L0 sparse representation for natural image deblurring, CVPR 2013, eqs. 4-11;
    S. Cho and S. Lee, Fast motion deblurring, ACM Trans. Graph. 28, 2009; A. Levin, Y. Weiss, F. Durand and W. T.
    Freeman, Understanding and evaluating blind deconvolution algorithms, CVPR 2009 (why edges, and the test pictures);
    D. Krishnan, T. Tay and R. Fergus, Blind deconvolution using a normalized sparsity measure, CVPR 2011 (the choice).

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
    if size is not None:
        size = _checked_size(size, room)
    elif room < LEAST_SIZE:
        raise InvalidValue(f"image must have {ROOM * LEAST_SIZE} pixels or more per axis, got {min(picture.shape[:2])}")
    plane, clipped, black = _normalized(picture.astype(np.float64))
    part = textured_part(plane)
    evidence = Search(plane[part], clipped[part], beside(callback), black).kernel(size)
    return _kernel_estimate(evidence, is_size_given=size is not None)


def share_out_of_range(image: ArrayLike, psf: Array, *, channel_axis: int | None = None) -> float:
    """Return which share of a quick restoration leaves the range of the picture by much.

    It is large where the PSF is wrong, and where the samples are no light.
    """
    picture = as_planar_image(image, channel_axis=channel_axis)
    plane, clipped, _ = _normalized(picture.astype(np.float64))
    part = textured_part(plane)
    return Judge(plane[part], clipped[part]).of(psf).beyond


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


def _normalized(picture: Array) -> tuple[Array, Array, float]:
    """Return the mean of the channels, its top being 1, where light is clipped, and which sample stands for no light.

    It is unknown, and infinite, in a picture with negative samples and in a flat one.
    """
    plane = picture.mean(axis=-1)
    low, high = np.percentile(plane, [100 - TOP, TOP])
    extent = max(high - low, np.finfo(np.float64).tiny)
    black = -low / extent if picture.min() >= 0 and high > low else np.inf
    plane = np.round((plane - low) / extent / GRAIN) * GRAIN
    is_clipped = np.mean(plane >= AT_TOP) > LEAST_CLIPPED
    return plane, (plane >= CLIPPED) & is_clipped, float(black)


def _kernel_estimate(evidence: Found, *, is_size_given: bool = False) -> KernelEstimate:
    kernel = evidence.kernel
    confidence: Confidence = "confident"
    verdict = f"a kernel {extent(kernel)} pixels long in a square of {kernel.shape[0]}"
    if refusal := _refusal(evidence) or (None if is_size_given else _dispute(evidence)):
        confidence, verdict = "none", refusal
    elif _touches(kernel):
        confidence, verdict = "weak", f"{verdict}, whose border it touches: the blur may be larger"
    elif _may_be_softness(evidence):
        confidence, verdict = "weak", f"{verdict}, small as the picture's own softness is: it may be no shake"
    elif not _is_sure(evidence):
        confidence, verdict = "weak", f"{verdict}, on which not all starts agree: look for doubled lines"
    return KernelEstimate(psf=kernel, confidence=confidence, verdict=verdict, size=kernel.shape[0])


def _refusal(evidence: Found) -> str | None:
    """Return why a kernel is none."""
    kernel = evidence.kernel
    if 1 / float(np.sum(kernel**2)) < FEWEST:
        return "the kernel collapsed to a point: the picture looks sharp, or has too few edges"
    if spread(kernel) < SMALL and evidence.steepness > STEEP:
        return "the kernel is hardly larger than a point beside steep edges: the picture looks sharp"
    if kernel.shape[0] > 3 and np.mean(kernel > 0) > FILLING:
        return f"the kernel fills its square of {kernel.shape[0]} pixels: the picture does not show it"
    if evidence.judgement.beyond > LOUD or evidence.judgement.impossible > IMPOSSIBLE:
        return "the kernel that fits best makes the restoration ring: the picture does not show a right one"
    return None


def _dispute(evidence: Found) -> str | None:
    """Return what whoever gives a size knows better, who has seen a path.

    That starts in squares of several sizes contradict each other, or that no path would have left such edges.
    """
    is_disputed = evidence.agreement < DISAGREEING and evidence.stability < SETTLED
    if is_disputed or evidence.stability < UNSTABLE:
        return "other starts lead to other kernels: the picture does not show one"
    if evidence.steepness > STEEPEST:
        return "edges are as steep as those of a sharp picture, which no shake leaves"
    return None


def _is_sure(evidence: Found) -> bool:
    """Return whether all that can be looked at speaks for a kernel."""
    judgement = evidence.judgement
    least = AGREEING if judgement.misfit <= MISFIT else AGREEING_BESIDE_MISFIT
    explains = judgement.misfit <= MOST_MISFIT and judgement.sparseness <= SPARSER and judgement.beyond <= RINGING
    return explains and evidence.agreement >= least and evidence.stability >= STABLE


def _may_be_softness(evidence: Found) -> bool:
    """Return whether a kernel is as small as those that sharp and soft photographs give."""
    size = spread(evidence.kernel)
    is_round_point = size < SMALL and roundness(evidence.kernel) > ROUND
    return is_round_point or (size < HARDLY_LARGER and evidence.steepness > STEEP)


def _touches(kernel: Array) -> bool:
    return float(kernel[1:-1, 1:-1].sum()) < 1 - TOUCHING
