"""Energy and number of the frequencies by the ratio that decides what a filter gives up of them: |P|^2 / |H|^2.

With q = lambda |P|^2 / (|H|^2 + lambda |P|^2), the share of each frequency that the filter gives up, the residual has
the energy phi = sum q^2 |G|^2 / N and the filter T = sum q degrees of freedom left. Both depend on a frequency only
through that ratio, so a fine histogram of its logarithm answers for every lambda, at a cost that does not grow with the
picture.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from restore.checks import Array
from restore.observation.observation import Observation
from restore.operators.fourier import frequencies, frequency_mean, multiplicity
from restore.operators.penalty import Penalty
from restore.spectrum.noise_law import NoiseLaw

#: Its range covers every ratio that float64 leaves distinct from 0 and infinity.
LOG_RATIO_RANGE, BINS = (-60.0, 60.0), 1 << 16


@dataclass(frozen=True, eq=False)
class RatioHistogram:
    """Energy and number of the frequencies by x = log(|P|^2 / |H|^2), and the noise's share of the grid."""

    log_ratio: Array
    energy: Array
    squares: Array  # of the energy of single frequencies
    count: Array  # of coloured noise in units of its mean: a frequency counts as often as it is noisy
    free: float  # frequencies with P = 0: never smoothed
    lost_energy: float  # frequencies with H = 0: wholly given up
    lost_squares: float
    lost_count: float
    noisy: float

    @property
    def samples(self) -> float:
        """Return how many samples are noisy."""
        return float((self.count.sum() + self.lost_count + self.free) * self.noisy)

    def given_up(self, weight: float | Array) -> Array:
        """Return q for a lambda, or one row of q per lambda."""
        q: Array = 1 / (1 + np.exp(-(self.log_ratio + np.log(weight)[..., None])))
        return q

    def residual(self, weight: float | Array) -> Array:
        """Return phi."""
        phi: Array = self.given_up(weight) ** 2 @ self.energy + self.lost_energy
        return phi

    def degrees_of_freedom(self, weight: float | Array) -> Array:
        """Return T, counted in noisy samples."""
        free: Array = (self.given_up(weight) @ self.count + self.lost_count) * self.noisy
        return free

    def roughness(self, weight: float) -> float:
        """Return |p * f|^2 = sum of q (1 - q) |G|^2 / (N lambda)."""
        q = self.given_up(weight)
        return float((q * (1 - q)) @ self.energy / weight)

    def whiteness(self, weight: float) -> float:
        """Return sum R^2 / (sum R)^2 of the residual's power R: the smaller, the flatter its spectrum."""
        squares = self.given_up(weight) ** 4 @ self.squares + self.lost_squares
        energy = float(self.residual(weight))
        return float(squares) / energy**2 if energy > 0 else 0.0


def ratio_histogram(observation: Observation, penalty: Penalty, noise: NoiseLaw | None = None) -> RatioHistogram:
    """Collect the frequencies of an observation, each counted by its share of a coloured noise: one FFT."""
    shares = _noise_shares(observation, noise)
    sums = np.zeros((4, BINS))
    free = lost_energy = lost_squares = lost_count = 0.0
    for columns, power in observation.power_blocks():
        unpaid, blocked, both, ratio = ratios(observation, penalty, columns)
        number = np.broadcast_to(multiplicity(observation.grid)[columns], both.shape) * shares(columns)
        free += float(number[unpaid].sum())
        lost_energy += float(power[blocked].sum())
        lost_squares += float((power[blocked] ** 2 / number[blocked]).sum())
        lost_count += float(number[blocked].sum())
        powers, times = power[both], number[both]
        sums += binned(ratio, powers, powers**2 / times, times, times * ratio)
    energy, squares, count, moment = sums
    used = count > 0
    channels = observation.channels
    return RatioHistogram(
        log_ratio=moment[used] / count[used],
        energy=energy[used],
        squares=squares[used],
        count=count[used] * channels,
        free=free * channels,
        lost_energy=lost_energy,
        lost_squares=lost_squares,
        lost_count=lost_count * channels,
        noisy=observation.observed_share,
    )


def ratios(observation: Observation, penalty: Penalty, columns: slice) -> tuple[Array, Array, Array, Array]:
    """Return in a slice of columns where P is 0, where H alone is, where neither is, and log(|P|^2 / |H|^2) there."""
    otf_power, roughness = _powers(observation, penalty, columns)
    unpaid = roughness == 0
    blocked = (otf_power == 0) & ~unpaid
    both = ~(unpaid | blocked)
    return unpaid, blocked, both, np.clip(np.log(roughness[both] / otf_power[both]), *LOG_RATIO_RANGE)


def binned(ratio: Array, *values: Array) -> Array:
    """Return the sums of values over the bins of a histogram of ratios, a row for each."""
    low, high = LOG_RATIO_RANGE
    index = np.minimum(((ratio - low) * (BINS / (high - low))).astype(np.int64), BINS - 1)
    return np.stack([np.bincount(index, weights, BINS) for weights in values])


def _noise_shares(observation: Observation, noise: NoiseLaw | None) -> Callable[[slice], Array | float]:
    """Return N over its mean in a slice of columns, 1 for white noise."""
    if noise is None:
        return lambda _: 1.0
    axes = frequencies(observation.grid)
    power = noise.power(axes)
    power /= frequency_mean(power, observation.grid)
    return lambda columns: power[..., columns]


def residual_energy(observation: Observation, penalty: Penalty, weight: float) -> tuple[float, float]:
    """Return phi(lambda) and its derivative by log lambda, summed exactly over all frequencies: one FFT."""
    phi = slope = 0.0
    for columns, power in observation.power_blocks():
        otf_power, roughness = _powers(observation, penalty, columns)
        denominator = otf_power + weight * roughness
        q = np.divide(weight * roughness, denominator, out=np.zeros(denominator.shape), where=denominator > 0)
        phi += float((q**2 * power).sum())
        slope += float((2 * q**2 * (1 - q) * power).sum())
    return phi, slope


def _powers(observation: Observation, penalty: Penalty, columns: slice) -> tuple[Array, Array]:
    """Return |H|^2 and |P|^2 in a slice of columns."""
    otf_power = np.abs(observation.otf(columns)).astype(np.float64) ** 2
    return otf_power, np.broadcast_to(penalty(columns), otf_power.shape).astype(np.float64)
