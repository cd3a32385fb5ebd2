"""Signal spectrum and noise from one blurred picture, and a first strength for a penalty without knowing either."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike
from scipy import optimize

from restore._checks import Array, as_image, as_psf
from restore._fourier import frequencies, multiplicity
from restore._penalty import Penalty, roughness
from restore._periodogram import SHORTEST_WINDOW, periodogram, window_smoothed
from restore._power_law import fit_power_law
from restore._spectral_law import SpectralLaw, fit_spectral_law
from restore.noise import flat_variance, median_variance, rounding_variance
from restore.otf import Transfer

#: The fitted variance is believed up to this multiple of the estimates in place. These look where a picture is flat,
#: often where it is dark, and photon noise is several times larger in the light.
MOST_NOISE = 3.0
#: Where the blur lets more than this median of |H|^2 pass, the tail of the spectrum does not tell noise from fine
#: detail. Flat places do while the noise is strong: up to this signal-to-noise ratio of variances they are believed.
OPEN = 0.3
STRONG_NOISE = 10**3.1
#: There the power law may correct what flat places show by this factor at most.
CORRECTION = 1.3
#: Below this radian frequency every bin enters the fit, above it one in THINNING, counted THINNING times.
ALWAYS_BELOW = 0.4
THINNING = 5
#: Spectra up to this many bins enter whole.
NEVER_THINNED = 2048


@dataclass(frozen=True)
class SignalNoise:
    """The law of the signal's spectrum, and the variances of noise and signal in image units squared.

    Under a blur that lets nearly everything pass, noise and fine detail look alike unless the noise is strong: then
    `told_apart` is False, and a strength should come from a rule that needs neither.
    """

    law: SpectralLaw
    noise_var: float
    signal_var: float
    told_apart: bool = True

    def nsr(self, shape: Sequence[int], dtype: DTypeLike) -> Penalty:
        """Return s^2 / S per frequency of a grid."""
        return _Ratio(self, tuple(frequencies(shape)), np.dtype(dtype))


@dataclass(frozen=True)
class _Ratio:
    fit: SignalNoise
    axes: tuple[Array, ...]
    dtype: np.dtype[Any]

    def __call__(self, columns: slice) -> Array:
        axes = [*self.axes[:-1], self.axes[-1][..., columns]]
        most = 0.5 * np.log(np.finfo(self.dtype).max)
        ratio = np.exp(np.minimum(np.log(self.fit.noise_var) - self.fit.law.log_spectrum(axes), most))
        ratio[sum(w**2 for w in axes) == 0] = 0  # the law describes the picture about its mean, and the mean is known
        return ratio.astype(self.dtype)


def fit_signal_noise(image: ArrayLike, psf: ArrayLike, *, channel_axis: int | None = None) -> SignalNoise:
    """Fit signal spectrum and noise of a picture blurred by `psf`; channels share one spectrum, their mean."""
    picture = as_image(image, channel_axis=channel_axis)
    shape = picture.shape if channel_axis is None else picture.shape[:-1]
    kernel = as_psf(psf, shape)
    planes = [picture] if channel_axis is None else [picture[..., c] for c in range(picture.shape[-1])]
    flat = float(np.mean([flat_variance(p) for p in planes]))
    median = float(np.mean([median_variance(p) for p in planes]))
    floor = float(np.mean([rounding_variance(p) for p in planes]))
    start = max(
        min(median, flat),
        floor,
        (float(np.finfo(picture.dtype).eps) * float(np.abs(picture).max())) ** 2,  # rounding of the type itself
        1e-200,
    )
    power, grid = periodogram(picture, len(shape))
    response = window_smoothed(np.abs(Transfer(_fitting(kernel, grid), grid, np.float64).full()) ** 2, grid)
    weight = _thinned_weights(grid)
    used = weight > 0
    bins = [np.broadcast_to(w, power.shape)[used] for w in frequencies(grid)]
    data = power[used], response[used]
    power_law = fit_power_law(*data, np.asarray(sum(w**2 for w in bins)), weight[used], start)
    law, fitted = fit_spectral_law(*data, bins, weight[used], power_law, start)
    is_open = bool(np.median(data[1]) > OPEN)
    if is_open:
        noise = float(np.clip(power_law.noise_var, start / CORRECTION, start * CORRECTION))
    else:
        noise = max(min(fitted, MOST_NOISE * max(flat, median, start)), floor)
    signal = max(float(np.mean([np.var(p) for p in planes])) - noise, 1e-12 * start)
    return SignalNoise(law, noise, signal, told_apart=not is_open or signal < STRONG_NOISE * noise)


def pilot_strength(picture: Array, kernel: Array) -> float:
    """Return lambda of the gradient penalty by GCV on the windowed periodogram: a first strength without a noise level.

    argmin over lambda of mean(q^2 I) / mean(q)^2, q = lambda |D|^2 / (|H|^2 + lambda |D|^2).
    """
    power, grid = periodogram(picture, kernel.ndim)
    response = np.abs(Transfer(_fitting(kernel, grid), grid, np.float64).full()) ** 2
    charge = np.broadcast_to(roughness("gradient", grid, np.float64)(slice(None)), power.shape)
    weight = _bin_weights(grid)
    used = weight > 0
    power, weight = power[used], weight[used]
    if not weight @ power > 0:  # a flat picture needs no strength
        return 1.0
    log_ratio = np.log(np.maximum(charge[used], 1e-300) / np.maximum(response[used], 1e-300))

    def score(log_strength: float) -> float:
        given_up = 1 / (1 + np.exp(-(log_ratio + log_strength)))
        return float(np.log(weight @ (given_up**2 * power)) - 2 * np.log(weight @ given_up))

    candidates = np.log(10) * np.arange(-9.0, 2.1, 0.5)
    best = candidates[int(np.argmin([score(c) for c in candidates]))]
    step = np.log(10) / 2
    found = optimize.minimize_scalar(
        score, bounds=(best - step, best + step), method="bounded", options={"xatol": 0.05}
    )
    return float(np.exp(found.x))


def _fitting(kernel: Array, grid: Sequence[int]) -> Array:
    """Cut a PSF that is longer than a tile to the tile, about its centre."""
    starts = [max(k // 2 - n // 2, 0) for k, n in zip(kernel.shape, grid, strict=True)]
    return kernel[tuple(slice(s, s + n) for s, n in zip(starts, grid, strict=True))]


def _thinned_weights(grid: Sequence[int]) -> Array:
    """Return how many bins each bin in the fit stands for, 0 for those left out."""
    squared = np.asarray(sum(w**2 for w in frequencies(grid)))
    weight = _bin_weights(grid)
    often = np.arange(weight.size).reshape(weight.shape) * 7919 % THINNING == 0  # without a pattern along the axes
    thinned = (squared >= ALWAYS_BELOW**2) & (weight.size > NEVER_THINNED)
    weight[thinned] *= np.where(often[thinned], THINNING, 0)
    if not weight.any():
        raise ValueError(f"image must vary in space for its spectrum to be fitted, got shape {tuple(grid)}: give nsr")
    return weight


def _bin_weights(grid: Sequence[int]) -> Array:
    """Return the multiplicity of every bin of the half spectrum, 0 where the window has spread the mean."""
    axes = frequencies(grid)
    lobe = np.ones((), bool)
    for w, n in zip(axes, grid, strict=True):
        lobe = lobe & (np.abs(w) < 2 * np.pi * (1.5 if n >= SHORTEST_WINDOW else 0.5) / n)
    return np.where(lobe, 0, multiplicity(grid))
