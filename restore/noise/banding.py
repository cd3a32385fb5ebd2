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

from dataclasses import dataclass

import numpy as np
from scipy import fft, ndimage

from restore.checks import Array
from restore.operators.unit import ONE, Unit

#: Waves that are no neighbours of the mean; those beside the ones along an axis, and others farther off, to which the
#: ends of what rows share at a mask do not reach.
FIRST, BESIDE, FAR = 4, slice(3, 13), slice(24, 34)
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
        return np.asarray(picture - offsets.astype(picture.dtype))


def banding(picture: Array, psf: Array, hidden: Array | None = None) -> list[Banding]:
    """Return the shared noise of the rows and that of the columns of a picture of two axes, channels last.

    `hidden` samples hold a guess. Nothing is returned of an axis where the blur or the picture does not let it be told.
    """
    shares = []
    for axis in (0, 1):
        known = np.ones((1, 1)) if hidden is None else 1 - np.mean(hidden > 0, axis=1 - axis)
        otf_power = np.abs(fft.rfft(psf.sum(axis=1 - axis), 2 * picture.shape[axis])[:-1]) ** 2
        rows = np.moveaxis(picture, axis, 0)
        parts = [_shared(rows[..., c], otf_power, known[:, c % known.shape[1]]) for c in range(rows.shape[-1])]
        if all(part is not None for part in parts):
            strengths, offsets = zip(*(part for part in parts if part is not None), strict=True)
            shares.append(Banding(axis, max(strengths), np.stack(offsets, axis=-1) / np.maximum(known, KNOWN)))
    return shares


def _shared(rows: Array, otf_power: Array, known: Array) -> tuple[float, Array] | None:
    """Return the strength of what rows share, and what it adds to each; `otf_power` is |H|^2 at the waves across them.

    Rows of which too small a share is `known` are taken to lie between their neighbours.
    """
    count, width = rows.shape
    if width < 2 * FAR.stop or count < 2 * ENOUGH or not rows.any():
        return None
    waves = np.eye(width, FAR.stop, dtype=rows.dtype)[:, [0, *range(width)[BESIDE], *range(width)[FAR]]]
    along = np.dot(rows, fft.idct(waves, axis=0, norm="ortho")).astype(np.float64)
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
    least = LEAKAGE * rows.var() + (ROUNDED * np.finfo(rows.dtype).eps * float(np.abs(along).max())) ** 2
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
