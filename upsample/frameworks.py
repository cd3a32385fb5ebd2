"""Other frameworks' words for the same operation: weight layouts, and padding as (begin, end) crops.

All of them compute y[n, m, stride*i + dilation*t - begin] += x[n, c, i] * weight[c, m, t]; they differ in the
order of the weight's axes, in whether the kernel is turned, and in how the crop (begin, end) is said:

=============  =======================  ======  =================================================
layout         weight                   turned  crop
=============  =======================  ======  =================================================
torch, onnx    (in, out/groups, *k)     no      `padding`, `output_padding`; `onnx_padding`
keras          (*k, out, in)            no      `keras_padding`
tensorflow     (*k, out, in)            no      `keras_padding`
jax            (*k, in, out)            yes     `jax_padding`
jax-transpose  (*k, out, in)            no      `jax_padding` (transpose_kernel=True)
=============  =======================  ======  =================================================

The functions return pairs for `padding=` of `conv_transpose`; no output_padding is needed beside them.
"""

import operator
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from upsample.checks import Array, InvalidValue, PerAxis, floating, per_axis
from upsample.forms.geometry import Axis, Pairs

LAYOUTS = ("jax", "jax-transpose", "keras", "onnx", "tensorflow", "torch")
_CHANNELS_FIRST = ("torch", "onnx")


def convert_weight(weight: ArrayLike, source: str, target: str = "torch") -> Array:
    """Return a transposed-convolution weight of layout `source` in the layout `target`, as a view.

    Parameters
    ----------
    weight : array with two channel axes and 1 to 3 kernel axes
        See the table of this module. Layouts other than torch and onnx know one group only.
    source, target : "torch", "onnx", "keras", "tensorflow", "jax" or "jax-transpose"
        The layout it has, and the one it shall have.

    Returns
    -------
    array
        A view of `weight`, in its dtype.

    Raises
    ------
    TypeError
        Where `weight` is not floating.
    ValueError
        Where a layout is unknown, or there are no 1 to 3 kernel axes beside two of channels.

    Notes
    -----
    No copy, also where the kernel is turned; `numpy.ascontiguousarray` makes one.

    Examples
    --------
    >>> import numpy as np
    >>> convert_weight(np.zeros((3, 3, 8, 16)), "keras").shape
    (16, 8, 3, 3)
    >>> convert_weight(np.array([[[1.0]], [[2.0]], [[3.0]]]), "jax")
    array([[[3., 2., 1.]]])
    """
    kernel = floating(weight, "weight")
    _known(source, "source")
    _known(target, "target")
    if not 3 <= kernel.ndim <= 5:
        raise InvalidValue(f"weight must have two channel axes and 1 to 3 kernel axes, got shape {kernel.shape}")
    return _from_torch(_to_torch(kernel, source), target)


def convert_map(x: ArrayLike, source: str, target: str = "torch", *, axes: int = 2) -> Array:
    """Return a map with its channels where the layout `target` has them: first (torch, onnx) or last, as a view.

    Parameters
    ----------
    x : (N, C, *spatial) or (N, *spatial, C) array, or without N
    source, target : as in `convert_weight`
    axes : int
        Number of spatial axes.

    Returns
    -------
    array
        A view of `x`, of any dtype.

    Raises
    ------
    ValueError
        Where a layout is unknown, or `x` has other axes than the spatial ones, one of channels, and N.

    Notes
    -----
    No copy. The channels of (C, *spatial) and (*spatial, C) cannot be told apart by their shape, hence the words.

    Examples
    --------
    >>> import numpy as np
    >>> convert_map(np.zeros((1, 5, 6, 3)), "keras").shape
    (1, 3, 5, 6)
    """
    maps = np.asarray(x)
    first = _known(source, "source") in _CHANNELS_FIRST
    if maps.ndim not in (axes + 1, axes + 2):
        raise InvalidValue(f"x must have {axes} spatial axes and one of channels, got shape {maps.shape}")
    if first == (_known(target, "target") in _CHANNELS_FIRST):
        return maps
    channel = maps.ndim - axes - 1
    return np.moveaxis(maps, channel, -1) if first else np.moveaxis(maps, -1, channel)


