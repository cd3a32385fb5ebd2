"""A law for the spectrum of one picture: any smooth fall with the frequency, and a preference for directions.

    log S(w) = sum_j b_j B_j(log |w|) + (1 - t, t) x (cos 2 p, sin 2 p, cos 4 p, sin 4 p) c

with cubic B-splines B_j in the logarithm of the frequency, t that logarithm scaled to 0..1, and p the direction
(pictures only). The coefficients and the noise minimise the Whittle likelihood, started from the power law, held to a
straight fall and to no direction by weak penalties. The power law alone takes the directions of a picture for noise
where |H| is small.

Reference: P. Whittle, Estimation and information in stationary time series, Ark. Mat. 2, 1953.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import BSpline

from restore.checks import Array
from restore.spectrum.power_law import NOISE_PRIOR_SPREAD, PowerLaw
from restore.spectrum.quasi_newton import minimum

#: Range of log |w| that the splines cover, from one period in 256 samples to the corner of the spectrum, and their
#: knots.
LOWEST, HIGHEST, KNOTS = np.log(2 * np.pi / 256), np.log(np.pi * np.sqrt(2)), 5
DEGREE = 3
#: Weights of the penalties on the splines' second differences and on the directions.
STRAIGHT, ROUND = 2.0, 0.5
#: How far a coefficient, a logarithm of power, may move from the power law.
FARTHEST = 4.0
#: Where the search ends: early, it leaves a ten-thousandth that depends on the unit, and thresholds turn it into more.
CONVERGED = {"maxiter": 100, "ftol": 1e-10, "gtol": 1e-7}


@dataclass(frozen=True, eq=False)
class SpectralLaw:
    """Coefficients of log S."""

    coefficients: Array
    ndim: int

    def log_spectrum(self, axes: Sequence[Array]) -> Array:
        """Return log S at frequencies given per axis, broadcast against each other."""
        splines = KNOTS + DEGREE - 1
        sizes, rows = _sizes(axes[0])
        logs = _logs(np.asarray(sum(w**2 for w in (sizes, *axes[1:]))))
        total: Array = BSpline(_knots(), self.coefficients[:splines], DEGREE)(logs)
        logs, total = (logs[rows], total[rows]) if rows is not None else (logs, total)
        if self.ndim == 2:
            t, squared = _scaled(logs), np.asarray(sum(w**2 for w in axes))
            lows, highs = self.coefficients[splines : splines + 4], self.coefficients[splines + 4 :]
            for low, high, turn in zip(lows, highs, _turns(axes, squared), strict=True):
                total += (low + (high - low) * t) * turn
        return total


def basis(frequency: Sequence[Array]) -> Array:
    """Return the columns of the law at bins whose frequencies are given per axis."""
    squared = np.asarray(sum(w**2 for w in frequency))
    logs = _logs(squared)
    columns = [BSpline.design_matrix(logs, _knots(), DEGREE).toarray()]
    if len(frequency) == 2:
        t, turns = _scaled(logs), _turns(frequency, squared)
        columns += [np.stack([share * turn for share in (1 - t, t) for turn in turns], axis=-1)]
    return np.concatenate(columns, axis=-1)


def _sizes(axis: Array) -> tuple[Array, Array | None]:
    """Return the sizes of the frequencies along an axis of a grid, opposite ones once, and which is that of each."""
    if axis.ndim == 1 or axis.size > len(axis):
        return axis, None
    sizes, which = np.unique(np.abs(axis), return_inverse=True)
    return sizes.reshape(-1, *axis.shape[1:]), which.ravel()


def _logs(squared: Array) -> Array:
    """Return log |w|, kept to the range of the splines."""
    return np.clip(0.5 * np.log(np.maximum(squared, 1e-18)), LOWEST, HIGHEST)


def _scaled(logs: Array) -> Array:
    return (logs - LOWEST) / (HIGHEST - LOWEST)


def _knots() -> Array:
    return np.concatenate([[LOWEST] * DEGREE, np.linspace(LOWEST, HIGHEST, KNOTS), [HIGHEST] * DEGREE])


def _turns(axes: Sequence[Array], squared: Array) -> tuple[Array, ...]:
    """Return cos 2 p, sin 2 p, cos 4 p, sin 4 p of the direction p; the mean has the direction 0."""
    (down, across), safe = axes, np.maximum(squared, 1e-300)
    cos, sin = (across**2 - down**2) / safe, 2 * across * down / safe
    cos = np.where(squared > 0, cos, 1.0)
    return cos, sin, 2 * cos**2 - 1, 2 * sin * cos


def fit_spectral_law(
    power: Array, response: Array, frequency: Sequence[Array], weight: Array, start: PowerLaw, noise_var: float
) -> tuple[SpectralLaw, float]:
    """Fit the law to bins of a periodogram, and return it with the variance of the noise.

    I, |H|^2, frequencies per axis, and how many bins each stands for; `noise_var` is what flat places show.
    """
    columns = basis(frequency)
    splines = KNOTS + DEGREE - 1
    bends = np.diff(np.eye(splines), 2, axis=0)
    root = np.sqrt(weight)
    target = start.log_spectrum(np.asarray(sum(w**2 for w in frequency)))
    straight = np.pad(bends, ((0, 0), (0, columns.shape[1] - splines)))  # decides where a small picture has no bins
    system = np.concatenate([columns * root[:, None], straight])
    coefficients = np.linalg.lstsq(system, np.append(target * root, np.zeros(len(straight))), rcond=None)[0]

    def objective(x: Array) -> tuple[float, Array]:
        b, noise = x[:-1], np.exp(x[-1])
        signal = response * np.exp(columns @ b)
        expected = signal + noise
        ratio = power / expected
        slope = weight * (1 - ratio) / expected
        bend, doubt = bends @ b[:splines], (x[-1] - np.log(noise_var)) / NOISE_PRIOR_SPREAD
        value = float(weight @ (np.log(expected) + ratio)) + STRAIGHT * float(bend @ bend) + 0.5 * doubt**2
        value += ROUND * float(b[splines:] @ b[splines:])
        gradient = columns.T @ (slope * signal)
        gradient[:splines] += 2 * STRAIGHT * bends.T @ bend
        gradient[splines:] += 2 * ROUND * b[splines:]
        return value, np.append(gradient, slope.sum() * noise + doubt / NOISE_PRIOR_SPREAD)

    first = np.append(coefficients, np.log(start.noise_var))
    # Without bounds a first step may leap to where exp(columns @ b) says nothing any more.
    bounds = [(b - FARTHEST, b + FARTHEST) for b in coefficients]
    bounds.append((np.log(1e-4 * noise_var), np.log(1e4 * noise_var)))
    reached = minimum(objective, first, bounds, CONVERGED)
    best = reached.x if reached.fun <= objective(first)[0] else first
    return SpectralLaw(np.asarray(best[:-1]), len(frequency)), float(np.exp(best[-1]))
