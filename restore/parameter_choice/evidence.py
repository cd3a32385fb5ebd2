"""How strong a prior on differences shall be: the evidence that noise and first estimate give.

A prior of degree p (its cost U(a f) is a^p U(f)) beside |h * f - g|^2 / 2 takes the strength at which

    p strength U(w) = FACTOR gamma N s^2,    w the Wiener estimate, s^2 the noise.

What the picture pays is then the noise of as many samples as the data determine. Their share gamma is the mean over all
frequencies of what the Wiener filter keeps, |H|^2 / (|H|^2 + S_noise / S_signal): near 1 for a weak blur and little
noise, a few percent for a strong one.

The residual knows as much, |h * f - g|^2 = (1 - gamma) N s^2 at the best strength, but where gamma is small it hardly
changes with the strength. Measured on 108 true crops (six pictures, six PSFs, BSNR 20 to 40 dB), each rule with its
best constant, mean and worst loss of isotropic total variation to its best strength: 0.02 and 0.2 dB by the rule above;
0.05 and 0.4 dB with U of the picture that it leads to in the place of U(w), and noise all over the picture when that of
the data is underrated by a fifth; 0.14 and 1.1 dB by the residual (1 - 1.13 gamma) N s^2; 0.4 and 1.8 dB by a fixed
share of N s^2, such as the textbook's whole.

Reference: D. J. C. MacKay, Bayesian interpolation, Neural Comput. 4, 1992, section 4 (2 strength U = gamma s^2 at the
minimum for quadratic U: the evidence for a strength).
"""

from __future__ import annotations

import numpy as np

from restore.checks import Array
from restore.observation.observation import Observation
from restore.operators.fourier import Gain, filtered, frequencies, frequency_mean
from restore.parameter_choice.fitted_filter import fitted_gain

#: One for all: total variation, isotropic and anisotropic, asks for 1.6 (1.4 to 2 lose 0.03 to 0.05 dB on average),
#: sums of the powers 0.5, 0.65, 0.8 and 1 of differences for 1.8 to 2.1.
FACTOR = 1.8
#: Least mean slope that the rule believes, relative to the picture's range: a flat picture would ask for any strength.
LEAST_SLOPE = 1e-4


def evidence_strength(determined_var: float, cost: float, degree: float = 1.0) -> float:
    """Return the strength of a prior of a degree whose cost per sample is U(w) / N; `determined_var` is gamma s^2."""
    return FACTOR * determined_var / (degree * cost)


def linear_estimate(observation: Observation) -> tuple[list[Array], float]:
    """Return the channels of the Wiener estimate w on the whole grid, and gamma s^2: the noise in what is kept."""
    gain = fitted_gain(observation)
    estimate = filtered(observation.data, len(observation.grid), gain)
    planes = [np.ascontiguousarray(estimate[..., c]) for c in range(estimate.shape[-1])]
    return planes, _determined_var(observation, gain)


def kept_noise_var(observation: Observation, gain: Gain) -> float:
    """Return the variance of the noise as the frequencies hold it that a filter keeps, what is unsettled included."""
    fit = observation.fit
    if fit.is_white:
        return fit.noise_var + observation.unsettled_var
    return _determined_var(observation, gain) / frequency_mean(_shares(observation, gain), observation.grid)


def _determined_var(observation: Observation, gain: Gain) -> float:
    """Return gamma s^2, of coloured noise the mean of what each frequency keeps of its own."""
    fit, shares = observation.fit, _shares(observation, gain)
    if fit.is_white:
        return frequency_mean(shares, observation.grid) * (fit.noise_var + observation.unsettled_var)
    noise = fit.noise_power(frequencies(observation.grid)) + observation.unsettled_var
    return frequency_mean(shares * noise, observation.grid)


def _shares(observation: Observation, gain: Gain) -> Array:
    """Return what the filter keeps of each frequency."""
    return np.real(gain(slice(None)) * observation.otf(slice(None))).astype(np.float64)
