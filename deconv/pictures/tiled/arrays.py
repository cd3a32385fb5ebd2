"""Arrays in files, of any axes: NumPy's ``.npy`` and planes of a TIFF that lie one behind the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from deconv.pictures.picture import Picture, Samples
from deconv.pictures.tiled.layout import Layout


@dataclass(frozen=True, eq=False)
class ArraySource:
    """An array in a file, mapped into memory for as long as a part is read."""

    header: Picture
    path: Path
    layout: Layout
    dtype: str
    offset: int

    def read(self, planes: Sequence[int], rows: slice, columns: slice) -> Samples:
        """Return a part of some planes."""
        array: Any = np.memmap(self.path, self.dtype, "r", self.offset, self.layout.shape)
        return self.layout.read(array, planes, rows, columns)


@dataclass(eq=False)
class ArraySink:
    """An array in a file, written wherever a part lies."""

    path: Path
    layout: Layout
    dtype: str
    is_shared: bool = False
    multiple: tuple[int, ...] = (1, 1, 1)

    def create(self, tile: Mapping[str, int]) -> None:  # noqa: ARG002
        """Make the file, as long as it will be."""
        np.lib.format.open_memmap(self.path, "w+", np.dtype(self.dtype), self.layout.shape)

    def write(self, planes: Sequence[int], rows: slice, columns: slice, samples: Samples) -> None:
        """Write a part."""
        array = np.lib.format.open_memmap(self.path, "r+")
        self.layout.write(array, planes, rows, columns, samples)
        array.flush()

    def resume(self, notes: Sequence[Any]) -> None:
        """Go on: every part has its place."""

    def finish(self, notes: Sequence[Any]) -> None:
        """Finish: nothing is left to be written."""
