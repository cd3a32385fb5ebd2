"""The kernel with which a transposed convolution enlarges photographs by 2, learned once and for all."""

import numpy as np

from upsample.checks import Array, InvalidValue, PerAxis, per_axis, whole
from upsample.kernels.over_channels import over_channels

#: What it was learned for: the stride of both axes, and its taps along each.
STRIDE, TAPS = 2, 8

#: The taps of one quadrant, rows from the outside in; the others are its mirror images. Over 65536, which leaves no
#: rounding in the sum of a phase: each phase reaches every number once. `benchmarks/ready_kernel.py` learns them.
_QUADRANT = (
    (-136, 497, -540, -2786),
    (497, 2534, -1036, -10773),
    (-540, -1036, 4206, 11971),
    (-2786, -10773, 11971, 64266),
)
_UNIT = 65536


def learned_kernel(
    stride: PerAxis = STRIDE, *, axes: int = 2, channels: int | None = None, groups: int | None = None
) -> Array:
    """Argmin over kernel of sum |conv_transpose(small, kernel) - photograph|^2, small the means of 2 x 2 blocks

    8 x 8 taps, as `learn_kernel` finds them for a photograph and its mirror images, every phase held to sum to 1. Its
    outer taps are negative as the cubic kernel's are, but it is no product of two lines, and it sharpens more: the
    means of blocks are a blur.

    Parameters
    ----------
    stride : 2, or (2, 2)
        What it was learned for.
    axes : 2
        Likewise.
    channels, groups
        As in `bilinear_kernel`.

    Returns
    -------
    (8, 8) float64 array, or (channels, channels / groups, 8, 8)
        As in `bilinear_kernel`; for padding 3.

    Raises
    ------
    TypeError
        Where a number is not an integer.
    ValueError
        Where the stride is not 2 or the axes are not two, `groups` does not divide `channels`, or comes without them.

    See Also
    --------
    learn_kernel : a kernel for other strides, sizes and maps.

    Notes
    -----
    Learned from one portrait, which is in the public domain. Which photograph teaches hardly matters: what one
    kernel can do is common to them.

    References
    ----------
    B. Triggs, Empirical filter estimation for subpixel interpolation and matching, 2001, section 2.

    Examples
    --------
    >>> learned_kernel().shape
    (8, 8)
    >>> float(learned_kernel()[::2, 1::2].sum())
    1.0
    """
    check_stride(per_axis(stride, "stride", whole(axes, "axes", 1), 1))
    quadrant = np.array(_QUADRANT) / _UNIT
    half = np.concatenate([quadrant, quadrant[::-1]])
    return over_channels(np.concatenate([half, half[:, ::-1]], axis=1), channels, groups)


def check_stride(strides: tuple[int, ...]) -> None:
    """Refuse what the kernel was not learned for."""
    if strides != (STRIDE, STRIDE):
        remedy = 'take "cubic", or learn one by learn_kernel'
        raise InvalidValue(f"kernel 'learned' is for stride (2, 2), got {strides}: {remedy}")
