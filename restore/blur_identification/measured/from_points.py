"""The PSF as the mean of many points: beads under a microscope, stars in the sky."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy import fft, ndimage

from restore.blur_identification.measured.average import EMPIRICAL, PSFAverage, average_of, without_bead
from restore.blur_identification.measured.points import (
    Point,
    bright_places,
    ground_of,
    half_sizes,
    insist,
    judged,
    looked_at,
)
from restore.blur_identification.measured.points_jointly import (
    FITTED,
    LikePoints,
    family_of,
    finer_mean,
    like_points,
)
from restore.blur_identification.measured.unknown_samples import without_unknown
from restore.checks import Array, InvalidValue, as_count, as_nonnegative, as_shape, one_of, per_axis

__all__ = ["PSFAverage", "psf_from_points"]

#: Rejection of samples at so many deviations of those at the same place, where there are points enough to tell.
CLIP, ENOUGH = 3.0, 5
#: Least reach of a box to each side, in samples, for the ground and the wings to be told apart.
LEAST_HALF = 4


def psf_from_points(
    image: ArrayLike,
    *,
    mask: ArrayLike | None = None,
    size: Sequence[int] | None = None,
    bead: float = 0.0,
    spacing: float | Sequence[float] = 1.0,
    clipped: float | None = None,
    least: int = 1,
    subsampling: int = 1,
    family: str = EMPIRICAL,
) -> PSFAverage:
    """Return the PSF that many like points show: found, judged, registered, averaged, and their own size divided out.

    Parameters
    ----------
    image : (H, W) or (D, H, W) float array
        Beads or stars, mostly apart, on dark ground. Not modified.
    mask : bool array, optional
        True where samples are unknown, whatever they hold, NaN too. Shape of the image.
    size : sequence of int, optional
        Odd edges of the PSF, in its own samples. Without it five times the full width at half maximum that most points
        have, or as far as a family reaches.
    bead : float, >= 0
        Diameter of the beads, in the unit of `spacing`; 0 for points. What it widened is taken back.
    spacing : float or sequence of float, > 0
        From sample to sample of the image, one number or one for each axis. It matters beside `bead` alone.
    clipped : float, optional
        Value from which samples are clipped. None takes the largest one where several samples share it.
    least : int, >= 1
        Fewer good points are refused; five are a good start.
    subsampling : int, >= 1
        Samples of the PSF along an axis in one of the image: more than 1 for points that the samples do not hold, such
        as stars narrower than 1.5 samples, of which there must be many, at different fractions of a sample.
    family : {"empirical", "moffat", "gaussian"}
        "empirical" is the mean of the points. A family is fitted to all at once, in a plane, and drawn by
        `restore.psf`: it holds for narrow points and few of them too, if it is the right one.

    Returns
    -------
    average : PSFAverage

    Raises
    ------
    TypeError
        The image is not floating.
    ValueError
        Fewer than `least` points are good, an argument is out of range, or the points are narrower than 1.5 samples of
        the PSF: then these do not hold the shape, and a finer grid is needed. Points that do not lie at fractions of a
        sample enough to tell a finer grid are refused.

    Notes
    -----
    A point is left out if samples of its core are unknown, if it is clipped, fainter than eight deviations of the
    noise, near the edge or another one, or wider or narrower than the others. The rest are moved to a whole sample by
    the Fourier transform, which blurs nothing, and averaged, brighter ones with more weight and outliers at three
    deviations without. A bead counts as an even sphere, whose transfer function is divided out where it is above 0.2.

    Points that samples hold badly cannot be moved. On a finer grid h is what explains all samples at once: a profile
    with wings, and a table of what it lacks, smooth where the points tell little, found with their places in turn
    (Anderson and King, there with the sample's width in h). The width of a finer sample is in h, that of the image's
    sample is not: the light of a sample is the sum over the finer ones in it. It is so that `richardson_lucy` with the
    same `subsampling` takes it, and `psf.moffat` of a width in finer samples is the PSF of such stars.

    Of points that are fitted at once no more are taken than have 50 000 samples, the brightest.

    A family's numbers are those by which `restore.psf` draws it, the mean over the samples being in the fit. Noise is
    that of the ground and, growing with the light, what the fit leaves.

    References
    ----------
    J. G. McNally et al., Three-dimensional imaging by deconvolution microscopy, Methods 19, 1999, p. 373; R. W. Cole
    et al., Measuring and interpreting point spread functions, Nature Protocols 6, 2011, p. 1929; J. Anderson and I. R.
    King, Toward high-precision astrometry with WFPC2 I, PASP 112, 2000, p. 1360.

    Examples
    --------
    >>> import numpy as np
    >>> import restore
    >>> sky = np.zeros((96, 96))
    >>> sky[[20, 30, 62, 75], [25, 70, 30, 66]] = 1000, 800, 1200, 900
    >>> image = restore.degrade(sky, restore.psf.moffat(4.0), noise_sigma=0.5, rng=0)
    >>> average = restore.psf_from_points(image)
    >>> len(average.places), [round(width) for width in average.fwhm]
    (4, [4, 4])
    >>> fit = restore.psf_from_points(image, family="moffat")
    >>> round(fit.parameters["fwhm"]), fit.uncertainty["fwhm"] < 0.1
    (4, True)
    """
    array, hidden = without_unknown(image, mask)
    if array.ndim not in (2, 3):
        raise InvalidValue(f"image must be a plane or a volume, got shape {array.shape}")
    step, diameter = as_count(subsampling, "subsampling"), as_nonnegative(bead, "bead")
    _check_family(family, array.ndim, diameter)
    top = _top(array) if clipped is None else float(clipped)
    if step == 1 and family == EMPIRICAL:
        mean, good, points = _moved(array, hidden, size, top, least)
        return average_of(_without(diameter, mean, spacing, 1), None, good, points)
    like = _alike(array, hidden, size, top, least, step)
    if family != EMPIRICAL:
        return family_of(like, family, step, size)
    mean, widths = finer_mean(like, step, size)
    return average_of(_without(diameter, mean, spacing, step), widths, like.good, like.points, step)


def _check_family(family: str, ndim: int, diameter: float) -> None:
    one_of(family, (EMPIRICAL, *FITTED), "family")
    if family == EMPIRICAL:
        return
    if ndim != 2:
        raise InvalidValue(f"family must be {EMPIRICAL!r} for a volume, got {family!r}, which is fitted in planes")
    if diameter > 0:
        raise InvalidValue(f"bead must be 0 beside a family, which is fitted to points, got {diameter}")


def _without(diameter: float, mean: Array, spacing: float | Sequence[float], step: int) -> Array:
    """Return a mean on a grid finer by `step` without the width of beads."""
    if diameter == 0:
        return mean
    steps = per_axis(spacing, "spacing") if np.ndim(spacing) else [float(spacing)] * mean.ndim  # type: ignore[arg-type]
    return without_bead(mean, diameter, [length / step for length in steps])


def _alike(
    array: Array, hidden: Array | None, size: Sequence[int] | None, top: float, least: int, step: int
) -> LikePoints:
    """Return points that one profile fits, with boxes as large as the PSF."""
    level, sigma = ground_of(array)
    places = bright_places(array, level, sigma)
    usual = half_sizes(array, places, level)
    if size is not None:
        edges = [step * n for n in array.shape]
        usual = tuple(-(-half // step) for half in _halves(size, tuple(edges)))
    half = tuple(min(max(h, LEAST_HALF) + 1, (n - 1) // 2) for h, n in zip(usual, array.shape, strict=True))
    like = like_points(looked_at(array, places, half, (level, sigma), top, hidden), array.ndim, half, sigma)
    insist(like.points, least)
    return like


def _moved(
    array: Array, hidden: Array | None, size: Sequence[int] | None, top: float, least: int
) -> tuple[Array, list[Point], list[Point]]:
    """Return the mean of points that were moved to whole samples, these points, and all."""
    level, sigma = ground_of(array)
    places = bright_places(array, level, sigma)
    half = _halves(size, array.shape) if size is not None else half_sizes(array, places, level)
    points = judged(looked_at(array, places, half, (level, sigma), top, hidden))
    good = [point for point in points if not point.objection]
    insist(points, least)
    mean = _mean([_registered(point) for point in good], np.array([p.core.peak for p in good if p.core is not None]))
    return mean, good, points


def _halves(size: Sequence[int], shape: tuple[int, ...]) -> tuple[int, ...]:
    edges = as_shape(size, "size")
    if len(edges) != len(shape) or any(n % 2 == 0 or n > m for n, m in zip(edges, shape, strict=False)):
        raise InvalidValue(f"size must be odd edges that fit into the image of shape {shape}, got {tuple(size)}")
    return tuple(n // 2 for n in edges)


def _top(image: Array) -> float:
    """Return the value from which samples are clipped: the largest, where it is no single sample's."""
    top = float(image.max())
    return top if np.count_nonzero(image == top) > 2 else np.inf


def _registered(point: Point) -> Array:
    """Return a point of peak 1 whose centre lies in the middle sample."""
    assert point.box is not None
    assert point.core is not None
    light = (point.box - point.level) / point.core.peak
    shift = np.array([n // 2 for n in light.shape]) - point.core.center
    return np.asarray(fft.ifftn(ndimage.fourier_shift(fft.fftn(light), shift)).real)


def _mean(boxes: list[Array], peaks: Array) -> Array:
    """Return the mean of points of peak 1 whose noise falls with their peak, outliers left out."""
    stack, weights = np.stack(boxes), (peaks**2).reshape(-1, *[1] * boxes[0].ndim)
    known = np.ones(stack.shape, bool)
    if len(boxes) >= ENOUGH:
        off = (stack - np.median(stack, axis=0)) * np.sqrt(weights)
        known = np.abs(off) <= CLIP * 1.4826 * np.maximum(np.median(np.abs(off), axis=0), np.median(np.abs(off)))
    return np.asarray((weights * stack * known).sum(axis=0) / (weights * known).sum(axis=0))
