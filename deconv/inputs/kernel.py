"""The point-spread function of a run, wherever it came from, and what the report says of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deconv.errors import UsageError
from deconv.inputs.linear_light import LightPicture
from deconv.report import percent
from restore.psf.family import FAMILIES
from restore.psf.optics.model import MODELS
from restore.psf.varying import PsfGrid
from restore.psf.voxel_size import resampled

#: The share of a PSF that may be cut off with its rim.
LOST = 0.02


@dataclass(frozen=True, eq=False)
class Kernel:
    """A PSF and what the report says of it."""

    psf: NDArray[np.float64]
    family: str
    parameters: Mapping[str, float] = field(default_factory=dict)
    estimated: Mapping[str, float] = field(default_factory=dict)  # name -> uncertainty
    confidence: str | None = None
    notes: tuple[str, ...] = ()
    evidence: dict[str, Any] = field(default_factory=dict)  # where in the picture it was measured
    error: float = 0.0  # what the errors of one of any shape leave in the data, a share of their range
    details: Mapping[str, Any] = field(default_factory=dict)  # what else the JSON report says of it
    channels: tuple[NDArray[np.float64], ...] = ()  # one for each channel where they differ; `psf` is the first
    grid: PsfGrid | None = None  # where it changes over the picture; `psf` is the mean
    oversampled: tuple[NDArray[np.float64], ...] = ()  # of the channels, as a file has them on another grid
    oversampling: tuple[float, ...] = ()  # samples of that grid in one of the picture, along every axis

    def of_channel(self, channel: int) -> NDArray[np.float64] | PsfGrid:
        """Return the PSF of a channel."""
        if self.grid is not None:
            return self.grid
        return self.channels[channel] if self.channels else self.psf

    def made_finer(self, step: int, channel: int) -> NDArray[np.float64]:
        """Return the PSF of a channel on a grid finer by a factor, of what a file says of that grid where it does."""
        if self.oversampled:
            stored = self.oversampled[min(channel, len(self.oversampled) - 1)]
            return resampled(stored, [step / samples for samples in self.oversampling])
        return resampled(self.channels[channel] if self.channels else self.psf, step)

    def record(self) -> dict[str, Any]:
        """Return the PSF's part of the JSON report."""
        record: dict[str, Any] = {"family": self.family, **self.parameters, "estimated": list(self.estimated)}
        if self.estimated:
            record |= {"uncertainty": self.estimated}
        if self.confidence is not None:
            record["confidence"] = self.confidence
        if self.evidence:
            record["measured"] = self.evidence
        if self.error > 0:
            record["error"] = self.error
        if self.channels:
            record["channels"] = len(self.channels)
        return record | dict(self.details)

    @property
    def spread(self) -> tuple[float, float]:
        """Return the standard errors that were estimated: of the size, relative to it, and of the angle in degrees."""
        family = FAMILIES.get(self.family)
        if family is None or family.size not in self.parameters:
            return 0.0, 0.0
        size = self.estimated.get(family.size, 0.0) / self.parameters[family.size]
        return size, 0.0 if family.angle is None else self.estimated.get(family.angle, 0.0)

    def describe(self) -> str:
        """Return one line for people; of a file its name alone, for figures and pages are passed on."""
        if not self.parameters:
            count = "" if self.grid is None else f"{len(self.grid.psfs)} PSFs of "
            return f"{Path(self.family).name}, {count}{' x '.join(map(str, self.psf.shape))} px"
        parts = [self._parameter(name, value) for name, value in self.parameters.items()]
        by = f"from the {self.evidence['from']}" if self.evidence else "estimated"
        how = f" ({by}, {self.confidence})" if self.confidence is not None else ""
        return f"{self.family}, {', '.join(parts)}{how}"

    def _parameter(self, name: str, value: float) -> str:
        unit = unit_of(name)
        doubt = f"\N{PLUS-MINUS SIGN}{self.estimated[name]:.2g}" if name in self.estimated else ""
        return f"{name} {value:.4g}{doubt}{' ' if unit else ''}{unit}"


def with_errors(kernel: Kernel, error: float | None) -> Kernel:
    """Return the PSF with the errors that the user states, or its own, and a note of them."""
    kernel = kernel if error is None else replace(kernel, error=error)
    if not kernel.error > 0:
        return kernel
    counted = f"what the PSF's errors leave counts as noise of {percent(kernel.error)} of the picture's range"
    return replace(kernel, notes=(*kernel.notes, counted))


