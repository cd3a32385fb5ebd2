"""The signal spectrum bent, frequency by frequency, towards what the data show of it.

A smooth law S describes the average picture; this one has stripes, repeated texture, edges in preferred directions.
One step of Fisher scoring for a multiplier r that varies slowly over the frequencies, shrunk towards 1 as if
`PRIOR_COUNT` bins had been seen to agree with the law, gives

    r = (c + sum w f z) / (c + sum w f),   z = (I - n) / M,   f = (M / (M + n))^2,   M = |H|^2 S,

with I the power of the data, n that of the noise and w a Gaussian over neighbouring frequencies. Where noise hides
the signal, f is small and the law stays. A second, narrower look starts from what the first one found.

Reference: P. Whittle, Estimation and information in stationary time series, Ark. Mat. 2, 1953 (the likelihood that is
scored).
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from restore.checks import Array
from restore.observation.observation import Observation
from restore.operators.fourier import mirrored
from restore.operators.penalty import Sampled, roughness
from restore.spectrum.signal_noise import SignalNoise

#: Standard deviation of the Gaussian over neighbouring frequencies, in bins, and how many bins the law is worth.
LOOKS = ((3.0, 16.0), (1.5, 8.0))
#: Limits of the factor; and beside a completed gap, which spreads some power to where the blur lets nothing pass, where
#: it would be taken for a strong signal.
LEAST, MOST, MOST_BESIDE_GAP = 1e-3, 50.0, 2.0


def refined_ratio(observation: Observation, fit: SignalNoise) -> Sampled:
    """Return the noise-to-signal ratio per frequency, refined from the data on their grid."""
    share = observation.observed_share
    power, otf_power = _powers(observation)
    noise_power = observation.noise_power
    # There is no noise in the gap; what is unsettled there is no signal either, wherever it exceeds the noise.
    noise = share * noise_power + max(observation.unsettled_var - fit.noise_var, 0)
    if share < 1:  # the completed gap lacks the variance that its prediction could not know
        penalty = observation.pilot * roughness("gradient", observation.grid, np.float64)(slice(None))
        reproduced = otf_power / np.maximum(otf_power + penalty, np.finfo(float).tiny)
        power = power + (1 - share) * reproduced * noise_power
    law = fit.nsr(observation.grid, np.float64)(slice(None))
    varying = law > 0  # all but the mean, which the law does not describe
    signal = otf_power * np.divide(noise_power, law, out=np.zeros_like(law), where=varying)
    multiplier = np.ones_like(law)
    for bandwidth, count in LOOKS:
        expected = np.maximum(multiplier * signal, 1e-12 * noise)
        certain = np.where(varying, (expected / (expected + noise)) ** 2, 0)
        excess = _smoothed(certain * (power - noise) / expected, observation.grid[-1], bandwidth)
        multiplier *= (count + excess) / (count + _smoothed(certain, observation.grid[-1], bandwidth))
        multiplier = np.clip(multiplier, LEAST, MOST if share == 1 else MOST_BESIDE_GAP, out=multiplier)
    return Sampled(np.minimum(law / multiplier, np.sqrt(np.finfo(observation.dtype).max)).astype(observation.dtype))


def _powers(observation: Observation) -> tuple[Array, Array]:
    """Return the power of the data, a mean over channels, and |H|^2."""
    shape = (*observation.grid[:-1], observation.grid[-1] // 2 + 1)
    power, otf_power = np.empty(shape), np.empty(shape)
    for columns, block in observation.power_blocks(counted=False):
        power[..., columns] = block / observation.channels
        otf_power[..., columns] = np.abs(observation.otf(columns)) ** 2
    return power, otf_power


def _smoothed(values: Array, columns: int, bandwidth: float) -> Array:
    """Return Gaussian-weighted sums over neighbouring bins; the half spectrum of `columns` goes on by its symmetry."""
    opposite, radius = mirrored(values), round(3 * bandwidth)
    reach = min(radius, values.shape[-1] - 1)
    last = -2 if columns % 2 == 0 else -1  # an even length has its finest frequency once
    wide = np.concatenate([opposite[..., reach:0:-1], values, opposite[..., last : last - reach : -1]], axis=-1)
    modes = ["wrap"] * (values.ndim - 1) + ["nearest"]
    sums = ndimage.gaussian_filter(wide, bandwidth, mode=modes, radius=radius)
    return (2 * np.pi * bandwidth**2) ** (values.ndim / 2) * sums[..., reach : reach + values.shape[-1]]
