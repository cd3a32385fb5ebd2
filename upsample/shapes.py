"""Sizes: what comes out, what must go in, and the crop that reaches a wanted size."""

from collections.abc import Iterable, Sequence

from upsample.checks import Padding, PerAxis, per_axis
from upsample.forms.geometry import Axis, Pairs, conv_axes, transpose_axes


def output_shape(
    input_size: PerAxis,
    kernel_size: PerAxis,
    *,
    stride: PerAxis = 1,
    padding: Padding = 0,
    output_padding: PerAxis = 0,
    output_size: PerAxis | None = None,
    dilation: PerAxis = 1,
) -> tuple[int, ...]:
    """(size - 1) * stride - begin - end + dilation * (kernel - 1) + output_padding + 1, per axis

    The spatial shape that `conv_transpose` returns, known before anything is allocated.

    Parameters
    ----------
    input_size, kernel_size : int or one per axis, >= 1
        Spatial sizes only. A single integer stands for every axis, for one axis if both are single.
    stride, padding, output_padding, output_size, dilation
        As in `conv_transpose`.

    Returns
    -------
    tuple of int
        One size per axis.

    Raises
    ------
    TypeError
        Where a number is not an integer.
    ValueError
        Where a setting is out of range or the output would be empty.

    Notes
    -----
    A convolution makes one size of `stride` neighbouring ones; `output_padding`, or `output_size`, says which of them
    is meant on the way back.

    References
    ----------
    V. Dumoulin and F. Visin, A guide to convolution arithmetic for deep learning, 2016, relationship 14.

    Examples
    --------
    >>> output_shape((3, 3), (3, 3), stride=3, padding=2)
    (5, 5)
    >>> output_shape(4, 4, stride=2, padding=1)
    (8,)
    """
    size, kernel = sizes_per_axis(input_size, kernel_size)
    axes = transpose_axes(
        size,
        kernel,
        stride=stride,
        padding=padding,
        output_padding=output_padding,
        output_size=output_size,
        dilation=dilation,
    )
    return tuple(axis.large for axis in axes)


def conv_output_shape(
    input_size: PerAxis,
    kernel_size: PerAxis,
    *,
    stride: PerAxis = 1,
    padding: Padding = 0,
    dilation: PerAxis = 1,
) -> tuple[int, ...]:
    """floor((size + begin + end - dilation * (kernel - 1) - 1) / stride) + 1, per axis

    The spatial shape that `conv` returns. `stride` sizes share one answer, which is why the way back,
    `conv_transpose`, needs `output_padding` or `output_size` to restore a given one.

    Parameters
    ----------
    input_size, kernel_size : int or one per axis, >= 1
    stride, padding, dilation
        As in `conv`.

    Returns
    -------
    tuple of int
        One size per axis.

    Raises
    ------
    TypeError
        Where a number is not an integer.
    ValueError
        Where a setting is out of range or the output would be empty.

    Notes
    -----
    With "same" it is ceil(size / stride), whatever the kernel.

    References
    ----------
    V. Dumoulin and F. Visin, A guide to convolution arithmetic for deep learning, 2016, relationship 15.

    Examples
    --------
    >>> conv_output_shape((5, 6), 3, stride=2, padding=1)
    (3, 3)
    """
    size, kernel = sizes_per_axis(input_size, kernel_size)
    return tuple(axis.small for axis in conv_axes(size, kernel, stride, padding, dilation))


