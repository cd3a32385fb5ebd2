"""A box of the picture: its samples, and the refusal of clipped ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from restore.checks import Array, InvalidType, InvalidValue, as_finite, as_planar_image
from restore.operators.unit import Unit


@dataclass(frozen=True, eq=False)
class Box:
    """A part of a picture, channels last, and its corner x, y."""

    samples: Array  # float64
    picture: Array
    corner: tuple[int, int]

    @property
    def plane(self) -> Array:
        """Return the mean of the channels, in a unit of its own: what is measured in a box has none."""
        return np.asarray(Unit.of(self.samples).inside(self.samples).mean(axis=-1))


def cut_box(image: ArrayLike, box: Sequence[int], channel_axis: int | None, least: int) -> Box:
    """Return the box x, y, width, height of the picture; `least` is its shortest edge."""
    picture = as_planar_image(image, channel_axis=channel_axis)
    numbers = np.asarray(box)
    if numbers.dtype.kind not in "iu":
        raise InvalidType(f"box must be whole numbers x, y, width, height, got {box!r}")
    if numbers.shape != (4,):
        raise InvalidValue(f"box must be x, y, width, height, got {box!r}")
    x, y, width, height = (int(n) for n in numbers)
    if min(width, height) < least:
        raise InvalidValue(f"box must be {least} or more pixels wide and high, got {width} x {height}")
    if min(x, y) < 0 or x + width > picture.shape[1] or y + height > picture.shape[0]:
        raise InvalidValue(
            f"box must lie within the image of {picture.shape[1]} x {picture.shape[0]} pixels, "
            f"got x {x} to {x + width}, y {y} to {y + height}"
        )
    return Box(picture[y : y + height, x : x + width].astype(np.float64), picture, (x, y))


def as_saturation(saturation: float | None) -> float | None:
    """Return the level of clipping: a finite number, infinity for none, or None where it is unknown."""
    if saturation is None or saturation == np.inf:
        return saturation
    return as_finite(saturation, "saturation")


def refuse_clipped(box: Box, saturation: float | None, content: str) -> None:
    """Refuse samples at or above `saturation`; None takes the top of the picture where three or more share it."""
    top = float(box.samples.max())
    if saturation is None:
        clipped = int((box.samples == top).sum()) if top == float(box.picture.max()) else 0
        clipped = clipped if clipped >= 3 else 0
    else:
        clipped = int((box.samples >= saturation).sum())
    if clipped:
        raise InvalidValue(
            f"box must hold {content} that is not clipped, got {clipped} samples at {top:.6g}: take a darker one"
            + ("" if saturation is not None else ", or say by saturation where the top is")
        )
