"""The samples of a picture at its full or at a reduced size, with what the file did to them.

Halving a picture takes means over blocks of 2 x 2 samples. A blur of r pixels becomes one of r / 2, the white noise of
rounding a quarter of its power, and the frequency u of the half lies at u / 2 in the whole. A picture that was sharp
stays sharp: the mean over a block is the light that one larger pixel would have caught. Beside a blur of two reduced
pixels or more that larger pixel is too small a blur of its own to count.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from restore.blur_identification.texture_window import most_textured
from restore.checks import Array
from restore.noise.jpeg_blocks import quantization_table
from restore.noise.jpeg_history import jpeg_history
from restore.noise.white import rounding_variance
from restore.spectrum.periodogram import TILE, TILES

#: Luminance of linear RGB (ITU-R BT.709).
LUMINANCE = (0.2126, 0.7152, 0.0722)
#: Texture of a large picture is looked at in samples this far apart.
STRIDE = 8


@dataclass(frozen=True, eq=False)
class Samples:
    """An image with its channels last and its `hidden` samples, `factor` times smaller than the picture.

    `table` is the quantization table of the picture's JPEG, `rounding` the variance of rounding per channel; both are
    those of the full size.
    """

    image: Array
    hidden: Array | None
    table: Array | None
    rounding: Array
    factor: int = 1

    @classmethod
    def of(
        cls, image: Array, *, jpeg: bool | ArrayLike | None, step: float | None, hidden: Array | None = None
    ) -> Samples:
        """Return the samples of a whole picture; `step` is the distance of two codes where they do not show it."""
        region = image[textured_part(image)]
        planes = [np.asarray(region[..., c], np.float64) for c in range(region.shape[-1])]
        rounding = np.array([rounding_variance(p) if step is None else step**2 / 12 for p in planes])
        history = jpeg_history(region) if jpeg is None else None
        table = quantization_table(jpeg, luminance(region)) if history is None else history.table
        return cls(image, hidden, table, rounding)

    def halved(self) -> Samples:
        """Return the luminance at half the size."""
        weights = luminance_weights(self.image)
        planes = (w * _in_blocks(self.image[..., c]).mean(axis=0) for c, w in enumerate(weights))
        hidden = None if self.hidden is None else np.asarray(_in_blocks(self.hidden).any(axis=0))
        rounding = np.array([self.luminance_rounding])
        return Samples(np.asarray(sum(planes))[..., None], hidden, self.table, rounding, 2 * self.factor)

    @property
    def luminance_rounding(self) -> float:
        """Return the variance of rounding in the luminance; JPEG quantizes that, so that its channels err together."""
        weights = luminance_weights(self.image)
        if self.table is None:
            return float(weights**2 @ self.rounding)
        return float(weights @ np.sqrt(self.rounding)) ** 2


def luminance(image: Array) -> Array:
    """Return the luminance of an image as float64."""
    return np.asarray(sum(w * np.asarray(image[..., c], np.float64) for c, w in enumerate(luminance_weights(image))))


def luminance_weights(image: Array) -> Array:
    """Return the share of each channel: that of linear RGB, or equal ones."""
    channels = image.shape[-1]
    return np.array(LUMINANCE if channels == 3 else [1 / channels] * channels)


def textured_part(image: Array) -> tuple[slice, slice]:
    """Return the part of a large picture that has most texture, so that cost and memory are bounded."""
    longest = TILE * TILES
    if max(image.shape[:2]) <= longest:
        return slice(None), slice(None)
    coarse = np.asarray(image[::STRIDE, ::STRIDE].mean(axis=-1), np.float64)
    window = most_textured(np.hypot(*np.gradient(coarse)), longest // STRIDE)
    row, column = (STRIDE * part.start for part in window)
    return slice(row, row + longest), slice(column, column + longest)


def _in_blocks(plane: Array) -> Array:
    """Return the four samples of each block of 2 x 2 along a new first axis; an odd row or column is left out."""
    rows, columns = (n - n % 2 for n in plane.shape)
    return np.stack([plane[i:rows:2, j:columns:2] for i in (0, 1) for j in (0, 1)])
