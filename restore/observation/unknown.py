"""Where the data of a grid are unknown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from restore.checks import Array
from restore.observation.boundary import Frame


@dataclass(frozen=True, eq=False)
class Unknown:
    """Where the data are unknown: around the frame, under a mask inside it, or both."""

    frame: Frame
    around: bool
    mask: Array | None = None  # of the frame, 1 where unknown, in the type of the data

    @property
    def nothing(self) -> bool:
        """Return whether all data are known."""
        return self.mask is None and not self.around

    def places(self, grid: Sequence[int]) -> list[Frame]:
        """Return boxes of a grid that hold all its unknown samples: the strips around the frame, and that if masked."""
        boxes: list[Frame] = [] if self.mask is None else [self.frame]
        if self.around:
            for axis, (side, n) in enumerate(zip(self.frame, grid, strict=True)):
                first, after, _ = side.indices(n)
                strips = (slice(0, first), slice(after, n))
                boxes += [(*self.frame[:axis], strip) for strip in strips if strip.start < strip.stop]
        return boxes

    def restrict(self, values: Array) -> Array:
        """Set `values` to 0 where the data are known, in place."""
        if self.mask is None:
            values[self.frame] = 0
        elif self.around:
            values[self.frame] *= self.mask
        else:
            inside = values[self.frame] * self.mask
            values[...] = 0
            values[self.frame] = inside
        return values
