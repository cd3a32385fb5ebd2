"""The equations that unknown data obey beside the known ones, and their solution by conjugate gradients.

See `restore.observation.completion.completion` for what they mean.
"""

from __future__ import annotations

from copy import copy

import numpy as np

from restore.checks import Array
from restore.observation.boundary import Frame
from restore.observation.unknown import Unknown
from restore.operators.differences import slabs
from restore.operators.fourier import filtered, with_room
from restore.operators.progress import advance

#: Factor on the variance of the next step, which is somewhat less than what all further steps would correct.
CAUTION = 2.0
#: Added to 1 - A in the preconditioner, which would be singular at frequency 0.
PRECONDITIONER_FLOOR = 0.01


def reproduced(power: Array, penalty: Array, weight: float) -> Array:
    """Return A."""
    denominator = weight * penalty
    denominator += power
    np.maximum(denominator, np.finfo(power.dtype).tiny, out=denominator)
    return np.divide(power, denominator, out=denominator)


class NormalEquations:
    """The system (I - A)_BB z = A_BO g for one lambda."""

    def __init__(self, power: Array, penalty: Array, unknown: Unknown, weight: float) -> None:
        self._unknown = unknown
        self._symbols = power, penalty, weight
        self._reproduced = reproduced(*self._symbols)
        self._preconditioner = 1 - self._reproduced
        self._preconditioner += PRECONDITIONER_FLOOR
        np.divide(1, self._preconditioner, out=self._preconditioner)

    def in_double_precision(self) -> NormalEquations:
        """Return the same system for float64 data: in float32 many steps lose their conjugacy."""
        power, penalty, weight = self._symbols
        return NormalEquations(power.astype(np.float64), penalty.astype(np.float64), self._unknown, weight)

    def of(self, unknown: Unknown) -> NormalEquations:
        """Return the same system for other unknown data."""
        other = copy(self)
        other._unknown = unknown
        return other

    def solve(
        self, data: Array, steps: int, tolerance: float = 0.0, *, judged: bool = True, most: float = np.inf
    ) -> float:
        """Run preconditioned conjugate gradients on the gap of `data`, in place, until the next step is small enough.

        Returns the variance of that step; not `judged`, it is not asked for after the last one. Where the first one has
        more than `most` nothing is done.
        """
        grid = self._reproduced.ndim
        places = self._unknown.places(data.shape[:grid])  # all else is 0 in what follows, and is not kept
        room = with_room(data.shape, data.dtype, grid)
        values = [data[place] for place in places]
        residual = self._residual(data, room, places)
        preconditioned = self._apply(self._preconditioner, residual, room, places)
        product = _dot(residual, preconditioned)
        if most < np.inf and (variance := _variance(preconditioned, data)) > most:
            return variance
        direction = [some.copy() for some in preconditioned] if steps > 1 else preconditioned
        for step in range(steps):
            if _variance(preconditioned, data) <= tolerance:
                break
            image = self._apply(self._reproduced, direction, room, places)
            for some, towards in zip(image, direction, strict=True):
                np.subtract(towards, some, out=some)
            length = _quotient(product, _dot(direction, image), data)
            for some, towards in zip(values, direction, strict=True):
                some += length * towards
            advance((step + 1) / steps)
            if step == steps - 1 and not judged:
                break
            for some, change in zip(residual, image, strict=True):
                some -= length * change
            preconditioned = self._apply(self._preconditioner, residual, room, places)
            previous, product = product, _dot(residual, preconditioned)
            turn = _quotient(product, previous, data)
            for towards, some in zip(direction, preconditioned, strict=True):
                towards *= turn
                towards += some
        return _variance(preconditioned, data)

    def _residual(self, data: Array, room: Array, places: list[Frame]) -> list[Array]:
        """Return A e - e at places that hold all unknown data, 0 where they are known."""
        np.copyto(room, data)
        image = self._filtered(self._reproduced, room)
        for place in places:
            image[place] -= data[place]
        return self._restricted(image, places)

    def _apply(self, symbol: Array, values: list[Array], room: Array, places: list[Frame]) -> list[Array]:
        """Return what a filter makes of values at places, at these; all of it passes through the room."""
        room[...] = 0
        for place, some in zip(places, values, strict=True):
            room[place] = some
        return self._restricted(self._filtered(symbol, room), places)

    def _restricted(self, image: Array, places: list[Frame]) -> list[Array]:
        image = image if self._unknown.mask is None else self._unknown.restrict(image)
        return [image[place].copy() for place in places]

    @staticmethod
    def _filtered(symbol: Array, values: Array) -> Array:
        return filtered(values, symbol.ndim, lambda columns: symbol[..., columns], overwrite_x=True)


def _quotient(a: Array, b: Array, like: Array) -> Array:
    """Return a / b in the type of `like`, 0 where b is not positive: converged."""
    return np.divide(a, b, out=np.zeros_like(a), where=b > 0).astype(like.dtype)


def _dot(a: list[Array], b: list[Array]) -> Array:
    """Inner product over places of the grid, one number per channel."""
    return np.asarray(sum((_product(*some) for some in zip(a, b, strict=True)), np.zeros(1)))


def _product(a: Array, b: Array) -> Array:
    if a.shape[-1] == 1:
        return np.asarray([sum(float(np.vdot(a[rows], b[rows])) for rows in slabs(a))])
    axes = [*range(a.ndim)]
    return np.asarray(np.einsum(a, axes, b, axes, [axes[-1]], dtype=np.float64))


def _variance(step: list[Array], data: Array) -> float:
    """Return the mean square over the grid of the data of what is 0 beside some places."""
    return CAUTION * float(np.mean(_dot(step, step))) * data.shape[-1] / data.size
