"""The error that the fitted laws of signal and noise expect of a penalized filter, at any strength.

    E(lambda) = sum q^2 S + (1 - q)^2 N / |H|^2,    q = lambda |P|^2 / (|H|^2 + lambda |P|^2):

what the filter gives up of the picture, and what it makes of the noise. It looks at the picture itself, where the rules
that compare residuals look at the blurred one, and so it is not misled by noise that hides among the picture's own
frequencies, as a JPEG's does. As there, frequencies count by the logarithm of |P|^2 / |H|^2 alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from restore.checks import Array
from restore.observation.observation import Observation
from restore.operators.fourier import frequencies, multiplicity
from restore.operators.penalty import Penalty
from restore.parameter_choice.ratio_histogram import binned, ratios


@dataclass(frozen=True, eq=False)
class ExpectedError:
    """Sums of S and of N / |H|^2 over the frequencies by log(|P|^2 / |H|^2)."""

    log_ratio: Array
    signal: Array
    noise: Array

    def at(self, weight: float) -> float:
        """Return E(lambda) per channel, up to a constant factor."""
        gain = 1 / (1 + np.exp(self.log_ratio + np.log(weight)))
        return float((1 - gain) ** 2 @ self.signal + gain**2 @ self.noise)


def expected_error(observation: Observation, penalty: Penalty) -> ExpectedError:
    """Collect the frequencies of an observation by the laws that were fitted to it: no FFT."""
    axes, everything = frequencies(observation.grid), slice(None)
    _, _, both, ratio = ratios(observation, penalty, everything)
    otf_power = np.abs(observation.otf(everything)[both]).astype(np.float64) ** 2
    number = np.broadcast_to(multiplicity(observation.grid), both.shape)[both]
    signal = np.exp(observation.fit.law.log_spectrum(axes))[both]
    noise = np.broadcast_to(observation.noise_power + observation.unsettled_var, both.shape)[both]
    count, moment, *sums = binned(ratio, number, number * ratio, number * signal, number * noise / otf_power)
    used = count > 0
    return ExpectedError(moment[used] / count[used], *(values[used] for values in sums))
