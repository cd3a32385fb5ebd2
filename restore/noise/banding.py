"""Noise that whole rows share, or columns: banding, as line scanners and some sensors leave it.

The mean of row y over its W samples is that of the blurred light, the shared noise r(y), and 1 / sqrt(W) of the noise
of single samples. By the cosine transform C(w, k), k the waves along the row, which sees no jump at the border,

    E C(w, 0)^2 = W s_r^2 + S |H|^2 + N,    E C(w, k)^2 = S |H|^2 + N beside it,

and where the blur is dark to waves along the column the first is larger by W s_r^2, whatever the picture. What is
likeliest the shared noise is then W s_r^2 / (W s_r^2 + S |H|^2 + N) of C(w, 0): nearly all where the blur is dark and a
restoration would make stripes of it, nearly nothing where the picture is. What the blur lets pass is left: it is not
amplified.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy import fft, ndimage

from restore.checks import Array
from restore.operators.unit import ONE, Unit

#: Waves that are no neighbours of the mean; those beside the ones along an axis, and others farther off, to which the
#: ends of what rows share at a mask do not reach.
FIRST, BESIDE, FAR = 4, slice(3, 13), slice(24, 34)
#: How many waves along the lines are looked at: the mean, and these.
WAVES = 1 + len(range(FAR.stop)[BESIDE]) + len(range(FAR.stop)[FAR])
#: Waves show noise alone up to so many times the power that a fifth of all do not reach, and where the blur lets so
#: little of their power pass; so many tell. Light is left in the less dark ones, shared noise is in all alike.
DARK, PASSED, FLOOR, ENOUGH, DARKER = 2.0, 0.03, 0.2, 24, 0.4
#: Neighbours over which the power beside is averaged, and the median of a squared normal number.
SMOOTHED, MEDIAN = 15, 0.4549
#: How much more a picture, whose horizontals are long, has at the waves along an axis than beside them.
HORIZONTALS = 4.0
#: Noise of single samples below this share of the picture's variance is none that tells.
LEAKAGE = 1e-5
#: Nor is what a transform leaves of its largest number, in units of the type's precision.
ROUNDED = 16
#: The median of what is shared over its standard deviation is 0.67 of noise, and this at least.
TYPICAL = 0.4
#: Share of a row that is known at least, as far as its mean is believed.
KNOWN = 0.25


@dataclass(frozen=True, eq=False)
class Banding:
    """Noise that rows (axis 0) or columns (axis 1) share: its strength, and what it adds to each of them by channel.

    The strength is relative to the noise of single samples, as standard deviations, the largest of all channels.
    """

    axis: int
    strength: float
    offsets: Array

    def taken_off(self, picture: Array, unit: Unit = ONE) -> Array:
        """Return a picture, channels last, without it; `unit` is that of the offsets in the picture's."""
        offsets = unit.outside(np.expand_dims(self.offsets, 1 - self.axis))
        even: Array = picture - offsets.astype(picture.dtype)
        return even


def banding(picture: Array, psf: Array, hidden: Array | None = None) -> list[Banding]:
    """Return the shared noise of the rows and that of the columns of a picture of two axes, channels last.

    `hidden` samples hold a guess. Nothing is returned of an axis where the blur or the picture does not let it be told.
    """
    height, width, channels = picture.shape
    lines = [Lines.of(axis, (height, width), channels, picture.dtype) for axis in (0, 1)]
    for these in lines:
        these.add((0, 0), picture, hidden)
    return banding_of(lines, psf)


def banding_of(lines: Sequence[Lines], psf: Array) -> list[Banding]:
    """Return the shared noise of a picture whose rows and columns were summed up."""
    shares = []
    for these in lines:
        otf_power = np.abs(fft.rfft(psf.sum(axis=1 - these.axis), 2 * these.count)[:-1]) ** 2
        known = 1 - these.hidden / these.width
        parts = [_shared(these, c, otf_power, known[:, c]) for c in range(known.shape[1])]
        if all(part is not None for part in parts):
            strengths, offsets = zip(*(part for part in parts if part is not None), strict=True)
            shares.append(Banding(these.axis, max(strengths), np.stack(offsets, axis=-1) / np.maximum(known, KNOWN)))
    return shares


