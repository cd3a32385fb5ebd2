"""What of a stack a PSF is applied to: all slices of a depth where it has one, else every plane by itself.

Never to channels or times together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deconv.pictures import Picture, PictureError

Array = NDArray[Any]

DEPTH = "Z"
#: Letters of an axis of planes of which the file does not say what it is.
UNSTATED = "IQ"
_WORDS = {"T": "time", "C": "channels"}


@dataclass(frozen=True)
class Volumes:
    """The parts of a stack: the lengths of its axes of planes, and which of them is the depth, None for planes."""

    axes: str
    shape: tuple[int, ...]
    depth: int | None

    def apart(self, array: Array) -> list[Array]:
        """Return the parts of planes along axis 0, each ``(Z, H, W[, C])`` or a plane."""
        if self.depth is None:
            return list(array)
        planes = np.moveaxis(array.reshape(*self.shape, *array.shape[1:]), self.depth, len(self.shape) - 1)
        return list(planes.reshape(-1, self.shape[self.depth], *array.shape[1:]))

    def together(self, volumes: Sequence[Array]) -> Array:
        """Return the planes in the order of the file, the inverse of `apart`."""
        stack = np.stack(volumes)
        if self.depth is None:
            return stack
        others = [length for i, length in enumerate(self.shape) if i != self.depth]
        planes = np.moveaxis(stack.reshape(*others, *stack.shape[1:]), len(others), self.depth)
        return np.ascontiguousarray(planes.reshape(-1, *stack.shape[2:]))

    @property
    def channels(self) -> list[int]:
        """Return the channel of every part, in the order of `apart`."""
        others = [(axis, n) for i, (axis, n) in enumerate(zip(self.axes, self.shape, strict=True)) if i != self.depth]
        lengths = [n for _, n in others]
        place = [axis for axis, _ in others].index("C") if "C" in dict(others) else None
        return [0 if place is None else at[place] for at in np.ndindex(*lengths)]

    @property
    def note(self) -> str | None:
        """Return what the PSF was applied along and to, where there is a choice or a doubt."""
        others = [axis for i, axis in enumerate(self.axes) if i != self.depth and self.shape[i] > 1]
        if self.depth is None:
            count = int(np.prod(self.shape))
            slices = ", slices too: a PSF of three axes would see what is above and below" * (DEPTH in others)
            return f"the PSF has two axes: each of {count} planes is restored by itself{slices}"
        if others:
            return f"the PSF is applied along {self.axes[self.depth]}, to each {' and '.join(others)} by itself"
        unstated = self.axes[self.depth] in UNSTATED
        return (
            "the file does not say what its planes lie along: they are taken as slices of a volume" * unstated or None
        )


def volumes_of(picture: Picture, ndim: int = 3) -> Volumes:
    """Return the parts that a PSF of so many axes applies to; refuse one of three for planes that are no slices."""
    axes, shape = picture.plane_axes, picture.plane_shape
    if ndim != 3:
        return Volumes(axes=axes, shape=shape, depth=None)
    depths = _depths(picture)
    if len(depths) != 1:
        along = [i for i, length in enumerate(shape) if length > 1]
        kinds = " and ".join(_named(axes[i], shape[i]) for i in along)
        example = f"{'CT'[: len(along) - 1]}ZYX"
        raise PictureError(
            picture.path or "picture",
            f"holds planes along {kinds}, none along Z, and the PSF has three axes",
            f"if they are slices say so with `axes`, for example {example}, else give a PSF of two",
        )
    return Volumes(axes=axes, shape=shape, depth=depths[0])


def _named(axis: str, length: int) -> str:
    """Return an axis of planes in words."""
    if axis in UNSTATED:
        return f"an axis of {length} that the file does not name"
    return f"{axis} ({_WORDS[axis]})" if axis in _WORDS else axis


def has_depth(picture: Picture) -> bool:
    """Return whether a picture holds volumes."""
    return bool(picture.planes) and len(_depths(picture)) == 1


def _depths(picture: Picture) -> list[int]:
    """Return which axes of planes may be the depth."""
    axes, along = picture.plane_axes, [i for i, length in enumerate(picture.plane_shape) if length > 1]
    return [i for i in along if axes[i] == DEPTH] or [i for i in along if len(along) == 1 and axes[i] in UNSTATED]
