"""The kernels that have a name, and enlargement by one of them."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from upsample.checks import Array, InvalidValue, PerAxis, finite, per_axis, spatial_axes
from upsample.kernels.interpolating import bilinear_kernel, cubic_kernel, nearest_kernel
from upsample.kernels.learned import TAPS, check_stride, learned_kernel
from upsample.transposed_conv import conv_transpose

KERNELS: dict[str, Callable[..., Array]] = {
    "bilinear": bilinear_kernel,
    "cubic": cubic_kernel,
    "learned": learned_kernel,
    "nearest": nearest_kernel,
}


def kernel_size(name: str, strides: tuple[int, ...]) -> tuple[int, ...]:
    """Return the number of taps along each axis of a named kernel, without making it.

    Examples
    --------
    >>> kernel_size("cubic", (2, 3))
    (8, 11)
    """
    if name == "learned":
        check_stride(strides)
        return (TAPS,) * len(strides)
    if name == "nearest":
        return strides
    return tuple({"bilinear": 2, "cubic": 4}[name] * s - s % 2 for s in strides)


def interpolate(
    x: ArrayLike, stride: PerAxis, *, kernel: str = "bilinear", border: str = "replicate", axes: int = 2
) -> Array:
    """conv_transpose(x, kernel, stride, padding=(size - stride) / 2, groups=C): enlarge every channel by itself

    Parameters
    ----------
    x : (N, C, *spatial) or (C, *spatial) floating or complex array
    stride : int >= 1, or one per axis
        Factor of enlargement.
    kernel : "nearest", "bilinear", "cubic" or "learned"
        From blocks to smooth; cubic is sharper than bilinear and overshoots a little at edges. `learned_kernel`, for
        stride 2 and two axes alone, comes closest to photographs that were shrunk to the means of blocks.
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
        Where a word is unknown, a number out of range or not what the kernel is for, or a sample not finite.

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
