"""Transposed convolution, the "deconvolution" of deep learning: a function and an object."""

import math
from collections.abc import Sequence
from functools import cached_property
from typing import Any, TypedDict

import numpy as np
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
    peak,
    spatial_axes,
    whole,
    within_range,
    working_dtype,
)
from upsample.forms.gather_form import transposed_by_gathering
from upsample.forms.geometry import Axis, transpose_axes
from upsample.forms.phase_form import by_phases, pack
from upsample.forms.phases import shifts
from upsample.forms.scatter_form import by_scatter

#: Taps of a kernel of stride 1 from which gathering windows beats the other two forms.
MANY_TAPS = 32


class Settings(TypedDict, total=False):
    """The keywords of `conv_transpose`, for functions that take the same."""

    stride: PerAxis
    padding: Padding
    output_padding: PerAxis
    output_size: PerAxis | None
    dilation: PerAxis
    groups: int


def conv_transpose(
    x: ArrayLike,
    weight: ArrayLike,
    bias: ArrayLike | None = None,
    *,
    stride: PerAxis = 1,
    padding: Padding = 0,
    output_padding: PerAxis = 0,
    output_size: PerAxis | None = None,
    dilation: PerAxis = 1,
    groups: int = 1,
) -> Array:
    """y[n, m, stride*i + dilation*t - begin] += x[n, c, i] * weight[c, m, t], then + bias[m]

    Every input sample throws a copy of the kernel, weighted by itself, on a larger grid. With the matrix C
    of `conv` (same settings and weight) this is C' x, the adjoint: <conv(u), v> = <u, conv_transpose(v)>.
    It is no inverse: C' C is not the identity and nothing is restored. Complex weights are not conjugated.

    Parameters
    ----------
    x : (N, C, *spatial) or (C, *spatial) floating or complex array, 1 to 3 spatial axes
    weight : (C, out / groups, *kernel) array, PyTorch's and ONNX's layout
        See `convert_weight` for the layouts of Keras, TensorFlow and JAX.
    bias : (out,) array, optional
    stride : int >= 1, or one per axis
        Distance between the kernel copies; a larger one gives a larger output.
    padding : int, one per axis, (begin, end) pairs, "valid" (none) or "same"
        Samples *cropped* from the output: what `conv` pads, its transpose crops. "same" crops to
        stride * size, the smaller half first. A negative number in a pair adds zeros instead.
    output_padding : int in [0, max(stride, dilation)), or one per axis
        Samples by which the crop at the end is shortened. They are no zeros: kernel copies may reach them.
    output_size : int, or one per axis, optional
        The wanted spatial size; chooses `output_padding`, for example to restore an odd size.
    dilation : int >= 1, or one per axis
        Distance between neighbouring taps.
    groups : int >= 1
        Input and output channels fall into this many independent groups.

    Returns
    -------
    (N, out, *spatial) or (out, *spatial) array
        (size - 1) * stride - begin - end + dilation * (kernel - 1) + output_padding + 1 samples per axis,
        in the precision of `x`; float16 is summed in float32.

    Raises
    ------
    TypeError
        Where an array is not floating or an integer argument is not an integer.
    ValueError
        Where shapes do not fit, a setting is out of range, the output is empty or a sample is not finite.

    Notes
    -----
    Three forms compute the same sum, by cost: phases (one matrix product, no zeros multiplied), scattering, and at
    stride 1 with a large kernel gathering windows. Memory beside the output is a constant, about 10 MB. To reuse
    packed weights, keep a `ConvTranspose`.

    References
    ----------
    V. Dumoulin and F. Visin, A guide to convolution arithmetic for deep learning, 2016, section 4.

    Examples
    --------
    >>> import numpy as np
    >>> mask = np.array([[0., 1, 2], [2, 2, 0], [0, 1, 2]])
    >>> conv_transpose(np.array([[[12., 12], [10, 17]]]), mask[None, None])
    array([[[ 0., 12., 36., 24.],
            [24., 58., 61., 34.],
            [20., 66., 70., 24.],
            [ 0., 10., 37., 34.]]])
    """
    layer = ConvTranspose(
        weight,
        bias,
        stride=stride,
        padding=padding,
        output_padding=output_padding,
        dilation=dilation,
        groups=groups,
    )
    return layer(x, output_size=output_size)


