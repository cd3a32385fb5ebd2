"""Half-quadratic splitting: a picture that explains the data and one made of similar patches, in turn.

With rho = noise variance / (splitting step)^2, x the estimate, x_0 the one before, and the dual b,

    y = argmin |h * y - g|^2 + rho |y - v|^2,    v = x + m (x - x_0) - b,
    x = what shrinkage leaves of the groups of y + b,    b <- b / 2 + d (y - x).

Momentum m and dual d make few iterations go as far as many. That half of the dual is forgotten in every iteration keeps
noise, which shrinkage always takes off, from gathering in it; the weaker the blur, the smaller is d.

References: D. Geman and C. Yang, Nonlinear image recovery with half-quadratic regularization, IEEE Trans. Image
Process. 4, 1995 (the splitting); S. Boyd, N. Parikh, E. Chu, B. Peleato and J. Eckstein, Distributed optimization and
statistical learning via the alternating direction method of multipliers, Found. Trends Mach. Learn. 3, 2011, sec. 3.1
(the dual, which is kept there).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import fft

from restore.checks import Array
from restore.methods.differences import hyper_laplacian
from restore.methods.differences.channels import channels
from restore.methods.patches.group_shrinkage import low_rank
from restore.methods.patches.patch_groups import PatchGroups
from restore.observation.observation import Observation
from restore.operators.fourier import inverse
from restore.parameter_choice.evidence import LinearEstimate

#: The last splitting step, the error that an iteration is to take off: a share of the picture's range (from its 0.5 to
#: its 99.5 percentile) and of the noise, but at most a multiple of the error that the linear filter expects to make.
OF_RANGE, OF_NOISE = 0.03, 0.4
MOST_STEP = 1.5
#: Its least, relative to the picture's full range: what float32 can tell.
FINEST = 1e-6
#: A step below this is that of a picture without content.
NOTHING = 1e-100
#: Least and largest rho, the weight of the estimate beside the data: none of either would divide by 0 or overflow.
WEIGHTS = 1e-30, 1e12
#: Share of the last change by which an estimate runs ahead.
MOMENTUM = 0.55
#: Share of what both pictures disagree about that is held against them, and how much of it the next iteration keeps.
DUAL, DECAY = 0.3, 0.5
#: Share of y in the picture whose patches are compared: what shrinkage took off wrongly is still in it.
COMPARED = 0.4
#: Fixed-point steps for the data that are unknown, in every iteration.
PREDICTED = 3
#: Share of the shrunk picture in the outcome, the rest being y: of a blurred picture, and of one without blur.
SHRUNK, SHRUNK_ALONE = 0.5, 1.05
#: At this median of |H|^2 a picture is half way between both: where more passes the blur, y holds the noise.
HALF_BLURRED = 0.01
#: Share of the estimate of sparse differences in the result: its errors are others.
SPARSE = 0.08


class Plane:
    """One gray picture on its way, in units of its last splitting step and about its mean."""

    def __init__(self, observation: Observation, noise_var: float | None, smoothness: float) -> None:
        linear, otf, data = LinearEstimate(observation), observation.otf.full(), observation.data[..., 0]
        fitted_var = linear.noise_var
        self.noise_var = smoothness * (fitted_var if noise_var is None else noise_var + observation.unsettled_var)
        self.shape = observation.grid
        otf_power = np.abs(otf) ** 2
        expected = linear.error_var(self.noise_var / fitted_var) ** 0.5
        median = float(np.median(otf_power))
        self.blurred = 1 / (1 + (median / HALF_BLURRED) ** 2)
        picture = observation.picture[..., 0]
        self.offset, self.unit = float(picture.mean()), _splitting_step(picture, self.noise_var, expected)
        self.otf, self.otf_power = otf.astype(np.complex64), otf_power.astype(np.float32)
        self.adjoint = np.conj(self.otf)
        self.estimate = self._in_units(_sparse(linear, self.noise_var / fitted_var))
        self.before = self.inverted = self.sparse = self.estimate
        self.dual = np.zeros_like(self.estimate)
        self.total = np.zeros_like(self.estimate)
        self.unknown, mask = observation.unknown, observation.unknown.mask
        if mask is not None:
            self.unknown = replace(self.unknown, mask=mask[..., 0].astype(np.float32))
        in_units = self._in_units(data)
        self.spectrum = fft.rfftn(in_units)
        self.known = None if self.unknown.nothing else in_units - self.unknown.restrict(in_units.copy())
        self._predict(fft.rfftn(self.estimate))

    def _in_units(self, values: Array) -> Array:
        return ((values - self.offset) / self.unit).astype(np.float32)

    def invert(self, factor: float) -> None:
        """Begin an iteration with the splitting step raised by a factor.

        `inverted` = argmin |h * y - g|^2 + rho |y - v|^2, v the estimate and a part of its last change less the dual,
        is the picture whose groups are shrunk. Unknown data are what it predicts itself, found by a few fixed-point
        steps.
        """
        rho = np.float32(np.clip(self.noise_var / (factor * self.unit) ** 2, *WEIGHTS))
        ahead = self.estimate + np.float32(MOMENTUM) * (self.estimate - self.before)
        ahead -= self.dual
        weighted = fft.rfftn(ahead)
        weighted *= rho
        spectrum = self._divided(weighted, rho)
        for _ in range(0 if self.known is None else PREDICTED):
            self._predict(spectrum)
            spectrum = self._divided(weighted, rho)
        self.inverted = inverse(spectrum, self.shape)

    def compared(self) -> Array:
        """Return the picture whose patches are compared."""
        return self.estimate + np.float32(COMPARED) * (self.inverted - self.estimate)

    def shrink(self, factor: float, groups: PatchGroups) -> None:
        """End the iteration: shrink the groups of y and the dual, and add to the dual how far y is from that."""
        self.before = self.estimate
        self.estimate = groups.filtered(self.inverted + self.dual, low_rank(factor))
        self.dual *= np.float32(DECAY)
        self.dual += np.float32(self.blurred * DUAL) * (self.inverted - self.estimate)
        self._predict(fft.rfftn(self.estimate))

    def _divided(self, ahead: Array, rho: np.float32) -> Array:
        """Return the spectrum of y, given rho times that of v."""
        spectrum = self.adjoint * self.spectrum
        spectrum += ahead
        spectrum /= self.otf_power + rho
        return spectrum

    def _predict(self, spectrum: Array) -> None:
        """Complete the data by what the blur of a picture predicts where they are unknown."""
        if self.known is not None:
            predicted = inverse(self.otf * spectrum, self.shape)
            self.spectrum = fft.rfftn(self.known + self.unknown.restrict(predicted))

    def outcome(self) -> Array:
        """Return what to take of an iteration: something between both pictures, whose errors differ."""
        share = np.float32(SHRUNK_ALONE + self.blurred * (SHRUNK - SHRUNK_ALONE))
        return self.inverted + share * (self.estimate - self.inverted)

    def result(self, count: int) -> Array:
        """Return the mean of some outcomes and a little of the start, in image units."""
        mean = self.total.astype(np.float64) / count
        return self.unit * (mean + SPARSE * (self.sparse - mean)) + self.offset


def _sparse(linear: LinearEstimate, louder: float) -> Array:
    """Return the estimate of sparse differences, or the linear one where noise and detail look alike."""
    observation = linear.observation
    if observation.fit.rule == "gcv":
        return linear.planes[0]
    strength = louder * hyper_laplacian.strength_of(linear)
    return hyper_laplacian.with_sparse_differences(observation, channels(observation), strength)[0]


def _splitting_step(picture: Array, noise_var: float, expected: float) -> float:
    low, high = (float(p) for p in np.percentile(picture, [0.5, 99.5], method="inverted_cdf"))
    step = min(OF_RANGE * (high - low) + OF_NOISE * noise_var**0.5, MOST_STEP * expected)
    rounding = float(np.finfo(np.float64).eps * np.abs(picture).max())
    step = max(step, FINEST * float(np.ptp(picture)), rounding)
    return step if step > NOTHING else 1.0