def keras_padding(
    input_size: Sequence[int],
    kernel_size: PerAxis,
    *,
    stride: PerAxis = 1,
    padding: str = "valid",
    output_padding: PerAxis | None = None,
) -> Pairs:
    """Return the crops of Keras's Conv1D/2D/3DTranspose and of tf.nn.conv_transpose.

    Without `output_padding`, "valid" gives (size - 1) * stride + max(kernel, stride) samples and "same"
    stride * size. With it, "same" crops 2 * (kernel // 2) - output_padding, the smaller half first: for
    kernel 3, stride 2 and output_padding 1 that is (0, 1), where PyTorch's padding 1 crops (1, 0).

    Parameters
    ----------
    input_size : sequence of int
        Spatial size of the map; only its length counts here.
    kernel_size, stride, output_padding : int, or one per axis
        As the layer has them; `output_padding` is optional there too.
    padding : "valid" or "same"

    Returns
    -------
    tuple of (begin, end) pairs
        For `padding=` of `conv_transpose`, one per axis.

    Raises
    ------
    TypeError
        Where a number is not an integer.
    ValueError
        Where `padding` is another word, a number is too small, or the numbers of axes differ.

    Notes
    -----
    Of TensorFlow's layers the ones without dilation are meant.

    Examples
    --------
    >>> keras_padding((4,), 3, stride=2, padding="same", output_padding=1)
    ((0, 1),)
    """
    n = len(input_size)
    kernels, strides = per_axis(kernel_size, "kernel_size", n, 1), per_axis(stride, "stride", n, 1)
    extra = (None,) * n if output_padding is None else per_axis(output_padding, "output_padding", n, 0)
    if padding not in ("valid", "same"):
        raise InvalidValue(f"padding must be 'valid' or 'same', got {padding!r}")
    pairs = []
    for k, s, q in zip(kernels, strides, extra, strict=True):
        if padding == "valid":
            total = -max(s - k, 0) if q is None else -q
        else:
            total = k - s if q is None else 2 * (k // 2) - q
        pairs.append(_halves(total))
    return tuple(pairs)


def jax_padding(
    input_size: Sequence[int],
    kernel_size: PerAxis,
    *,
    stride: PerAxis = 1,
    padding: str | Sequence[Sequence[int]] = "SAME",
    dilation: PerAxis = 1,
) -> Pairs:
    """Return the crops of jax.lax.conv_transpose.

    "VALID" and "SAME" as in Keras without output_padding; explicit pairs are zeros put round the zero-inserted
    map, so that a larger one crops less: crop = dilation * (kernel - 1) - pair.

    Parameters
    ----------
    input_size : sequence of int
        Spatial size of the map; only its length counts here.
    kernel_size, stride, dilation : int, or one per axis
        `dilation` is JAX's rhs_dilation.
    padding : "VALID", "SAME" or a sequence of (begin, end) pairs

    Returns
    -------
    tuple of (begin, end) pairs
        For `padding=` of `conv_transpose`, one per axis.

    Raises
    ------
    TypeError
        Where a number is not an integer.
    ValueError
        Where `padding` is another word or has not one pair per axis, or a number is too small.

    Notes
    -----
    For the function's default transpose_kernel=False the weight's layout is "jax", and the kernel is turned.

    Examples
    --------
    >>> jax_padding((4,), 4, stride=2)
    ((1, 1),)
    >>> jax_padding((4,), 4, stride=2, padding=[(3, 3)])
    ((0, 0),)
    """
    n = len(input_size)
    kernels, dilations = per_axis(kernel_size, "kernel_size", n, 1), per_axis(dilation, "dilation", n, 1)
    reaches = [d * (k - 1) + 1 for k, d in zip(kernels, dilations, strict=True)]
    if isinstance(padding, str):
        return keras_padding(input_size, reaches, stride=stride, padding=padding.lower())
    if len(padding) != n:
        raise InvalidValue(f"padding must hold {n} (begin, end) pairs, got {padding!r}")
    return tuple((r - 1 - begin, r - 1 - end) for r, (begin, end) in zip(reaches, padding, strict=True))


def onnx_padding(
    input_size: Sequence[int],
    kernel_size: PerAxis,
    *,
    stride: PerAxis = 1,
    pads: Sequence[int] | None = None,
    auto_pad: str = "NOTSET",
    output_padding: PerAxis = 0,
    output_shape: PerAxis | None = None,
    dilation: PerAxis = 1,
) -> Pairs:
    """Return the crops of ONNX's ConvTranspose; `output_padding` is contained in them.

    `pads` lists all begins, then all ends. `output_shape` (spatial) or an auto_pad of SAME_UPPER or SAME_LOWER
    (stride * size) choose the pads: SAME_UPPER crops the smaller half first, the others the larger half. Where
    zeros are missing they go to the end.

    Parameters
    ----------
    input_size : sequence of int
        Spatial size of the map.
    kernel_size, stride, output_padding, dilation : int, or one per axis
        The node's kernel_shape, strides, output_padding and dilations.
    pads : sequence of int, optional
        All begins, then all ends; 0 by default.
    auto_pad : "NOTSET", "VALID", "SAME_UPPER" or "SAME_LOWER"
    output_shape : int, or one per axis, optional
        The spatial size that shall come out.

    Returns
    -------
    tuple of (begin, end) pairs
        For `padding=` of `conv_transpose`, one per axis.

    Raises
    ------
    TypeError
        Where a number is not an integer.
    ValueError
        Where `auto_pad` is another word, a number is too small, or the numbers of axes differ.

    Notes
    -----
    `output_shape` goes before `pads`, as in the standard.

    Examples
    --------
    >>> onnx_padding((3, 3), 3, stride=(3, 2), output_shape=(10, 8))
    ((0, -1), (0, -1))
    """
    n = len(input_size)
    settings = [
        per_axis(value, name, n, low)
        for value, name, low in (
            (kernel_size, "kernel_size", 1),
            (stride, "stride", 1),
            (dilation, "dilation", 1),
            (output_padding, "output_padding", 0),
        )
    ]
    if auto_pad not in ("NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"):
        raise InvalidValue(f"auto_pad must be NOTSET, VALID, SAME_UPPER or SAME_LOWER, got {auto_pad!r}")
    same = auto_pad.startswith("SAME")
    if output_shape is None and not same:
        crops = [operator.index(p) for p in pads] if pads is not None and auto_pad == "NOTSET" else [0] * 2 * n
        return tuple((crops[i], crops[n + i] - settings[3][i]) for i in range(n))
    large = None if output_shape is None else per_axis(output_shape, "output_shape", n, 1)
    pairs = []
    for i, (size, k, s, d, op) in enumerate(zip(input_size, *settings, strict=True)):
        goal = s * size if large is None else large[i]
        total = Axis(small=size, large=goal, kernel=k, stride=s, dilation=d, begin=0).end
        begin, end = _halves(total + op)
        upper = auto_pad == "SAME_UPPER" or total + op < 0
        pairs.append((begin, end - op) if upper else (end, begin - op))
    return tuple(pairs)


def _halves(total: int) -> tuple[int, int]:
    """Split a crop, the smaller half first; a negative one (zeros) goes to the end."""
    begin = max(total, 0) // 2
    return begin, total - begin


def _known(layout: str, name: str) -> str:
    if layout not in LAYOUTS:
        raise InvalidValue(f"{name} must be one of {LAYOUTS}, got {layout!r}")
    return layout


def _to_torch(weight: Array, layout: str) -> Array:
    if layout in _CHANNELS_FIRST:
        return weight
    if layout == "jax":
        return np.moveaxis(np.flip(weight, tuple(range(weight.ndim - 2))), (-2, -1), (0, 1))
    return np.moveaxis(weight, (-1, -2), (0, 1))


def _from_torch(weight: Array, layout: str) -> Array:
    if layout in _CHANNELS_FIRST:
        return weight
    if layout == "jax":
        return np.moveaxis(np.flip(weight, tuple(range(2, weight.ndim))), (0, 1), (-2, -1))
    return np.moveaxis(weight, (0, 1), (-1, -2))
