"""The phase decomposition: a transposed convolution as `stride` ordinary ones, interleaved.

Tap t of a kernel lands at full position stride * i + dilation * t. Write dilation * t = stride * u + r:
the tap serves output phase r only, at shift u. So phase r is a stride-1 convolution with few taps,

    full[stride * q + r] = sum_u x[q - u] * phase_r[u],

and no inserted zero is ever multiplied. This is the sub-pixel view of W. Shi et al., Is the deconvolution
layer the same as a convolutional layer?, 2016, and the polyphase structure of multirate filter banks.
"""

from collections.abc import Sequence

import numpy as np

from upsample.checks import Array, Index
from upsample.forms.geometry import Axis


def shifts(axis: Axis) -> list[int]:
    """Return the shifts u at which some phase of this axis has a tap.

    Examples
    --------
    >>> shifts(Axis(small=5, large=10, kernel=4, stride=2, dilation=1, begin=1))
    [0, 1]
    """
    return sorted({axis.dilation * tap // axis.stride for tap in range(axis.kernel)})


def phase_range(axis: Axis) -> tuple[int, int]:
    """Return the range of q whose samples stride * q + r reach the output [begin, begin + large)."""
    return axis.begin // axis.stride, (axis.begin + axis.large - 1) // axis.stride + 1


def phase_weights(weight: Array, axes: Sequence[Axis], used_shifts: Sequence[Sequence[int]]) -> Array:
    """Sort the taps of weight (G, C, M, *kernel) into (G, M, *phases, *shifts, C); holes are zero."""
    n = len(axes)
    spans = [u[-1] + 1 for u in used_shifts]
    sizes = [span * axis.stride for span, axis in zip(spans, axes, strict=True)]
    if sizes != list(weight.shape[3:]):
        spread = np.zeros((*weight.shape[:3], *sizes), weight.dtype)
        spread[:, :, :, *(slice(0, axis.reach, axis.dilation) for axis in axes)] = weight
        weight = spread
    # A tap at t = stride * u + r: splitting each kernel axis into (u, r) sorts all of them at once.
    split = [number for span, axis in zip(spans, axes, strict=True) for number in (span, axis.stride)]
    split_weight = weight.reshape(*weight.shape[:3], *split)
    order = (0, 2, *range(4, 4 + 2 * n, 2), *range(3, 3 + 2 * n, 2), 1)
    sorted_taps = split_weight.transpose(order)
    if any(len(u) < span for u, span in zip(used_shifts, spans, strict=True)):
        used: Index = (slice(None),) * (2 + n) + np.ix_(*used_shifts)
        return sorted_taps[used]
    return sorted_taps
