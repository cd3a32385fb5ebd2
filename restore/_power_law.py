"""Signal spectrum and noise from one blurred picture: a power law fitted by Whittle likelihood.

Natural pictures have spectra near S(w) = A (|w|^2 + k^2)^(-p / 2) with p between 2 and 3.5. Under the blur and white
noise the windowed periodogram I(w) is exponentially distributed around v = |H|^2 S + s^2, so A, k, p and s^2 minimise

    sum over w of  log v + I / v.

References: P. Whittle, Estimation and information in stationary time series, Ark. Mat. 2, 1953; D. J. Field, Relations
between the statistics of natural images and the response properties of cortical cells, J. Opt. Soc. Am. A 4, 1987.
"""

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
from restore.noise import flat_variance, median_variance, rounding_variance
from restore.otf import Transfer

#: What is known before looking: the exponent of natural pictures, and that the block estimate of the noise is about
#: right.
EXPONENT_PRIOR = (2.6, 0.6, 10.0)  # mean, spread, weight
NOISE_PRIOR_SPREAD = 0.7  # of log s^2
#: The fitted variance is believed up to this multiple of the estimates in place. These look where a picture is flat,
#: often where it is dark, and photon noise is several times larger in the light.
MOST_NOISE = 3.0
#: Below this radian frequency every bin enters the fit, above it one in THINNING, counted THINNING times.
ALWAYS_BELOW = 0.4
THINNING = 5
#: Spectra up to this many bins enter whole.
NEVER_THINNED = 2048


@dataclass(frozen=True)
class PowerLawFit:
    """S(w) = exp(log_amplitude) (|w|^2 + knee^2)^(-exponent / 2) and the variance of the noise, in image units
    squared.
    """

    log_amplitude: float
    exponent: float
    knee: float
    noise_var: float
    signal_var: float

    def spectrum(self, squared_frequency: Array) -> Array:
        """Return S at the squared radian frequencies."""
        law: Array = np.exp(self.log_amplitude) * (squared_frequency + self.knee**2) ** (-self.exponent / 2)
        return law

    def nsr(self, shape: Sequence[int], dtype: DTypeLike) -> Penalty:
        """Return s^2 / S per frequency of a grid."""
        return _PowerLawRatio(self, tuple(frequencies(shape)), np.dtype(dtype))


@dataclass(frozen=True)
class _PowerLawRatio:
    fit: PowerLawFit
    axes: tuple[Array, ...]
    dtype: np.dtype[Any]

    def __call__(self, columns: slice) -> Array:
        fit = self.fit
        squared = np.asarray(sum(w**2 for w in [*self.axes[:-1], self.axes[-1][..., columns]]))
        ratio = fit.noise_var / np.maximum(fit.spectrum(squared), np.finfo(float).tiny)
        ratio[squared == 0] = 0  # the law describes the picture about its mean, and the mean is known
        return np.minimum(ratio, np.sqrt(np.finfo(self.dtype).max)).astype(self.dtype)


def fit_power_law(image: ArrayLike, psf: ArrayLike, *, channel_axis: int | None = None) -> PowerLawFit:
    """Fit signal spectrum and noise of a picture blurred by `psf`; channels share one spectrum, their mean."""
    picture = as_image(image, channel_axis=channel_axis)
    shape = picture.shape if channel_axis is None else picture.shape[:-1]
    kernel = as_psf(psf, shape)
    power, grid = periodogram(picture, len(shape))
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
    response = window_smoothed(np.abs(Transfer(_fitting(kernel, grid), grid, np.float64).full()) ** 2, grid)
    parameters = _minimise(*_selected(power, response, grid), start)
    noise = max(min(float(np.exp(parameters[3])), MOST_NOISE * max(flat, median, start)), floor)
    return PowerLawFit(
        log_amplitude=float(parameters[0]),
        exponent=float(parameters[1]),
        knee=float(np.exp(parameters[2])),
        noise_var=noise,
        signal_var=max(float(np.mean([np.var(p) for p in planes])) - noise, 1e-12 * start),
    )


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


def _selected(power: Array, response: Array, grid: Sequence[int]) -> tuple[Array, Array, Array, Array]:
    """Return power, |H|^2, squared frequency and weight of the bins in the fit, the window's DC lobe left out."""
    squared = np.asarray(sum(w**2 for w in frequencies(grid)))
    weight = _bin_weights(grid)
    often = np.arange(power.size).reshape(power.shape) * 7919 % THINNING == 0  # spread without a pattern along the axes
    thinned = (squared >= ALWAYS_BELOW**2) & (power.size > NEVER_THINNED)
    weight[thinned] *= np.where(often[thinned], THINNING, 0)
    used = weight > 0
    if not used.any():
        raise ValueError(f"image must vary in space for its spectrum to be fitted, got shape {tuple(grid)}: give nsr")
    return power[used], response[used], squared[used], weight[used]


def _bin_weights(grid: Sequence[int]) -> Array:
    """Return the multiplicity of every bin of the half spectrum, 0 where the window has spread the mean."""
    axes = frequencies(grid)
    lobe = np.ones((), bool)
    for w, n in zip(axes, grid, strict=True):
        lobe = lobe & (np.abs(w) < 2 * np.pi * (1.5 if n >= SHORTEST_WINDOW else 0.5) / n)
    return np.where(lobe, 0, multiplicity(grid))


def _minimise(power: Array, response: Array, squared: Array, weight: Array, noise_var: float) -> Array:
    """Return log amplitude, exponent, log knee and log s^2."""
    mean, spread, strength = EXPONENT_PRIOR
    low = squared < 0.3**2
    level = np.median((power * squared ** (mean / 2))[low]) if low.any() else np.median(power)
    start = np.array([np.log(max(level, 1e-300) / np.log(2)), 2.5, np.log(0.02), np.log(noise_var)])

    def objective(x: Array) -> tuple[float, Array]:
        distance = squared + np.exp(2 * x[2])
        logs = np.log(distance)
        signal = response * np.exp(x[0] - 0.5 * x[1] * logs)
        expected = signal + np.exp(x[3])
        ratio = power / expected
        slope = weight * (1 - ratio) / expected
        pulled = slope * signal
        away, doubt = (x[1] - mean) / spread, (x[3] - np.log(noise_var)) / NOISE_PRIOR_SPREAD
        value = float(weight @ (np.log(expected) + ratio)) + strength * away**2 + 0.5 * doubt**2
        gradient = [
            pulled.sum(),
            -0.5 * (pulled @ logs) + 2 * strength * away / spread,
            -x[1] * np.exp(2 * x[2]) * (pulled / distance).sum(),
            slope.sum() * np.exp(x[3]) + doubt / NOISE_PRIOR_SPREAD,
        ]
        return value, np.array(gradient)

    bounds = [(None, None), (0.5, 6.0), (-20.0, -0.5), (np.log(1e-4 * noise_var), np.log(1e4 * noise_var))]
    found = optimize.minimize(objective, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 100})
    return np.asarray(found.x)
