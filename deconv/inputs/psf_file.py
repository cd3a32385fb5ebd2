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


def kernel_of_file(choice: PSFChoice, families: tuple[str, ...]) -> Kernel:
    """Return the PSF that a file holds; `families` are the words that name none."""
    path = Path(choice.psf or "")
    if not path.suffix and not path.exists():
        known = ", ".join(families)
        raise UsageError(f"--psf {choice.psf}: no such family or file (families: auto, blind, {known}; or name a file)")
    samples, is_array = _samples(path)
    notes: tuple[str, ...] = ()
    if is_array and choice.background is None and not choice.center:
        psf = _unit_sum(samples, path)
    else:
        psf = restore.psf.measured(samples, background=_background(choice), center=choice.center)
        notes = ("the PSF's background was removed and its sum set to 1",)
    offset = restore.psf.centroid_offset(psf)
    if np.abs(offset).max() > 0.5:
        shift = ", ".join(f"{o:+.1f}" for o in offset)
        notes += (f"the PSF's centroid is off its middle by ({shift}) px and moves the picture; --center undoes it",)
    return Kernel(psf, str(path), notes=notes)


def _unit_sum(samples: NDArray[np.float64], path: Path) -> NDArray[np.float64]:
    if not np.isfinite(samples).all():
        raise UsageError(f"{path}: the PSF holds NaN or infinite samples (replace them, for example by 0)")
    total = float(samples.sum())
    if not total > 1e-12 * float(np.abs(samples).sum()):
        raise UsageError(f"{path}: the PSF must have a positive sum, got {total:.6g} (an empty PSF blurs nothing)")
    return samples / total


def _background(choice: PSFChoice) -> float | str:
    if choice.background in (None, "border"):
        return "border"
    try:
        return float(choice.background)
    except ValueError:
        raise UsageError(f"--background must be 'border' or a number, got {choice.background!r}") from None


def _samples(path: Path) -> tuple[NDArray[np.float64], bool]:
    """Read a PSF file as linear numbers, and say if it is an array; colour pictures of a point are averaged."""
    picture = pictures.read(path, axes="ZYX" if _is_stack(path) else None, frame="all")
    samples = pictures.to_float(picture, light="linear" if picture.format in ("NPY", "TIFF") else "auto")
    if picture.channel_axis is not None:
        samples = samples.mean(axis=-1)
    return samples.astype(np.float64), picture.format == "NPY"


def _is_stack(path: Path) -> bool:
    if path.suffix.lower() != ".npy":
        return False
    try:
        return np.load(path, mmap_mode="r", allow_pickle=False).ndim == 3
    except (OSError, ValueError, EOFError):
        return False  # the reader will say what is wrong with it
