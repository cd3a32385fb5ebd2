"""A measured point-spread function from a file: numbers as they are, or a picture of a point."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import restore
from deconv import pictures
from deconv.errors import UsageError
from deconv.inputs.kernel import Kernel
from deconv.pictures import Picture, PictureError
from deconv.pictures.formats.npy import axes_of
from deconv.settings import PSFChoice
from deconv.spelling import suggestion
from restore.checks import UNIT_SUM_TOLERANCE

#: How far off its middle a PSF of stars may be, in pixels, for nothing to be said.
SEEN = 0.02
#: Relative difference of the spacings up to which voxels are alike.
ALIKE = 0.01
#: A point's picture of more than so many samples a side is mostly dark, above all near its edges.
SMALL, FILLED = 32, 0.5


def kernel_of_file(choice: PSFChoice, families: tuple[str, ...], picture_of: Picture | None = None) -> Kernel:
    """Return the PSF that a file holds, on the voxels of a picture; `families` are the words that name none."""
    path = Path(choice.psf or "")
    if not path.suffix and not path.exists():
        remedy = suggestion(path.name, ("auto", "blind", *families))
        raise UsageError(f"--psf {choice.psf}: no such family or file ({remedy}; or name a file)")
    picture, notes = _read(path)
    count = dict(zip(picture.plane_axes, picture.plane_shape, strict=True)).get("C", 1)
    if picture.format == "FITS" and picture.channel_axis is not None:  # three bands: a telescope's PSF has no slices
        count = picture.channels
    channels = [pictures.one_channel(picture, n) for n in range(count)] if count > 1 else [picture]
    factors, sampling = _factors(picture, picture_of, choice.sampling)
    measured = [_kernel(channel, choice, path) for channel in channels]
    kernels = [_resampled(kernel, factors) for kernel in measured]
    own = factors[-kernels[0].psf.ndim :]
    if set(own) != {1.0}:
        stored = tuple(kernel.psf for kernel in measured)
        kernels[0] = replace(kernels[0], oversampled=stored, oversampling=tuple(1 / factor for factor in own))
    said = dict.fromkeys(note for kernel in kernels for note in kernel.notes)
    psfs = tuple(kernel.psf for kernel in kernels)
    notes += sampling
    if count == 1:
        return replace(kernels[0], notes=(*said, *notes))
    return replace(
        kernels[0], notes=(*said, *notes, f"the file holds a PSF for each of {count} channels"), channels=psfs
    )


def _factors(psf: Picture, picture: Picture | None, sampling: int | None) -> tuple[tuple[float, ...], tuple[str, ...]]:
    """Return how much finer the picture is than the PSF along Z, Y and X, and what to say where it is not alike.

    `sampling` is what the user says of that, None for what the files say.
    """
    steps = {} if picture is None else picture.calibration.spacing
    own = psf.calibration.spacing
    count = sampling or psf.oversampling
    if sampling is not None or (count > 1 and not set(own) & set(steps)):
        return (1 / count,) * 3, (f"the PSF's samples were taken together, {count} along an axis",) * (count > 1)
    factors = tuple(own[axis] / steps[axis] if axis in own and axis in steps else 1.0 for axis in "ZYX")
    if max(abs(np.log(factors))) < ALIKE:
        return (1.0,) * 3, ()
    was, now = (" x ".join(f"{known[axis]:.4g}" for axis in "ZYX" if axis in known) for known in (own, steps))
    return factors, (f"the PSF's voxels of {was} um were resampled to the picture's of {now} um",)


def _resampled(kernel: Kernel, factors: tuple[float, ...]) -> Kernel:
    own = factors[-kernel.psf.ndim :]
    return kernel if set(own) == {1.0} else replace(kernel, psf=restore.psf.resampled(kernel.psf, own))


def _kernel(picture: Picture, choice: PSFChoice, path: Path) -> Kernel:
    """Return the PSF that a picture holds."""
    notes: tuple[str, ...] = ()
    if picture.format == "FITS" and choice.background is None:  # numbers, with a little below 0 where they were fitted
        psf, notes = _of_stars(picture.samples, choice)
    elif picture.format == "NPY" and choice.background is None and not choice.center:
        psf, notes = unit_sum(picture.samples.astype(np.float64), path)
    else:
        light, taken = _light(picture, choice)
        psf = _of_point(light, choice, path)
        notes = ("the PSF's background was removed and its sum set to 1", *taken)
    offset = restore.psf.centroid_offset(psf)
    if np.abs(offset).max() > (SEEN if picture.format == "FITS" else 0.5):
        shift = ", ".join(f"{o:+.2g}" for o in offset)
        notes += (f"the PSF's centroid is off its middle by ({shift}) px and moves the picture; --center undoes it",)
    return Kernel(psf=psf, family=str(path), notes=notes)


def _of_stars(samples: NDArray[Any], choice: PSFChoice) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """Return the PSF that a file of a telescope holds, and what was done to it.

    It is drawn where a star lay between the samples, or would: to take that for a shift would move the picture against
    the coordinates of its header, which stars measured in it gave.
    """
    psf = restore.psf.measured(samples, background=0, center="exactly" if choice.center else False)
    offset = restore.psf.centroid_offset(psf)
    if choice.center is not None or not SEEN < np.abs(offset).max() < 1:
        return psf, ()
    note = "the PSF's centroid, less than a pixel off its middle, was put there for places to stay (--no-center)"
    return restore.psf.measured(samples, background=0, center="exactly"), (note,)


def _of_point(samples: NDArray[np.float64], choice: PSFChoice, path: Path) -> NDArray[np.float64]:
    """Return the PSF that a picture of a point shows; refuse a picture of something else."""
    remedy = "crop it to one point on dark ground, say --background LEVEL, or give a .npy"
    background = _background(choice)
    try:
        psf = restore.psf.measured(samples, background=background, center=bool(choice.center))
    except ValueError as error:
        raise UsageError(f"{path}: is no picture of a point: {error} ({remedy})") from error
    if min(samples.shape) > SMALL and np.mean(psf > 0) > FILLED and _rim_share(psf) > FILLED / 2:
        filled = f"{np.mean(psf > 0):.0%} of its samples are brighter than its rim, up to its edges"
        raise UsageError(f"{path}: is no picture of a point: {filled} ({remedy})")
    return psf


def _rim_share(psf: NDArray[np.float64]) -> float:
    """Return how much of a PSF lies in the outer eighth of the picture on every side."""
    inner = psf[tuple(slice(n // 8, n - n // 8) for n in psf.shape)]
    return 1 - float(inner.sum() / psf.sum())


def unit_sum(samples: NDArray[np.float64], path: Path) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """Return samples that sum to 1, and what to say where they did not."""
    if not np.isfinite(samples).all():
        raise UsageError(f"{path}: the PSF holds NaN or infinite samples (replace them, for example by 0)")
    _, exponent = math.frexp(float(np.abs(samples).max()))
    weights = np.ldexp(samples, -exponent)  # the sum of very large ones is no number
    total = float(weights.sum())
    stored = float(np.ldexp(total, min(exponent, 1000)))
    if not total > 1e-12 * float(np.abs(weights).sum()):
        raise UsageError(f"{path}: the PSF must have a positive sum, got {stored:.6g} (an empty PSF blurs nothing)")
    is_scaled = abs(stored - 1) > UNIT_SUM_TOLERANCE
    return weights / total, (f"the PSF's sum was {stored:.6g} and is scaled to 1",) if is_scaled else ()


def _background(choice: PSFChoice) -> float | str:
    if choice.background in (None, "border"):
        return "border"
    try:
        return float(choice.background)
    except ValueError:
        raise UsageError(f"--background must be 'border' or a number, got {choice.background!r}") from None


def _read(path: Path) -> tuple[Picture, tuple[str, ...]]:
    """Read a picture of a point or the slices of a volume, and say what was made of planes."""
    picture = pictures.read(path, axes={3: "ZYX", 4: "CZYX"}.get(axes_of(path) or 0), frame="all")
    notes: tuple[str, ...] = ()
    if picture.stored_axes.startswith("S"):  # colours never lie apart in a picture of a point, slices do
        picture = pictures.read(path, axes="ZYX", frame="all")
        notes = (f"the PSF's {picture.planes} planes are taken as slices, not as colours",)
    others = {axis for axis, n in zip(picture.plane_axes, picture.plane_shape, strict=True) if n > 1} - {"C"}
    if len(others) > 1 or "T" in others:
        what = f"holds planes along {' and '.join(picture.plane_axes)}, and a PSF has slices along Z alone"
        raise PictureError(path, what, "save the slices of one PSF, as .npy for example")
    return picture, notes


def _light(picture: Picture, choice: PSFChoice) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """Return the weights that a picture holds, and what to say of them; colours are averaged.

    A kernel that a program saved as a picture has its weights as codes; only a photograph of a point has light
    behind an encoding, and --psf-photo says that it is one.
    """
    notes: list[str] = []
    if not choice.photo and pictures.light_of(picture) != "linear":
        notes.append("the PSF's codes are taken as weights, undecoded (a photograph of a point: --psf-photo)")
    samples = pictures.to_float(picture, light="auto" if choice.photo else "linear")
    if picture.channel_axis is not None:
        samples = samples.mean(axis=-1)
        notes.append("the PSF's colours were averaged")
    return samples.astype(np.float64), tuple(notes)
