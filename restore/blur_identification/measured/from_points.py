"""The PSF as the mean of many points: beads under a microscope, stars in the sky."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import fft, ndimage

from restore.blur_identification.measured.core_fit import fit_core
from restore.blur_identification.measured.points import Point, bright_places, ground_of, half_sizes, judged
from restore.checks import Array, InvalidValue, as_image, as_nonnegative, as_shape, per_axis
from restore.psf.raster import unit

#: Full width at half maximum, in samples, below which the samples do not hold a PSF's shape.
UNDERSAMPLED = 1.5
#: Rejection of samples at so many deviations of those at the same place, where there are points enough to tell.
CLIP, ENOUGH = 3.0, 5
#: A bead is divided out where its own transfer function is above this.
BEAD_LEAST = 0.2
#: Share of the array, at its rim, over which the mean goes to zero.
RIM = 0.15


@dataclass(frozen=True, eq=False)
class PSFAverage:
    """A PSF from many points.

    Attributes
    ----------
    psf : float64 array, odd sizes, sum 1
    fwhm : tuple of float
        Full widths at half maximum along the axes of the array, in samples.
    spread : tuple of float
        Standard deviation of the points' own widths.
    asymmetry : float
        Of volumes: the light below the middle less that above, as a share of both; 0 of planes.
    places : tuple of tuple of int
        The brightest samples of the points that were averaged.
    rejected : tuple of (tuple of int, str)
        Those of the others, and why.
    """

    psf: Array
    fwhm: tuple[float, ...]
    spread: tuple[float, ...]
    asymmetry: float
    places: tuple[tuple[int, ...], ...]
    rejected: tuple[tuple[tuple[int, ...], str], ...]


def psf_from_points(
    image: ArrayLike,
    *,
    size: Sequence[int] | None = None,
    bead: float = 0.0,
    spacing: float | Sequence[float] = 1.0,
    clipped: float | None = None,
    least: int = 1,
) -> PSFAverage:
    """Return the PSF that many like points show: found, judged, registered, averaged, and their own size divided out.

    Parameters
    ----------
    image : (H, W) or (D, H, W) float array
        Beads or stars, mostly apart, on dark ground. Not modified.
    size : sequence of int, optional
        Odd edges of the PSF. Without it five times the full width at half maximum that most points have.
    bead : float, >= 0
        Diameter of the beads, in the unit of `spacing`; 0 for points. What it widened is taken back.
    spacing : float or sequence of float, > 0
        From sample to sample, one number or one for each axis. It matters beside `bead` alone.
    clipped : float, optional
        Value from which samples are clipped. None takes the largest one where several samples share it.
    least : int, >= 1
        Fewer good points are refused; five are a good start.

    Returns
    -------
    average : PSFAverage

    Raises
    ------
    TypeError
        The image is not floating.
    ValueError
        Fewer than `least` points are good, an argument is out of range, or the points are narrower than 1.5 samples:
        then the samples do not hold the shape, and a finer grid is needed.

    Notes
    -----
    A point is left out if it is clipped, fainter than eight deviations of the noise, near the edge or another one, or
    wider or narrower than the others. The rest are moved to a whole sample by the Fourier transform, which blurs
    nothing, and averaged, brighter ones with more weight and outliers at three deviations without. A bead counts as an
    even sphere, whose transfer function is divided out where it is above 0.2.

    References
    ----------
    J. G. McNally et al., Three-dimensional imaging by deconvolution microscopy, Methods 19, 1999, p. 373; R. W. Cole
    et al., Measuring and interpreting point spread functions, Nature Protocols 6, 2011, p. 1929.

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
    """
    array = as_image(image).astype(np.float64)
    if array.ndim not in (2, 3):
        raise InvalidValue(f"image must be a plane or a volume, got shape {array.shape}")
    level, sigma = ground_of(array)
    places = bright_places(array, level, sigma)
    half = _halves(size, array.shape) if size is not None else half_sizes(array, places, level)
    points = judged(array, places, half, (level, sigma), _top(array) if clipped is None else float(clipped))
    good = [point for point in points if not point.objection]
    if len(good) < max(least, 1):
        raise InvalidValue(_too_few(points, len(good), max(least, 1)))
    mean = _mean([_registered(point) for point in good], np.array([p.core.peak for p in good if p.core is not None]))
    if as_nonnegative(bead, "bead") > 0:
        steps = per_axis(spacing, "spacing") if np.ndim(spacing) else [float(spacing)] * array.ndim  # type: ignore[arg-type]
        mean = _without_bead(mean, bead, steps)
    return _average(mean, good, points)


def _average(mean: Array, good: list[Point], points: list[Point]) -> PSFAverage:
    core = fit_core(mean, 0.0)
    if core is None or core.fwhm.min() < UNDERSAMPLED:
        width = "one sample" if core is None else f"{core.fwhm.min():.2f} samples"
        raise InvalidValue(
            f"image must have points wider than {UNDERSAMPLED} samples, got {width}: take it on a finer grid"
        )
    widths = np.array([point.core.fwhm for point in good if point.core is not None])
    psf = unit(np.maximum(mean * _taper(mean.shape), 0))
    depth = psf.shape[0] // 2
    halves = (float(psf[depth + 1 :].sum()), float(psf[:depth].sum())) if psf.ndim == 3 else (0.0, 0.0)
    return PSFAverage(
        psf=psf,
        fwhm=tuple(float(width) for width in core.fwhm),
        spread=tuple(float(s) for s in (widths.std(axis=0, ddof=1) if len(good) > 1 else np.zeros(mean.ndim))),
        asymmetry=(halves[0] - halves[1]) / sum(halves) if sum(halves) > 0 else 0.0,
        places=tuple(point.place for point in good),
        rejected=tuple((point.place, point.objection) for point in points if point.objection),
    )


def _halves(size: Sequence[int], shape: tuple[int, ...]) -> tuple[int, ...]:
    edges = as_shape(size, "size")
    if len(edges) != len(shape) or any(n % 2 == 0 or n > m for n, m in zip(edges, shape, strict=False)):
        raise InvalidValue(f"size must be odd edges that fit into the image of shape {shape}, got {tuple(size)}")
    return tuple(n // 2 for n in edges)


def _top(image: Array) -> float:
    """Return the value from which samples are clipped: the largest, where it is no single sample's."""
    top = float(image.max())
    return top if np.count_nonzero(image == top) > 2 else np.inf


