"""One blur put to the test: the likeliest natural picture and noise under it, and how well they explain it.

The expected log spectrum of a picture blurred by H is

    m = log(A^2 (exp(B b) |H|^2 + exp(Z n)) + floor),   B = [1, -t, t^2, cos 2p, sin 2p, cos 4p],   t = log(f / 0.1),

with f the frequency and p its direction: a power law that may bend and may prefer directions, noise, what JPEG's
compression kept of both (1 without), and the power that the file could not hold or that its compression added. White
noise is a level, Z = 1; coloured noise bends it by the terms of `restore.spectrum.noise_law`. For a given H the six
numbers b, held near what natural pictures have, and n minimise

    J = sum 5/2 log(1 + count (level - m)^2 / (4 s^2)) + strength / 2 sum ((b - mean) / spread)^2,

the negative logarithm of a Student-t likelihood and of a normal prior. J compares blurs, of one family or of several.

References: A. Levin et al., Understanding and evaluating blind deconvolution algorithms, CVPR 2009 (the blur
alone, with the picture integrated out, is a well-posed estimate); K. L. Lange, R. J. A. Little and J. M. G.
Taylor, Robust statistical modeling using the t distribution, JASA 84, 1989 (the weights).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from restore.blur_identification.spectral.log_spectrum import LogSpectrum
from restore.checks import Array
from restore.spectrum.noise_law import noise_terms

#: Natural pictures: mean and spread of b, and how often the prior counts, since neighbouring cells err together.
PRIOR_MEAN = np.array([0.0, 2.25, -0.45, 0.0, 0.0, 0.2])
PRIOR_SPREAD = np.array([np.inf, 0.6, 0.35, 0.3, 0.16, 0.22])
PRIOR_STRENGTH = 70.0
#: Weight of the squared bends of coloured noise: of 30 to 3000 the one that found most blurs of camera files.
NOISE_STIFFNESS = 300.0
#: Degrees of freedom of the Student-t distribution and its squared scale for a cell of one bin.
FREEDOM = 4.0
SCALE = 0.6
#: Gauss-Newton: the most steps, the gain in J that ends them, and the longest move of b and n in one.
STEPS = 60
PRECISION = 1e-3
LONGEST_STEP = 2.0
#: The noise stays above the floor divided by exp(FADED): lower, nothing would call it back.
FADED = 3.0
#: Derivatives of log |H|^2 by theta are differences over this step; longer moves than LONGEST_MOVE are cut.
DIFFERENCE = 1e-3
LONGEST_MOVE = 0.1
#: The frequency, in cycles per pixel along an axis, that a picture of half the size ends at.
HALF = 0.25

LogPower = Callable[[Array], Array]  # theta -> log |H|^2 per cell


@dataclass(frozen=True, eq=False)
class SpectralFit:
    """The minimum J over the spectrum and the noise, `state` = (b, n), and over the free ones of theta."""

    objective: float
    state: Array
    theta: Array
    covariance: Array  # of theta, 0 where it was held


class SpectralModel:
    """What every candidate blur shares: the cells, the basis B and a start; white noise, or `coloured` Z a."""

    def __init__(self, spectrum: LogSpectrum, *, coloured: bool = False) -> None:
        self.coloured = coloured
        t = np.log(spectrum.frequency / 0.1)
        p = np.arctan2(spectrum.v, spectrum.u)
        self.spectrum = spectrum
        # A term per row: sums over the cells run along memory.
        self.basis = np.stack([np.ones_like(t), -t, t**2, np.cos(2 * p), np.sin(2 * p), np.cos(4 * p)])
        bends = noise_terms([2 * np.pi * spectrum.v, 2 * np.pi * spectrum.u]) if coloured else []
        self.noise_basis = np.stack([np.ones_like(t), *bends])
        self.level = len(self.basis)  # where the level of the noise stands in a state, before what bends it
        self.precision = np.concatenate([PRIOR_STRENGTH / PRIOR_SPREAD**2, [0.0], [NOISE_STIFFNESS] * len(bends)])
        self.mean = np.concatenate([PRIOR_MEAN, np.zeros(1 + len(bends))])
        self.least_noise = float(spectrum.floor.min()) - FADED

    def sharp(self) -> SpectralFit:
        """Return the fit without blur."""
        nothing = np.zeros_like(self.spectrum.level)
        none = np.zeros(0)
        return self.fit(lambda _: nothing, none, np.zeros(0, bool), (none, none))

    def start(self, log_power: Array) -> Array:
        """Return a first guess of (b, n): a usual picture at low frequencies, noise at the highest."""
        level, f = self.spectrum.level, self.spectrum.frequency
        low, high = f <= np.quantile(f, 0.1), f >= min(0.4, np.quantile(f, 0.8))
        state = self.mean.copy()
        state[0] = np.median((level - log_power)[low] - PRIOR_MEAN @ self.basis[:, low])
        state[self.level] = np.quantile(level[high], 0.2)
        return state

    def fit(
        self, log_power: LogPower, theta: Array, free: Array, bounds: tuple[Array, Array], state: Array | None = None
    ) -> SpectralFit:
        """Minimise J by reweighted Gauss-Newton steps from `theta`, of which `free` moves within `bounds`."""
        logs = log_power(theta)
        state = self.start(logs) if state is None else state
        expected = self.expected(state, logs)
        best = self._objective(state, expected[0])
        for _ in range(STEPS):
            normal, gradient = self._normal(state, expected, self._slopes(log_power, theta, free, logs))
            step = np.linalg.solve(normal, gradient)
            step /= max(1, np.abs(step[: state.size]).max() / LONGEST_STEP)  # as a whole, so that it still leads down
            step /= max(1, np.abs(step[state.size :]).max(initial=0) / LONGEST_MOVE)
            before, length = best, 1.0
            while length > 1e-3:
                trial_theta = theta.copy()
                trial_theta[free] += length * step[state.size :]
                trial_theta = np.clip(trial_theta, *bounds)
                trial_logs = log_power(trial_theta) if free.any() else logs
                trial_state = state + length * step[: state.size]
                trial_state[self.level] = max(trial_state[self.level], self.least_noise)
                trial_expected = self.expected(trial_state, trial_logs)
                trial = self._objective(trial_state, trial_expected[0])
                if trial <= best:
                    theta, logs, state, best = trial_theta, trial_logs, trial_state, trial
                    expected = trial_expected
                    break
                length /= 4
            if before - best < PRECISION:
                break
        covariance = np.zeros((theta.size, theta.size))
        if free.any():
            covariance[np.ix_(free, free)] = np.linalg.inv(normal)[state.size :, state.size :]
        return SpectralFit(objective=best, state=state, theta=theta, covariance=covariance)

    def expected(self, state: Array, log_power: Array) -> tuple[Array, Array, Array]:
        """Return m and the shares of signal and noise in it."""
        below = self.spectrum.floor - self.spectrum.gain
        signal = np.exp(np.clip(state[: self.level] @ self.basis + log_power - below, -50, 50))
        noise = np.exp(np.clip(state[self.level :] @ self.noise_basis - below, -50, 50))
        total = signal + noise + 1
        return self.spectrum.floor + np.log(total), signal / total, noise / total

    def detail(self, sharp: SpectralFit) -> float:
        """Return the share of the picture in the upper half of the frequencies, beside noise and what the file lost."""
        _, signal, _ = self.expected(sharp.state, np.zeros_like(self.spectrum.level))
        upper = np.maximum(np.abs(self.spectrum.u), np.abs(self.spectrum.v)) > HALF
        return float(signal[upper].mean()) if upper.any() else 0.0

    def weights(self, residual: Array) -> Array:
        """Return the weight of each cell in the next step: the Student-t distribution's, less for what does not fit."""
        count = self.spectrum.count
        weight: Array = count * (FREEDOM + 1) / (FREEDOM * SCALE + count * residual**2)
        return weight

    def _objective(self, state: Array, level: Array) -> float:
        residual = self.spectrum.level - level
        squared = self.spectrum.count * residual**2 / (FREEDOM * SCALE)
        likelihood = (FREEDOM + 1) / 2 * np.log1p(squared).sum()
        return float(likelihood + 0.5 * (self.precision * (state - self.mean) ** 2).sum())

    def _normal(self, state: Array, expected: tuple[Array, Array, Array], slopes: Array) -> tuple[Array, Array]:
        """Return the Gauss-Newton matrix and minus the gradient of J by (b, n, free theta)."""
        level, signal, noise = expected
        residual = self.spectrum.level - level
        root = np.sqrt(self.weights(residual))
        rows = np.empty((state.size + len(slopes) + 1, residual.size))  # the jacobian and, below it, the residual
        np.multiply(root * signal, self.basis, out=rows[: self.level])
        np.multiply(root * noise, self.noise_basis, out=rows[self.level : state.size])
        np.multiply(root * signal, slopes, out=rows[state.size : -1])
        np.multiply(root, residual, out=rows[-1])
        products = rows @ rows.T  # of a matrix with itself: half the work
        normal, gradient = products[:-1, :-1], products[:-1, -1]
        normal[np.diag_indices_from(normal)] += 1e-6
        normal[np.diag_indices(state.size)] += self.precision
        gradient[: state.size] -= self.precision * (state - self.mean)
        return normal, gradient

    @staticmethod
    def _slopes(log_power: LogPower, theta: Array, free: Array, logs: Array) -> Array:
        """Return the derivatives of log |H|^2 by each free coordinate of theta, one per row."""
        slopes = np.empty((np.count_nonzero(free), logs.size))
        for slope, i in zip(slopes, np.flatnonzero(free), strict=True):
            neighbour = theta.copy()
            neighbour[i] += DIFFERENCE
            slope[:] = (log_power(neighbour) - logs) / DIFFERENCE
        return slopes
