"""A picture as a screen shows it: gray or RGB from 0 to 1, a range for several, a size that a panel can hold."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from deconv import pictures
from deconv.pictures import Picture

Array = NDArray[Any]

#: Longest edge, in pixels, that a panel is drawn from.
PANEL_PIXELS = 900
#: Share of the shorter edge that a detail shows, and its least size in pixels; least size of a PSF that is shown.
DETAIL_SHARE, DETAIL_LEAST = 5, 48
PSF_LEAST = 5
#: Share of a PSF's peak below which it is black beside it.
SEEN = 0.005
#: The whole range of a file; data whose brightest samples are below the one, or span less than the other, are spread
#: over the range of the screen: counts in a file of 16 bits, fluxes.
FULL, DARK, FLAT = (0.0, 1.0), 0.2, 0.04
#: Share of the samples above a range, and below it; how many times as far as the data a range goes for results.
LEFT_OUT, REACH = 0.001, 16.0
#: Samples that the range is read off.
LOOKED_AT = 1 << 21
#: How many times as far it goes as brightness is shown as it is, and by its root; beyond that by the cube root.
PLAIN, BY_ROOT = 2.0, 6.0
#: Share of a picture above white from which on that is said.
SAID = 5e-4


@dataclass(frozen=True)
class Scale:
    """What is black and white, for several pictures the same; between them shades are a power of the brightness."""

    low: float
    high: float
    power: float = 1.0

    def shades(self, image: Array) -> Array:
        """Return 0 for black to 1 for white."""
        share = np.clip((image - self.low) / (self.high - self.low), 0, 1)
        return share if self.power == 1 else share**self.power

    @property
    def words(self) -> str:
        """Say what is shown where black and white are not 0 and 1, the ends of what a file can hold."""
        return self.words_in(1.0)

    def words_in(self, unit: float) -> str:
        """Say the same in the numbers of a file, of which so many are 1."""
        limits = FULL if (self.low, self.high) == FULL else (self.low * unit, self.high * unit)
        return range_words(limits) + (f", between them {self.root}" if self.root else "")

    @property
    def root(self) -> str:
        """Say which root of the brightness is shown, nothing where that is shown itself."""
        return {1.0: "", 0.5: "the root"}.get(self.power, "the cube root")

    def above(self, image: Array) -> float:
        """Return the share of a picture that is brighter than white, 0 where it is too little to be said."""
        share = float(np.mean(image > self.high + 0.01 * (self.high - self.low)))
        return share if share >= SAID else 0.0


def display(picture: Picture) -> Array:
    """Return a picture as a screen shows it: its stored samples, codes scaled to 0..1; the first plane of several.

    Of the slices of a volume the largest along Z, of the first channel and time. NaN samples are black, and channels
    that are no colours become their mean.
    """
    volume = first_volume(picture)
    if volume is not None:
        return np.asarray(volume.max(axis=0))
    values = _values(picture)
    return values[0] if picture.planes else values


def first_volume(picture: Picture) -> Array | None:
    """Return the slices of the first channel and time, ``(Z, H, W)`` or in colour; None where there are none."""
    if not picture.planes or "Z" not in picture.plane_axes:
        return None
    values, depth = _values(picture), picture.plane_axes.index("Z")
    planes = np.moveaxis(values.reshape(*picture.plane_shape, *values.shape[1:]), depth, -values.ndim)
    return np.asarray(planes.reshape(-1, *planes.shape[len(picture.plane_shape) - 1 :])[0])


def _values(picture: Picture) -> Array:
    """Return the samples, gray or RGB; unknown ones no brighter or darker than others, whatever a file has there."""
    values: Array = np.nan_to_num(pictures.to_float(picture, light="linear"))
    unknown = picture.unknown
    if unknown is not None and unknown.shape == values.shape and not unknown.all():
        known = values[~unknown]
        values = np.where(unknown, np.clip(values, known.min(), known.max()), values)
    is_colour = picture.channel_axis is not None and picture.channels in (3, 4)
    return values if is_colour or picture.channel_axis is None else values.mean(axis=-1)


def display_range(images: Sequence[Array]) -> tuple[float, float]:
    """Return one range for all pictures: 0 to 1, unless the first picture (the data) would be cut off or be black."""
    first = images[0]
    inside = float(first.min()) >= -0.05 and float(first.max()) <= 1.05
    low, high = (float(v) for v in np.quantile(_some(first), [LEFT_OUT, 1 - LEFT_OUT]))
    if inside and not (high < DARK or high - low < FLAT):
        return FULL
    if high > low:
        return low, high
    return FULL if inside else (low - 0.5, low + 0.5)


def _some(image: Array) -> Array:
    """Return as many samples of a large picture, rows and columns from all over it, as show how bright it is."""
    step = max(1, math.isqrt(image.size // LOOKED_AT))
    return image[::step, ::step]


def scale_of(images: Sequence[Array]) -> Scale:
    """Return one scale for the data, the first picture, and what was made of them.

    A restoration puts light together: it is brighter than the data, up to many times where these are points. The range
    goes on to it, and a root of the brightness lets the data be seen beside. One that is no brighter, its ground taken
    off as the sky or the offset of a camera, would be black: then the range begins where most of it lies.
    """
    low, high = display_range(images)
    brightest = max(float(np.quantile(_some(image), 1 - LEFT_OUT)) for image in images)
    if brightest <= high + 0.05 * (high - low):
        bottoms = [float(np.quantile(some, LEFT_OUT)) for some in map(_some, images) if np.median(some) < low]
        return Scale(min([low, *bottoms]), high)
    most = min(brightest, low + REACH * (high - low))
    times = (most - low) / (high - low)
    return Scale(low, most, 1.0 if times <= PLAIN else 1 / 2 if times <= BY_ROOT else 1 / 3)


def range_words(limits: tuple[float, float]) -> str:
    """Say which values are black and white where these are not 0 and 1, the ends of what a file can hold."""
    return "" if limits == FULL else f"black is {limits[0]:.3g}, white {limits[1]:.3g}"


def shrunk(image: Array, longest: int = PANEL_PIXELS) -> Array:
    """Return the picture averaged over blocks until its longest edge is no larger than a panel can show."""
    factor = -(-max(image.shape[:2]) // longest)
    if factor <= 1:
        return image
    rows, columns = (n // factor for n in image.shape[:2])
    if min(rows, columns) == 0:
        return image
    blocks = image[: rows * factor, : columns * factor]
    return blocks.reshape(rows, factor, columns, factor, *image.shape[2:]).mean(axis=(1, 3))


def busiest(image: Array, least: int = DETAIL_LEAST) -> tuple[slice, slice]:
    """Return the window of the steepest texture: where blur and ringing show."""
    gray = image if image.ndim == 2 else image.mean(axis=-1)
    step = max(1, min(gray.shape) // 512)
    gray = np.clip(gray[::step, ::step], *display_range([gray]))
    size = max(least, min(image.shape[:2]) // DETAIL_SHARE)
    height, width = min(3 * size // 4, image.shape[0]), min(size, image.shape[1])
    if min(gray.shape) < 2:
        return slice(0, height), slice(0, width)
    steepness = np.hypot(*np.gradient(gray))
    window = [max(1, n // step) for n in (height, width)]
    score = ndimage.uniform_filter(steepness, window, mode="constant")
    inner = [slice(w // 2, max(n - w // 2, w // 2 + 1)) for w, n in zip(window, gray.shape, strict=True)]
    peak = np.unravel_index(int(np.argmax(score[tuple(inner)])), score[tuple(inner)].shape)
    corners = [
        min(max((int(p) + i.start - w // 2) * step, 0), n - s)
        for p, i, w, n, s in zip(peak, inner, window, image.shape, (height, width), strict=False)
    ]
    return slice(corners[0], corners[0] + height), slice(corners[1], corners[1] + width)


def psf_core(psf: Array) -> Array:
    """Return the square in the middle of a PSF beyond which it is hardly to be seen, as `psf_square` lays it out."""
    square = psf_square(psf)
    middle = len(square) // 2
    far = np.abs(np.argwhere(square > SEEN * square.max()) - middle).max(initial=PSF_LEAST // 2)
    return square[middle - min(far, middle) : middle + far + 1, middle - min(far, middle) : middle + far + 1]


def psf_square(psf: Array) -> Array:
    """Return the middle plane of a PSF in the middle of a square of zeros."""
    plane = psf if psf.ndim == 2 else psf[psf.shape[0] // 2] if psf.ndim == 3 else np.atleast_2d(psf)
    size = max(*plane.shape, PSF_LEAST)
    square = np.zeros((size, size))
    rows, columns = (slice((size - k) // 2, (size - k) // 2 + k) for k in plane.shape)
    square[rows, columns] = plane
    return square