@dataclass(eq=False)
class Lines:
    """The rows (axis 0) or columns (axis 1) of a picture as far as shared noise is told by them; summed part by part.

    `along` holds C(w, k) before it is transformed across the lines: per line and channel the waves in use.
    """

    axis: int
    count: int
    width: int
    dtype: np.dtype[Any]
    along: Array
    hidden: Array  # samples of each line, by channel
    moments: Array  # by channel: samples, their mean, and their squared differences from it

    @classmethod
    def of(cls, axis: int, shape: Sequence[int], channels: int, dtype: np.dtype[Any]) -> Lines:
        """Return the lines along an axis of a picture, before any part of it was added."""
        count, width = shape[axis], shape[1 - axis]
        sums = np.zeros((count, WAVES, channels)), np.zeros((count, channels)), np.zeros((3, channels))
        return cls(axis, count, width, np.dtype(dtype), *sums)

    def add(self, corner: tuple[int, int], part: Array, hidden: Array | None = None) -> None:
        """Add a part of the picture, channels last, whose first sample lies at a corner."""
        first, start = corner[self.axis], corner[1 - self.axis]
        rows = np.moveaxis(part, self.axis, 0)
        here = slice(first, first + rows.shape[0])
        if hidden is not None:
            self.hidden[here] += np.broadcast_to(hidden > 0, part.shape).sum(axis=1 - self.axis)
        for c in range(rows.shape[-1]):
            self._count(c, rows[..., c])
            if self.is_long_enough:
                self.along[here, :, c] += np.dot(rows[..., c], self._waves[start : start + rows.shape[1]])

    @property
    def is_long_enough(self) -> bool:
        """Return whether there are enough lines, and enough samples in them."""
        return self.width >= 2 * FAR.stop and self.count >= 2 * ENOUGH

    @cached_property
    def _waves(self) -> Array:
        waves = np.eye(self.width, FAR.stop, dtype=self.dtype)[:, [0, *range(FAR.stop)[BESIDE], *range(FAR.stop)[FAR]]]
        return np.asarray(fft.idct(waves, axis=0, norm="ortho"))

    def _count(self, channel: int, rows: Array) -> None:
        """Add to number, mean and squared differences of a channel."""
        count, mean, squares = self.moments[:, channel]
        total, step = count + rows.size, float(rows.mean()) - mean
        squares += float(rows.var()) * rows.size + step**2 * count * rows.size / total
        self.moments[:, channel] = total, mean + step * rows.size / total, squares

    def variance(self, channel: int) -> float:
        """Return the variance of a channel."""
        return float(self.moments[2, channel] / self.moments[0, channel])

    def is_dark(self, channel: int) -> bool:
        """Return whether all samples of a channel are 0."""
        return not self.moments[1:, channel].any()


def _shared(lines: Lines, channel: int, otf_power: Array, known: Array) -> tuple[float, Array] | None:
    """Return the strength of what rows share, and what it adds to each; `otf_power` is |H|^2 at the waves across them.

    Rows of which too small a share is `known` are taken to lie between their neighbours.
    """
    count, width = lines.count, lines.width
    if not lines.is_long_enough or lines.is_dark(channel):
        return None
    along = lines.along[..., channel]
    is_torn = bool((known < 1).any())
    if is_torn:
        numbers = np.flatnonzero(known >= KNOWN)
        if numbers.size < 2 * ENOUGH:
            return None
        along = np.stack([np.interp(np.arange(count), numbers, wave[numbers]) for wave in along.T], axis=-1)
    transformed = fft.dct(along, axis=0, norm="ortho")
    power = transformed**2
    mean, near, far = power[:, 0], *(_averaged(beside) for beside in np.split(power[:, 1:], 2, axis=1))
    noise = far if is_torn else np.maximum(near, far)
    dark = (noise <= DARK * np.quantile(noise[FIRST:], FLOOR)) & (otf_power <= PASSED)
    dark[:FIRST] = False
    least = LEAKAGE * lines.variance(channel) + (ROUNDED * np.finfo(lines.dtype).eps * float(np.abs(along).max())) ** 2
    if np.count_nonzero(dark) < ENOUGH or noise[dark].mean() <= least:
        return None
    darker = dark & (otf_power <= np.quantile(otf_power[dark], DARKER))
    parts = [part for part in (darker, dark & ~darker) if part.any()]
    extra = max(min(float(np.median(mean[part]) / MEDIAN - noise[part].mean()) for part in parts), 0.0)
    strength = (extra / width / noise[dark].mean()) ** 0.5
    share = (1 - otf_power) * extra / np.maximum(extra + np.where(dark, noise, HORIZONTALS * near), 1e-300)
    share[:FIRST] = 0
    offsets = fft.idct(share * transformed[:, 0], norm="ortho") / width**0.5
    if np.median(np.abs(offsets)) < TYPICAL * offsets.std():
        return 0.0, np.zeros_like(offsets)  # of a few rows alone: text, a line
    return float(strength), offsets


def _averaged(beside: Array) -> Array:
    """Return the power of waves beside those along an axis, which a few large ones do not change."""
    power = np.median(beside, axis=1) / MEDIAN
    return np.exp(ndimage.uniform_filter1d(np.log(np.maximum(power, 1e-300)), SMOOTHED, mode="nearest"))
