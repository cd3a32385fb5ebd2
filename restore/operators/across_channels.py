"""One array of the channels of a picture, which come last: numpy is slow to reduce along an axis of three samples."""

from __future__ import annotations

from functools import reduce

import numpy as np

from restore.checks import Array


def across_channels(ufunc: np.ufunc, values: Array) -> Array:
    """Return what a ufunc, such as `np.maximum`, makes of the channels, in a fresh array without them."""
    first, *others = np.moveaxis(values, -1, 0)
    return np.asarray(reduce(ufunc, others, first.copy()))
