"""The point-spread function of a run, wherever it came from, and what the report says of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deconv.errors import UsageError
from deconv.report import percent
from restore.psf.family import FAMILIES

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
        return record

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
            return f"{Path(self.family).name}, {' x '.join(map(str, self.psf.shape))} px"
        parts = [self._parameter(name, value) for name, value in self.parameters.items()]
        by = f"from the {self.evidence['from']}" if self.evidence else "estimated"
        how = f" ({by}, {self.confidence})" if self.confidence is not None else ""
        return f"{self.family}, {', '.join(parts)}{how}"

    def _parameter(self, name: str, value: float) -> str:
        unit = unit_of(name)
        doubt = f"\N{PLUS-MINUS SIGN}{self.estimated[name]:.2g}" if name in self.estimated else ""
        return f"{name} {value:.4g}{doubt}{' ' if unit else ''}{unit}"


def fitting(kernel: Kernel, grid: Sequence[int], source: str) -> Kernel:
    """Return the PSF, its rim cut off where it is larger than the grid of the picture; refuse to lose much of it."""
    if kernel.psf.ndim not in (2, 3) or kernel.psf.ndim != len(grid):
        axes = f"the PSF has {kernel.psf.ndim} axes, the picture {len(grid)}"
        raise UsageError(f"{source}: {axes} (give a 2-D PSF, or a 3-D one and every plane with --frame all)")
    size = tuple(min(n, m) for n, m in zip(kernel.psf.shape, grid, strict=True))
    if size == kernel.psf.shape:
        return kernel
    edges = zip(kernel.psf.shape, size, strict=True)
    middle = kernel.psf[tuple(slice(n // 2 - m // 2, n // 2 - m // 2 + m) for n, m in edges)]
    lost = 1 - float(np.abs(middle).sum()) / float(np.abs(kernel.psf).sum())
    sizes = f"the PSF of {_times(kernel.psf.shape)} samples is larger than the picture of {_times(grid)}"
    if lost > LOST:
        remedy = "take more of the picture, or a smaller PSF"
        raise UsageError(f"{source}: {sizes}, and {percent(lost)} of it lies outside ({remedy})")
    note = f"{sizes}: its rim was cut off, with {percent(lost)} of it"
    return replace(kernel, psf=middle / middle.sum(), notes=(*kernel.notes, note))


def _times(shape: Sequence[int]) -> str:
    return " x ".join(map(str, shape))


def unit_of(parameter: str) -> str:
    """Return the unit of a parameter: "px", "deg" or ""; what no family has is a length in pixels."""
    named = (p for family in FAMILIES.values() for p in family.parameters if p.name == parameter)
    return next((p.unit for p in named), "px")
