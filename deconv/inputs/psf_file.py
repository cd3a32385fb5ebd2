"""A measured point-spread function from a file: numbers as they are, or a picture of a point."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import restore
from deconv import pictures
from deconv.errors import UsageError
from deconv.inputs.kernel import Kernel
from deconv.settings import PSFChoice
from restore.checks import UNIT_SUM_TOLERANCE


def kernel_of_file(choice: PSFChoice, families: tuple[str, ...]) -> Kernel:
    """Return the PSF that a file holds; `families` are the words that name none."""
    path = Path(choice.psf or "")
    if not path.suffix and not path.exists():
        known = ", ".join(families)
        raise UsageError(f"--psf {choice.psf}: no such family or file (families: auto, blind, {known}; or name a file)")
    picture = pictures.read(path, axes="ZYX" if _is_stack(path) else None, frame="all")
    if picture.format == "NPY" and choice.background is None and not choice.center:
        psf, notes = _unit_sum(picture.samples.astype(np.float64), path)
    else:
        psf = restore.psf.measured(_light(picture), background=_background(choice), center=choice.center)
        notes = ("the PSF's background was removed and its sum set to 1",)
    offset = restore.psf.centroid_offset(psf)
    if np.abs(offset).max() > 0.5:
        shift = ", ".join(f"{o:+.1f}" for o in offset)
        notes += (f"the PSF's centroid is off its middle by ({shift}) px and moves the picture; --center undoes it",)
    return Kernel(psf=psf, family=str(path), notes=notes)


def _unit_sum(samples: NDArray[np.float64], path: Path) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """Return samples that sum to 1, and what to say where they did not."""
    if not np.isfinite(samples).all():
        raise UsageError(f"{path}: the PSF holds NaN or infinite samples (replace them, for example by 0)")
    total = float(samples.sum())
    if not total > 1e-12 * float(np.abs(samples).sum()):
        raise UsageError(f"{path}: the PSF must have a positive sum, got {total:.6g} (an empty PSF blurs nothing)")
    is_scaled = abs(total - 1) > UNIT_SUM_TOLERANCE
    return samples / total, (f"the PSF's sum was {total:.6g} and is scaled to 1",) if is_scaled else ()


def _background(choice: PSFChoice) -> float | str:
    if choice.background in (None, "border"):
        return "border"
    try:
        return float(choice.background)
    except ValueError:
        raise UsageError(f"--background must be 'border' or a number, got {choice.background!r}") from None


def _light(picture: pictures.Picture) -> NDArray[np.float64]:
    """Return a picture of a point as linear numbers; colours are averaged."""
    samples = pictures.to_float(picture, light="linear" if picture.format in ("NPY", "TIFF") else "auto")
    if picture.channel_axis is not None:
        samples = samples.mean(axis=-1)
    return samples.astype(np.float64)


def _is_stack(path: Path) -> bool:
    if path.suffix.lower() != ".npy":
        return False
    try:
        return np.load(path, mmap_mode="r", allow_pickle=False).ndim == 3
    except (OSError, ValueError, EOFError):
        return False  # the reader will say what is wrong with it
