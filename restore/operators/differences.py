"""Forward differences: circular along every axis, their transfer functions, and the gradient of a frame."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from restore.checks import Array
from restore.operators.fourier import frequencies

#: Differences down and to the right.
Gradient = tuple[Array, Array]


def differences(plane: Array) -> list[Array]:
    """Return the forward differences along every axis, circular."""
    return [np.roll(plane, -1, axis) - plane for axis in range(plane.ndim)]


def adjoint_differences(groups: Sequence[Array]) -> Array:
    """Return D' w of values w along every axis, D the circular differences."""
    return np.asarray(sum(np.roll(values, 1, axis) - values for axis, values in enumerate(groups)))


def difference_symbols(shape: tuple[int, ...]) -> list[Array]:
    """Return the transfer functions exp(i w) - 1 of the circular differences along every axis, on the half spectrum."""
    whole = np.ones((*shape[:-1], shape[-1] // 2 + 1))
    return [(np.exp(1j * w) - 1) * whole for w in frequencies(shape)]


def gradient(image: Array) -> Gradient:
    """Return the forward differences along both axes, 0 at the far edge."""
    return np.diff(image, axis=0, append=image[-1:]), np.diff(image, axis=1, append=image[:, -1:])
