"""The log power spectrum of a picture in cells of frequency: what the search for an unknown blur looks at.

Blur multiplies the spectrum by |H|^2, so in the logarithm it adds a pattern that does not depend on the picture. Cells
average the logarithm, which keeps a few strong lines (a fence, a screen door) from outweighing the rest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage, special

from restore.blur_identification.spectral.samples import Samples, luminance, luminance_weights, textured_part
from restore.checks import Array
from restore.noise.jpeg_blocks import floor_at, on_line
from restore.noise.jpeg_loss import aliases, jpeg_response, over_frequency
from restore.spectrum.periodogram import TILE, TILES, periodogram

#: Edge of a cell in cycles per pixel, and the most bins that count as independent within one. What is looked for at a
#: reduced size is small there, and shows in large cells.
CELL, REDUCED_CELL = 1 / 128, 1 / 64
LARGEST_COUNT = 9
#: Left out: the lowest frequencies, where pictures differ most, and the axes, where frames and horizons lie.
LOWEST = 0.02
AXIS = 0.006
#: The floor of rounding in units of its variance; the floor of all relative to the variance of the picture and, for one
#: that is flat but for the error of its arithmetic, to its mean square.
ROUNDING_FLOOR = 3.0
RELATIVE_FLOOR = 1e-7
ARITHMETIC_FLOOR = 1e-20
#: Of a JPEG, frequencies that kept less than this are left out, and where a frequency lost everything the model's
#: logarithm is in doubt by this much, in units of the spread of a cell of one bin.
LEAST_GAIN = 0.05
DOUBT = 1.5
#: Samples beside hidden ones that a camera's processing may have touched, the width over which the window then rises,
#: and the least mean square of it that tells anything.
BESIDE, RAMP, LEAST_SEEN = 2, 24, 0.02


@dataclass(frozen=True, eq=False)
class LogSpectrum:
    """Cells of the half plane u >= 0; `u` to the right and `v` down the picture, in cycles per pixel."""

    u: Array
    v: Array
    level: Array  # mean of log(power + floor)
    floor: Array  # mean of log(floor): the power that the file could not hold, and that its compression added
    gain: Array  # mean of log A^2: the share of the power that the compression kept
    count: Array

    @property
    def frequency(self) -> Array:
        """Distance from the origin in cycles per pixel."""
        return np.hypot(self.u, self.v)


def log_spectrum(samples: Samples) -> LogSpectrum:
    """Return the cells of a picture, seen without its hidden samples."""
    part, factor = textured_part(samples.image), samples.factor
    region, weight = samples.image[part], None if samples.hidden is None else _away_from(samples.hidden[part])
    plane, table = luminance(region), samples.table
    power, shape = periodogram(plane, 2, weight)
    v, u = np.meshgrid(np.fft.fftfreq(shape[0]), np.fft.rfftfreq(shape[1]), indexing="ij")
    usable = np.hypot(u, v) >= max(LOWEST, 2 / min(shape))
    usable &= (u > max(AXIS, 1.5 / shape[1])) & (np.abs(v) > max(AXIS, 1.5 / shape[0]))
    gain, added = np.zeros(power.shape), np.zeros(power.shape)
    if table is None:
        floor = np.full(power.shape, ROUNDING_FLOOR * samples.luminance_rounding / factor**2)
    else:
        usable &= ~(on_line(u / factor) | on_line(v / factor))
        # The coefficients of the file are those of its full size.
        loss = jpeg_response(region, luminance_weights(region), table) if factor == 1 else None
        if loss is None:
            floor = floor_at(table, samples.luminance_rounding, u / factor, v / factor) / factor**2
        else:
            right, down = u[0], v[:, 0]
            added = over_frequency(loss[1], right, down) + aliases(loss[0], power, right, down, usable)
            gain = over_frequency(loss[0], right, down)
            usable &= gain > LEAST_GAIN
            gain = 2 * np.log(np.maximum(gain, LEAST_GAIN))
            added = added * _mean_of_logarithm(plane.shape)
            floor = np.zeros(power.shape)
    floor += RELATIVE_FLOOR * float(np.var(plane)) + ARITHMETIC_FLOOR * float(np.mean(plane**2)) + 1e-300
    level, lowest = np.log(power[usable] + floor[usable]), np.log(floor[usable] + added[usable])
    return _cells(u[usable], v[usable], level, lowest, gain[usable], CELL if factor == 1 else REDUCED_CELL)


def _cells(u: Array, v: Array, level: Array, floor: Array, gain: Array, edge: float) -> LogSpectrum:
    rows = np.rint(v / edge).astype(int)
    columns = np.rint(u / edge).astype(int)
    index = (rows - rows.min()) * (columns.max() + 1) + columns
    count = np.bincount(index)
    occupied = count > 0
    count = count[occupied]

    def mean(values: Array) -> Array:
        total: Array = np.bincount(index, weights=values)[occupied]
        return total / count

    weight = np.minimum(count, LARGEST_COUNT).astype(float)
    loss = 1 - np.exp(mean(gain) / 2)
    weight /= 1 + weight * (DOUBT * loss) ** 2
    return LogSpectrum(u=mean(u), v=mean(v), level=mean(level), floor=mean(floor), gain=mean(gain), count=weight)


def _mean_of_logarithm(shape: tuple[int, ...]) -> float:
    """Return exp(E[log x]) of the mean x of as many exponential variables, E[x] = 1, as there are tiles."""
    tiles = int(np.prod([min(TILES, -(-n // TILE)) for n in shape]))
    return float(np.exp(special.digamma(tiles)) / tiles)


def _away_from(hidden: Array) -> Array | None:
    """Return a window that is 0 at hidden samples and grows to 1 away from them; None where too little is left of it.

    Its slope is as gentle as a window's: the edges of what is hidden would drown the spectrum otherwise.
    """
    distance = ndimage.distance_transform_edt(~hidden)
    ramp = np.clip((distance - BESIDE) / RAMP, 0, 1)
    weight: Array = np.sin(np.pi / 2 * ramp) ** 2
    return weight if np.mean(weight**2) >= LEAST_SEEN else None
