"""Start weights: interpolation as transposed convolution (nearest, bilinear, cubic) and ICNR.

Along one axis an interpolating kernel samples a function f at the distances of the new samples from an old one,
kernel[t] = f(|t - centre| / stride), where f(0) = 1 and the integer shifts of f sum to 1. Every phase of such a
kernel sums to 1 (so a constant stays constant and no checkerboard appears), all taps to stride.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from upsample.checks import Array, InvalidValue, PerAxis, finite, per_axis, spatial_axes, whole
from upsample.transposed_conv import conv_transpose


def nearest_kernel(stride: PerAxis, *, axes: int = 2, channels: int | None = None, groups: int | None = None) -> Array:
    """kernel[t] = 1 for t < stride: every sample becomes a block (padding 0)

    Parameters
    ----------
    stride, axes, channels, groups
        As in `bilinear_kernel`.

    Returns
    -------
    (*kernel,) float64 array, or (channels, channels / groups, *kernel)
        As in `bilinear_kernel`.

    Raises
    ------
    TypeError
        Where a number is not an integer.
    ValueError
        Where a number is out of range, `groups` does not divide `channels`, or comes without them.

    Notes
    -----
    Kernel and stride are equal, so that no two kernel copies overlap.

    Examples
    --------
    >>> nearest_kernel(2)
    array([[1., 1.],
           [1., 1.]])
    """
    lines = [np.ones(s) for s in per_axis(stride, "stride", whole(axes, "axes", 1), 1)]
    return _over_channels(lines, channels, groups)


def bilinear_kernel(stride: PerAxis, *, axes: int = 2, channels: int | None = None, groups: int | None = None) -> Array:
    """kernel[t] = 1 - |t - centre| / stride, of size 2 * stride - stride % 2, and products over the axes

    With padding (size - stride) / 2 the transposed convolution enlarges exactly by `stride` and equals bilinear
    resizing (half-pixel centres), except at the border, where zeros lie outside: `interpolate` is exact there too.

    Parameters
    ----------
    stride : int >= 1, or one per axis
    axes : int
        Number of spatial axes.
    channels : int, optional
        Return a weight for this many channels, each enlarged by itself.
    groups : int, optional
        Groups of that weight: `channels` by default (depthwise, (C, 1, *kernel)); 1 gives the dense
        (C, C, *kernel) with zeros between different channels.

    Returns
    -------
    (*kernel,) float64 array, or (channels, channels / groups, *kernel)
        Sums to stride per axis (4 in two dimensions with stride 2), not to 1: each of the phases sums to 1.

    Raises
    ------
    TypeError
        Where a number is not an integer.
    ValueError
        Where a number is out of range, `groups` does not divide `channels`, or comes without them.

    Notes
    -----
    The size is odd or even as the stride is, so that the padding (size - stride) / 2 is whole. A layer that learns may
    start from this weight.

    References
    ----------
    J. Long, E. Shelhamer and T. Darrell, Fully convolutional networks for semantic segmentation, 2015, section 3.3.

    Examples
    --------
    >>> bilinear_kernel(2, axes=1)
    array([0.25, 0.75, 0.75, 0.25])
    >>> bilinear_kernel(2, channels=21).shape
    (21, 1, 4, 4)
    """
    lines = [_sampled(_triangle, 1, s) for s in per_axis(stride, "stride", whole(axes, "axes", 1), 1)]
    return _over_channels(lines, channels, groups)


def cubic_kernel(
    stride: PerAxis, *, a: float = -0.5, axes: int = 2, channels: int | None = None, groups: int | None = None
) -> Array:
    """kernel[t] = keys(|t - centre| / stride), of size 4 * stride - stride % 2, and products over the axes

    Cubic convolution interpolation. Sharper than bilinear, with a slight overshoot at edges.

    Parameters
    ----------
    stride, axes, channels, groups
        As in `bilinear_kernel`.
    a : float
        Slope at distance 1: -0.5 reproduces parabolas (Keys), -0.75 is what PyTorch and OpenCV use; a lower
        value sharpens more.

    Returns
    -------
    (*kernel,) float64 array, or (channels, channels / groups, *kernel)
        As in `bilinear_kernel`; the outer taps are negative for a negative `a`.

    Raises
    ------
    TypeError
        Where a number is not an integer.
    ValueError
        Where a number is out of range, `a` is not finite, `groups` does not divide `channels`, or comes without them.

    Notes
    -----
    Twice as long as the bilinear kernel along every axis: 2 ** axes times the products.

    References
    ----------
    R. Keys, Cubic convolution interpolation for digital image processing, 1981, equation 4.

    Examples
    --------
    >>> cubic_kernel(2, axes=1) * 128
    array([ -3.,  -9.,  29., 111., 111.,  29.,  -9.,  -3.])
    """
    if not math.isfinite(a):
        raise InvalidValue(f"a must be finite, got {a}")
    sizes = per_axis(stride, "stride", whole(axes, "axes", 1), 1)
    lines = [_sampled(lambda distance: _keys(distance, a), 2, s) for s in sizes]
    return _over_channels(lines, channels, groups)


KERNELS: dict[str, Callable[..., Array]] = {
    "bilinear": bilinear_kernel,
    "cubic": cubic_kernel,
    "nearest": nearest_kernel,
}


def kernel_length(name: str, stride: int) -> int:
    """Return the number of taps along one axis of a named kernel, without making it.

    Examples
    --------
    >>> kernel_length("cubic", 3)
    11
    """
    return stride if name == "nearest" else {"bilinear": 2, "cubic": 4}[name] * stride - stride % 2


def interpolate(
    x: ArrayLike, stride: PerAxis, *, kernel: str = "bilinear", border: str = "replicate", axes: int = 2
) -> Array:
    """conv_transpose(x, kernel, stride, padding=(size - stride) / 2, groups=C): enlarge every channel by itself

    Parameters
    ----------
    x : (N, C, *spatial) or (C, *spatial) floating or complex array
    stride : int >= 1, or one per axis
        Factor of enlargement.
    kernel : "nearest", "bilinear" or "cubic"
        From blocks to smooth; cubic is the sharpest and overshoots a little at edges.
    border : "replicate" or "zero"
        What lies outside `x`. "replicate" repeats the edge, which makes the result equal to resizing exactly;
        "zero" is what the bare layer does: the border darkens.
    axes : int
        Number of spatial axes, 1 to 3.

    Returns
    -------
    (N, C, *(stride * spatial)) or (C, ...) array
        In the precision of `x`.

    Raises
    ------
    TypeError
        Where `x` is not floating or `stride` is no integer.
    ValueError
        Where a word is unknown, a number out of range, or a sample not finite.

    Notes
    -----
    Cost as of a depthwise `conv_transpose`; repeating the edge copies the map once. Factors that are not whole,
    aligned corners and antialiasing are no transposed convolutions: use `skimage.transform.resize`.

    Examples
    --------
    >>> import numpy as np
    >>> interpolate(np.array([[0.0, 4.0]]), 2, axes=1)
    array([[0., 1., 3., 4.]])
    """
    x = finite(x, "x")
    if kernel not in KERNELS:
        raise InvalidValue(f"kernel must be one of {tuple(KERNELS)}, got {kernel!r}")
    if border not in ("replicate", "zero"):
        raise InvalidValue(f"border must be 'replicate' or 'zero', got {border!r}")
    spatial_axes(x, axes)
    strides = per_axis(stride, "stride", axes, 1)
    channels = x.shape[-axes - 1]
    weight = KERNELS[kernel](strides, axes=axes, channels=channels)
    crop = [(k - s) // 2 for k, s in zip(weight.shape[2:], strides, strict=True)]
    edge = [-(-c // s) if border == "replicate" else 0 for c, s in zip(crop, strides, strict=True)]
    padded = np.pad(x, [(0, 0)] * (x.ndim - axes) + [(e, e) for e in edge], mode="edge") if any(edge) else x
    padding = [c + e * s for c, e, s in zip(crop, edge, strides, strict=True)]
    return conv_transpose(padded, weight, stride=strides, padding=padding, groups=channels)


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


def _sampled(f: Callable[[Array], Array], support: int, stride: int) -> Array:
    """Return f at the distances, in old samples, of the 2 * support * stride (or one less) nearest new ones."""
    size = 2 * support * stride - stride % 2
    return f(np.abs(np.arange(size) - (size - 1) / 2) / stride)


def _triangle(distance: Array) -> Array:
    return np.maximum(1 - distance, 0)


def _keys(distance: Array, a: float) -> Array:
    near = ((a + 2) * distance - (a + 3)) * distance**2 + 1
    far = a * (((distance - 5) * distance + 8) * distance - 4)
    return np.where(distance <= 1, near, np.where(distance < 2, far, 0))


def _over_channels(lines: Sequence[Array], channels: int | None, groups: int | None) -> Array:
    """Return the outer product of `lines`, or a weight that applies it to every channel."""
    kernel: Array = np.ones(())
    for line in lines:
        kernel = np.multiply.outer(kernel, line)
    if channels is None:
        if groups is not None:
            raise InvalidValue(f"groups needs channels, got groups {groups}")
        return kernel
    channels = whole(channels, "channels", 1)
    groups = channels if groups is None else whole(groups, "groups", 1)
    if channels % groups:
        raise InvalidValue(f"groups must divide channels, got groups {groups} and {channels} channels")
    own: np.ndarray[Any, np.dtype[np.float64]] = np.eye(channels // groups)
    return np.multiply.outer(np.tile(own, (groups, 1)), kernel)