def _too_few(points: list[Point], count: int, least: int) -> str:
    reasons = [point.objection for point in points if point.objection]
    words = ", ".join(f"{reasons.count(reason)} {reason}" for reason in dict.fromkeys(reasons))
    return f"image must show {least} or more good points, got {count} of {len(points)}" + (
        f" ({words})" if words else ""
    )


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


def _without_bead(mean: Array, diameter: float, steps: Sequence[float]) -> Array:
    """Return the mean without the width of an even sphere: 3 (sin x - x cos x) / x^3 with x = pi diameter f."""
    grids = np.meshgrid(
        *[fft.fftfreq(n, d) for n, d in zip(mean.shape, steps, strict=True)], indexing="ij", sparse=True
    )
    x = np.pi * diameter * np.sqrt(sum(grid**2 for grid in grids))
    small = np.maximum(x, 1e-3)
    sphere = 3 * (np.sin(small) - small * np.cos(small)) / small**3
    return np.asarray(fft.ifftn(fft.fftn(mean) / np.maximum(sphere, BEAD_LEAST)).real)


def _taper(shape: tuple[int, ...]) -> Array:
    """Return 1 inside and a cosine to 0 at the rim."""
    window = np.ones(())
    for n in shape:
        rim = max(1, round(RIM * (n // 2)))
        distance = n // 2 + 1 - np.abs(np.arange(n) - n // 2)
        window = np.multiply.outer(window, np.sin(np.minimum(distance / (rim + 1), 1) * np.pi / 2) ** 2)
    return window
