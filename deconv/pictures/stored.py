"""What every reader hands over, and what every reader asks: which planes, which axes, how many pixels."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np

from deconv.pictures.picture import PictureError, Samples

Frame: TypeAlias = int | Literal["all"] | None


@dataclass(frozen=True)
class Wanted:
    """What the caller of `read` asked for."""

    path: Path
    frame: Frame
    axes: str | None
    max_pixels: int

    def refuse(self, what: str, remedy: str) -> PictureError:
        """Make the error to raise about this file."""
        return PictureError(self.path, what, remedy)

    def check_pixels(self, pixels: int) -> None:
        """Refuse more pixels than allowed, before anything of that size is allocated."""
        if pixels > self.max_pixels:
            raise self.refuse(
                f"declares {pixels} pixels, more than the limit of {self.max_pixels}",
                "raise the limit with --max-pixels, or crop the picture",
            )

    def plane(self, count: int) -> int | Literal["all"]:
        """Choose among `count` planes; a picture is never taken out of several without being asked for."""
        if self.frame is None and count > 1:
            raise self.refuse(
                f"holds {count} planes", f"choose one with --frame N, 0 to {count - 1}, or take --frame all"
            )
        if self.frame is None or (self.frame == "all" and count == 1):
            return 0
        if self.frame == "all" or 0 <= self.frame < count:
            return self.frame
        planes = f"{count} planes" if count > 1 else "one plane"
        raise self.refuse(f"has {planes}, no plane {self.frame}", f"use --frame N with N from 0 to {count - 1}")


@dataclass
class Stored:
    """Decoded content of a file, alpha still the last channel and the orientation not yet applied."""

    format: str
    array: Samples
    planes: int = 0
    colour: bool = False
    alpha: bool = False
    icc: bytes | None = None
    exif: bytes | None = None
    orientation: int = 1
    dpi: tuple[float, float] | None = None
    jpeg_table: Samples | None = None
    notes: list[str] = field(default_factory=list)


def plane_shape(wanted: Wanted, shape: tuple[int, ...], axes: str) -> tuple[int, ...]:
    """Lengths of the axes other than Y, X and C, after checking that `axes` describes `shape`."""
    if len(axes) != len(shape) or len(set(axes)) != len(axes) or not set("YX") <= set(axes):
        raise wanted.refuse(
            f"has {len(shape)} axes of lengths {'x'.join(map(str, shape))}, which {axes!r} does not describe",
            f'give one letter for each with --axes, Y and X among them, e.g. "{_example(len(shape))}"',
        )
    return tuple(length for length, axis in zip(shape, axes, strict=True) if axis not in "YXC")


def arranged(array: Samples, axes: str) -> Samples:
    """Bring axes into the order planes (all in one), Y, X, C; the planes only where `axes` names some."""
    planes = [axis for axis in axes if axis not in "YXC"]
    order = [*planes, "Y", "X", *(["C"] if "C" in axes else [])]
    array = array.transpose([axes.index(axis) for axis in order])
    return array.reshape((-1, *array.shape[len(planes) :])) if planes else array


def take_plane(wanted: Wanted, array: Samples, axes: str) -> tuple[Samples, int]:
    """Copy the planes asked for into memory, in the order of `arranged`; and their number, 0 for a single.

    `array` may be memory-mapped: the limit on pixels is checked, and the plane cut out, before any is read.
    """
    lengths = plane_shape(wanted, array.shape, axes)
    count = int(np.prod(lengths, dtype=object)) if lengths else 1
    chosen = wanted.plane(count)
    pixels = array.shape[axes.index("Y")] * array.shape[axes.index("X")]
    wanted.check_pixels(pixels * (count if chosen == "all" else 1))
    if chosen == "all":
        return native(arranged(array, axes)), count
    position = iter(np.unravel_index(chosen, lengths)) if lengths else iter(())
    index = tuple(slice(None) if axis in "YXC" else int(next(position)) for axis in axes)
    kept = "".join(axis for axis in axes if axis in "YXC")
    return native(arranged(array[index], kept)), 0


def native(array: Samples) -> Samples:
    """Copy in C order and the byte order of this machine."""
    return np.array(array, dtype=array.dtype.newbyteorder("="), order="C", copy=True, subok=False)


def _example(ndim: int) -> str:
    return {2: "YX", 3: 'YXC" or "ZYX'}.get(ndim, "TZYXC"[-ndim:])
