"""The picture nearest to known data and cheapest to a penalty, by conjugate gradients.

The minimum of |A f - g|^2 over the known data plus <f, R f> solves (A' M A + R) f = A' M g, M the mask of what is
known. R is a weight per frequency, and so is the preconditioner, 1 / (|H|^2 + R) with the H of one PSF for all: were A
the blur by that alone and all data known, one step would do.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from restore.checks import Array
from restore.operators.filter_flow import Blur
from restore.operators.fourier import filtered
from restore.operators.progress import Progress, silent

Operator = Callable[[Array], Array]


def by_frequency(factors: Array) -> Operator:
    """Return what multiplies every frequency of an array, channels last, by a factor."""
    return lambda values: filtered(values, factors.ndim, lambda columns: factors[..., columns])


def normal_operator(blur: Blur, known: Array, penalty: Operator) -> Operator:
    """Return f -> (A' M A + R) f."""

    def normal(light: Array) -> Array:
        values = blur.adjoint(known * blur.forward(light))
        values += penalty(light)
        return values

    return normal


def conjugate_gradients(
    normal: Operator,
    rhs: Array,
    start: Array,
    precondition: Operator,
    *,
    steps: int,
    tolerance: float = 0.0,
    progress: Progress = silent,
) -> tuple[Array, int]:
    """Return the solution after some steps, or when a step changes less than `tolerance`, root mean square."""
    estimate = start.copy()
    residual = rhs - normal(estimate)
    direction = preconditioned = precondition(residual)
    product = _dot(residual, preconditioned)
    for step in range(1, steps + 1):
        image = normal(direction)
        curvature = _dot(direction, image)
        if not (product > 0 and curvature > 0):  # solved
            return estimate, step - 1
        length = product / curvature
        change = length * float(np.sqrt(_dot(direction, direction) / direction.size))
        estimate += np.asarray(length, estimate.dtype) * direction
        progress(step / steps)
        if change <= tolerance:
            return estimate, step
        residual -= np.asarray(length, residual.dtype) * image
        preconditioned = precondition(residual)
        before, product = product, _dot(residual, preconditioned)
        direction = preconditioned + np.asarray(product / before, direction.dtype) * direction
    return estimate, steps


def step_length(residual: Array, direction: Array, image: Array) -> float:
    """Return how far the minimum lies along a direction, of which the operator makes `image`; 0 of none."""
    curvature = _dot(direction, image)
    return _dot(residual, direction) / curvature if curvature > 0 else 0.0


def _dot(one: Array, other: Array) -> float:
    return float(np.einsum("i,i->", one.ravel(), other.ravel(), dtype=np.float64))