class ConvTranspose:
    """A transposed convolution with fixed weights, checked and packed once; calling it runs `conv_transpose`.

    Parameters
    ----------
    weight, bias, stride, padding, output_padding, dilation, groups
        As in `conv_transpose`. The arrays must not be changed while the object is in use.

    Raises
    ------
    TypeError, ValueError
        As `conv_transpose`: what concerns the weight and `groups` at once, the rest when a map is given.

    Notes
    -----
    The weight is sorted by phases once per dtype of a map; a call for the same dtype does not sort it again.

    Examples
    --------
    >>> import numpy as np
    >>> enlarge = ConvTranspose(np.ones((1, 1, 2, 2)), stride=2)
    >>> enlarge(np.array([[[1.0, 2.0]]]))
    array([[[1., 1., 2., 2.],
            [1., 1., 2., 2.]]])
    """

    def __init__(
        self,
        weight: ArrayLike,
        bias: ArrayLike | None = None,
        *,
        stride: PerAxis = 1,
        padding: Padding = 0,
        output_padding: PerAxis = 0,
        dilation: PerAxis = 1,
        groups: int = 1,
    ) -> None:
        self.weight = finite(weight, "weight")
        self.bias = bias
        self.stride = stride
        self.padding = padding
        self.output_padding = output_padding
        self.dilation = dilation
        self.groups = whole(groups, "groups", 1)
        kernel_weight(self.weight, "in", "out/groups")
        divisible(self.weight.shape[0], "the input channels (weight.shape[0])", self.groups)
        self._packed: dict[np.dtype[Any], Array] = {}

    def __call__(self, x: ArrayLike, *, output_size: PerAxis | None = None) -> Array:
        """Return the transposed convolution of `x`, see `conv_transpose`."""
        x = finite(x, "x")
        axes = self.axes(x, output_size)
        work = working_dtype(x, self.weight)
        bias = bias_vector(self.bias, self.groups * self.weight.shape[1], work)
        # Looking at the small map is cheaper than looking at the result.
        enlarged = self._enlarged if self._is_in_range(x, bias, work) else within_range(self._enlarged)
        return enlarged(x, bias, axes, work)

    def _is_in_range(self, x: Array, bias: Array | None, work: np.dtype[Any]) -> bool:
        """Return whether no weight and no sum can leave the range of the result, by the largest samples and weights."""
        products = self.weight[0, 0].size * self.weight.shape[0] // self.groups
        largest = max(peak(x) * products, 1.0) * self._largest_weight + (0.0 if bias is None else peak(bias))
        return largest < float(np.finfo(kept_dtype(x, work)).max) / 2

    @cached_property
    def _largest_weight(self) -> float:
        return peak(self.weight)

    def _enlarged(self, x: Array, bias: Array | None, axes: tuple[Axis, ...], work: np.dtype[Any]) -> Array:
        n, groups, out = len(axes), self.groups, self.weight.shape[1]
        grouped_bias = None if bias is None else bias.reshape(groups, out)
        maps = x.reshape(-1, groups, x.shape[-n - 1] // groups, *x.shape[-n:]).astype(work, copy=False)
        y = np.empty((len(maps), groups, out, *(axis.large for axis in axes)), work)
        self._fill(np.moveaxis(maps, 0, 2), grouped_bias, axes, np.moveaxis(y, 0, 2))
        y = y.reshape(*x.shape[: -n - 1], groups * out, *y.shape[3:])
        return y.astype(kept_dtype(x, work), copy=False)

    def axes(self, x: Array, output_size: PerAxis | None) -> tuple[Axis, ...]:
        """Check `x` against the weight and return the geometry of this call."""
        n = self.weight.ndim - 2
        spatial_axes(x, n)
        channels, kernel = x.shape[-n - 1], self.weight.shape[2:]
        if channels != self.weight.shape[0]:
            raise InvalidValue(
                f"weight must be (in, out/groups, *kernel) = ({channels}, out/{self.groups}, *kernel) for "
                f"conv_transpose, got shape {self.weight.shape}; conv takes (out, in/groups, *kernel), Keras "
                "(*kernel, out, in): see convert_weight"
            )
        return transpose_axes(
            x.shape[-n:],
            kernel,
            stride=self.stride,
            padding=self.padding,
            output_padding=self.output_padding,
            output_size=output_size,
            dilation=self.dilation,
        )

    def _fill(self, x: Array, bias: Array | None, axes: Sequence[Axis], y: Array) -> None:
        """Write y (G, M, N, *large) from x (G, C, N, *small) in the cheaper form."""
        weight = self.weight.reshape(self.groups, -1, *self.weight.shape[1:]).astype(x.dtype, copy=False)
        if all(axis.stride == 1 for axis in axes) and math.prod(axis.kernel for axis in axes) > MANY_TAPS:
            y[...] = transposed_by_gathering(x, weight, axes)
            if bias is not None:
                y += bias.reshape(*bias.shape, *(1,) * (y.ndim - 2))
            return
        if _scatter_is_cheaper(weight.shape, math.prod(x.shape[2:]), axes):
            y[...] = 0 if bias is None else bias.reshape(*bias.shape, *(1,) * (y.ndim - 2))
            by_scatter(x, weight, axes, y)
            return
        if x.dtype not in self._packed:
            self._packed[x.dtype] = pack(weight, axes)
        by_phases(x, self._packed[x.dtype], bias, axes, y)


def _scatter_is_cheaper(weight: Sequence[int], positions: int, axes: Sequence[Axis]) -> bool:
    """Compare what the two forms do beside the products that both need; units of about a nanosecond.

    Scattering adds every product where it lands, tap after tap. Phases copy each position's border and taps,
    multiply the border and the holes (at about 60 products per nanosecond) and pack the weights.
    """
    if all(axis.kernel == axis.stride and axis.dilation == 1 for axis in axes):
        return False  # nothing to gather, no hole, and the weights are packed as they are
    channels, out = weight[1:3]
    kernel, phases = math.prod(weight[3:]), math.prod(axis.stride for axis in axes)
    gathered = math.prod(len(shifts(axis)) for axis in axes)
    halo = [shifts(axis)[-1] for axis in axes]
    border = math.prod((axis.small + h) / axis.small for axis, h in zip(axes, halo, strict=True))
    copied = border * gathered + math.prod(1 + h for h in halo[:-1])
    wasted = border * gathered * phases - kernel
    gathering = positions * channels * (copied / 2 + wasted * out / 60) + 2 * channels * out * gathered * phases
    return positions * out * kernel + 5000 * kernel < gathering
