"""The grid of a PSF: how far its samples are apart, and how many of them lie in one of the picture."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PSFGrid:
    """Spacing along every axis in micrometres, None where nobody says it, and samples in one of the picture."""

    steps: tuple[float, ...] | None
    subsampling: int = 1

    @classmethod
    def finer(cls, steps: tuple[float, ...] | None, subsampling: int) -> PSFGrid:
        """Return the grid that is finer by a factor than one of this spacing."""
        return cls(None if steps is None else tuple(step / subsampling for step in steps), subsampling)

    def lengths(self, ndim: int) -> tuple[tuple[float, ...], str]:
        """Return how far samples are apart, and the unit: micrometres where known, else samples of the picture."""
        if self.steps is not None:
            return self.steps, "\N{MICRO SIGN}m"
        return (1 / self.subsampling,) * ndim, "px"
