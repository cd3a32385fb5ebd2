"""Max pooling that remembers where its maxima were, and unpooling that puts values back there."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray

from upsample._checks import Array, PerAxis, floating, per_axis, spatial_axes
from upsample._geometry import trailing


def max_pool(
    x: ArrayLike,
    kernel: PerAxis,
    *,
    stride: PerAxis | None = None,
    padding: PerAxis = 0,
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
    padding : int in [0, kernel / 2], or one per axis
        Minus infinity is put round the input, so a padded sample never wins.
    dilation : int >= 1, or one per axis
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

    Examples
    --------
    >>> import numpy as np
    >>> values, indices = max_pool(np.array([[[3.0, 8.0], [6.0, 4.0]]]), 2)
    >>> values, indices
    (array([[[8.]]]), array([[[1]]]))
    """
    x = _real(x)
    spatial_axes(x, axes)
    kernels, pads = per_axis(kernel, "kernel", axes, 1), per_axis(padding, "padding", axes, 0)
    strides = kernels if stride is None else per_axis(stride, "stride", axes, 1)
    dilations = per_axis(dilation, "dilation", axes, 1)
    if any(2 * p > k for p, k in zip(pads, kernels, strict=True)):
        raise ValueError(f"padding must be at most half the kernel, got padding {pads} and kernel {kernels}")
    size, lead = x.shape[-axes:], x.ndim - axes
    settings = list(zip(size, kernels, strides, pads, dilations, strict=True))
    counts = [_window_count(*setting, ceil_mode=ceil_mode) for setting in settings]
    if min(counts) < 1:
        raise ValueError(f"output size must be >= 1, got {tuple(counts)} from input size {size}, kernel {kernels}")
    reaches = [d * (k - 1) + 1 for k, d in zip(kernels, dilations, strict=True)]
    ends = [max((n - 1) * s + r - i - p, 0) for n, s, r, i, p in zip(counts, strides, reaches, size, pads, strict=True)]
    border = [(0, 0)] * lead + list(zip(pads, ends, strict=True))
    padded = np.pad(x, border, constant_values=-np.inf)
    windows = sliding_window_view(padded, reaches, tuple(range(lead, x.ndim)))
    starts = (slice(None, s * n, s) for s, n in zip(strides, counts, strict=True))
    windows = windows[trailing(*starts, *(slice(None, None, d) for d in dilations))]
    flat = windows.reshape(*windows.shape[: x.ndim], -1)
    best = flat.argmax(axis=-1)
    values = np.take_along_axis(flat, best[..., None], axis=-1)[..., 0]
    return values, _plane_index(best, settings, counts)


def max_unpool(
    x: ArrayLike,
    indices: ArrayLike,
    kernel: PerAxis,
    *,
    stride: PerAxis | None = None,
    padding: PerAxis = 0,
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
        As they were in `max_pool`.
    output_size : int, or one per axis, optional
        The size before pooling, needed where pooling dropped a remainder; less than one stride away from the
        default (size - 1) * stride + kernel - 2 * padding.
    axes : int
        Number of spatial axes, 1 to 3.

    Raises
    ------
    TypeError
        Where `x` is not a real floating array or `indices` are not integers.
    ValueError
        Where shapes differ, an index lies outside the output, or `output_size` cannot be the size before pooling.

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
        raise TypeError(f"indices must be integers, got {places.dtype}")
    if places.shape != x.shape:
        raise ValueError(f"indices must have the shape of x, got {places.shape} and {x.shape}")
    size = _unpooled_size(x.shape[-axes:], kernel, stride, padding, output_size)
    plane = math.prod(size)
    if places.size and (places.min() < 0 or places.max() >= plane):
        wrong = places.min() if places.min() < 0 else places.max()
        raise ValueError(f"indices must lie in [0, {plane}) for output size {size}, got {wrong}")
    lead = x.shape[:-axes]
    y = np.zeros((math.prod(lead), plane), x.dtype)
    np.put_along_axis(y, places.reshape(len(y), -1), x.reshape(len(y), -1), axis=1)
    return y.reshape(*lead, *size)


def _real(x: ArrayLike) -> Array:
    maps = floating(x, "x")
    if maps.dtype.kind == "c":
        raise TypeError(f"x must be real, for complex numbers have no maximum, got {maps.dtype}")
    return maps


def _window_count(size: int, kernel: int, stride: int, pad: int, dilation: int, *, ceil_mode: bool) -> int:
    """Return how many windows fit; with `ceil_mode` also one that starts inside and ends outside."""
    room = size + 2 * pad - dilation * (kernel - 1) - 1
    if not ceil_mode:
        return room // stride + 1
    count = -(-room // stride) + 1
    return count - 1 if (count - 1) * stride >= size + pad else count


def _plane_index(
    best: NDArray[np.int64], settings: Sequence[tuple[int, ...]], counts: Sequence[int]
) -> NDArray[np.int64]:
    """Turn the winner inside each window into an index inside the unpadded plane."""
    taps = np.unravel_index(best, [kernel for _, kernel, *_ in settings])
    index: NDArray[np.int64] = np.zeros_like(best)
    for axis, (tap, (size, _, stride, pad, dilation)) in enumerate(zip(taps, settings, strict=True)):
        start = np.arange(counts[axis]) * stride - pad
        position = start.reshape(-1, *(1,) * (len(settings) - axis - 1)) + tap * dilation
        index = index * size + position
    return index


def _unpooled_size(
    size: Sequence[int], kernel: PerAxis, stride: PerAxis | None, padding: PerAxis, wanted: PerAxis | None
) -> tuple[int, ...]:
    n = len(size)
    kernels, pads = per_axis(kernel, "kernel", n, 1), per_axis(padding, "padding", n, 0)
    strides = kernels if stride is None else per_axis(stride, "stride", n, 1)
    rows = zip(size, kernels, strides, pads, strict=True)
    default = tuple((i - 1) * s + k - 2 * p for i, k, s, p in rows)
    if wanted is None:
        if min(default) < 1:
            raise ValueError(f"output size must be >= 1, got {default} from input size {tuple(size)}")
        return default
    given = per_axis(wanted, "output_size", n, 1)
    if any(abs(o - d) >= s for o, d, s in zip(given, default, strides, strict=True)):
        low = tuple(d - s + 1 for d, s in zip(default, strides, strict=True))
        high = tuple(d + s - 1 for d, s in zip(default, strides, strict=True))
        raise ValueError(f"output_size must lie between {low} and {high}, got {given}")
    return given
