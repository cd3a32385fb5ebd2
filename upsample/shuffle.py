"""Pixel shuffle: trade channels for resolution, and back."""

import math

from numpy.typing import ArrayLike

from upsample.checks import Array, InvalidValue, PerAxis, floating, per_axis, spatial_axes

ORDERS = ("CRD", "DCR")


def pixel_shuffle(x: ArrayLike, factor: PerAxis, *, order: str = "CRD", axes: int = 2) -> Array:
    """y[c, factor*q + r] = x[channel(c, r), q]: channels become the samples between the samples.

    Parameters
    ----------
    x : (N, C * factor**axes, *spatial) or without N, floating or complex array
    factor : int >= 1, or one per spatial axis
        How much larger every axis becomes.
    order : "CRD" or "DCR"
        channel(c, r) is c * phases + r for "CRD" (PyTorch's pixel_shuffle, ONNX mode CRD) and r * C + c for
        "DCR" (TensorFlow's depth_to_space, ONNX's default). They agree only where one channel comes out.
    axes : int
        Number of spatial axes, 1 to 3.

    Returns
    -------
    (N, C, *(factor * spatial)) array, or without N
        In the dtype of `x`; the samples are only moved.

    Raises
    ------
    TypeError
        Where `x` is not floating or `factor` is no integer.
    ValueError
        Where the channels do not divide by the phases, a number is out of range, or `order` is unknown.

    Notes
    -----
    One copy. Behind a convolution of stride 1 it is a transposed convolution, see `subpixel`.

    References
    ----------
    W. Shi et al., Real-time single image and video super-resolution using an efficient sub-pixel
    convolutional neural network, 2016, equation 4.

    Examples
    --------
    >>> import numpy as np
    >>> pixel_shuffle(np.arange(4.0).reshape(4, 1, 1), 2)
    array([[[0., 1.],
            [2., 3.]]])
    """
    x, factors = _checked(x, factor, order, axes)
    phases = math.prod(factors)
    lead, channels, size = x.shape[: -axes - 1], x.shape[-axes - 1], x.shape[-axes:]
    if channels % phases:
        raise InvalidValue(f"the channels of x must divide by {phases} = product of factor, got {channels}")
    out, start = channels // phases, len(lead)
    split = (out, *factors) if order == "CRD" else (*factors, out)
    channel, first = (start, start + 1) if order == "CRD" else (start + axes, start)
    moved = [i for axis in range(axes) for i in (start + 1 + axes + axis, first + axis)]
    shuffled = x.reshape(*lead, *split, *size).transpose(*range(start), channel, *moved)
    return shuffled.copy().reshape(*lead, out, *(f * n for f, n in zip(factors, size, strict=True)))


def pixel_unshuffle(x: ArrayLike, factor: PerAxis, *, order: str = "CRD", axes: int = 2) -> Array:
    """x[channel(c, r), q] = y[c, factor*q + r]: the inverse of `pixel_shuffle` with the same settings.

    Parameters
    ----------
    x : (N, C, *spatial) or (C, *spatial) floating or complex array
    factor, order, axes
        As in `pixel_shuffle`. `factor` must divide the spatial sizes.

    Returns
    -------
    (N, C * factor**axes, *(spatial / factor)) array, or without N
        In the dtype of `x`; the samples are only moved.

    Raises
    ------
    TypeError
        Where `x` is not floating or `factor` is no integer.
    ValueError
        Where `factor` does not divide the spatial sizes, a number is out of range, or `order` is unknown.

    Notes
    -----
    One copy. Called space to depth elsewhere.

    References
    ----------
    W. Shi et al., Real-time single image and video super-resolution using an efficient sub-pixel
    convolutional neural network, 2016, equation 4.

    Examples
    --------
    >>> import numpy as np
    >>> pixel_unshuffle(np.array([[[0.0, 1.0], [2.0, 3.0]]]), 2).ravel()
    array([0., 1., 2., 3.])
    """
    x, factors = _checked(x, factor, order, axes)
    lead, channels, size = x.shape[: -axes - 1], x.shape[-axes - 1], x.shape[-axes:]
    if any(n % f for n, f in zip(size, factors, strict=True)):
        raise InvalidValue(f"factor must divide the spatial sizes of x, got factor {factors} and sizes {size}")
    small = [n // f for n, f in zip(size, factors, strict=True)]
    start = len(lead)
    split = [number for n, f in zip(small, factors, strict=True) for number in (n, f)]
    positions = range(start + 1, start + 1 + 2 * axes, 2)
    phases = [i + 1 for i in positions]
    sorted_channels = (start, *phases) if order == "CRD" else (*phases, start)
    unshuffled = x.reshape(*lead, channels, *split).transpose(*range(start), *sorted_channels, *positions)
    return unshuffled.copy().reshape(*lead, channels * math.prod(factors), *small)


def _checked(x: ArrayLike, factor: PerAxis, order: str, axes: int) -> tuple[Array, tuple[int, ...]]:
    maps = floating(x, "x")
    if order not in ORDERS:
        raise InvalidValue(f"order must be one of {ORDERS}, got {order!r}")
    spatial_axes(maps, axes)
    return maps, per_axis(factor, "factor", axes, 1)
