"""Convolution by gathering: collect each output's taps, then one matrix product.

At stride 1 the transposed convolution is a convolution too, with the kernel turned on every axis.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from upsample.checks import Array
from upsample.forms.blocks import WORKSPACE, blocks, zero_bordered
from upsample.forms.geometry import Axis, trailing


def by_gathering(x: Array, kernel: Array, axes: Sequence[Axis]) -> Array:
    """Convolve x (N, G, C, *large) with kernel (G, M, C*K); return y (N, G, M, *small)."""
    count, groups, channels = x.shape[:3]
    size = math.prod(axis.kernel for axis in axes)
    y = np.empty((count, *kernel.shape[:2], *(axis.small for axis in axes)), x.dtype)
    room = WORKSPACE // (x.itemsize * groups * channels * size)
    n = len(axes)
    for image, *ranges in blocks((count, *y.shape[3:]), room):
        reached = [
            (a.stride * i - a.begin, a.stride * (j - 1) - a.begin + a.reach)
            for a, (i, j) in zip(axes, ranges, strict=True)
        ]
        block = zero_bordered(x[slice(*image)], reached)
        windows = sliding_window_view(block, [a.reach for a in axes], tuple(range(3, 3 + n)))
        steps = (slice(None, None, a.stride) for a in axes)
        windows = windows[trailing(*steps, *(slice(None, None, a.dilation) for a in axes))]
        columns = np.moveaxis(windows, range(3 + n, 3 + 2 * n), range(3, 3 + n))
        product = kernel @ columns.reshape(len(block), groups, channels * size, -1)
        part = product.reshape(*product.shape[:3], *(j - i for i, j in ranges))
        y[slice(*image), :, :, *(slice(*r) for r in ranges)] = part
    return y


def transposed_by_gathering(x: Array, weight: Array, axes: Sequence[Axis]) -> Array:
    """Return x (G, C, N, *small), transposed-convolved at stride 1 with (G, C, M, *kernel), as (G, M, N, *large)."""
    n = len(axes)
    turned = np.flip(weight, tuple(range(3, 3 + n))).swapaxes(1, 2)
    kernel = turned.reshape(*turned.shape[:2], -1)
    mirrored = [replace(a, small=a.large, large=a.small, stride=1, begin=a.reach - 1 - a.begin) for a in axes]
    return np.moveaxis(by_gathering(np.moveaxis(x, 2, 0), kernel, mirrored), 0, 2)
