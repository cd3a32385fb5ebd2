"""Backwards through a layer: the gradient to the input of a convolution is its transpose, and the other way round."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict, Unpack

import numpy as np
from numpy.typing import ArrayLike

from upsample.checks import (
    Array,
    InvalidValue,
    Padding,
    PerAxis,
    finite,
    kept_dtype,
    kernel_weight,
    spatial_axes,
    whole,
    within_range,
    working_dtype,
)
from upsample.convolution import conv
from upsample.forms.geometry import Axis, conv_axes, transpose_axes
from upsample.forms.tap_products import tap_products
from upsample.transposed_conv import conv_transpose


class LayerSettings(TypedDict, total=False):
    """The keywords that `conv` and `conv_transpose` share."""

    stride: PerAxis
    padding: Padding
    dilation: PerAxis
    groups: int


@dataclass(frozen=True, eq=False)
class Gradients:
    """The gradients of a loss L to what a layer was given, each of the shape of what it belongs to.

    Attributes
    ----------
    input : array
        dL / dx.
    weight : array
        dL / dweight.
    bias : (out,) array
        dL / dbias, whether or not the layer had one.
    """

    input: Array
    weight: Array
    bias: Array


@within_range
def conv_gradients(
    x: ArrayLike, weight: ArrayLike, output_gradient: ArrayLike, **settings: Unpack[LayerSettings]
) -> Gradients:
    """dL/dx = C' dL/dy, with the matrix C of y = conv(x, weight): the gradient runs through `conv_transpose`

    and dL/dweight[m, c, t] = sum_{n,i} dL/dy[n, m, i] * x[n, c, stride*i + dilation*t - begin].

    Parameters
    ----------
    x, weight : arrays
        What `conv` was given.
    output_gradient : array of the shape of y
        dL/dy, the derivative of a number L by every sample that `conv` returned.
    **settings
        `stride`, `padding`, `dilation` and `groups`, as `conv` was given them.

    Returns
    -------
    Gradients
        In the precision of `x` and `weight`. For complex arrays 2 dL/d conj(.), as in PyTorch: the factors
        are conjugated.

    Raises
    ------
    TypeError
        Where an array is not floating or an integer argument is not an integer.
    ValueError
        Where shapes do not fit, a setting is out of range or a sample is not finite.

    See Also
    --------
    conv_transpose_gradients : backwards through the transpose, which is a convolution.

    Notes
    -----
    Two layers' cost: the input's is one `conv_transpose`, the weight's one matrix product per tap.

    References
    ----------
    V. Dumoulin and F. Visin, A guide to convolution arithmetic for deep learning, 2016, section 4.1.

    Examples
    --------
    >>> import numpy as np
    >>> x, weight = np.array([[1.0, 2.0, 3.0]]), np.array([[[1.0, 10.0]]])
    >>> gradients = conv_gradients(x, weight, np.ones((1, 2)))
    >>> gradients.input, gradients.weight, gradients.bias
    (array([[ 1., 11., 10.]]), array([[[3., 5.]]]), array([2.]))
    """
    x, weight, gradient = finite(x, "x"), finite(weight, "weight"), finite(output_gradient, "output_gradient")
    n = kernel_weight(weight, "out", "in/groups")
    spatial_axes(x, n)
    axes = conv_axes(
        x.shape[-n:],
        weight.shape[2:],
        settings.get("stride", 1),
        settings.get("padding", 0),
        settings.get("dilation", 1),
    )
    _of_shape(gradient, (*x.shape[: -n - 1], weight.shape[0], *(axis.small for axis in axes)))
    groups = whole(settings.get("groups", 1), "groups", 1)
    to_input = conv_transpose(gradient, weight.conj(), **_explicit(axes, groups))
    return _gradients(x, to_input, _weight_gradient(gradient, x.conj(), axes, groups), gradient)


@within_range
def conv_transpose_gradients(
    x: ArrayLike, weight: ArrayLike, output_gradient: ArrayLike, **settings: Unpack[LayerSettings]
) -> Gradients:
    """dL/dx = C dL/dy, where y = C' x = conv_transpose(x, weight): the gradient runs through `conv`

    and dL/dweight[c, m, t] = sum_{n,i} x[n, c, i] * dL/dy[n, m, stride*i + dilation*t - begin].

    Parameters
    ----------
    x, weight : arrays
        What `conv_transpose` was given.
    output_gradient : array of the shape of y
        dL/dy; its spatial size says what `output_padding` or `output_size` was.
    **settings
        `stride`, `padding`, `dilation` and `groups`, as `conv_transpose` was given them.

    Returns
    -------
    Gradients
        As of `conv_gradients`.

    Raises
    ------
    TypeError
        Where an array is not floating or an integer argument is not an integer.
    ValueError
        Where shapes do not fit, a setting is out of range or a sample is not finite.

    See Also
    --------
    conv_gradients : backwards through a convolution, which is its transpose.

    Notes
    -----
    Cost as of `conv_gradients`.

    References
    ----------
    V. Dumoulin and F. Visin, A guide to convolution arithmetic for deep learning, 2016, section 4.1.

    Examples
    --------
    >>> import numpy as np
    >>> x, weight = np.array([[1.0, 2.0]]), np.array([[[1.0, 10.0]]])
    >>> gradients = conv_transpose_gradients(x, weight, np.array([[1.0, 0, 0]]))
    >>> gradients.input, gradients.weight, gradients.bias
    (array([[1., 0.]]), array([[[1., 0.]]]), array([1.]))
    """
    x, weight, gradient = finite(x, "x"), finite(weight, "weight"), finite(output_gradient, "output_gradient")
    n = kernel_weight(weight, "in", "out/groups")
    spatial_axes(x, n)
    spatial_axes(gradient, n)
    axes = transpose_axes(
        x.shape[-n:],
        weight.shape[2:],
        stride=settings.get("stride", 1),
        padding=settings.get("padding", 0),
        output_padding=0,
        output_size=gradient.shape[-n:],
        dilation=settings.get("dilation", 1),
    )
    groups = whole(settings.get("groups", 1), "groups", 1)
    _of_shape(gradient, (*x.shape[: -n - 1], weight.shape[1] * groups, *gradient.shape[-n:]))
    to_input = conv(gradient, weight.conj(), **_explicit(axes, groups))
    return _gradients(x, to_input, _weight_gradient(x.conj(), gradient, axes, groups), gradient)


def _explicit(axes: Sequence[Axis], groups: int) -> LayerSettings:
    """Return the settings with the crop of both ends as it came out, remainders and output padding contained."""
    return {
        "stride": [axis.stride for axis in axes],
        "padding": [(axis.begin, axis.end) for axis in axes],
        "dilation": [axis.dilation for axis in axes],
        "groups": groups,
    }


def _weight_gradient(small: Array, large: Array, axes: Sequence[Axis], groups: int) -> Array:
    """Return the gradient (channels of small, channels of large / groups, *kernel)."""
    work = working_dtype(small, large)
    near, far = (_grouped(maps, len(axes), groups).astype(work, copy=False) for maps in (small, large))
    products = tap_products(near, far, axes)
    return products.reshape(-1, *products.shape[2:])


def _grouped(maps: Array, axes: int, groups: int) -> Array:
    """Return (N, C, *spatial) or (C, *spatial) as (G, C / G, N, *spatial)."""
    spatial = maps.shape[-axes:]
    return np.moveaxis(maps.reshape(-1, groups, maps.shape[-axes - 1] // groups, *spatial), 0, 2)


def _gradients(x: Array, to_input: Array, to_weight: Array, gradient: Array) -> Gradients:
    axes = to_weight.ndim - 2
    maps = gradient.reshape(-1, *gradient.shape[-axes - 1 :])
    bias = maps.sum(axis=(0, *range(2, 2 + axes)), dtype=to_weight.dtype)
    dtype = kept_dtype(x, to_weight.dtype)
    return Gradients(
        input=to_input.astype(dtype, copy=False), weight=to_weight.astype(dtype, copy=False), bias=bias.astype(dtype)
    )


def _of_shape(gradient: Array, shape: tuple[int, ...]) -> None:
    if gradient.shape != shape:
        raise InvalidValue(f"output_gradient must have the shape of the output, {shape}, got {gradient.shape}")