def padding_for(
    input_size: PerAxis,
    kernel_size: PerAxis,
    output_size: PerAxis,
    *,
    stride: PerAxis = 1,
    dilation: PerAxis = 1,
) -> Pairs:
    """sum(pair) = (size - 1) * stride + dilation * (kernel - 1) + 1 - output_size, the smaller half first

    The (begin, end) pairs that make `conv_transpose` return `output_size` with no output_padding.
    Where the full size is too small the missing zeros are added at the end (a negative number).

    Parameters
    ----------
    input_size, kernel_size, output_size : int or one per axis, >= 1
    stride, dilation
        As in `conv_transpose`.

    Returns
    -------
    tuple of (begin, end) pairs
        For `padding=` of `conv_transpose`, one per axis.

    Raises
    ------
    TypeError
        Where a number is not an integer.
    ValueError
        Where one is too small, or the numbers of axes differ.

    Notes
    -----
    Every size can be reached, since a crop may be negative. A size at which the crop is odd is cropped unevenly: the
    map lies half a sample off the middle.

    Examples
    --------
    >>> padding_for((67, 120), 4, (135, 240), stride=2)
    ((0, 1), (1, 1))
    """
    size, kernel, large = sizes_per_axis(input_size, kernel_size, output_size)
    n = len(size)
    strides, dilations = per_axis(stride, "stride", n, 1), per_axis(dilation, "dilation", n, 1)
    rows = zip(size, kernel, large, strides, dilations, strict=True)
    totals = [Axis(small=i, large=o, kernel=k, stride=s, dilation=d, begin=0).end for i, k, o, s, d in rows]
    return tuple((max(t, 0) // 2, t - max(t, 0) // 2) for t in totals)


def explain(
    input_size: PerAxis,
    kernel_size: PerAxis,
    *,
    stride: PerAxis = 1,
    padding: Padding = 0,
    output_padding: PerAxis = 0,
    output_size: PerAxis | None = None,
    dilation: PerAxis = 1,
) -> str:
    """Return the four steps of a transposed convolution with their sizes, and the formula of the last one.

    Parameters
    ----------
    input_size, kernel_size, stride, padding, output_padding, output_size, dilation
        As in `output_shape`.

    Returns
    -------
    str
        One line per step, then one per axis.

    Raises
    ------
    TypeError, ValueError
        As `output_shape`.

    Notes
    -----
    It tells the four steps that `steps` takes; `conv_transpose` itself inserts no zeros.

    References
    ----------
    V. Dumoulin and F. Visin, A guide to convolution arithmetic for deep learning, 2016, section 4.

    Examples
    --------
    >>> print(explain((3, 3), (2, 2), stride=2, padding=1))
    input                                                    3 x 3
    1. insert stride - 1 zeros between samples               5 x 5
    2. add dilation * (kernel - 1) zeros at every side       7 x 7
    3. crop the padding: begin (1, 1), end (1, 1)            5 x 5
    4. convolve, stride 1, kernel turned by 180 degrees      4 x 4
    axis 0: (3 - 1) * 2 + 1 * (2 - 1) + 1 - 1 - 1 = 4
    axis 1: (3 - 1) * 2 + 1 * (2 - 1) + 1 - 1 - 1 = 4
    """
    size, kernel = sizes_per_axis(input_size, kernel_size)
    axes = transpose_axes(
        size,
        kernel,
        stride=stride,
        padding=padding,
        output_padding=output_padding,
        output_size=output_size,
        dilation=dilation,
    )
    inserted = [(a.small - 1) * a.stride + 1 for a in axes]
    bordered = [i + 2 * (a.reach - 1) for i, a in zip(inserted, axes, strict=True)]
    cropped = [i - a.begin - a.end for i, a in zip(bordered, axes, strict=True)]
    begin, end = tuple(a.begin for a in axes), tuple(a.end for a in axes)
    steps = [
        ("input", size),
        ("1. insert stride - 1 zeros between samples", inserted),
        ("2. add dilation * (kernel - 1) zeros at every side", bordered),
        (f"3. crop the padding: begin {begin}, end {end}", cropped),
        ("4. convolve, stride 1, kernel turned by 180 degrees", [a.large for a in axes]),
    ]
    lines = [f"{text:55s}  {' x '.join(map(str, sizes))}" for text, sizes in steps]
    for number, a in enumerate(axes):
        full = f"({a.small} - 1) * {a.stride} + {a.dilation} * ({a.kernel} - 1) + 1"
        crop = "".join(f" {'-' if c >= 0 else '+'} {abs(c)}" for c in (a.begin, a.end))
        lines.append(f"axis {number}: {full}{crop} = {a.large}")
    return "\n".join(lines)


def sizes_per_axis(*sizes: PerAxis) -> tuple[tuple[int, ...], ...]:
    """Return all sizes with as many axes as the longest of them."""
    axes = max(len(size) if isinstance(size, Iterable) else 1 for size in sizes)
    names: Sequence[str] = ("input_size", "kernel_size", "output_size")
    return tuple(per_axis(size, name, axes, 1) for size, name in zip(sizes, names, strict=False))
