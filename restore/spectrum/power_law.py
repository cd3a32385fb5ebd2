"""The power law that natural pictures' spectra lie near, fitted under blur and noise by Whittle likelihood.

    S(w) = A (|w|^2 + k^2)^(-p / 2),   p between 2 and 3.5

Under the blur and white noise the windowed periodogram I(w) is exponentially distributed around v = |H|^2 S + s^2, so
A, k, p and s^2 minimise

    sum over w of  log v + I / v.

References: P. Whittle, Estimation and information in stationary time series, Ark. Mat. 2, 1953; D. J. Field, Relations
between the statistics of natural images and the response properties of cortical cells, J. Opt. Soc. Am. A 4, 1987.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from restore.checks import Array
from restore.spectrum.quasi_newton import minimum

#: What is known of the exponent before looking: mean, spread, weight.
EXPONENT_PRIOR = (2.6, 0.6, 10.0)
#: Spread of log s^2 around the noise seen in flat places, about which it is known to be right.
NOISE_PRIOR_SPREAD = 0.7
#: Multiples of that noise to start from: a first step from too little of it may leap to a picture without signal, and
#: no later one comes back. Another start is believed where its minimum is lower by this.
STARTS = (1.0, 10.0, 100.0)
BETTER = 1.0


@dataclass(frozen=True)
class PowerLaw:
    """S(w) = exp(log_amplitude) (|w|^2 + knee^2)^(-exponent / 2), and the variance of the noise beside it."""

    log_amplitude: float
    exponent: float
    knee: float
    noise_var: float

    def log_spectrum(self, squared_frequency: Array) -> Array:
        """Return log S at the squared radian frequencies."""
        return self.log_amplitude - 0.5 * self.exponent * np.log(squared_frequency + self.knee**2)


def fit_power_law(power: Array, response: Array, squared: Array, weight: Array, noise_var: float) -> PowerLaw:
    """Fit the law to bins of a periodogram: I, |H|^2, |w|^2 and how many bins each stands for."""
    mean, spread, strength = EXPONENT_PRIOR
    low = squared < 0.3**2
    level = np.median((power * squared ** (mean / 2))[low]) if low.any() else np.median(power)
    start = np.array([np.log(max(level, 1e-300) / np.log(2)), 2.5, np.log(0.02), np.log(noise_var)])

    log_noise_var = np.log(noise_var)

    def objective(x: Array) -> tuple[float, Array]:
        squared_knee, noise = np.exp(2 * x[2]), np.exp(x[3])
        distance = squared + squared_knee
        logs = np.log(distance)
        signal = response * np.exp(x[0] - 0.5 * x[1] * logs)
        expected = signal + noise
        ratio = power / expected
        slope = weight * (1 - ratio) / expected
        pulled = slope * signal
        away, doubt = (x[1] - mean) / spread, (x[3] - log_noise_var) / NOISE_PRIOR_SPREAD
        value = float(weight @ (np.log(expected) + ratio)) + strength * away**2 + 0.5 * doubt**2
        gradient = [
            np.add.reduce(pulled),
            -0.5 * (pulled @ logs) + 2 * strength * away / spread,
            -x[1] * squared_knee * np.add.reduce(pulled / distance),
            np.add.reduce(slope) * noise + doubt / NOISE_PRIOR_SPREAD,
        ]
        return value, np.array(gradient)

    bounds = [(None, None), (0.5, 6.0), (-20.0, -0.5), (np.log(1e-4 * noise_var), np.log(1e4 * noise_var))]
    minima = []
    for factor in STARTS:
        moved = start + np.log(factor) * np.array([0, 0, 0, 1])
        with np.errstate(over="ignore", invalid="ignore"):  # steps of the search that lead nowhere
            minima.append(minimum(objective, moved, bounds, {"maxiter": 100}))
    best = min(minima[1:], key=lambda candidate: candidate.fun)
    best = best if best.fun < minima[0].fun - BETTER else minima[0]
    log_amplitude, exponent, log_knee, log_noise = (float(x) for x in best.x)
    return PowerLaw(log_amplitude, exponent, float(np.exp(log_knee)), float(np.exp(log_noise)))
