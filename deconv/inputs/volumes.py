"""Which planes of a stack belong together: all of a depth, where the PSF has one; never channels or times."""

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
    """The volumes of a stack: the lengths of its axes of planes, and which of them is the depth."""

    axes: str
    shape: tuple[int, ...]
    depth: int

    def apart(self, array: Array) -> list[Array]:
        """Return the volumes of planes along axis 0, each ``(Z, H, W[, C])``."""
        planes = np.moveaxis(array.reshape(*self.shape, *array.shape[1:]), self.depth, len(self.shape) - 1)
        return list(planes.reshape(-1, self.shape[self.depth], *array.shape[1:]))

    def together(self, volumes: Sequence[Array]) -> Array:
        """Return the planes in the order of the file, the inverse of `apart`."""
        others = [length for i, length in enumerate(self.shape) if i != self.depth]
        stack = np.stack(volumes)
        planes = np.moveaxis(stack.reshape(*others, *stack.shape[1:]), len(others), self.depth)
        return np.ascontiguousarray(planes.reshape(-1, *stack.shape[2:]))

    @property
    def note(self) -> str | None:
        """Return what a PSF of three axes was applied along, where the file leaves a doubt."""
        others = [axis for i, axis in enumerate(self.axes) if i != self.depth and self.shape[i] > 1]
        if others:
            return f"the PSF is applied along {self.axes[self.depth]}, to each {' and '.join(others)} by itself"
        unstated = self.axes[self.depth] in UNSTATED
        return (
            "the file does not say what its planes lie along: they are taken as slices of a volume" * unstated or None
        )


def volumes_of(picture: Picture) -> Volumes:
    """Find the volumes that a PSF of three axes applies to, or refuse planes of another kind."""
    axes, shape = picture.plane_axes, picture.plane_shape
    along = [i for i, length in enumerate(shape) if length > 1]
    depths = [i for i in along if axes[i] == DEPTH] or [i for i in along if len(along) == 1 and axes[i] in UNSTATED]
    if len(depths) != 1:
        kinds = " and ".join(f"{axes[i]} ({_WORDS[axes[i]]})" if axes[i] in _WORDS else axes[i] for i in along)
        raise PictureError(
            picture.path or "picture",
            f"holds planes along {kinds}, none along Z, and the PSF has three axes",
            "if they are slices say so with `axes`, for example ZYX, else give a PSF of two",
        )
    return Volumes(axes=axes, shape=shape, depth=depths[0])
