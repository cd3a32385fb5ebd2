"""Signal spectrum and noise from one blurred picture, and a first strength for a penalty without knowing either."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import DTypeLike
from scipy import optimize

from restore.checks import Array
from restore.noise.white import NoiseLevel, type_rounding
from restore.operators.fourier import frequencies, frequency_mean
from restore.operators.penalty import Penalty, Smooth, roughness
from restore.operators.some_lines import some_lines
from restore.operators.threads import on_one_thread
from restore.spectrum.noise_law import Laws, NoiseLaw, fit_noise_law
from restore.spectrum.observed_spectrum import ObservedSpectrum
from restore.spectrum.power_law import fit_power_law
from restore.spectrum.spectral_law import SpectralLaw, fit_spectral_law

#: The fitted variance is believed up to this multiple of the estimates in place. These look where a picture is flat,
#: often where it is dark, and photon noise is several times larger in the light.
MOST_NOISE = 3.0
#: Where the blur lets more than this median of |H|^2 pass, the tail of the spectrum does not tell noise from fine
#: detail, but flat places do. They hold noise alone where their energies differ by no more than this.
OPEN = 0.3
EVEN = 1.3
#: Signal-to-noise ratio of variances, times the square of that median, up to which the fitted spectrum gains on a
#: plain prior: beyond, the noise is hardly to be seen, and an error in it costs more than the spectrum gives.
SEEN = 110.0
#: A picture whose mean power is less than so many times the noise is flat.
FLAT = 3.0
#: There the power law may correct what flat places show by this factor at most.
CORRECTION = 1.3
#: How much less a misfit must be for one of two levels to be right.
LIKELIER = 10.0


@dataclass(frozen=True, eq=False)
class SignalNoise:
    """The law of the signal's spectrum, and the variances of noise and signal in image units squared.

    `rule` says what a strength should come from: the fit itself ("whittle"); where the noise is too weak for the fit to
    gain on the gradient prior, unbiased predictive risk with this noise ("upre"); where fine detail hides it,
    generalized cross-validation, which needs no noise ("gcv"). `agreed` is what the filter charges each frequency,
    where that was found once for all parts of a picture.
    """

    law: SpectralLaw
    noise_var: float  # of coloured noise the mean over the frequencies
    signal_var: float
    rule: str = "whittle"
    noise: NoiseLaw | None = None  # None for white noise
    is_open: bool = False  # whether the blur lets so much pass that the tail does not tell noise from detail
    agreed: Smooth | None = None

    @property
    def is_white(self) -> bool:
        """Return whether all frequencies hold the same noise."""
        return self.noise is None

    @property
    def sigma(self) -> float:
        """Return the standard deviation of the noise."""
        return float(np.sqrt(self.noise_var))

    def nsr(self, shape: Sequence[int], dtype: DTypeLike) -> Penalty:
        """Return N / S per frequency of a grid."""
        return self.nsr_at(frequencies(shape), dtype)

    def nsr_at(self, axes: Sequence[Array], dtype: DTypeLike) -> Penalty:
        """Return N / S at frequencies given per axis."""
        return _Ratio(self, tuple(axes), np.dtype(dtype))

    def noise_power(self, axes: Sequence[Array]) -> Array | float:
        """Return N at frequencies given per axis, the variance itself where the noise is white."""
        return self.noise_var if self.noise is None else self.noise.power(axes)


@dataclass(frozen=True, eq=False)
class _Ratio:
    fit: SignalNoise
    axes: tuple[Array, ...]
    dtype: np.dtype[Any]

    def __call__(self, columns: slice) -> Array:
        axes = [*self.axes[:-1], self.axes[-1][..., columns]]
        most = 0.5 * np.log(np.finfo(self.dtype).max)
        ratio = np.exp(np.minimum(np.log(self.fit.noise_power(axes)) - self.fit.law.log_spectrum(axes), most))
        ratio[sum(w**2 for w in axes) == 0] = 0  # the law describes the picture about its mean, and the mean is known
        return ratio.astype(self.dtype)


@on_one_thread
def fit_signal_noise(spectrum: ObservedSpectrum, psf: Array, picture: Array, level: NoiseLevel) -> SignalNoise:
    """Fit signal spectrum and noise to the spectrum of a picture blurred by `psf`; channels share one, their mean.

    `picture` has its channels last; `level` is what it shows of its noise.
    """
    flat, rounding, start = float(np.mean(level.flat)), float(np.mean(level.rounding)), least_noise(picture, level)
    power, response, bins, weight = _bins(spectrum, psf)
    visible = start * spectrum.noisy
    power_law = fit_power_law(power, response, np.asarray(sum(w**2 for w in bins)), weight, visible)
    law, fitted = fit_spectral_law(power, response, bins, weight, power_law, visible)
    median_response = float(np.median(response))
    is_open = median_response > OPEN
    if is_open:
        noise = float(np.clip(power_law.noise_var / spectrum.noisy, start / CORRECTION, start * CORRECTION))
    else:
        noise = max(min(fitted / spectrum.noisy, MOST_NOISE * max(flat, float(np.mean(level.median)), start)), rounding)
    signal = max(_mean_variance(picture) - noise, 1e-12 * start)
    is_weak = signal * median_response**2 > SEEN * noise
    if not is_weak and not is_open:
        return SignalNoise(law, noise, signal)
    hidden = float(np.mean(level.spread)) > EVEN
    rule = "gcv" if hidden else "upre" if is_weak else "whittle"
    return SignalNoise(law, noise, signal, rule, is_open=is_open)


def least_noise(picture: Array, level: NoiseLevel) -> float:
    """Return the variance that a picture shows in place, at least the rounding of its samples and of their type."""
    shown = max(min(float(np.mean(level.median)), float(np.mean(level.flat))), float(np.mean(level.rounding)))
    return max(shown, type_rounding(picture), 1e-200)


@on_one_thread
def likelier_level(
    spectrum: ObservedSpectrum, psf: Array, picture: Array, beside: NoiseLevel, whole: NoiseLevel
) -> NoiseLevel:
    """Return what a picture shows beside its areas of equal samples, or with them, if the picture may be free of noise.

    What explains its spectrum by a power law under the blur is right; where both do, what is nearer to that.
    """
    power, response, bins, weight = _bins(spectrum, psf)
    squared = np.asarray(sum(w**2 for w in bins))

    def explained(level: NoiseLevel) -> tuple[float, float]:
        start = least_noise(picture, level) * spectrum.noisy
        law = fit_power_law(power, response, squared, weight, start)
        expected = response * np.exp(law.log_spectrum(squared)) + law.noise_var
        return float(weight @ (np.log(expected) + power / expected)), abs(float(np.log(law.noise_var / start)))

    (misfit, distance), (misfit_of_whole, distance_of_whole) = explained(beside), explained(whole)
    if abs(misfit - misfit_of_whole) > LIKELIER:
        return beside if misfit < misfit_of_whole else whole
    return beside if distance + 1 < distance_of_whole else whole


@on_one_thread
def fit_coloured_noise(spectrum: ObservedSpectrum, psf: Array, level: float, *, expected: bool = False) -> Laws | None:
    """Return the laws of signal and coloured noise, None where white noise explains the spectrum as well.

    `level` is about the variance of the noise as white noise. A flat picture, and one that is hardly blurred, does not
    tell noise from detail.
    """
    if psf.ndim != 2:
        return None
    power, response, frequency, weight = _bins(spectrum, psf)
    visible = level * spectrum.noisy
    if np.median(response) > OPEN or weight @ power < FLAT * visible * weight.sum():
        return None
    laws = fit_noise_law(power, response, frequency, weight, visible, expected=expected)
    return laws if laws is None or spectrum.noisy == 1 else replace(laws, noise=laws.noise.times(1 / spectrum.noisy))


def _bins(spectrum: ObservedSpectrum, psf: Array) -> tuple[Array, Array, list[Array], Array]:
    """Return I, |H|^2, the frequencies per axis and the weights of the bins that enter a fit."""
    weight = spectrum.thinned
    used = weight > 0
    frequency = [np.broadcast_to(w, weight.shape)[used] for w in frequencies(spectrum.shape)]
    return spectrum.power[used], spectrum.response(psf)[used], frequency, weight[used]


def with_coloured_noise(spectrum: ObservedSpectrum, laws: Laws, picture: Array) -> SignalNoise:
    """Return the fit that laws of signal and coloured noise make."""
    power = laws.noise.power(frequencies(spectrum.shape))
    mean = frequency_mean(power, spectrum.shape)
    signal = max(_mean_variance(picture) - mean, 1e-12 * mean)
    return SignalNoise(law=laws.signal, noise_var=mean, signal_var=signal, noise=laws.noise)


def _mean_variance(picture: Array) -> float:
    some = some_lines(picture)
    return float(np.mean([np.var(some[..., c]) for c in range(some.shape[-1])]))


def model_strength(spectrum: ObservedSpectrum, psf: Array, laws: Laws) -> float:
    """Return the lambda of the gradient penalty that the laws of signal and noise expect to err least:

    argmin over lambda of sum [(lambda |D|^2)^2 S + N |H|^2] / (|H|^2 + lambda |D|^2)^2.
    """
    axes = frequencies(spectrum.shape)
    used = spectrum.weights > 0
    weight, response = spectrum.weights[used], spectrum.response(psf)[used]
    signal = np.exp(laws.signal.log_spectrum(axes))[used]
    noise = np.broadcast_to(laws.noise.power(axes), used.shape)[used] * response
    penalty = _gradient_penalty(used, spectrum.shape)

    def error(strength: float) -> float:
        smoothing = strength * penalty
        return float(weight @ ((smoothing**2 * signal + noise) / (response + smoothing) ** 2))

    candidates = 10.0 ** np.arange(-9.0, 2.05, 0.1)
    return float(candidates[int(np.argmin([error(c) for c in candidates]))])


def pilot_strength(spectrum: ObservedSpectrum, psf: Array) -> float:
    """Return lambda of the gradient penalty by GCV on a spectrum: a first strength without a noise level.

    argmin over lambda of mean(q^2 I) / mean(q)^2, q = lambda |D|^2 / (|H|^2 + lambda |D|^2).
    """
    used = spectrum.weights > 0
    power, weight = spectrum.power[used], spectrum.weights[used]
    if not weight @ power > 0:  # a flat picture needs no strength
        return 1.0
    penalty = _gradient_penalty(used, spectrum.shape)
    log_ratio = np.log(np.maximum(penalty, 1e-300) / np.maximum(spectrum.response(psf)[used], 1e-300))

    def score(log_strength: float) -> float:
        given_up = 1 / (1 + np.exp(-(log_ratio + log_strength)))
        return float(np.log(weight @ (given_up**2 * power)) - 2 * np.log(weight @ given_up))

    candidates = np.log(10) * np.arange(-9.0, 2.1, 0.5)
    best = candidates[int(np.argmin([score(c) for c in candidates]))]
    step = np.log(10) / 2
    minimum = optimize.minimize_scalar(
        score, bounds=(best - step, best + step), method="bounded", options={"xatol": 0.05}
    )
    return float(np.exp(minimum.x))


def _gradient_penalty(used: Array, shape: Sequence[int]) -> Array:
    """Return |D|^2 of the bins in use."""
    return np.broadcast_to(roughness("gradient", shape, np.float64)(slice(None)), used.shape)[used]
