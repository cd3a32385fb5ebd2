"""What the models share: unit sum, outer products, and sharing a value between neighbouring pixels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from restore.checks import Array


def unit(array: Array) -> Array:
    """Return the array with sum 1."""
    return array / array.sum()


def outer(profiles: Sequence[Array]) -> Array:
    """Return the product of one profile per axis, with sum 1."""
    product = np.ones(())
    for profile in profiles:
        product = np.multiply.outer(product, profile)
    return unit(product)


def mean_tent(a: Array, b: Array) -> Array:
    """Mean of the tent max(1 - |t|, 0) for t from a to b."""

    def integral(t: Array) -> Array:
        t = np.clip(t, -1, 1)
        return t - t * np.abs(t) / 2

    width = b - a
    flat = np.abs(width) < 1e-9
    mean = (integral(b) - integral(a)) / np.where(flat, 1, width)
    return np.where(flat, np.maximum(1 - np.abs((a + b) / 2), 0), mean)
