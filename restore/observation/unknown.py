"""Where the data of a grid are unknown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from restore.checks import Array
from restore.observation.boundary import Frame

#: Rows of a band of what a mask covers.
BAND = 64


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
        """Return boxes of a grid that hold all its unknown samples: strips around the frame, and bands inside it."""
        boxes = [] if self.mask is None else list(_bands(self.mask, self.frame, grid))
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


def _bands(mask: Array, frame: Frame, grid: Sequence[int]) -> Iterator[Frame]:
    """Yield the bands of rows of a frame that a mask has something in, from the first sample of it to the last."""
    starts = [side.indices(n)[0] for side, n in zip(frame, grid, strict=True)]
    for row in range(0, len(mask), BAND):
        band = mask[row : row + BAND] > 0
        sides = []
        for axis in range(len(frame)):
            hit = np.flatnonzero(band.any(axis=tuple(a for a in range(band.ndim) if a != axis)))
            if hit.size == 0:
                break
            start = starts[axis] + (row if axis == 0 else 0)
            sides.append(slice(start + int(hit[0]), start + int(hit[-1]) + 1))
        else:
            yield tuple(sides)
