"""Where the planes, rows, columns and channels of a picture lie in an array of any axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from deconv.pictures.picture import Samples


@dataclass(frozen=True)
class Layout:
    """An array of a shape, a letter for each of its axes: Y, X, C for samples of a pixel, all others for planes.

    `plane` is the one plane that is the picture where only that is; else all are, the last axis changing fastest: of
    those that are `counted`, by default the axes of planes as they lie in the array.
    """

    axes: str
    shape: tuple[int, ...]
    plane: int | None = None
    counted: str = ""

    @property
    def lengths(self) -> tuple[int, ...]:
        """Return the lengths of the axes of planes, as they are counted."""
        return tuple(self.shape[place] for place in self._others)

    def size(self, axis: str) -> int:
        """Return the length of an axis, 1 where it is not there."""
        return dict(zip(self.axes, self.shape, strict=True)).get(axis, 1)

    def read(self, array: Any, planes: Sequence[int], rows: slice, columns: slice) -> Samples:
        """Return a part of an array, ``(planes, rows, columns, channels)``, in the byte order of the machine."""
        part = np.asarray(array[self._slices(planes, rows, columns)])
        moved = part.transpose(self._order).reshape(len(planes), *(s.stop - s.start for s in (rows, columns)), -1)
        return np.ascontiguousarray(moved.astype(moved.dtype.newbyteorder("="), copy=False))

    def write(self, array: Any, planes: Sequence[int], rows: slice, columns: slice, samples: Samples) -> None:
        """Put a part into an array."""
        at = self._slices(planes, rows, columns)
        shape = tuple(s.stop - s.start for s in at)
        order = self._order
        array[at] = samples.reshape([shape[axis] for axis in order]).transpose(np.argsort(order))

    @property
    def _order(self) -> list[int]:
        """Return the axes in the order planes, Y, X, C."""
        return [
            *self._others,
            self.axes.index("Y"),
            self.axes.index("X"),
            *([self.axes.index("C")] if "C" in self.axes else []),
        ]

    @property
    def _others(self) -> list[int]:
        """Return the axes of planes, as they are counted."""
        if self.counted:
            return [self.axes.index(letter) for letter in self.counted]
        return [i for i, axis in enumerate(self.axes) if axis not in "YXC"]

    def _slices(self, planes: Sequence[int], rows: slice, columns: slice) -> tuple[slice, ...]:
        numbers = planes if self.plane is None else [self.plane]
        ways = {"Y": rows, "X": columns, "C": slice(0, self.size("C"))}
        slices = [ways.get(axis, slice(None)) for axis in self.axes]
        if self.lengths:
            for place, at in zip(self._others, np.unravel_index(numbers, self.lengths), strict=True):
                slices[place] = slice(int(at.min()), int(at.max()) + 1)
        return tuple(slices)
