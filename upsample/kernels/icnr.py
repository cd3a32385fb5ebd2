"""Random start weights without a checkerboard: ICNR."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import DTypeLike

from upsample.checks import Array, InvalidValue, PerAxis, per_axis, whole


def icnr(
    shape: Sequence[int],
    stride: PerAxis,
    *,
    rng: np.random.Generator | int | None = None,
    dtype: DTypeLike = np.float32,
) -> Array:
    """weight[c, m, stride*u + r] = v[c, m, u] for every phase r, v normal with variance 2 / fan-in

    Random start weights whose phases are all equal: the layer begins as a small convolution followed by nearest
    neighbour enlargement, hence without a checkerboard. `subpixel` turns them into the weight of a convolution
    in front of a pixel shuffle.

    Parameters
    ----------
    shape : (in, out / groups, *kernel)
        The kernel sizes must be multiples of the stride.
    stride : int >= 1, or one per axis
        Stride of the layer that the weight is for.
    rng : numpy.random.Generator, seed or None
        Where the numbers come from; None draws other ones each time.
    dtype : floating dtype
        Of the weight.

    Returns
    -------
    array of `shape` and `dtype`

    Raises
    ------
    TypeError
        Where a number is not an integer.
    ValueError
        Where a number is too small, or a kernel size no multiple of the stride.

    Notes
    -----
    Even at the start only: nothing keeps the phases equal while the layer learns. Fan-in counts the input channels
    times the kernel / stride taps that reach one output sample.

    References
    ----------
    A. Aitken et al., Checkerboard artifact free sub-pixel convolution, 2017, section 3.

    Examples
    --------
    >>> weight = icnr((1, 1, 4), 2, rng=0)
    >>> bool((weight[0, 0, ::2] == weight[0, 0, 1::2]).all())
    True
    """
    sizes = tuple(whole(size, "shape", 1) for size in shape)
    strides = per_axis(stride, "stride", len(sizes) - 2, 1)
    if any(k % s for k, s in zip(sizes[2:], strides, strict=True)):
        raise InvalidValue(f"the kernel of shape must be a multiple of stride, got {sizes[2:]} and {strides}")
    small = [k // s for k, s in zip(sizes[2:], strides, strict=True)]
    weight = np.random.default_rng(rng).standard_normal((*sizes[:2], *small))
    weight *= math.sqrt(2 / (sizes[0] * math.prod(small)))
    for axis, s in enumerate(strides, start=2):
        weight = weight.repeat(s, axis=axis)
    return weight.astype(dtype)
