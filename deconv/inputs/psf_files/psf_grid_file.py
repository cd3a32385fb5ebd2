"""A file of --psf-grid: PSFs and their places, in NumPy's archive of arrays."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import restore
from deconv.errors import UsageError
from deconv.inputs.kernel import Kernel
from deconv.inputs.psf_files.psf_file import unit_sum
from deconv.settings import PSFChoice

#: The arrays of such a file.
PSFS, POSITIONS = "psfs", "positions"
REMEDY = "write it with numpy.savez(FILE, psfs=..., positions=...): PSFs (K, h, w), their rows and columns (K, 2)"


def kernel_of_grid(choice: PSFChoice) -> Kernel:
    """Return the PSFs of a grid, each of sum 1; `psf` is their mean."""
    path = Path(choice.grid or "")
    _refuse_others(choice)
    stored, positions = _read(path)
    scaled = [unit_sum(psf, path) for psf in stored] if stored.ndim > 2 else []
    try:
        grid = restore.psf.grid([psf for psf, _ in scaled] if scaled else stored, positions)
    except (TypeError, ValueError) as error:
        raise UsageError(f"{path}: {error} ({REMEDY})") from error
    count, axes = len(stored), "ZYX"[-grid.ndim :]
    spans = [_span(axis, places) for axis, places in zip(axes, grid.positions.T, strict=True)]
    notes = [f"{count} PSFs at {' and '.join(spans)}"]
    if any(said for _, said in scaled):
        notes.append("the PSFs' sums are scaled to 1")
    details = {"count": count, "places": grid.positions.tolist()}
    return Kernel(psf=grid.mean, family=str(path), notes=tuple(notes), details={"grid": details}, grid=grid)


def _span(axis: str, places: NDArray[np.float64]) -> str:
    return f"{axis} {places.min():g} to {places.max():g}"


def _refuse_others(choice: PSFChoice) -> None:
    """Refuse what says something of one PSF."""
    flags = {
        "center": choice.center,
        "background": choice.background is not None,
        "psf-photo": choice.photo,
        "psf-sampling": choice.sampling is not None,
        "spacing": choice.spacing is not None,
        "psf-size": choice.kernel_size is not None,
    }
    named = [*choice.parameters, *choice.optics, *(name for name, is_said in flags.items() if is_said)]
    if named:
        raise UsageError(f"--{named[0].lower()} is about one PSF, and --psf-grid has its own (leave one of them out)")


def _read(path: Path) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if not path.is_file():
        raise UsageError(f"--psf-grid {path}: there is no such file ({REMEDY})")
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            missing = [name for name in (PSFS, POSITIONS) if name not in archive]
            if missing:
                raise UsageError(f"{path}: holds no array named {missing[0]} ({REMEDY})")
            stored, positions = archive[PSFS], archive[POSITIONS]
    except (AttributeError, EOFError, OSError, TypeError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        raise UsageError(f"{path}: cannot be read as an .npz of numbers ({REMEDY})") from error
    for name, array in ((PSFS, stored), (POSITIONS, positions)):
        if array.dtype.kind not in "biuf":
            raise UsageError(f"{path}: {name} must hold real numbers, got {array.dtype} ({REMEDY})")
    return stored.astype(np.float64), positions.astype(np.float64)
