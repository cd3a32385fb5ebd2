"""The signal spectrum bent, frequency by frequency, towards what the data show of it.

A smooth law S describes the average picture; this one has stripes, repeated texture, edges in preferred directions.
One step of Fisher scoring for a multiplier r that varies slowly over the frequencies, shrunk towards 1 as if
`PRIOR_COUNT` bins had been means to agree with the law, gives

    r = (c + sum w f z) / (c + sum w f),   z = (I - n) / M,   f = (M / (M + n))^2,   M = |H|^2 S,

with I the power of the data, n that of the noise and w a Gaussian over neighbouring frequencies. Where noise hides
the signal, f is small and the law stays. A second, narrower look starts from what the first one found. On a large grid
I, M and n are means over cells of neighbouring frequencies.

Reference: P. Whittle, Estimation and information in stationary time series, Ark. Mat. 2, 1953 (the likelihood that is
scored).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from restore.checks import Array
from restore.observation.masks import out_of_reach
from restore.observation.observation import Observation
from restore.operators.fourier import column_blocks, frequencies, mirrored
from restore.operators.penalty import Penalty, Sampled, roughness
from restore.spectrum.frequency_cells import FrequencyCells
from restore.spectrum.observed_spectrum import LEAST_NOISY
from restore.spectrum.signal_noise import SignalNoise

#: Standard deviation of the Gaussian over neighbouring cells, and how many frequencies the law is worth.
LOOKS = ((3.0, 16.0), (1.5, 8.0))
#: Columns of a cell that are looked at: of more, some.
LOOKED_AT = 3
#: Limits of the factor; and beside a completed gap, which spreads some power to where the blur lets nothing pass, where
#: it would be taken for a strong signal.
LEAST, MOST, MOST_BESIDE_GAP = 1e-3, 50.0, 2.0


def refined_ratio(observation: Observation, fit: SignalNoise) -> Sampled:
    """Return the noise-to-signal ratio per frequency, refined from the data on their grid."""
    cells = FrequencyCells(observation.grid)
    law, most = _law(fit, cells), np.sqrt(np.finfo(observation.dtype).max)
    ratio = np.empty((*observation.grid[:-1], observation.grid[-1] // 2 + 1), observation.dtype)
    for columns in column_blocks(ratio, ratio.ndim):
        ratio[..., columns] = np.minimum(law(columns), np.finfo(observation.dtype).max)
    one_in = max(1, cells.sizes[-1] // LOOKED_AT)
    means = _cell_means(observation, fit, ratio, cells, one_in)
    multiplier = _multiplier(means, cells, math.prod(cells.sizes) / one_in, whole=observation.observed_share == 1)
    for columns in column_blocks(ratio, ratio.ndim):
        ratio[..., columns] = np.minimum(ratio[..., columns] / cells.spread(multiplier, columns), most)
    return Sampled(ratio)


def _law(fit: SignalNoise, cells: FrequencyCells) -> Penalty:
    """Return the noise-to-signal ratio of a law, on a large grid by its logarithm in the middles of the cells."""
    if max(cells.sizes) == 1:
        return fit.nsr(cells.grid, np.float64)
    values, origin = fit.nsr_at(cells.middles, np.float64)(slice(None)), (0,) * len(cells.grid)
    values[origin] = values[(0,) * (len(cells.grid) - 1) + (1,)]
    logarithm = np.log(np.maximum(values, np.finfo(np.float64).tiny))

    def ratio(columns: slice) -> Array:
        values = np.exp(cells.spread(logarithm, columns))
        if columns.start == 0:
            values[origin] = 0  # the mean is known
        return values

    return ratio


@dataclass(frozen=True, eq=False)
class _CellMeans:
    """Means over cells of frequencies: the power of the data, M = |H|^2 S and n; and where S says anything."""

    power: Array
    signal: Array
    noise: Array
    varying: Array


def _cell_means(
    observation: Observation, fit: SignalNoise, law: Array, cells: FrequencyCells, one_in: int
) -> _CellMeans:
    """Return the means over one in so many columns of every cell."""
    lively, axes = _lively_share(observation), frequencies(observation.grid)
    share = min(observation.observed_share / lively, 1.0)
    # There is no noise in the gap; what is unsettled there is no signal either, wherever it exceeds the noise.
    unsettled = max(observation.unsettled_var - fit.noise_var, 0)
    gradient = roughness("gradient", observation.grid, np.float64)
    sums = np.zeros((4, *cells.shape))
    for columns, block in observation.power_blocks(counted=False, one_in=one_in):
        otf_power = np.abs(observation.otf(columns)).astype(np.float64) ** 2
        noise = fit.noise_power([*axes[:-1], axes[-1][..., columns]])
        ratio = law[..., columns].astype(np.float64)
        power = block / (observation.channels * lively)
        if share < 1:  # the completed gap lacks the variance that its prediction could not know
            penalty = observation.pilot * gradient(columns)
            power += (1 - share) * noise * otf_power / np.maximum(otf_power + penalty, np.finfo(float).tiny)
        varying = ratio > 0  # all but the mean, which the law does not describe
        signal = otf_power * np.divide(noise, ratio, out=np.zeros_like(ratio), where=varying)
        values = np.empty((4, *varying.shape))
        for value, out in zip((power, signal, share * noise + unsettled, 1.0), values, strict=True):
            np.multiply(varying, value, out=out)
        cells.add(sums, values, columns)
    varied, inverse_counts = sums[3] > 0, 1 / np.maximum(sums[3], 1)
    power, signal, noise = sums[:3] * inverse_counts
    return _CellMeans(power, signal, noise, varied)


def _lively_share(observation: Observation) -> float:
    """Return the share of the grid whose data have detail, observed or completed near to what was."""
    empty = out_of_reach(observation.mask, observation.psf)
    inside = float(np.prod(observation.image_shape) / np.prod(observation.grid))
    return 1.0 if empty is None else max(1 - float(empty.mean()) * inside, LEAST_NOISY)


def _multiplier(means: _CellMeans, cells: FrequencyCells, bins: float, *, whole: bool) -> Array:
    """Return r in every cell, whose means are those of so many frequencies."""
    columns = cells.lengths[-1]
    multiplier = np.ones(cells.shape)
    for bandwidth, count in LOOKS:
        expected = np.maximum(multiplier * means.signal, 1e-12 * means.noise)
        certain = np.divide(expected, expected + means.noise, out=np.zeros(cells.shape), where=means.varying) ** 2
        deviation = np.divide(means.power - means.noise, expected, out=np.zeros(cells.shape), where=means.varying)
        excess = count + bins * _smoothed(certain * deviation, columns, bandwidth)
        multiplier *= excess / (count + bins * _smoothed(certain, columns, bandwidth))
        multiplier = np.clip(multiplier, LEAST, MOST if whole else MOST_BESIDE_GAP, out=multiplier)
    return multiplier


def _smoothed(values: Array, columns: int, bandwidth: float) -> Array:
    """Return Gaussian-weighted sums over neighbouring bins; the half spectrum of `columns` goes on by its symmetry."""
    opposite, radius = mirrored(values), round(3 * bandwidth)
    reach = min(radius, values.shape[-1] - 1)
    last = -2 if columns % 2 == 0 else -1  # an even length has its finest frequency once
    wide = np.concatenate([opposite[..., reach:0:-1], values, opposite[..., last : last - reach : -1]], axis=-1)
    modes = ["wrap"] * (values.ndim - 1) + ["nearest"]
    sums = ndimage.gaussian_filter(wide, bandwidth, mode=modes, radius=radius)
    return (2 * np.pi * bandwidth**2) ** (values.ndim / 2) * sums[..., reach : reach + values.shape[-1]]
