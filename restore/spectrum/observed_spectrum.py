"""What a blurred picture shows per frequency, with the response of the blur as the same eyes see it.

A true crop is looked at through a Hann window, free of the jump between opposite sides. Data that are circular have no
such jump: all of them are taken as they are, and what does jump is theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import fft

from restore.checks import Array, InvalidValue
from restore.operators.fourier import frequencies, multiplicity
from restore.operators.otf import OTF
from restore.spectrum.periodogram import (
    SHORTEST_WINDOW,
    TILE,
    periodogram,
    window_share,
    window_smoothed,
)

#: Below this radian frequency every bin of a tile enters a fit, above it one in THINNING, counted THINNING times.
ALWAYS_BELOW = 0.4
THINNING = 5
#: Spectra up to this many bins enter whole; those larger than a tile's are thinned to about as many bins.
NEVER_THINNED = 2048
OF_A_TILE = TILE * (TILE // 2 + 1)
#: The least share of noise that a spectrum is taken to hold: a picture may be known only where its window is 0.
LEAST_NOISY = 1e-6


@dataclass(frozen=True, eq=False)
class ObservedSpectrum:
    """Power of a picture on the half spectrum of a grid, a mean over channels and tiles.

    Samples that were completed hold signal but no noise: `noisy` is the share of the noise's power that is there.
    """

    power: Array
    shape: tuple[int, ...]
    windowed: bool
    noisy: float = 1.0

    def otf_power(self, kernel: Array) -> Array:
        """Return |H|^2 on the same bins."""
        return np.abs(OTF(_cut(kernel, self.shape), self.shape, np.float64).full()) ** 2

    def response(self, kernel: Array) -> Array:
        """Return what the blur makes of a flat spectrum of power 1, as this one shows it."""
        return window_smoothed(self.otf_power(kernel), self.shape) if self.windowed else self.otf_power(kernel)

    @cached_property
    def weights(self) -> Array:
        """Return the multiplicity of every bin, 0 where the mean of the picture lies."""
        lobe = np.ones((), bool)
        for w, n in zip(frequencies(self.shape), self.shape, strict=True):
            reach = 1.5 if self.windowed and n >= SHORTEST_WINDOW else 0.5
            lobe = lobe & (np.abs(w) < 2 * np.pi * reach / n)
        return np.where(lobe, 0, multiplicity(self.shape))

    @cached_property
    def thinned(self) -> Array:
        """Return how many bins each bin stands for in a fit, 0 for those left out."""
        weight = self.weights.copy()
        crowd = max(1.0, weight.size / OF_A_TILE)
        squared = np.asarray(sum(w**2 for w in frequencies(self.shape)))
        one_in = round(THINNING * crowd)
        often = np.arange(weight.size).reshape(weight.shape) * 7919 % one_in == 0  # without a pattern along the axes
        thinned = (squared >= ALWAYS_BELOW**2 / crowd) & (weight.size > NEVER_THINNED)
        weight[thinned] *= np.where(often[thinned], one_in, 0)
        if not weight.any():
            shape = tuple(self.shape)
            raise InvalidValue(f"image must vary in space for its spectrum to be fitted, got shape {shape}: give nsr")
        return weight


def through_window(
    picture: Array, ndim: int, completed: Array | None = None, empty: Array | None = None
) -> ObservedSpectrum:
    """Return the spectrum of a crop, seen through Hann windows: channels last, 1 in `completed` where it was.

    Where `empty` is 1 it holds no detail either, and the power is that of the others.
    """
    noisy = 1.0 if completed is None else 1 - window_share(completed, ndim)
    lively = 1.0 if empty is None else 1 - window_share(empty, ndim)
    return _of_what_is_there(*periodogram(picture, ndim), noisy, lively, windowed=True)


def circular(data: Array, ndim: int, completed: Array | None = None, empty: Array | None = None) -> ObservedSpectrum:
    """Return the spectrum |DFT(g)|^2 / N of circular data: channels last, 1 where `completed` or `empty` as above."""
    shape, channels = data.shape[:ndim], data.shape[-1]
    power = np.zeros((*shape[:-1], shape[-1] // 2 + 1))
    for c in range(channels):
        power += np.abs(fft.rfftn(data[..., c])).astype(np.float64) ** 2
    noisy = 1.0 if completed is None else 1 - float(completed.mean())
    lively = 1.0 if empty is None else 1 - float(empty.mean())
    return _of_what_is_there(power / (np.prod(shape) * channels), shape, noisy, lively, windowed=False)


def _of_what_is_there(
    power: Array, shape: tuple[int, ...], noisy: float, lively: float, *, windowed: bool
) -> ObservedSpectrum:
    """Return the spectrum of the share of a picture that holds something, with the share of the noise in that."""
    noisy, lively = max(noisy, LEAST_NOISY), max(lively, LEAST_NOISY)
    return ObservedSpectrum(power / lively, shape, windowed=windowed, noisy=min(noisy / lively, 1.0))


def _cut(kernel: Array, grid: Sequence[int]) -> Array:
    """Cut a PSF that is longer than a tile to the tile, about its centre."""
    starts = [max(k // 2 - n // 2, 0) for k, n in zip(kernel.shape, grid, strict=True)]
    return kernel[tuple(slice(s, s + n) for s, n in zip(starts, grid, strict=True))]
