"""Convolution as deep learning means it: cross-correlation, the operator C whose transpose enlarges."""

from numpy.typing import ArrayLike

from upsample.checks import (
    Array,
    InvalidValue,
    Padding,
    PerAxis,
    bias_vector,
    divisible,
    finite,
    kept_dtype,
    kernel_weight,
    spatial_axes,
    whole,
    within_range,
    working_dtype,
)
from upsample.forms.gather_form import by_gathering
from upsample.forms.geometry import conv_axes


@within_range
def conv(
    x: ArrayLike,
    weight: ArrayLike,
    bias: ArrayLike | None = None,
    *,
    stride: PerAxis = 1,
    padding: Padding = 0,
    dilation: PerAxis = 1,
    groups: int = 1,
) -> Array:
    """y[n, m, i] = bias[m] + sum_{c,t} x[n, c, stride*i + dilation*t - begin] * weight[m, c, t]

    The "convolution" of deep learning: the kernel is *not* turned, so signal processing calls this
    cross-correlation. What lies outside `x` is zero. `conv_transpose` with the same settings is its adjoint.

    Parameters
    ----------
    x : (N, C, *spatial) or (C, *spatial) floating or complex array, 1 to 3 spatial axes
    weight : (out, C / groups, *kernel) array
    bias : (out,) array, optional
    stride : int >= 1, or one per axis
        Step between output samples; a larger one gives a smaller output.
    padding : int, one per axis, (begin, end) pairs, "valid" (none) or "same"
        Zeros put round the input. "same" gives ceil(size / stride) samples, the smaller half comes first.
        A negative number in a pair crops the input instead.
    dilation : int >= 1, or one per axis
        Distance between neighbouring taps.
    groups : int >= 1
        Input and output channels fall into this many independent groups.

    Returns
    -------
    (N, out, *spatial) or (out, *spatial) array
        floor((size + begin + end - dilation * (kernel - 1) - 1) / stride) + 1 samples per axis, in the
        precision of `x`; float16 is summed in float32.

    Raises
    ------
    TypeError
        Where an array is not floating or an integer argument is not an integer.
    ValueError
        Where shapes do not fit, a setting is out of range, the output is empty or a sample is not finite.

    Notes
    -----
    One matrix product per block of the output; memory beside the output is a constant, about 10 MB.

    References
    ----------
    V. Dumoulin and F. Visin, A guide to convolution arithmetic for deep learning, 2016, section 2.

    Examples
    --------
    >>> import numpy as np
    >>> patch = np.array([[3., 3, 2, 1], [0, 0, 1, 3], [3, 1, 2, 2], [2, 0, 0, 2]])
    >>> mask = np.array([[0., 1, 2], [2, 2, 0], [0, 1, 2]])
    >>> conv(patch[None], mask[None, None])
    array([[[12., 12.],
            [10., 17.]]])
    """
    x, weight = finite(x, "x"), finite(weight, "weight")
    n = kernel_weight(weight, "out", "in/groups")
    spatial_axes(x, n)
    groups = whole(groups, "groups", 1)
    channels, out = x.shape[-n - 1], weight.shape[0]
    divisible(channels, "the channels of x", groups)
    divisible(out, "the output channels (weight.shape[0])", groups)
    if weight.shape[1] != channels // groups:
        raise InvalidValue(
            f"weight must be (out, in/groups, *kernel) = (out, {channels // groups}, *kernel) for conv, got "
            f"shape {weight.shape}; conv_transpose would take ({channels}, out/groups, *kernel)"
        )
    axes = conv_axes(x.shape[-n:], weight.shape[2:], stride, padding, dilation)
    work = working_dtype(x, weight)
    batch = x.reshape(-1, groups, channels // groups, *x.shape[-n:]).astype(work, copy=False)
    kernel = weight.reshape(groups, out // groups, -1).astype(work, copy=False)
    y = by_gathering(batch, kernel, axes)
    vector = bias_vector(bias, out, work)
    if vector is not None:
        y += vector.reshape(groups, out // groups, *(1,) * n)
    return y.reshape(*x.shape[: -n - 1], out, *y.shape[3:]).astype(kept_dtype(x, work), copy=False)
