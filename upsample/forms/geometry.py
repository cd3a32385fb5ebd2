"""Where a tap lands: the index arithmetic that convolution and its transpose share.

Along one axis a kernel links a small side (indices i) with a large side (indices o) by

    o = stride * i + dilation * t - begin,          t = 0 .. kernel - 1.

Convolution gathers over this relation (large -> small), transposed convolution scatters over it
(small -> large). Both use the same `Axis`, which is why they are exact adjoints of each other.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import TypeAlias

import numpy as np

from upsample.checks import Index, InvalidValue, Padding, PerAxis, per_axis, whole

Pairs: TypeAlias = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Axis:
    """One spatial axis of the relation o = stride * i + dilation * t - begin."""

    small: int
    large: int
    kernel: int
    stride: int
    dilation: int
    begin: int

    @property
    def reach(self) -> int:
        """Samples from the first to the last tap: dilation * (kernel - 1) + 1."""
        return self.dilation * (self.kernel - 1) + 1

    @property
    def full(self) -> int:
        """Length of the uncropped transposed convolution: (small - 1) * stride + reach."""
        return (self.small - 1) * self.stride + self.reach

    @property
    def end(self) -> int:
        """Samples cropped from the end of `full`; negative where zeros are added instead."""
        return self.full - self.begin - self.large

    def pairs_of(self, tap: int, start: int, stop: int) -> tuple[slice, slice]:
        """Return the slices of small indices in [start, stop) and of the large indices that `tap` links."""
        offset = self.dilation * tap - self.begin
        first = max(start, -(offset // self.stride))
        last = min(stop, -(-(self.large - offset) // self.stride))
        if first >= last:
            return slice(0, 0), slice(0, 0)
        origin = self.stride * first + offset
        return slice(first, last), slice(origin, origin + self.stride * (last - first - 1) + 1, self.stride)


def taps(axes: Sequence[Axis]) -> Iterator[tuple[int, ...]]:
    """Return the kernel indices of all taps, in row-major order."""
    return product(*(range(axis.kernel) for axis in axes))


def trailing(*parts: slice) -> Index:
    """Return the index that applies `parts` to the last axes of an array."""
    return (..., *parts)


def padding_pairs(padding: Padding, axes: int) -> Pairs:
    """Return explicit padding as (begin, end) pairs; only a pair may hold negative numbers."""
    if isinstance(padding, int | np.integer):
        return ((whole(padding, "padding", 0),) * 2,) * axes
    if isinstance(padding, str) or not np.iterable(padding) or len(padding) != axes:
        raise InvalidValue(
            f"padding must be an integer, {axes} integers, {axes} (begin, end) pairs, 'same' or 'valid', "
            f"got {padding!r}"
        )
    return tuple(_pair(entry) for entry in padding)


def _pair(entry: int | Sequence[int]) -> tuple[int, int]:
    if not np.iterable(entry):
        return (whole(entry, "padding", 0),) * 2
    pair = tuple(whole(value, "padding", -(2**31)) for value in entry)
    if len(pair) != 2:
        raise InvalidValue(f"padding must hold (begin, end) pairs, got {pair}")
    return pair


def conv_axes(
    size: Sequence[int], kernel: Sequence[int], stride: PerAxis, padding: Padding, dilation: PerAxis
) -> tuple[Axis, ...]:
    """Return the axes of a convolution whose input (the large side) has the spatial shape `size`."""
    n = len(kernel)
    strides, dilations = per_axis(stride, "stride", n, 1), per_axis(dilation, "dilation", n, 1)
    reaches = [d * (k - 1) + 1 for k, d in zip(kernel, dilations, strict=True)]
    if padding == "same":
        total = [max((-(-o // s) - 1) * s + r - o, 0) for o, s, r in zip(size, strides, reaches, strict=True)]
        pairs: Pairs = tuple((t // 2, t - t // 2) for t in total)
    else:
        pairs = padding_pairs(0 if padding == "valid" else padding, n)
    small = [(o + b + e - r) // s + 1 for o, (b, e), r, s in zip(size, pairs, reaches, strides, strict=True)]
    if min(small) < 1:
        raise InvalidValue(
            f"output size must be >= 1, got {tuple(small)} from input size {tuple(size)} with kernel "
            f"{tuple(kernel)}, stride {strides}, padding {pairs}, dilation {dilations}"
        )
    rows = zip(small, size, kernel, strides, dilations, (b for b, _ in pairs), strict=True)
    return tuple(Axis(small=i, large=o, kernel=k, stride=s, dilation=d, begin=b) for i, o, k, s, d, b in rows)


def transpose_axes(
    size: Sequence[int],
    kernel: Sequence[int],
    *,
    stride: PerAxis,
    padding: Padding,
    output_padding: PerAxis,
    output_size: PerAxis | None,
    dilation: PerAxis,
) -> tuple[Axis, ...]:
    """Return the axes of a transposed convolution whose input (the small side) has the shape `size`."""
    n = len(kernel)
    strides, dilations = per_axis(stride, "stride", n, 1), per_axis(dilation, "dilation", n, 1)
    extra = per_axis(output_padding, "output_padding", n, 0)
    large = None if output_size is None else per_axis(output_size, "output_size", n, 1)
    if any(extra) and large is not None:
        raise InvalidValue(f"give output_padding or output_size, not both, got {extra} and {large}")
    for op, s, d in zip(extra, strides, dilations, strict=True):
        if op >= max(s, d):
            raise InvalidValue(
                f"output_padding must be smaller than stride or dilation, got output_padding {op}, "
                f"stride {s}, dilation {d}"
            )
    rows = zip(size, kernel, strides, dilations, strict=True)
    bare = [Axis(small=i, large=0, kernel=k, stride=s, dilation=d, begin=0) for i, k, s, d in rows]
    if padding == "same":
        return _same_axes(bare, extra, large)
    return _cropped_axes(bare, padding_pairs(0 if padding == "valid" else padding, n), extra, large)


def _same_axes(bare: Sequence[Axis], extra: Sequence[int], large: Sequence[int] | None) -> tuple[Axis, ...]:
    """Return axes of output stride * size (or `large`); the smaller half of the crop comes first."""
    if any(extra):
        raise InvalidValue(f"output_padding must be 0 with padding 'same' (use output_size), got {tuple(extra)}")
    most = [a.stride * a.small for a in bare]
    goal = most if large is None else large
    least = [m - a.stride + 1 for m, a in zip(most, bare, strict=True)]
    _within(goal, least, most)
    begins = (max(a.full - o, 0) // 2 for a, o in zip(bare, goal, strict=True))
    return tuple(replace(a, large=o, begin=b) for a, o, b in zip(bare, goal, begins, strict=True))


def _cropped_axes(
    bare: Sequence[Axis], pairs: Pairs, extra: Sequence[int], large: Sequence[int] | None
) -> tuple[Axis, ...]:
    least = [a.full - b - e for a, (b, e) in zip(bare, pairs, strict=True)]
    goal = [o + op for o, op in zip(least, extra, strict=True)] if large is None else large
    if large is not None:
        _within(large, least, [o + max(a.stride, a.dilation) - 1 for o, a in zip(least, bare, strict=True)])
    if min(goal) < 1:
        raise InvalidValue(
            f"output size must be >= 1, got {tuple(goal)} from input size {tuple(a.small for a in bare)}: "
            f"padding {pairs} crops the full size {tuple(a.full for a in bare)} away"
        )
    return tuple(replace(a, large=o, begin=b) for a, o, (b, _) in zip(bare, goal, pairs, strict=True))


def _within(goal: Sequence[int], least: Sequence[int], most: Sequence[int]) -> None:
    if not all(lo <= o <= hi for lo, o, hi in zip(least, goal, most, strict=True)):
        raise InvalidValue(
            f"output_size must lie between {tuple(least)} and {tuple(most)} for this input, kernel, stride, "
            f"padding and dilation, got {tuple(goal)}"
        )
