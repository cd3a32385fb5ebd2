"""Interpolation as transposed convolution: the kernels of nearest, bilinear and cubic enlargement.

Along one axis such a kernel samples a function f at the distances of the new samples from an old one,
kernel[t] = f(|t - centre| / stride), where f(0) = 1 and the integer shifts of f sum to 1. Every phase of such a
kernel sums to 1 (so a constant stays constant and no checkerboard appears), all taps to stride.
"""

import math
from collections.abc import Callable, Sequence

import numpy as np

from upsample.checks import Array, InvalidValue, PerAxis, per_axis, whole
from upsample.kernels.over_channels import over_channels


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
    return over_channels(_product(lines), channels, groups)


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
    return over_channels(_product(lines), channels, groups)


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
    return over_channels(_product(lines), channels, groups)


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


def _product(lines: Sequence[Array]) -> Array:
    """Return the outer product of lines."""
    kernel: Array = np.ones(())
    for line in lines:
        kernel = np.multiply.outer(kernel, line)
    return kernel
