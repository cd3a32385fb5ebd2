"""Max pooling that remembers where its maxima were, and unpooling that puts values back there."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray

from upsample.checks import Array, InvalidType, InvalidValue, Padding, PerAxis, floating, per_axis, spatial_axes
from upsample.forms.geometry import Axis, Pairs, conv_axes, padding_pairs, trailing


def max_pool(
    x: ArrayLike,
    kernel: PerAxis,
    *,
    stride: PerAxis | None = None,
    padding: Padding = 0,
    dilation: PerAxis = 1,
    ceil_mode: bool = False,
    axes: int = 2,
) -> tuple[Array, NDArray[np.int64]]:
    """y[i] = max_t x[stride*i + dilation*t - padding], with the index of every maximum

    Down-sampling (some lectures call it up-sampling by a slip of the tongue); `max_unpool` goes back up.

    Parameters
    ----------
    x : (N, C, *spatial) or (C, *spatial) real floating array
    kernel : int >= 1, or one per axis
        Window size; a larger one keeps less.
    stride : int >= 1, or one per axis, optional
        Step between windows; the kernel size by default.
    padding : int, one per axis, (begin, end) pairs, "valid" (none) or "same"
        Minus infinity is put round the input, so a padded sample never wins. Every window must still hold a
        sample. "same" gives ceil(size / stride) windows, the smaller half comes first.
    dilation : int >= 1, or one per axis
        Distance between neighbouring samples of a window.
    ceil_mode : bool
        Whether a last window that starts inside the (begin-padded) input but leaves it at the end counts.
    axes : int
        Number of spatial axes, 1 to 3.

    Returns
    -------
    values : (N, C, *spatial) or (C, *spatial) array
        In the dtype of `x`.
    indices : array of int64
        The row-major index of each maximum inside the unpadded plane of its own sample and channel, as in
        PyTorch. (ONNX counts through the whole tensor: add plane size * (n * C + c).) Of equal maxima the first
        one is meant; NaN wins over every number.

    Raises
    ------
    TypeError
        Where `x` is not a real floating array.
    ValueError
        Where a setting is out of range or the output would be empty.

    Notes
    -----
    The windows are laid out as one array of outputs * taps samples: memory beside the output grows with the window.

    Examples
    --------
    >>> import numpy as np
    >>> values, indices = max_pool(np.array([[[3.0, 8.0], [6.0, 4.0]]]), 2)
    >>> values, indices
    (array([[[8.]]]), array([[[1]]]))
    """
    x = _real(x)
    spatial_axes(x, axes)
    size = x.shape[-axes:]
    layout = _window_axes(size, kernel, stride, padding, dilation, ceil_mode=ceil_mode)
    windows = _windows(x, layout, -np.inf)
    best = windows.argmax(axis=-1)
    values = np.take_along_axis(windows, best[..., None], axis=-1)[..., 0]
    inside = _windows(np.ones(size, bool), layout, False)
    if not inside.any(axis=-1).all():
        raise InvalidValue(f"padding must leave a sample in every window, got {padding!r} with kernel {kernel!r}")
    # A sample may be minus infinity itself: then the first one that is no padding is meant.
    best = np.where(values == -np.inf, np.broadcast_to(inside.argmax(axis=-1), best.shape), best)
    return values, _plane_index(best, layout)


def max_unpool(
    x: ArrayLike,
    indices: ArrayLike,
    kernel: PerAxis,
    *,
    stride: PerAxis | None = None,
    padding: Padding = 0,
    output_size: PerAxis | None = None,
    axes: int = 2,
) -> Array:
    """y[indices] = x, zero elsewhere: every value returns to where its maximum was

    Parameters
    ----------
    x : (N, C, *spatial) or (C, *spatial) real floating array
        Pooled values, or what later layers made of them.
    indices : integer array of the shape of `x`
        From `max_pool`: row-major inside each plane of the *output*. Where an index repeats, the last value in
        row-major order stays.
    kernel, stride, padding
        As they were in `max_pool`; "same" is not taken, for it does not tell the size.
    output_size : int, or one per axis, optional
        The size before pooling, needed where pooling dropped a remainder; less than one stride away from the
        default (size - 1) * stride + kernel - 2 * padding.
    axes : int
        Number of spatial axes, 1 to 3.

    Returns
    -------
    (N, C, *spatial) or (C, *spatial) array
        In the dtype of `x`, zero where no maximum was.

    Raises
    ------
    TypeError
        Where `x` is not a real floating array or `indices` are not integers.
    ValueError
        Where shapes differ, an index lies outside the output, or `output_size` cannot be the size before pooling.

    Notes
    -----
    Not the inverse of `max_pool`: what was no maximum stays zero. It is the transpose of picking those samples.

    References
    ----------
    M. Zeiler and R. Fergus, Visualizing and understanding convolutional networks, 2014, section 2.1.

    Examples
    --------
    >>> import numpy as np
    >>> max_unpool(np.array([[[8.0]]]), np.array([[[1]]]), 2)
    array([[[0., 8.],
            [0., 0.]]])
    """
    x, places = _real(x), np.asarray(indices)
    spatial_axes(x, axes)
    if places.dtype.kind not in "iu":
        raise InvalidType(f"indices must be integers, got {places.dtype}")
    if places.shape != x.shape:
        raise InvalidValue(f"indices must have the shape of x, got {places.shape} and {x.shape}")
    size = _unpooled_size(x.shape[-axes:], kernel, stride, padding, output_size)
    plane = math.prod(size)
    if places.size and (places.min() < 0 or places.max() >= plane):
        wrong = places.min() if places.min() < 0 else places.max()
        raise InvalidValue(f"indices must lie in [0, {plane}) for output size {size}, got {wrong}")
    flat = (math.prod(x.shape[:-axes]), math.prod(x.shape[-axes:]))
    y = np.zeros((flat[0], plane), x.dtype)
    np.put_along_axis(y, places.reshape(flat), x.reshape(flat), axis=1)
    return y.reshape(*x.shape[:-axes], *size)


def _real(x: ArrayLike) -> Array:
    maps = floating(x, "x")
    if maps.dtype.kind == "c":
        raise InvalidType(f"x must be real, for complex numbers have no maximum, got {maps.dtype}")
    return maps


def _window_axes(
    size: Sequence[int],
    kernel: PerAxis,
    stride: PerAxis | None,
    padding: Padding,
    dilation: PerAxis,
    *,
    ceil_mode: bool,
) -> tuple[Axis, ...]:
    """Return the axes of a pooling: the small side counts its windows."""
    n = len(size)
    kernels = per_axis(kernel, "kernel", n, 1)
    strides = kernels if stride is None else per_axis(stride, "stride", n, 1)
    if isinstance(padding, str):
        return conv_axes(size, kernels, strides, padding, dilation)
    pairs = _pooling_pairs(padding, n)
    if not ceil_mode:
        return conv_axes(size, kernels, strides, pairs, dilation)
    longer = [(b, e + s - 1) for (b, e), s in zip(pairs, strides, strict=True)]
    # The last window counts where it starts inside the input or the padding at its beginning.
    return tuple(
        replace(axis, small=min(axis.small, -(-(axis.large + axis.begin) // axis.stride)))
        for axis in conv_axes(size, kernels, strides, longer, dilation)
    )


def _windows(x: Array, axes: Sequence[Axis], fill: float) -> Array:
    """Return the samples of every window as (..., *small, taps), `fill` where a window leaves x (..., *large)."""
    lead = x.ndim - len(axes)
    ends = (max((a.small - 1) * a.stride + a.reach - a.begin - a.large, 0) for a in axes)
    border = [(0, 0)] * lead + [(a.begin, end) for a, end in zip(axes, ends, strict=True)]
    padded = np.pad(x, border, constant_values=fill)
    windows = sliding_window_view(padded, [a.reach for a in axes], tuple(range(lead, x.ndim)))
    starts = (slice(None, a.stride * a.small, a.stride) for a in axes)
    windows = windows[trailing(*starts, *(slice(None, None, a.dilation) for a in axes))]
    return windows.reshape(*windows.shape[: x.ndim], math.prod(a.kernel for a in axes))


def _plane_index(best: NDArray[np.int64], axes: Sequence[Axis]) -> NDArray[np.int64]:
    """Turn the winner inside each window (..., *small) into an index inside the unpadded plane."""
    index: NDArray[np.int64] = np.zeros_like(best)
    taps = np.unravel_index(best, [a.kernel for a in axes])
    starts = np.ix_(*(np.arange(a.small) * a.stride - a.begin for a in axes))
    for axis, tap, start in zip(axes, taps, starts, strict=True):
        index = index * axis.large + start + tap * axis.dilation
    return index


def _unpooled_size(
    size: Sequence[int], kernel: PerAxis, stride: PerAxis | None, padding: Padding, output_size: PerAxis | None
) -> tuple[int, ...]:
    n = len(size)
    kernels, pairs = per_axis(kernel, "kernel", n, 1), _pooling_pairs(padding, n)
    strides = kernels if stride is None else per_axis(stride, "stride", n, 1)
    rows = zip(size, kernels, strides, pairs, strict=True)
    default = tuple((i - 1) * s + k - b - e for i, k, s, (b, e) in rows)
    if output_size is None:
        if min(default) < 1:
            raise InvalidValue(f"output size must be >= 1, got {default} from input size {tuple(size)}")
        return default
    unpooled = per_axis(output_size, "output_size", n, 1)
    if any(abs(o - d) >= s for o, d, s in zip(unpooled, default, strides, strict=True)):
        low = tuple(d - s + 1 for d, s in zip(default, strides, strict=True))
        high = tuple(d + s - 1 for d, s in zip(default, strides, strict=True))
        raise InvalidValue(f"output_size must lie between {low} and {high}, got {unpooled}")
    return unpooled


def _pooling_pairs(padding: Padding, axes: int) -> Pairs:
    pairs = padding_pairs(padding, axes)
    if any(value < 0 for pair in pairs for value in pair):
        raise InvalidValue(f"padding must be >= 0, got {pairs}")
    return pairs
