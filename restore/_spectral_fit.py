"""One blur put to the test: the likeliest natural picture and noise under it, and how well they explain it.

The expected log spectrum of a picture blurred by H is

    m = log(exp(B b) |H|^2 + exp(n)),   B = [1, -t, t^2, cos 2p, sin 2p, cos 4p],   t = log(f / 0.1),

with f the frequency and p its direction: a power law that may bend and may prefer directions, plus white
noise. For a given H the six numbers b, held near what natural pictures have, and n minimise

    J = sum 5/2 log(1 + count (level - m)^2 / (4 s^2)) + strength / 2 sum ((b - mean) / spread)^2,

the negative logarithm of a Student-t likelihood and of a normal prior. J compares blurs, of one family or of
several.

References: A. Levin et al., Understanding and evaluating blind deconvolution algorithms, CVPR 2009 (the blur
alone, with the picture integrated out, is a well-posed estimate); K. L. Lange, R. J. A. Little and J. M. G.
Taylor, Robust statistical modeling using the t distribution, JASA 84, 1989 (the weights).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from restore._checks import Array
from restore._log_spectrum import LogSpectrum

#: Natural pictures: mean and spread of b, and how often the prior counts, since neighbouring cells err
#: together.
PRIOR_MEAN = np.array([0.0, 2.25, -0.45, 0.0, 0.0, 0.2])
PRIOR_SPREAD = np.array([50.0, 0.6, 0.35, 0.3, 0.16, 0.22])
PRIOR_STRENGTH = 50.0
#: Degrees of freedom of the Student-t distribution and its squared scale for a cell of one bin.
FREEDOM = 4.0
SCALE = 0.6
#: |H|^2 below this is not told from 0.
DARKEST = 1e-7
STEPS = 20
LONGEST_STEP = 2.0


@dataclass(frozen=True)
class SpectralFit:
    """The minimum J over the picture's spectrum and the noise, `state` = (b, n), for one blur."""

    objective: float
    state: Array


class SpectralModel:
    """What every candidate blur shares: the cells, the basis B and a start."""

    def __init__(self, spectrum: LogSpectrum) -> None:
        t = np.log(spectrum.frequency / 0.1)
        p = np.arctan2(spectrum.v, spectrum.u)
        self.spectrum = spectrum
        self.basis = np.column_stack([np.ones_like(t), -t, t**2, np.cos(2 * p), np.sin(2 * p), np.cos(4 * p)])
        self.precision = np.append(PRIOR_STRENGTH / PRIOR_SPREAD**2, 0.0)
        self.mean = np.append(PRIOR_MEAN, 0.0)

    def start(self) -> Array:
        """Return a first guess of (b, n): a usual picture at low frequencies, noise at the highest."""
        level, f = self.spectrum.level, self.spectrum.frequency
        low, high = f <= np.quantile(f, 0.1), f >= min(0.4, np.quantile(f, 0.8))
        state = self.mean.copy()
        state[0] = np.median(level[low] - self.basis[low] @ PRIOR_MEAN)
        state[-1] = np.quantile(level[high], 0.2)
        return state

    def fit(self, power: Array, start: Array) -> SpectralFit:
        """Minimise J for |H|^2 = `power` per cell by reweighted Gauss-Newton steps from `start`."""
        log_power = np.log(power + DARKEST)
        state, best = start, self._evaluate(start, log_power)
        for _ in range(STEPS):
            step = self._step(state, log_power)
            length = 1.0
            while (trial := self._evaluate(state + length * step, log_power)) > best and length > 1e-3:
                length /= 4
            if trial > best:
                break
            state, gain, best = state + length * step, best - trial, trial
            if gain < 1e-4:
                break
        return SpectralFit(best, state)

    def _expected(self, state: Array, log_power: Array) -> tuple[Array, Array]:
        """Return m and the share of the signal in it."""
        signal = self.basis @ state[:-1] + log_power - state[-1]
        share = 1 / (1 + np.exp(-np.clip(signal, -50, 50)))
        return state[-1] + np.logaddexp(0, signal), share

    def _evaluate(self, state: Array, log_power: Array) -> float:
        expected, _ = self._expected(state, log_power)
        squared = self.spectrum.count * (self.spectrum.level - expected) ** 2
        likelihood = (FREEDOM + 1) / 2 * np.log1p(squared / (FREEDOM * SCALE)).sum()
        return float(likelihood + 0.5 * (self.precision * (state - self.mean) ** 2).sum())

    def _step(self, state: Array, log_power: Array) -> Array:
        expected, share = self._expected(state, log_power)
        residual = self.spectrum.level - expected
        count = self.spectrum.count
        weight = count * (FREEDOM + 1) / (FREEDOM * SCALE + count * residual**2)
        slopes = np.column_stack([share[:, None] * self.basis, 1 - share])
        weighted = slopes * weight[:, None]
        normal = weighted.T @ slopes + np.diag(self.precision + 1e-9)
        step = np.linalg.solve(normal, weighted.T @ residual - self.precision * (state - self.mean))
        return np.asarray(np.clip(step, -LONGEST_STEP, LONGEST_STEP))
