"""From --psf and its options to a point-spread function, estimated where the user does not know it."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import restore
from deconv import pictures
from deconv.inputs.psf_of_shake import shake_kernel
from deconv.options import UsageError

#: Family -> parameters it must have; those after | may be left out.
FAMILIES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "gaussian": (("sigma",), ()),
    "disk": (("radius",), ()),
    "motion": (("length", "angle"), ()),
    "box": (("size",), ()),
    "airy": (("radius",), ()),
    "moffat": (("fwhm",), ("beta",)),
}
#: Families whose missing parameters are estimated from the picture; auto chooses among them.
ESTIMATED = ("gaussian", "disk", "motion")
#: Every option that belongs to some family.
PARAMETERS = ("sigma", "radius", "length", "angle", "size", "fwhm", "beta")


@dataclass(frozen=True)
class Kernel:
    """A PSF and what the report says of it."""

    psf: NDArray[np.float64]
    family: str
    parameters: dict[str, float] = field(default_factory=dict)
    estimated: dict[str, float] = field(default_factory=dict)  # name -> uncertainty
    confidence: str | None = None
    notes: tuple[str, ...] = ()
    evidence: dict[str, Any] = field(default_factory=dict)  # where in the picture it was measured

    def record(self) -> dict[str, Any]:
        """Return the PSF's part of the JSON report."""
        record: dict[str, Any] = {"family": self.family, **self.parameters, "estimated": list(self.estimated)}
        if self.estimated:
            record |= {"uncertainty": self.estimated}
        if self.confidence is not None:
            record["confidence"] = self.confidence
        if self.evidence:
            record["measured"] = self.evidence
        return record

    def describe(self) -> str:
        """Return one line for people."""
        if not self.parameters:
            return f"{self.family}, {' x '.join(map(str, self.psf.shape))} px"
        parts = [self._parameter(name, value) for name, value in self.parameters.items()]
        by = f"from the {self.evidence['from']}" if self.evidence else "estimated"
        how = f" ({by}, {self.confidence})" if self.confidence is not None else ""
        return f"{self.family}, {', '.join(parts)}{how}"

    def _parameter(self, name: str, value: float) -> str:
        unit = {"angle": " deg", "beta": ""}.get(name, " px")
        doubt = f"\N{PLUS-MINUS SIGN}{self.estimated[name]:.2g}" if name in self.estimated else ""
        return f"{name} {value:.4g}{doubt}{unit}"


def given_kernel(arguments: argparse.Namespace) -> Kernel | None:
    """Return the PSF if the options determine it, None if something must be estimated from the picture."""
    family = arguments.psf
    if family != "blind" and arguments.psf_size is not None:
        raise UsageError(f"--psf-size does not belong to --psf {family} (it is the square that --psf blind searches)")
    if family == "blind":
        _refuse_foreign(arguments, family, ())
        return None
    if family == "auto":
        _refuse_foreign(arguments, family, ("sigma", "radius", "length", "angle"))
        return None
    if family not in FAMILIES:
        _refuse_foreign(arguments, family, ())
        return _measured(arguments)
    needed, optional = FAMILIES[family]
    _refuse_foreign(arguments, family, needed + optional)
    given = given_parameters(arguments)
    missing = [name for name in needed if name not in given]
    if not missing:
        return Kernel(getattr(restore.psf, family)(**given), family, given)
    if family not in ESTIMATED:
        options = " and ".join(f"--{name}" for name in missing)
        raise UsageError(f"--psf {family} needs {options} (in pixels; degrees for an angle)")
    return None


def given_parameters(arguments: argparse.Namespace) -> dict[str, float]:
    """Return the PSF parameters that the user gave."""
    return {name: getattr(arguments, name) for name in PARAMETERS if getattr(arguments, name) is not None}


def estimated_kernel(
    arguments: argparse.Namespace, image: NDArray[Any], *, channel_axis: int | None, jpeg: NDArray[Any] | None
) -> Kernel:
    """Find the PSF's missing parameters in the picture, or a kernel of any shape."""
    if arguments.psf == "blind":
        shake = shake_kernel(arguments, image, channel_axis)
        size = {"size": float(shake.size)}
        return Kernel(shake.psf, "blind", size, confidence=shake.confidence, notes=(shake.verdict,))
    found = estimate(arguments, image, channel_axis=channel_axis, jpeg=jpeg)
    if found.confidence == "none":
        raise UsageError(f"{found.verdict} (if you see a blur, give it, for example --psf gaussian --sigma 2)")
    return Kernel(
        found.psf,
        found.family,
        {name: float(value) for name, value in found.parameters.items()},
        {name: float(value) for name, value in found.uncertainty.items() if value > 0},
        found.confidence,
    )


def estimate(
    arguments: argparse.Namespace, image: NDArray[Any], *, channel_axis: int | None, jpeg: NDArray[Any] | None
) -> restore.PSFEstimate:
    """Look for a blur of the family asked for, keeping the parameters that the user gave.

    `jpeg` is the file's quantization table; a picture that was a JPEG once and is none now is recognised by its blocks.
    """
    return restore.estimate_psf(
        image,
        family=arguments.psf,
        channel_axis=channel_axis,
        given=given_parameters(arguments) or None,
        jpeg=jpeg,
    )


def _measured(arguments: argparse.Namespace) -> Kernel:
    path = Path(arguments.psf)
    if not path.suffix and not path.exists():
        known = ", ".join(FAMILIES)
        raise UsageError(
            f"--psf {arguments.psf}: no such family or file (families: auto, blind, {known}; or name a file)"
        )
    samples, is_array = _samples(path)
    notes: tuple[str, ...] = ()
    if is_array and arguments.background is None and not arguments.center:
        psf = _unit_sum(samples, path)
    else:
        psf = restore.psf.measured(samples, background=_background(arguments), center=arguments.center)
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


def _background(arguments: argparse.Namespace) -> float | str:
    if arguments.background in (None, "border"):
        return "border"
    try:
        return float(arguments.background)
    except ValueError:
        raise UsageError(f"--background must be 'border' or a number, got {arguments.background!r}") from None


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


def _refuse_foreign(arguments: argparse.Namespace, family: str, own: tuple[str, ...]) -> None:
    foreign = [name for name in given_parameters(arguments) if name not in own]
    if foreign:
        raise UsageError(f"--{foreign[0]} does not belong to --psf {family} (leave it out, or name another family)")
