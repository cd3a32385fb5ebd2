"""The gradient of a kernel: for every tap, the products of all pairs of samples that it links, summed.

A convolution reads the large side and writes the small one, its transpose the other way round. A tap links the same
pairs in both, so that one function gives the gradient of both weights.
"""

from collections.abc import Sequence

import numpy as np

from upsample.checks import Array, Index
from upsample.forms.geometry import Axis, taps


def tap_products(small: Array, large: Array, axes: Sequence[Axis]) -> Array:
    """Return sum over n, i of small (G, C, N, *small) times large (G, M, N, *large), (G, C, M, *kernel)."""
    products = np.zeros((*small.shape[:2], large.shape[1], *(axis.kernel for axis in axes)), small.dtype)
    for tap in taps(axes):
        links = [axis.pairs_of(t, 0, axis.small) for axis, t in zip(axes, tap, strict=True)]
        near = small[:, :, :, *(i for i, _ in links)]
        far = large[:, :, :, *(o for _, o in links)]
        columns = near.reshape(*near.shape[:2], -1) @ far.reshape(*far.shape[:2], -1).swapaxes(1, 2)
        here: Index = (..., *tap)
        products[here] = columns
    return products
