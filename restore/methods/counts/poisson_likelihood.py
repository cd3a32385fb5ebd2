"""Light that is blurred, sampled and counted, and the iteration that makes a picture likelier: Richardson and Lucy's.

The data g on the grid are counts with mean m = B h * f + b and weights w; B takes the mean over the fine samples of a
detector's sample (the identity where the PSF is not sub-sampled), and read-out noise of variance r^2 shifts both by
s = r^2 / gain. The negative log-likelihood, in image units,

    D(f) = sum_x w [m + s - (g + s) + (g + s) log((g + s) / (m + s))],

falls with every step

    f <- f A'[w (g + s) / (A f + b + s)] / A'w,    A = B H.

Where w = 0 nothing is known, outside the frame above all: the light there is found with the rest, as far as the frame
shows any of it.

References: W. H. Richardson, Bayesian-based iterative method of image restoration, J. Opt. Soc. Am. 62, 1972; L. B.
Lucy, An iterative technique for the rectification of observed distributions, Astron. J. 79, 1974; D. L. Snyder, A. M.
Hammoud and R. L. White, Image recovery from data acquired with a charge-coupled-device camera, J. Opt. Soc. Am. A 10,
1993 (the shift); M. Bertero and P. Boccacci, A simple method for the reduction of boundary effects in the Richardson-
Lucy approach to image deconvolution, Astron. Astrophys. 437, 2005 (the weights).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from restore.checks import Array
from restore.operators.filter_flow import Blur

#: Share of the full weight A'w below which a sample of f is hardly seen by the data and keeps its first value.
VISIBLE = 0.01
#: Sharpness of the edge of damping, White's N.
DAMPING_POWER = 10
#: Total variation is rounded off for gradients below so many times its weight, in units of the mean light: sharper, and
#: the steps, whose charge is that of the step before, would swing.
ROUNDED = 2.0
#: The charge for total variation takes at most this share of the weight: light no more than doubles in a step by it.
MOST_CHARGE = 0.5
#: Acceleration reaches at most so far beyond a step, and never takes more than all but this share of the light away.
MOST_REACH, LEAST_LIGHT = 0.999, 1e-3


@dataclass(frozen=True, eq=False)
class Counting:
    """How light becomes data: the blur on the fine grid, fine samples per sample along an axis, w, b and s."""

    blur: Blur
    shape: tuple[int, ...]
    subsampling: int
    weights: Array
    background: Array
    shift: float

    def forward(self, light: Array) -> Array:
        """Return A f."""
        return self.sampled(self.blur.forward(light))

    def adjoint(self, values: Array, *, overwrite: bool = False) -> Array:
        """Return A' v; with `overwrite` v may be used up."""
        step = self.subsampling
        for axis in range(len(self.shape)) if step > 1 else ():
            values = np.repeat(values, step, axis) / np.asarray(step, values.dtype)
        return self.blur.adjoint(values, overwrite=overwrite or step > 1)

    def sampled(self, fine: Array) -> Array:
        """Return B v, the mean over the fine samples of every sample."""
        step = self.subsampling
        for axis in range(len(self.shape)) if step > 1 else ():
            shape = (*fine.shape[:axis], fine.shape[axis] // step, step, *fine.shape[axis + 1 :])
            fine = fine.reshape(shape).mean(axis=axis + 1)
        return fine


@dataclass(frozen=True, eq=False)
class Variant:
    """What departs from the plain iteration: damping with the variance of the noise per sample, TV, acceleration."""

    damping: float = 0.0
    photon_gain: float | Array = 1.0
    read_noise: float | Array = 0.0
    tv_weight: float = 0.0
    acceleration: bool = False


class Iteration:
    """The estimate on its way up the likelihood, one step after the other."""

    def __init__(self, counting: Counting, data: Array, variant: Variant, start: Array | None = None) -> None:
        """Take data on the grid, of any value where the weights are 0, and the light to start from, None for flat."""
        self.counting, self._variant = counting, variant
        is_counts = counting.shift == 0 and data.min() >= 0  # then they are looked at where they are
        self._counts = data if is_counts else np.maximum(data + np.asarray(counting.shift, data.dtype), 0)
        self._offset = _shifted(counting.background, np.asarray(counting.shift, data.dtype))
        self._norm = counting.adjoint(counting.weights)
        hidden = self._norm <= VISIBLE * self._norm.max()
        self._hidden = hidden if hidden.any() else None
        self._norm[hidden] = 1
        self.level = self._mean_light(data)
        self._floor = np.finfo(data.dtype).eps * self.level
        self.estimate = (
            np.broadcast_to(self.level, self._norm.shape).copy()
            if start is None
            else start.astype(data.dtype, copy=False)
        )
        self._before: Array | None = None
        self._change: Array | None = None
        self._reach, self._goes_on = 0.0, False

    def _mean_light(self, data: Array) -> Array:
        """Return the mean of the light per channel, as the data show it."""
        axes, weights = tuple(range(len(self.counting.shape))), self.counting.weights
        bright = data - self.counting.background
        np.maximum(bright, 0, out=bright)
        bright *= weights
        light = np.sum(bright, axis=axes, dtype=np.float64)
        least = np.sqrt(np.finfo(data.dtype).tiny)  # it is divided by, even in the dark
        share = np.maximum(np.sum(weights, axis=axes, dtype=np.float64), least)
        return np.asarray(np.maximum(light / share, least), data.dtype)

    def step(self) -> None:
        """Take one step."""
        from_here = self._extrapolated()
        self._advance(from_here, self._mean(from_here))

    def foreseen(self) -> Array:
        """Take one step; return A f before it, for the f that it started from."""
        from_here = self._extrapolated()
        mean = self._mean(from_here)
        foreseen = mean.copy()
        self._advance(from_here, mean)
        return foreseen

    def unexplained(self, light: Array) -> Array:
        """Return what light leaves of the dark data, where such light would come from, on the fine grid.

        A'[w (b + s) ((g + s) / (A f + b + s) - 1)] / A'w: of data that are higher by one where there is no light it is
        one, and where light is found at its likeliest it is 0. Wider, and what the sky lacks would be missing from the
        light beside it. Beside bright light a wrong PSF leaves more than noise does; there the ratio is near 1.
        """
        model = self.counting.forward(light)
        model += self._offset
        rest = np.divide(self._counts, np.maximum(model, self._floor, out=model), out=model)
        rest -= 1
        rest *= self.counting.weights
        rest *= self._offset
        back = self.counting.adjoint(rest, overwrite=True)
        back /= self._norm
        if self._hidden is not None:
            back[self._hidden] = 0
        return back

    def _mean(self, light: Array) -> Array:
        mean = self.counting.forward(light)
        return np.maximum(mean, 0, out=mean)

    def _advance(self, from_here: Array, model: Array) -> None:
        """Step from an estimate to the next one; what of it the data see is used up."""
        model += self._offset
        ratio = self._ratio(np.maximum(model, self._floor, out=model))
        ratio *= self.counting.weights
        estimate = self.counting.adjoint(ratio, overwrite=True)
        np.maximum(estimate, 0, out=estimate)
        estimate *= from_here
        estimate /= self._denominator(from_here)
        if self._hidden is not None:
            np.copyto(estimate, from_here, where=self._hidden)
        if self._variant.acceleration:
            self._turn(np.subtract(estimate, from_here, out=from_here if from_here is not self.estimate else None))
            self._before = self.estimate
        self.estimate = estimate

    def _ratio(self, model: Array) -> Array:
        """Return (g + s) / (m + s), drawn towards 1 where damping finds the two no further apart than the noise.

        White's 1 + U^(n - 1) (n - (n - 1) U) (ratio - 1), U = min(2 / T^2 (log-likelihood ratio in counts), 1).
        """
        if self._variant.damping == 0:
            return np.divide(self._counts, model, out=model)
        ratio = self._counts / model
        positive = np.where(ratio > 0, ratio, 1)
        divergence = model * (1 - ratio + ratio * np.log(positive))
        variance = self._variant.photon_gain * (model - self.counting.shift) + np.square(self._variant.read_noise)
        likelihood = 2 / self._variant.damping**2 * divergence * model
        apart = np.divide(likelihood, variance, out=np.ones(ratio.shape), where=likelihood < variance)
        power = DAMPING_POWER
        return 1 + (apart ** (power - 1) * (power - (power - 1) * apart) * (ratio - 1)).astype(ratio.dtype)

    def _denominator(self, light: Array) -> Array:
        """Return A'w - tv_weight div(grad f / |grad f|), by which a step divides."""
        if self._variant.tv_weight == 0:
            return self._norm
        size, divergence = np.zeros_like(light), np.zeros_like(light)
        for axis in range(len(self.counting.shape)):
            slope = _slope(light, axis)
            slope *= slope
            size += slope
        size += np.square(ROUNDED * self._variant.tv_weight * self.level)
        np.sqrt(size, out=size)
        for axis in range(len(self.counting.shape)):
            unit = _slope(light, axis)
            unit /= size
            unit -= np.roll(unit, 1, axis)
            divergence += unit
        divergence *= self._variant.tv_weight
        penalty = np.minimum(divergence, MOST_CHARGE * self._norm, out=divergence)
        return np.subtract(self._norm, penalty, out=penalty)

    def _turn(self, change: Array) -> None:
        """Take the change of a step; how far to go on along it hangs on the one before.

        Biggs and Andrews: a = <c1, c2> / <c2, c2> of the last two changes by a step.
        """
        if self._change is not None:
            last, previous = change.ravel(), self._change.ravel()
            energy = float(np.vdot(previous, previous))
            self._reach = min(max(float(np.vdot(last, previous)) / energy, 0.0), MOST_REACH) if energy > 0 else 0.0
            self._goes_on = True
        self._change = change

    def _extrapolated(self) -> Array:
        """Return the point to step from: the estimate, or where its last change leads to, y = f + a (f - f_before).

        The estimate before is let go, for a step makes the largest arrays.
        """
        before, self._before = self._before, None
        if before is None or not self._goes_on:
            return self.estimate
        beyond = self.estimate - before
        del before
        beyond *= self._reach
        beyond += self.estimate
        return np.maximum(beyond, LEAST_LIGHT * self.estimate, out=beyond)


def _slope(light: Array, axis: int) -> Array:
    """Return the difference of a sample and the one behind it, on a circle."""
    slope = np.roll(light, -1, axis)
    slope -= light
    return slope


def _shifted(background: Array, shift: Array) -> Array:
    """Return b + s; one number for all samples takes no memory."""
    if not any(background.strides):
        return np.broadcast_to(background.flat[0] + shift, background.shape)
    return background + shift
