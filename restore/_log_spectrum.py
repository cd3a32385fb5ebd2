"""The log power spectrum of a picture in cells of frequency: what the search for an unknown blur looks at.

Blur multiplies the spectrum by |H|^2, so in the logarithm it adds a pattern that does not depend on the
picture. Cells average the logarithm, which keeps a few strong lines (a fence, a screen door) from outweighing
everything else.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from restore._checks import Array
from restore._periodogram import TILE, TILES, periodogram
from restore.noise import rounding_variance

#: Edge of a cell in cycles per pixel, and the most bins that count as independent within one.
CELL = 1 / 128
LARGEST_COUNT = 9
#: Left out: the lowest frequencies, where pictures differ most, and the axes, where frames and horizons lie.
LOWEST = 0.02
AXIS = 0.006
#: The floor in units of the variance of rounding, and relative to the variance of the picture.
ROUNDING_FLOOR = 3.0
RELATIVE_FLOOR = 1e-7
#: JPEG leaves errors of about 4 of 255 codes where blur has emptied the spectrum, in units of the variance of
#: rounding.
JPEG_FLOOR = 12 * 8.0**2
#: Lines of the 8 x 8 blocks: half their width, and below which frequency they do no harm.
BLOCK_LINE = 0.006
BLOCK_LOWEST = 0.06
#: Luminance of linear RGB (ITU-R BT.709).
LUMINANCE = (0.2126, 0.7152, 0.0722)


@dataclass(frozen=True)
class LogSpectrum:
    """Cells of the half plane u >= 0; `u` to the right and `v` down the picture, in cycles per pixel."""

    u: Array
    v: Array
    level: Array
    count: Array

    @property
    def frequency(self) -> Array:
        """Distance from the origin in cycles per pixel."""
        return np.hypot(self.u, self.v)


def log_spectrum(image: Array, *, jpeg: bool, step: float | None) -> LogSpectrum:
    """Return the mean of log(P + c^2) per cell, P the windowed periodogram and c^2 the floor of the file.

    `image` has two axes, or three with the channels last; `step` is the distance of two codes where the data
    does not show it.
    """
    plane, rounding = _luminance(_region(image), step)
    power, shape = periodogram(plane, 2)
    floor = (JPEG_FLOOR if jpeg else ROUNDING_FLOOR) * rounding + RELATIVE_FLOOR * float(np.var(plane))
    v, u = np.meshgrid(np.fft.fftfreq(shape[0]), np.fft.rfftfreq(shape[1]), indexing="ij")
    used = np.hypot(u, v) >= max(LOWEST, 2 / min(shape))
    used &= (u > max(AXIS, 1.5 / shape[1])) & (np.abs(v) > max(AXIS, 1.5 / shape[0]))
    if jpeg:
        used &= ~(_on_block_line(u) | _on_block_line(v))
    return _cells(u[used], v[used], np.log(np.maximum(power[used] + floor, 1e-300)))


def _cells(u: Array, v: Array, level: Array) -> LogSpectrum:
    rows = np.rint(v / CELL).astype(int)
    columns = np.rint(u / CELL).astype(int)
    index = (rows - rows.min(initial=0)) * (columns.max(initial=0) + 1) + columns
    count = np.bincount(index)
    filled = count > 0
    sums = [np.bincount(index, weights=values)[filled] for values in (u, v, level)]
    count = count[filled]

    def mean(values: Array) -> Array:
        total: Array = np.bincount(index, weights=values)[filled]
        return total / count

    return LogSpectrum(mean(u), mean(v), mean(level), np.minimum(count, LARGEST_COUNT).astype(float))


def _on_block_line(frequency: Array) -> Array:
    distance = np.abs(frequency - np.rint(frequency * 8) / 8)
    near: Array = (distance <= BLOCK_LINE) & (np.abs(frequency) > BLOCK_LOWEST)
    return near


def _region(image: Array) -> Array:
    """Cut a large picture to its middle, so that cost and memory are bounded."""
    longest = TILE * TILES
    starts = [max(n - longest, 0) // 2 for n in image.shape[:2]]
    return image[starts[0] : starts[0] + longest, starts[1] : starts[1] + longest]


def _luminance(region: Array, step: float | None) -> tuple[Array, float]:
    """Return one channel and the variance that rounding to codes has left in it."""
    if region.ndim == 2:
        weights, planes = np.ones(1), [region]
    else:
        planes = [region[..., c] for c in range(region.shape[-1])]
        weights = np.array(LUMINANCE if len(planes) == 3 else [1 / len(planes)] * len(planes))
    rounding = [rounding_variance(p) if step is None else step**2 / 12 for p in planes]
    plane = sum(w * p.astype(np.float64) for w, p in zip(weights, planes, strict=True))
    return np.asarray(plane), float(weights**2 @ np.array(rounding))
