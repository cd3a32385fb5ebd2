"""What the priors on differences share: channels on the grid, the unit of a picture, a strength from the data.

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

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from restore.checks import Array
from restore.methods.linear.wiener import fitted_gain
from restore.observation.completion import LEVELS, Unknown
from restore.observation.observation import Observation
from restore.operators.fourier import Gain, filtered, multiplicity

#: One for all: total variation, isotropic and anisotropic, asks for 1.6 (1.4 to 2 lose 0.03 to 0.05 dB on average),
#: sums of the powers 0.5, 0.65, 0.8 and 1 of differences for 1.8 to 2.1.
FACTOR = 1.8
#: Least mean slope that the rule believes, relative to the picture's range: a flat picture would ask for any strength.
LEAST_SLOPE = 1e-4

#: Called after every iteration with the share of the work that is done, up to 1.
Progress = Callable[[float], object]


@dataclass(frozen=True, eq=False)
class Iterated:
    """The restored frame, how many iterations it took, the strength and whether it was "given" or by "evidence"."""

    image: Array
    iterations: int
    strength: float
    rule: str


@dataclass(frozen=True, eq=False)
class Channel:
    """The data of one channel on the grid, and where they are unknown."""

    data: Array
    unknown: Unknown


def channels(observation: Observation) -> list[Channel]:
    """Return the channels of a picture on its grid; a gray one has one."""
    planes = as_planes(observation, observation.data)
    masks = [None] * len(planes) if observation.mask is None else as_planes(observation, observation.mask)
    around = observation.boundary in LEVELS and observation.grid != observation.image_shape
    return [Channel(data, Unknown(observation.frame, around, mask)) for data, mask in zip(planes, masks, strict=True)]


def as_planes(observation: Observation, values: Array) -> list[Array]:
    """Return one contiguous array per channel of values that have their channels last."""
    if observation.channel_axis is None:
        return [values]
    return [np.ascontiguousarray(values[..., c]) for c in range(values.shape[-1])]


def as_image_of(observation: Observation, planes: list[Array]) -> Array:
    """Return the frames of all channels laid out like the observed picture."""
    frames = [plane[observation.frame].astype(observation.dtype) for plane in planes]
    return frames[0] if observation.channel_axis is None else np.stack(frames, axis=observation.channel_axis)


def picture_range(observation: Observation) -> float:
    """Return the range of the picture from its 0.5 to its 99.5 percentile, 1 for a flat one."""
    low, high = np.percentile(observation.picture, [0.5, 99.5], method="inverted_cdf")
    return float(high - low) or 1.0


def linear_estimate(observation: Observation) -> tuple[list[Array], float]:
    """Return the channels of the Wiener estimate w on the whole grid, and gamma s^2."""
    gain = fitted_gain(observation)
    noise_var = observation.fit.noise_var + observation.unsettled_var
    estimate = filtered(observation.data, len(observation.grid), gain)
    return as_planes(observation, estimate), _determined_share(observation, gain) * noise_var


def _determined_share(observation: Observation, gain: Gain) -> float:
    """Return gamma."""
    everything = slice(None)
    kept = np.real(gain(everything) * observation.otf(everything)).astype(np.float64)
    return float(np.average(kept, weights=np.broadcast_to(multiplicity(observation.grid), kept.shape)))
