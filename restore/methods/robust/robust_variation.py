"""Least variation beside data of which some are wrong: the estimate that tells which.

f = argmin sum_x phi_x((h * f)(x)) + strength sum_x |grad f(x)|, f >= 0, phi as in `data_term`, by the alternating
direction method of multipliers: beside the differences d = D f and the blurred picture u = h * f, whose cost is
minimised sample by sample, v = f is kept from being darker than can be, for a filter explains the dark rim around a
light by negative light. The strength falls to its value step by step; samples are left out in the last part only, when
the picture is sharp enough to predict them.

Reference: M. S. C. Almeida and M. A. T. Figueiredo, Deconvolving images with unknown boundaries using the alternating
direction method of multipliers, IEEE Trans. Image Process. 22, 2013.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import fft, ndimage

from restore.checks import Array
from restore.methods.differences.channels import Channel, channels, mean_square
from restore.methods.robust.data_term import DataTerm, Limits
from restore.observation.observation import Observation
from restore.operators.differences import adjoint_differences, differences
from restore.operators.fourier import frequency_mean, inverse
from restore.operators.penalty import roughness
from restore.operators.progress import Progress, silent
from restore.parameter_choice.evidence import LEAST_SLOPE, evidence_strength

#: Iterations; how much stronger the first is, and over which share of them the strength falls.
ITERATIONS, STRONGER, FALLING = 60, 30.0, 0.6
#: Share of the iterations without leaving samples out, and iterations between two looks at the residual.
CONVEX, LOOK = 0.6, 5
#: Threshold of the shrinkage relative to the picture's range, weights of u = h * f and of v = f relative to the data's.
THRESHOLD, COUPLING, POSITIVE = 0.1, 0.15, 0.01
#: How much larger the threshold is beside lights, whose steps are many times the range of what is seen.
BRIGHT = 3.0


@dataclass(frozen=True, eq=False)
class RobustEstimate:
    """Per channel on the grid, the data that the estimate completes, and where they were contradicted and clipped.

    `are_certain` says whether the estimate is off somewhere by more than any noise, `typical_residual` by how much it
    is off the contradicted samples.
    """

    completed: list[Array]
    contradicted: list[Array]
    clipped: list[Array]
    are_certain: bool
    typical_residual: float


def robust_variation(observation: Observation, limits: Sequence[Limits], progress: Progress = silent) -> RobustEstimate:
    """Return the estimate; `limits` holds those of every channel, the least spread being that of its noise."""
    splitting = _Splitting(observation, limits)
    for step in range(ITERATIONS):
        share = step / ITERATIONS
        splitting.advance(STRONGER ** max(0.0, 1 - share / FALLING), look=step % LOOK == 0, leaving_out=share >= CONVEX)
        progress((step + 1) / ITERATIONS)
    parts = splitting.parts
    return RobustEstimate(
        completed=[part.term.completed(part.blurred) for part in parts],
        contradicted=[part.term.contradicted for part in parts],
        clipped=[part.term.clipped for part in parts],
        are_certain=any(part.term.is_certain(part.blurred) for part in parts),
        typical_residual=_typical([part.term.residual(part.blurred)[part.term.contradicted] for part in parts]),
    )


def _typical(residuals: list[Array]) -> float:
    together = np.concatenate(residuals)
    return float(np.median(np.abs(together))) if together.size else 0.0


class _Splitting:
    """f, its differences, h * f and what is not too dark, drawn together by multipliers."""

    def __init__(self, observation: Observation, limits: Sequence[Limits]) -> None:
        self._otf, self._frame, self._span = observation.otf.full(), observation.frame, observation.span
        self._grid, self._noise_var = observation.grid, float(np.mean([of_one.least**2 for of_one in limits]))
        self._power = np.abs(self._otf) ** 2
        self._penalty = roughness("gradient", observation.grid, observation.dtype)(slice(None))
        floor = min(0.0, float(observation.picture.min()))
        self.parts = [
            _Part(channel, self._otf, of_one, floor, observation.psf.shape)
            for channel, of_one in zip(channels(observation), limits, strict=True)
        ]
        self._threshold = THRESHOLD * self._span * (BRIGHT if any(part.term.has_lights for part in self.parts) else 1)
        self._strength = 0.0

    def advance(self, stronger: float, *, look: bool, leaving_out: bool) -> None:
        """Make one iteration."""
        if look:
            self._look(leaving_out)
        threshold = self._threshold
        rho = stronger * self._strength / threshold
        denominator = rho * self._penalty + COUPLING * self._power + POSITIVE
        shifted = [part.shifted_differences() for part in self.parts]
        length = np.sqrt(sum(mean_square(parts) for parts in zip(*shifted, strict=True)))
        tiny = np.finfo(length.dtype).tiny
        share = np.maximum(1 - threshold / np.maximum(length, tiny), 0)
        for part, values in zip(self.parts, shifted, strict=True):
            part.divide(values, share, rho, denominator)

    def _look(self, leaving_out: bool) -> None:
        """Measure the residual, settle the strength and, in the end, which samples are left out."""
        self._strength = self._strength_of_slopes()
        for part in self.parts:
            part.term.measure(part.blurred)
        if leaving_out:
            wrong = np.any([part.term.contradicted for part in self.parts], axis=0)
            suspects = ndimage.binary_dilation(wrong, np.ones((3,) * wrong.ndim))
            for part in self.parts:
                part.term.contradict(part.blurred, suspects)

    def _strength_of_slopes(self) -> float:
        """Return the strength that noise and slopes ask for; a gradient filter says how much the data determine."""
        squares = [mean_square([part.slopes[axis] for part in self.parts]) for axis in range(len(self._grid))]
        square = np.sum(squares, axis=0)[self._frame]
        slope = max(float(np.mean(np.sqrt(square), dtype=np.float64)), LEAST_SLOPE * self._span)
        weight = self._noise_var / max(float(np.mean(square, dtype=np.float64)), (LEAST_SLOPE * self._span) ** 2)
        tiny = np.finfo(self._power.dtype).tiny
        share = self._power / np.maximum(self._power + weight * self._penalty, tiny)
        return evidence_strength(frequency_mean(share, self._grid) * self._noise_var, slope)


class _Part:
    """One channel of the splitting."""

    def __init__(self, channel: Channel, otf: Array, limits: Limits, floor: float, reach: tuple[int, ...]) -> None:
        self.term, self._floor = DataTerm(channel, limits, reach), floor
        self.estimate = channel.data.copy()
        self._otf, self._conjugate = otf, np.conj(otf)
        self.blurred = inverse(otf * fft.rfftn(self.estimate), self.estimate.shape)
        self._multipliers = [np.zeros_like(self.estimate) for _ in self.estimate.shape]
        self._of_blurred, self._of_light = np.zeros_like(self.estimate), np.zeros_like(self.estimate)

    @property
    def slopes(self) -> list[Array]:
        """Return D f."""
        return differences(self.estimate)

    def shifted_differences(self) -> list[Array]:
        """Return D f + b, b the multipliers."""
        return [d + b for d, b in zip(self.slopes, self._multipliers, strict=True)]

    def divide(self, shifted: list[Array], share: Array, rho: float, denominator: Array) -> None:
        """Shrink the differences, draw h * f to the data and f to light, and find the picture nearest to all three."""
        self._multipliers = [(1 - share) * w for w in shifted]
        targets = [(2 * share - 1) * w for w in shifted]
        drawn = rho * adjoint_differences(targets)
        light = self.estimate + self._of_light
        self._of_light = np.minimum(light - self._floor, 0)
        drawn += POSITIVE * (light - 2 * self._of_light)
        predicted = self.blurred + self._of_blurred
        self._of_blurred = self.term.pull(predicted, COUPLING)
        spectrum = COUPLING * self._conjugate * fft.rfftn(predicted - 2 * self._of_blurred)
        spectrum += fft.rfftn(drawn)
        spectrum /= denominator
        self.blurred = inverse(self._otf * spectrum, self.estimate.shape)
        self.estimate = inverse(spectrum, self.estimate.shape)
