"""A law for the spectrum of the noise in one picture: white, or smooth where a camera has bent it.

    log N(w) = sum_j a_j Z_j(cos w_y, cos w_x),    Z_0 = 1,

with symmetric polynomials of degree 3. Demosaicing, denoising, resizing, sharpening and JPEG leave next to no noise at
the highest frequencies, where a level is read, and several times as much below. What tells the noise from the picture
is the blur: where |H| is small the power that is seen is noise. So the law is fitted together with that of the signal
S, by Whittle likelihood,

    min  sum c (log v + I / v) + penalties of S + `STIFFNESS` sum_{j > 0} a_j^2,    v = |H|^2 S + N,

from two starts: N by itself where the blur is darkest, and a flat N. Coloured noise must explain the picture far better
than white noise does; else the noise is taken for white, and nothing here is used.

Reference: P. Whittle, Estimation and information in stationary time series, Ark. Mat. 2, 1953.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from restore.checks import Array
from restore.spectrum.quasi_newton import minimum
from restore.spectrum.spectral_law import DEGREE, KNOTS, ROUND, STRAIGHT, SpectralLaw, basis

#: Weight of the squared coefficients: of 30, 100, 300 and 1000 the best for sparse priors; the filter would take 100.
STIFFNESS = 300.0
#: How much less the objective of the coloured law must be: white noise gains 3 to 137, a mosaic 500 to 65000. Of a file
#: that says it is a JPEG coloured noise is expected, and gains from 60 on.
GATE, EXPECTED_GATE = 150.0, 30.0
#: The share of the bins, those that the blur darkens most, that noise alone is first fitted to.
DARKEST = 0.15
#: Limits of the coefficients but the level; how far those of the signal's law may move.
STEEPEST, FARTHEST = 8.0, 4.0
#: Exponent of the signal's first law, and where it is read: below this frequency, where the blur lets so much pass.
EXPONENT, LOW, CLEAR = 2.6, 1.0, 0.1
#: The objective is about a unit per bin: this tolerance is far below the gate, and a closer one takes twice as long.
SEARCH = {"maxiter": 200, "ftol": 1e-7}


@dataclass(frozen=True, eq=False)
class NoiseLaw:
    """Coefficients of log N, the level first."""

    coefficients: Array

    def power(self, axes: Sequence[Array]) -> Array:
        """Return N at frequencies given per axis, broadcast against each other."""
        level, *others = self.coefficients
        return np.exp(np.asarray(level + sum(a * z for a, z in zip(others, noise_terms(axes), strict=True))))

    def times(self, factor: float) -> NoiseLaw:
        """Return the law of noise of so many times the power."""
        return NoiseLaw(np.append(self.coefficients[0] + np.log(factor), self.coefficients[1:]))


def noise_terms(axes: Sequence[Array]) -> list[Array]:
    """Return Z_1 to Z_7, means of what the two axes give so that none is favoured."""
    y, x = axes
    (cy, cx), (c2y, c2x) = (np.cos(y), np.cos(x)), (np.cos(2 * y), np.cos(2 * x))
    return [
        (cx + cy) / 2,
        cx * cy,
        (c2x + c2y) / 2,
        (cx - cy) / 2,
        c2x * c2y,
        (cx * c2y + cy * c2x) / 2,
        (np.cos(3 * x) + np.cos(3 * y)) / 2,
    ]


@dataclass(frozen=True, eq=False)
class Laws:
    """The spectra of signal and noise, fitted together."""

    signal: SpectralLaw
    noise: NoiseLaw


def fit_noise_law(
    power: Array, response: Array, frequency: Sequence[Array], weight: Array, level: float, *, expected: bool = False
) -> Laws | None:
    """Return the laws of signal and noise for bins of a periodogram, None where white noise does as well.

    I, |H|^2, frequencies per axis, how many bins each stands for; `level` is the noise as white noise, `expected` says
    that coloured noise is no surprise.
    """
    noise_columns = np.stack([np.ones_like(power), *noise_terms(frequency)], axis=-1)
    model = _JointModel(power, response, frequency, weight, noise_columns, level)
    flat = np.zeros(noise_columns.shape[1])
    flat[0] = np.log(level)
    dark = response <= np.quantile(response, DARKEST)
    alone = _noise_alone(power[dark], noise_columns[dark], weight[dark])
    white = model.fit(flat, coloured=False)
    best = min((model.fit(start) for start in (alone, white.noise)), key=lambda fit: fit.objective)
    if white.objective - best.objective < (EXPECTED_GATE if expected else GATE):
        return None
    return Laws(SpectralLaw(best.signal, len(frequency)), NoiseLaw(best.noise))


def _noise_alone(power: Array, columns: Array, weight: Array) -> Array:
    """Return the law of bins in which there is no signal."""
    flat = float(np.log(max(weight @ power / weight.sum(), 1e-300)))

    def objective(a: Array) -> tuple[float, Array]:
        logs = columns @ a
        ratio = power * np.exp(-logs)
        slope = columns.T @ (weight * (1 - ratio))
        slope[1:] += 2 * STIFFNESS * a[1:]
        return float(weight @ (logs + ratio)) + STIFFNESS * float(a[1:] @ a[1:]), slope

    start = np.zeros(columns.shape[1])
    start[0] = flat
    bounds = [(flat - STEEPEST, flat + STEEPEST)] + [(-STEEPEST, STEEPEST)] * (start.size - 1)
    with np.errstate(over="ignore", invalid="ignore"):  # steps of the search that lead nowhere
        return np.asarray(minimum(objective, start, bounds).x)


@dataclass(frozen=True, eq=False)
class _JointFit:
    signal: Array
    noise: Array
    objective: float


class _JointModel:
    """The Whittle likelihood of both laws, with what holds them."""

    def __init__(
        self,
        power: Array,
        response: Array,
        frequency: Sequence[Array],
        weight: Array,
        noise_columns: Array,
        level: float,
    ) -> None:
        self._power, self._response, self._weight = power, response, weight
        self._signal_columns, self._noise_columns = basis(frequency), noise_columns
        self._splines = KNOTS + DEGREE - 1
        self._bends = np.diff(np.eye(self._splines), 2, axis=0)
        self._start = self._signal_start(np.asarray(sum(w**2 for w in frequency)))
        most = max(float(weight @ power / weight.sum()), 1e-300)
        self._levels = np.log(min(1e-3 * level, most)), np.log(max(most, level))

    def _signal_start(self, squared: Array) -> Array:
        """Return coefficients near a straight fall whose height the data give, not a fit that may have collapsed."""
        clear = (self._response > CLEAR) & (squared < LOW**2)
        clear = clear if clear.any() else self._response >= np.quantile(self._response, 0.9)
        response = np.maximum(self._response[clear], np.finfo(float).tiny)
        with np.errstate(over="ignore"):
            height = np.median(self._power[clear] * squared[clear] ** (EXPONENT / 2) / response)
        target = np.log(np.clip(float(height), 1e-300, 1e300)) - EXPONENT / 2 * np.log(squared)
        root = np.sqrt(self._weight)
        straight = np.pad(self._bends, ((0, 0), (0, self._signal_columns.shape[1] - self._splines)))
        system = np.concatenate([self._signal_columns * root[:, None], straight])
        return np.asarray(np.linalg.lstsq(system, np.append(target * root, np.zeros(len(straight))), rcond=None)[0])

    def fit(self, noise_start: Array, *, coloured: bool = True) -> _JointFit:
        """Return the minimum from a start of the noise; `coloured` lets it be more than a level."""
        count = self._start.size
        limits = (-STEEPEST, STEEPEST) if coloured else (0.0, 0.0)
        bounds = [(b - FARTHEST, b + FARTHEST) for b in self._start]
        bounds += [self._levels, *[limits] * (noise_start.size - 1)]
        first = np.append(self._start, noise_start)
        with np.errstate(over="ignore", invalid="ignore"):  # steps of the search that lead nowhere
            reached = minimum(self._objective, first, bounds, SEARCH)
        return _JointFit(reached.x[:count], reached.x[count:], float(reached.fun))

    def _objective(self, x: Array) -> tuple[float, Array]:
        count = self._start.size
        b, a = x[:count], x[count:]
        signal, noise = self._response * np.exp(self._signal_columns @ b), np.exp(self._noise_columns @ a)
        expected = signal + noise
        ratio = self._power / expected
        slope = self._weight * (1 - ratio) / expected
        bend, directions = self._bends @ b[: self._splines], b[self._splines :]
        value = float(self._weight @ (np.log(expected) + ratio)) + STRAIGHT * float(bend @ bend)
        value += ROUND * float(directions @ directions) + STIFFNESS * float(a[1:] @ a[1:])
        by_signal = self._signal_columns.T @ (slope * signal)
        by_signal[: self._splines] += 2 * STRAIGHT * self._bends.T @ bend
        by_signal[self._splines :] += 2 * ROUND * directions
        by_noise = self._noise_columns.T @ (slope * noise)
        by_noise[1:] += 2 * STIFFNESS * a[1:]
        return value, np.append(by_signal, by_noise)
