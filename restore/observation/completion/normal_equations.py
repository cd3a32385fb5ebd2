"""The equations that unknown data obey beside the known ones, and their solution by conjugate gradients.

See `restore.observation.completion.completion` for what they mean.
"""

from __future__ import annotations

import numpy as np

from restore.checks import Array
from restore.observation.unknown import Unknown
from restore.operators.fourier import filtered
from restore.operators.progress import advance

#: Factor on the variance of the next step, which is somewhat less than what all further steps would correct.
CAUTION = 2.0
#: Added to 1 - A in the preconditioner, which would be singular at frequency 0.
PRECONDITIONER_FLOOR = 0.01


def _variance(step: Array) -> float:
    return CAUTION * float(np.mean(np.square(step), dtype=np.float64))


class NormalEquations:
    """The system (I - A)_BB z = A_BO g for one lambda."""

    def __init__(self, power: Array, penalty: Array, unknown: Unknown, weight: float) -> None:
        self._unknown = unknown
        self._symbols = power, penalty, weight
        self._reproduced = power / np.maximum(power + weight * penalty, np.finfo(power.dtype).tiny)  # A
        self._preconditioner = 1 / (1 - self._reproduced + PRECONDITIONER_FLOOR)

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
        residual = self._residual(data)
        direction = preconditioned = self._apply(self._preconditioner, residual)
        product = _dot(residual, preconditioned)
        if most < np.inf and (variance := _variance(preconditioned)) > most:
            return variance
        for step in range(steps):
            if _variance(preconditioned) <= tolerance:
                break
            image = direction - self._apply(self._reproduced, direction)
            length = _quotient(product, _dot(direction, image), data)
            data += length * direction
            advance((step + 1) / steps)
            if step == steps - 1 and not judged:
                break
            residual -= length * image
            preconditioned = self._apply(self._preconditioner, residual)
            previous, product = product, _dot(residual, preconditioned)
            direction = preconditioned + _quotient(product, previous, data) * direction
        return _variance(preconditioned)

    def _residual(self, data: Array) -> Array:
        """Return A e - e where the data are unknown, 0 elsewhere."""
        image = self._filtered(self._reproduced, data)
        image -= data
        return self._unknown.restrict(image)

    def _apply(self, symbol: Array, values: Array) -> Array:
        return self._unknown.restrict(self._filtered(symbol, values))

    @staticmethod
    def _filtered(symbol: Array, values: Array) -> Array:
        return filtered(values, symbol.ndim, lambda columns: symbol[..., columns])


def _quotient(a: Array, b: Array, like: Array) -> Array:
    """Return a / b in the type of `like`, 0 where b is not positive: converged."""
    return np.divide(a, b, out=np.zeros_like(a), where=b > 0).astype(like.dtype)


def _dot(a: Array, b: Array) -> Array:
    """Inner product over the grid, one number per channel."""
    if a.shape[-1] == 1:
        return np.asarray([np.vdot(a, b)], np.float64)
    axes = [*range(a.ndim)]
    return np.einsum(a, axes, b, axes, [axes[-1]]).astype(np.float64)