def fitted_to(kernel: Kernel, light: LightPicture, source: str) -> Kernel:
    """Return the PSF for a picture: of its channels, and no larger than it is."""
    return fitting(_of_channels(kernel, light, source), light.grid(kernel.psf.ndim), source)


def _of_channels(kernel: Kernel, light: LightPicture, source: str) -> Kernel:
    """Return a PSF for each channel that is restored."""
    psfs, count = kernel.channels, light.channel_count
    if light.channel is not None and light.channel < len(psfs):
        fine = kernel.oversampled[light.channel : light.channel + 1]
        return replace(kernel, psf=psfs[light.channel], channels=(), oversampled=fine)
    if psfs and len(psfs) != count:
        channels = "one channel" if count == 1 else f"{count} channels"
        if light.channel_axis is not None:
            each = f"{light.picture.channels} colours, restored together, and there are {len(psfs)} PSFs"
            raise UsageError(f"{source}: has {each} (take one at a time with --channel N, or give one PSF)")
        raise UsageError(f"{source}: has {channels}, and there are {len(psfs)} PSFs (give one for each)")
    return kernel


def fitting(kernel: Kernel, grid: Sequence[int], source: str) -> Kernel:
    """Return the PSF, its rim cut off where it is larger than the grid of the picture; refuse to lose much of it."""
    if kernel.psf.ndim not in (2, 3) or kernel.psf.ndim != len(grid):
        axes = f"the PSF has {kernel.psf.ndim} axes, the picture {len(grid)}"
        raise UsageError(f"{source}: {axes} (give a 2-D PSF, or a 3-D one and every plane with --frame all)")
    size = tuple(min(n, m) for n, m in zip(kernel.psf.shape, grid, strict=True))
    if kernel.grid is not None and not _is_near(kernel.grid.positions, grid):
        reach = " and ".join(f"{low:g} to {high:g}" for low, high in zip(*_ends(kernel.grid.positions), strict=True))
        where = f"the PSFs' places, {reach}, reach over nothing of the picture of {_times(grid)}"
        raise UsageError(f"{source}: {where} (give them in its samples, rows first)")
    if size == kernel.psf.shape:
        return kernel
    middles = [_middle(psf, size) for psf in kernel.channels or (kernel.psf,)]
    lost = max(part for _, part in middles)
    sizes = f"the PSF of {_times(kernel.psf.shape)} samples is larger than the picture of {_times(grid)}"
    if lost > LOST or kernel.grid is not None:
        remedy = "take more of the picture, or a smaller PSF"
        raise UsageError(f"{source}: {sizes}, and {percent(lost)} of it lies outside ({remedy})")
    note = f"{sizes}: its rim was cut off, with {percent(lost)} of it"
    psfs = tuple(psf for psf, _ in middles)
    notes = (*kernel.notes, note)
    return replace(kernel, psf=psfs[0], channels=psfs[: len(kernel.channels)], notes=notes, oversampled=())


def _middle(psf: NDArray[np.float64], size: Sequence[int]) -> tuple[NDArray[np.float64], float]:
    """Return the middle of a PSF with sum 1, and the share that was cut off with its rim."""
    edges = zip(psf.shape, size, strict=True)
    middle = psf[tuple(slice(n // 2 - m // 2, n // 2 - m // 2 + m) for n, m in edges)]
    return middle / middle.sum(), 1 - float(np.abs(middle).sum()) / float(np.abs(psf).sum())


def _is_near(positions: NDArray[np.float64], grid: Sequence[int]) -> bool:
    """Return whether places reach over some of the picture; shares of it, from 0 to 1, do not."""
    low, high = (np.clip(end, 0, grid) for end in _ends(positions))
    return len(positions) == 1 or bool((high - low).max() > 1)


def _ends(positions: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return positions.min(axis=0), positions.max(axis=0)


def _times(shape: Sequence[int]) -> str:
    return " x ".join(map(str, shape))


def unit_of(parameter: str) -> str:
    """Return the unit of a parameter: "px", "deg" or ""; what no family has is a length in pixels."""
    of_families = [p for family in FAMILIES.values() for p in family.parameters]
    of_models = [p for model in MODELS.values() for p in model.parameters]
    return next((p.unit for p in (*of_families, *of_models) if p.name == parameter), "px")
