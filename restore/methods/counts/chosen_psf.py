"""Light as an instrument of a chosen PSF would show it, in the place of points.

The light f that explains the data is one of points, which samples hold badly; r * f, with a PSF r as wide as two
samples, they hold. What h * f leaves of the data is put back, correlated with h, as radio astronomers add the residual
to what CLEAN found: no light is lost where an iteration that knows no darkness below none, or ended early,
missed the sky by a hundredth of its noise, which over the area of a star is some per cent of a faint one.

References: P. Magain, F. Courbin and S. Sohy, Deconvolution with correct sampling, Astrophys. J. 494, 1998; J. A.
Hogbom, Aperture synthesis with a non-regular distribution of interferometer baselines, Astron. Astrophys. Suppl. 15,
1974 (the residual).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from restore.checks import UNIT_SUM_TOLERANCE, Array, InvalidValue, as_positive, as_real, require_finite
from restore.operators.fourier import filtered
from restore.operators.otf import OTF
from restore.psf.families.gaussian import gaussian

#: Full width at half maximum, in samples, from which samples hold a PSF's shape.
SAMPLED = 2.0
#: Full width at half maximum of a Gaussian, in its standard deviations.
FWHM = 2 * np.sqrt(2 * np.log(2))
#: Standard deviations at which the Gaussian of a width is cut off.
TRUNCATED = 5
#: How much the nearest samples of a PSF may be below half of its largest: measured ones are noisy.
NEARLY = 0.9
#: What a target is measured in, and the remedy.
LEAST, FINER = f"{SAMPLED:g} samples of the result", "ask for a finer grid by subsampling"


def check_target(target: float | ArrayLike) -> None:
    """Refuse a target that samples do not hold: a width, or a PSF whose peak's neighbours are below half of it."""
    if np.ndim(target) == 0:
        if as_positive(target, "target") < SAMPLED:  # type: ignore[arg-type]
            raise InvalidValue(f"target must be {LEAST} or more, which hold its shape, got {target!r}: {FINER}")
        return
    psf = as_real(target, "target")
    if psf.size == 0:
        raise InvalidValue(f"target must hold samples, got shape {psf.shape}")
    require_finite(psf, "target")
    if abs(psf.sum() - 1) > UNIT_SUM_TOLERANCE:
        raise InvalidValue(f"target must sum to 1, got {psf.sum():.6g}: pass target / target.sum()")
    beside = _beside_peak(psf)
    if beside < NEARLY / 2:
        raise InvalidValue(
            f"target must be {LEAST} or more wide at half of its peak, got {beside:.2f} of the peak beside it: {FINER}"
        )


def target_psf(target: float | ArrayLike, ndim: int) -> Array:
    """Return the PSF of a target that was checked, for so many axes."""
    if np.ndim(target) == 0:
        return gaussian([float(target) / FWHM] * ndim, truncate=TRUNCATED)  # type: ignore[arg-type]
    psf = np.asarray(target, np.float64)
    if psf.ndim != ndim:
        raise InvalidValue(f"target must be a width or have {ndim} axes like the psf, got shape {psf.shape}")
    return psf


def seen_by(psf: Array, light: Array) -> Array:
    """Return light, channels last, as an instrument of that PSF shows it on the same grid, which is circular."""
    fitting = psf
    for axis, (k, n) in enumerate(zip(psf.shape, light.shape, strict=False)):
        if k > n:  # what a small picture cannot hold of its wings
            first = k // 2 - n // 2
            fitting = np.take(fitting, range(first, first + n), axis)
    otf = OTF(fitting / fitting.sum(), light.shape[:-1], light.dtype).full()
    return filtered(light, light.ndim - 1, lambda columns: otf[..., columns])


def _beside_peak(psf: Array) -> float:
    """Return the samples next to the largest one, along the axis where they are least, in units of it."""
    peak = np.unravel_index(int(np.argmax(psf)), psf.shape)
    padded = np.pad(psf, 1)
    shares = []
    for axis in range(psf.ndim):
        around = [padded[tuple(p + 1 + (step if a == axis else 0) for a, p in enumerate(peak))] for step in (-1, 1)]
        shares.append(float(np.mean(around) / psf[peak]))
    return min(shares)
