"""The splitting of total variation: f and its differences d, drawn together by multipliers, a division at a time.

f = argmin |A f - g|^2 + rho |D f - d + b|^2,   d = shrunk D f + b,   b <- D f + b - d.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any, Protocol

import numpy as np

from restore.checks import Array
from restore.methods.differences.channels import Channel, channels, correlated, mean_square
from restore.observation.observation import Observation
from restore.operators.differences import Group, mean_square_difference, shrunk
from restore.operators.fourier import changed
from restore.operators.penalty import roughness

#: Threshold of the shrinkage relative to the picture's range. It sets the pace alone: of 0.01 to 0.2 the fastest.
THRESHOLD = 0.1
#: Beside hardly any noise that pace is none where the blur leaves nothing, nor outside of the frame. Below LEAST_PACE
#: the weight rho is EASED for HELD iterations at first, and a quarter of it after every PACE, or less where that would
#: take more than STAGES; then it is as it is meant for AFTER iterations at least.
LEAST_PACE, EASED, HELD, PACE, STAGES, AFTER = 3e-4, 1e-3, 12, 4, 10, 20
#: What is unknown is predicted anew every third iteration, so many times as far; beyond this share of the grid in every
#: one, and in the first ones by this share of its last step besides (Polyak 1964), which would swing for long.
EVERY, AS_FAR, MUCH, MOMENTUM, FIRST = 3, 1.8, 0.15, 0.5, 24


def lengths_of(groups: list[Group], isotropic: bool) -> list[Array]:
    """Return the length of the gradient, root mean square over channels, or of each of its components."""
    squares = [mean_square(components) for components in zip(*groups, strict=True)]
    squares = [reduce(np.add, squares)] if isotropic else squares
    return [np.sqrt(square, out=square) for square in squares]


class Division(Protocol):
    """One channel of the splitting: f, the scaled multipliers of its differences, and an array that is spare."""

    estimate: Array
    multipliers: list[Array]
    spare: Array | None

    def divide(self, drawn: Array, rho: float, weights: Array) -> float:
        """Set f to the picture nearest to data and differences, and return its mean squared change.

        It is that of |A f - g|^2 + rho |D f|^2 - 2 rho f . drawn; `weights` are 1 / (|H|^2 + rho |D|^2).
        """


#: Makes the part of a channel from its data, a start and H.
PartOf = Callable[[Channel, Array, Array], Division]


class Splitting:
    """f and its differences d, drawn together by multipliers."""

    def __init__(
        self,
        observation: Observation,
        start: list[Array],
        strength: float,
        isotropic: bool,
        part: PartOf,
    ) -> None:
        otf, planes = observation.otf.full(), channels(observation)
        self.parts = [part(plane, f, otf) for plane, f in zip(planes, start, strict=True)]
        self._threshold, self._isotropic = THRESHOLD * observation.span, isotropic
        self._least = strength / self._threshold  # the weight of d = D f that is meant
        self._penalty = roughness("gradient", observation.grid, observation.dtype)
        self._rho = EASED if 0 < self._least < LEAST_PACE else self._least
        self._ease = max(4.0, (self._rho / self._least) ** (1 / STAGES)) if self._least > 0 else 1.0
        self._otf, self._steps, self._first = otf, 0, 0
        self._weights = self._weighed()

    def _weighed(self) -> Array:
        """Return 1 / (|H|^2 + rho |D|^2)."""
        denominator = self._penalty(slice(None))
        denominator *= self._rho
        denominator += np.abs(self._otf) ** 2
        return np.asarray(1 / np.maximum(denominator, np.finfo(denominator.dtype).tiny))

    @property
    def is_as_meant(self) -> bool:
        """Return whether no more noise is expected than there is, for some iterations where that was so before."""
        return self._rho <= self._least and self._steps >= self._first

    def advance(self) -> float:
        """Make one iteration and return the root mean square change of f."""
        self._steps += 1
        if self._rho > self._least and self._steps > HELD and (self._steps - HELD) % PACE == 1:
            self._rho = max(
                self._rho / self._ease, self._least
            )  # the scaled multipliers are bounded by the threshold alone
            self._weights, self._first = self._weighed(), self._steps + AFTER
        drawn = shrunk([part.estimate for part in self.parts], self._shrink, [part.spare for part in self.parts])
        changes = [part.divide(d, self._rho, self._weights) for part, d in zip(self.parts, drawn, strict=True)]
        return float(np.mean(changes)) ** 0.5

    def _shrink(self, rows: slice, groups: list[Group]) -> list[Group]:
        """Take d = k w, w = D f + b, and the multipliers b that are left; what f is drawn to next is D'(d - b)."""
        multipliers = [part.multipliers for part in self.parts]
        for group, known in zip(groups, multipliers, strict=True):
            for w, b in zip(group, known, strict=True):
                w += b[rows]
        lengths = lengths_of(groups, self._isotropic)
        for length in lengths:  # what is left in b: threshold / length of w, all of it where that is shorter
            np.maximum(length, self._threshold, out=length)
            np.divide(self._threshold, length, out=length)
        lengths *= len(groups[0]) // len(lengths)
        for group, known in zip(groups, multipliers, strict=True):
            for w, b, share in zip(group, known, lengths, strict=True):
                left = np.multiply(share, w, out=b[rows])
                w -= left  # d
                w -= left
        return groups


class Part:
    """One channel of the splitting: f, the scaled multipliers of its differences, and the data, in part predicted."""

    def __init__(self, channel: Channel, start: Array, otf: Array) -> None:
        self.estimate, self._steps = start, 0
        self.spare: Array | None = None
        self.multipliers = [np.zeros_like(start) for _ in start.shape]
        self._data, self._unknown, self._otf = channel.data.copy(), channel.unknown, otf
        self._pace: list[tuple[Any, Any]] = [(place, 0.0) for place in channel.unknown.places(start.shape)]
        self._every = 1 if sum(start[place].size for place, _ in self._pace) > MUCH * start.size else EVERY
        self._correlated = correlated(self._data, otf)

    def divide(self, drawn: Array, rho: float, weights: Array) -> float:
        """Set f to the picture nearest to data and differences, and return its mean squared change."""
        self._steps += 1
        predicts = not self._unknown.nothing and self._steps % self._every == 0

        def nearest(columns: slice, block: Array) -> list[Array]:
            block *= rho
            block += self._correlated[..., columns]
            block *= weights[..., columns]
            return [block, self._otf[..., columns] * block] if predicts else [block]

        before = self.spare = self.estimate
        self.estimate, *predicted = changed(drawn, drawn.ndim, nearest, answers=1 + predicts, overwrite_x=True)
        for blurred in predicted:
            self._predict(blurred)
        return mean_square_difference(self.estimate, before)

    def _predict(self, blurred: Array) -> None:
        """Put what the blurred picture predicts where the data are unknown."""
        blurred -= self._data
        change = self._unknown.restrict(blurred)
        momentum = MOMENTUM if self._every == 1 and self._steps <= FIRST else 0.0
        self._pace = [(place, momentum * pace + AS_FAR * change[place]) for place, pace in self._pace]
        for place, pace in self._pace:
            self._data[place] += pace
        np.copyto(blurred, self._data)  # in whose place there is room
        correlated(blurred, self._otf, self._correlated, overwrite_x=True)
