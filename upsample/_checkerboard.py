"""Checkerboard artefacts: how unevenly the phases of a strided kernel add up."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from upsample.checks import Array, InvalidValue, Padding, PerAxis, finite, per_axis, within_range
from upsample.forms.geometry import Axis
from upsample.forms.phases import phase_weights
from upsample.shapes import sizes_per_axis
from upsample.transposed_conv import conv_transpose


@dataclass(frozen=True, eq=False)
class Checkerboard:
    """Diagnosis of a transposed-convolution weight.

    Attributes
    ----------
    overlap : (*stride) array of int
        How many taps reach each output phase, far from the border.
    phase_sums : (in, out / groups, *stride) array, or (*stride) for a bare kernel
        The value every phase takes where the input is constant one.
    imbalance : float
        max |phase sum - mean| / max |mean|: 0 for an even weight, 1/3 for a row of three ones at stride 2.
    even : bool
        Whether a constant input gives a constant output, to rounding.
    """

    overlap: NDArray[np.int64]
    phase_sums: Array
    imbalance: float
    even: bool


@within_range
def checkerboard(weight: ArrayLike, stride: PerAxis, *, dilation: PerAxis = 1) -> Checkerboard:
    """g[r] = sum of weight[t] over the taps with dilation*t = r (mod stride); even if all g are equal

    A kernel size divisible by the stride makes the overlap even, which is necessary for random weights but not
    enough: learned weights may still be uneven, and a bilinear kernel of odd size is even. Hence the sums.

    Parameters
    ----------
    weight : (in, out / groups, *kernel) array, or a bare kernel with one or two axes
    stride : int >= 1, or one per axis
        Of the transposed convolution.
    dilation : int >= 1, or one per axis
        Of the transposed convolution.

    Returns
    -------
    Checkerboard
        The sums, and how uneven they are.

    Raises
    ------
    TypeError
        Where `weight` is not floating or a number is no integer.
    ValueError
        Where the shape is no weight's, a number is out of range, or a tap is not finite.

    Notes
    -----
    A matter of the weight alone: far from the border, and of a constant. An even weight may still draw patterns into
    detail, and a later layer may even out what an uneven one left.

    References
    ----------
    A. Odena, V. Dumoulin and C. Olah, Deconvolution and checkerboard artifacts, Distill, 2016.

    Examples
    --------
    >>> import numpy as np
    >>> diagnosis = checkerboard(np.ones((3, 3)), 2)
    >>> diagnosis.overlap
    array([[4, 2],
           [2, 1]])
    >>> diagnosis.even
    False
    >>> checkerboard(np.ones((4, 4)), 2).even
    True
    """
    kernel = finite(weight, "weight")
    bare = kernel.ndim <= 2
    full = kernel[None, None] if bare else kernel
    if not 3 <= full.ndim <= 5:
        raise InvalidValue(
            f"weight must be (in, out/groups, *kernel) or a bare kernel with 1 or 2 axes, got shape {kernel.shape}"
        )
    if full.size == 0:
        raise InvalidValue(f"weight must have no empty axis, got shape {kernel.shape}")
    sums = _phase_sums(full, stride, dilation)
    ones = np.ones((1, 1, *full.shape[2:]))
    overlap = _phase_sums(ones, stride, dilation)[0, 0].astype(np.int64)
    spatial = tuple(range(2, sums.ndim))
    largest = float(np.abs(full).max())
    shares = sums / (largest or 1)  # all below is about ratios, and the squares and sums of these exist
    mean = shares.mean(axis=spatial, keepdims=True)
    spread, level = float(np.abs(shares - mean).max()), float(np.abs(mean).max())
    rounding = np.finfo(kernel.dtype).eps * full[0, 0].size
    even = bool(spread <= rounding)
    imbalance = 0.0 if even else (spread / level if level > rounding else np.inf)
    return Checkerboard(overlap=overlap, phase_sums=sums[0, 0] if bare else sums, imbalance=imbalance, even=even)


def overlap_map(
    input_size: PerAxis,
    kernel_size: PerAxis,
    *,
    stride: PerAxis = 1,
    padding: Padding = 0,
    output_padding: PerAxis = 0,
    dilation: PerAxis = 1,
) -> NDArray[np.int64]:
    """Count the kernel copies that reach every output sample: conv_transpose(ones, ones)

    Parameters
    ----------
    input_size, kernel_size, stride, padding, output_padding, dilation
        As in `output_shape`.

    Returns
    -------
    array of int64
        As large as the output.

    Raises
    ------
    TypeError, ValueError
        As `output_shape`.

    Notes
    -----
    Cost as of one `conv_transpose` of one channel. Towards the border the counts fall: fewer copies reach there.

    References
    ----------
    A. Odena, V. Dumoulin and C. Olah, Deconvolution and checkerboard artifacts, Distill, 2016.

    Examples
    --------
    >>> overlap_map(4, 3, stride=2)
    array([1, 1, 2, 1, 2, 1, 2, 1, 1])
    """
    size, kernel = sizes_per_axis(input_size, kernel_size)
    ones, weight = np.ones((1, *size), np.float32), np.ones((1, 1, *kernel), np.float32)
    counts = conv_transpose(
        ones, weight, stride=stride, padding=padding, output_padding=output_padding, dilation=dilation
    )
    return np.rint(counts[0]).astype(np.int64)


def _phase_sums(weight: Array, stride: PerAxis, dilation: PerAxis) -> Array:
    """Return the sums of weight (in, out, *kernel) over each phase as (in, out, *stride)."""
    n = weight.ndim - 2
    strides, dilations = per_axis(stride, "stride", n, 1), per_axis(dilation, "dilation", n, 1)
    rows = zip(weight.shape[2:], strides, dilations, strict=True)
    axes = [Axis(small=1, large=1, kernel=k, stride=s, dilation=d, begin=0) for k, s, d in rows]
    spans = [range((a.reach - 1) // a.stride + 1) for a in axes]
    work = weight.astype(np.result_type(weight, np.float32), copy=False)
    phases = phase_weights(work[None], axes, spans)[0]  # (out, *phases, *shifts, in)
    return np.moveaxis(phases.sum(axis=tuple(range(1 + n, 1 + 2 * n))), -1, 0)
