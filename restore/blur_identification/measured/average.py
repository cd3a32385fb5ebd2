"""What many points say of the PSF, from their mean on whatever grid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy import fft

from restore.blur_identification.effective.core_fit import fit_core
from restore.blur_identification.measured.points import Point
from restore.checks import Array, InvalidValue
from restore.psf.raster import unit

#: Full width at half maximum, in samples, below which the samples do not hold a PSF's shape.
UNDERSAMPLED = 1.5
#: A bead is divided out where its own transfer function is above this.
BEAD_LEAST = 0.2
#: Share of the array, at its rim, over which the mean goes to zero.
RIM = 0.15
#: The word for a PSF that is of no family.
EMPIRICAL = "empirical"


@dataclass(frozen=True, eq=False)
class PSFAverage:
    """A PSF from many points.

    Attributes
    ----------
    psf : float64 array, odd sizes, sum 1
        On the samples of the image, or on those of a grid finer by `subsampling`.
    fwhm : tuple of float
        Full widths at half maximum along the axes of the array, in its samples; of a family, those of its profile.
    spread : tuple of float
        Standard deviation of the points' own widths, in the same samples.
    asymmetry : float
        Of volumes: the light below the middle less that above, as a share of both; 0 of planes.
    places : tuple of tuple of int
        The brightest samples of the points that were averaged.
    rejected : tuple of (tuple of int, str)
        Those of the others, and why.
    subsampling : int
        Samples of the array along an axis in one of the image.
    family : str
        "empirical", or the family of `restore.psf` that was fitted and drawn.
    parameters : dict
        Of the family, in samples of the array; empty for "empirical".
    uncertainty : dict
        Standard error of each parameter.
    """

    psf: Array
    fwhm: tuple[float, ...]
    spread: tuple[float, ...]
    asymmetry: float
    places: tuple[tuple[int, ...], ...]
    rejected: tuple[tuple[tuple[int, ...], str], ...]
    subsampling: int = 1
    family: str = EMPIRICAL
    parameters: dict[str, float] = field(default_factory=dict)
    uncertainty: dict[str, float] = field(default_factory=dict)


def average_of(mean: Array, widths: Array | None, good: list[Point], points: list[Point], step: int = 1) -> PSFAverage:
    """Return the PSF from the mean of the good points, on a grid finer by `step`.

    `widths` are the points' own, (points, axes), in samples of the mean; None takes those of their cores.
    """
    core = fit_core(mean, 0.0)
    if core is None or core.fwhm.min() < UNDERSAMPLED:
        raise InvalidValue(_too_narrow(core.fwhm.min() if core is not None else None, step))
    if widths is None:
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
        rejected=rejected(points),
        subsampling=step,
    )


def rejected(points: list[Point]) -> tuple[tuple[tuple[int, ...], str], ...]:
    """Return the points that are of no use, and why."""
    return tuple((point.place, point.objection) for point in points if point.objection)


def _too_narrow(width: float | None, step: int) -> str:
    samples = "one sample" if width is None else f"{width:.2f} samples"
    if step > 1:
        grid = f"of the grid finer by {step}, got {samples}: ask for a finer one by subsampling, or for a family"
        return f"image must have points wider than {UNDERSAMPLED} samples {grid}"
    remedy = "take it on a finer grid, or ask for one by subsampling"
    return f"image must have points wider than {UNDERSAMPLED} samples, got {samples}: {remedy}"


def without_bead(mean: Array, diameter: float, steps: Sequence[float]) -> Array:
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
