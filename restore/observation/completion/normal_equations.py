"""The equations that unknown data obey beside the known ones, and their solution by conjugate gradients.

See `restore.observation.completion.completion` for what they mean.
"""

from __future__ import annotations

import numpy as np

from restore.checks import Array
from restore.observation.boundary import Frame
from restore.observation.unknown import Unknown
from restore.operators.differences import slabs
from restore.operators.fourier import filtered
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

    def solve(
        self, data: Array, steps: int, tolerance: float = 0.0, *, judged: bool = True, most: float = np.inf
    ) -> float:
        """Run preconditioned conjugate gradients on the gap of `data`, in place, until the next step is small enough.

        Returns the variance of that step; not `judged`, it is not asked for after the last one. Where the first one has
        more than `most` nothing is done.
        """
        places = self._unknown.places(data.shape[:-1])  # all else is 0 in what follows
        residual = self._residual(data, places)
        preconditioned = self._apply(self._preconditioner, residual)
        product = _dot(residual, preconditioned, places)
        if most < np.inf and (variance := _variance(preconditioned, places)) > most:
            return variance
        direction = preconditioned.copy() if steps > 1 else preconditioned
        for step in range(steps):
            if _variance(preconditioned, places) <= tolerance:
                break
            image = self._apply(self._reproduced, direction)
            for place in places:
                np.subtract(direction[place], image[place], out=image[place])
            length = _quotient(product, _dot(direction, image, places), data)
            for place in places:
                data[place] += length * direction[place]
            advance((step + 1) / steps)
            if step == steps - 1 and not judged:
                break
            for place in places:
                residual[place] -= length * image[place]
            preconditioned = self._apply(self._preconditioner, residual)
            previous, product = product, _dot(residual, preconditioned, places)
            turn = _quotient(product, previous, data)
            for place in places:
                direction[place] *= turn
                direction[place] += preconditioned[place]
        return _variance(preconditioned, places)

    def _residual(self, data: Array, places: list[Frame]) -> Array:
        """Return A e - e where the data are unknown, 0 elsewhere."""
        image = self._filtered(self._reproduced, data)
        for place in places:
            image[place] -= data[place]
        return self._unknown.restrict(image)

    def _apply(self, symbol: Array, values: Array) -> Array:
        return self._unknown.restrict(self._filtered(symbol, values))

    @staticmethod
    def _filtered(symbol: Array, values: Array) -> Array:
        return filtered(values, symbol.ndim, lambda columns: symbol[..., columns])


def _quotient(a: Array, b: Array, like: Array) -> Array:
    """Return a / b in the type of `like`, 0 where b is not positive: converged."""
    return np.divide(a, b, out=np.zeros_like(a), where=b > 0).astype(like.dtype)


def _dot(a: Array, b: Array, places: list[Frame]) -> Array:
    """Inner product over places of the grid, one number per channel."""
    products = [_product(a[place], b[place]) for place in places]
    return np.asarray(sum(products, np.zeros(a.shape[-1])))


def _product(a: Array, b: Array) -> Array:
    if a.shape[-1] == 1:
        return np.asarray([sum(float(np.vdot(a[rows], b[rows])) for rows in slabs(a))])
    axes = [*range(a.ndim)]
    return np.asarray(np.einsum(a, axes, b, axes, [axes[-1]], dtype=np.float64))


def _variance(step: Array, places: list[Frame]) -> float:
    """Return the mean square over the grid of what is 0 beside some places."""
    return CAUTION * float(np.mean(_dot(step, step, places))) * step.shape[-1] / step.size
