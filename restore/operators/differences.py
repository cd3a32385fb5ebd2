"""Forward differences: circular along every axis, their transfer functions, and the gradient of a frame.

What is done to all differences of a large picture goes a slab of rows at a time: a slab and what is made of it stay in
the processor's cache, and no full-size array of differences is ever stored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

import numpy as np

from restore.checks import Array
from restore.operators.fourier import frequencies, with_room

#: Differences down and to the right.
Gradient = tuple[Array, Array]
#: Differences of some channels, each along every axis.
Group = list[Array]
#: A part of an array.
Frame = tuple[slice, ...]
#: What becomes of the differences of all channels in a slab of rows; they may be used up.
Shrinkage = Callable[[slice, list[Group]], list[Group]]
#: Bytes of one plane in a slab: it and some ten arrays like it fit into a core's cache.
SLAB_BYTES = 1 << 17
#: Samples of a plane that show what its differences are on average.
LOOKED_AT = 1 << 21


def differences(plane: Array) -> Group:
    """Return the forward differences along every axis, circular."""
    return [np.roll(plane, -1, axis) - plane for axis in range(plane.ndim)]


def adjoint_differences(groups: Sequence[Array]) -> Array:
    """Return D' w of values w along every axis, D the circular differences."""
    return np.asarray(sum(np.roll(values, 1, axis) - values for axis, values in enumerate(groups)))


def slabs(plane: Array) -> Iterator[slice]:
    """Yield slices of rows, as many at a time as suit the cache."""
    count = max(1, SLAB_BYTES * len(plane) // max(plane.nbytes, 1))
    return (slice(start, min(start + count, len(plane))) for start in range(0, len(plane), count))


def differences_in(plane: Array, rows: slice) -> Group:
    """Return the circular differences of a slab of rows."""
    slab, after = plane[rows], rows.stop % len(plane)
    group = [np.empty(slab.shape, slab.dtype) for _ in range(plane.ndim)]
    for axis, difference in enumerate(group):
        before_last, but_first, first, last = _ends(axis)
        np.subtract(slab[but_first], slab[before_last], out=difference[before_last])
        following = slab[first] if axis else plane[after : after + 1]
        np.subtract(following, slab[last], out=difference[last])
    return group


def _ends(axis: int) -> list[Frame]:
    """Return all along an axis but the last, all but the first, the first, and the last."""
    sides = slice(None, -1), slice(1, None), slice(None, 1), slice(-1, None)
    return [(*(slice(None),) * axis, side) for side in sides]


def shrunk(planes: Sequence[Array], shrink: Shrinkage, out: Sequence[Array | None] | None = None) -> list[Array]:
    """Return D' s(D f) for the planes f of all channels, s the shrinkage, in arrays that may be given.

    They have room for their half spectra.
    """
    out = [None] * len(planes) if out is None else out
    drawn = [with_room(f.shape, f.dtype) if some is None else some for f, some in zip(planes, out, strict=True)]
    above = [np.zeros_like(plane[:1]) for plane in planes]
    for rows in slabs(planes[0]):
        groups = shrink(rows, [differences_in(plane, rows) for plane in planes])
        for channel, group in enumerate(groups):
            _draw(drawn[channel][rows], group, above[channel])
            above[channel] = group[0][-1:]
    for plane, last in zip(drawn, above, strict=True):
        plane[:1] += last
    return drawn


def _draw(out: Array, group: Group, above: Array) -> None:
    """Put D' w of a slab into `out`; `above` is w down of the row before it."""
    down, *others = group
    np.subtract(above, down[:1], out=out[:1])
    np.subtract(down[:-1], down[1:], out=out[1:])
    for axis, values in enumerate(others, 1):
        before_last, but_first, first, last = _ends(axis)
        out -= values
        out[but_first] += values[before_last]
        out[first] += values[last]


def mean_in_frame(
    planes: Sequence[Array],
    frame: tuple[slice, ...],
    costs: Callable[[list[Group]], list[Array]],
    known: Array | None = None,
) -> float:
    """Return the mean, over a frame or its `known` samples, of all that the differences of a sample cost.

    Of large planes it is that of some slabs from top to bottom.
    """
    sides = [range(n)[side] for n, side in zip(planes[0].shape, frame, strict=True)]
    known = np.ones([len(side) for side in sides], bool) if known is None else known
    total, count, (first, *others) = 0.0, 0, [slice(side.start, side.stop) for side in sides]
    for rows in islice(slabs(planes[0]), 0, None, max(1, planes[0].size // LOOKED_AT)):
        inside = slice(max(first.start - rows.start, 0), max(first.stop - rows.start, 0))
        where = known[max(rows.start - first.start, 0) : max(rows.stop - first.start, 0)]
        count += int(np.count_nonzero(where))
        for values in costs([differences_in(plane, rows) for plane in planes]):
            total += float(values[(inside, *others)].sum(dtype=np.float64, where=where))
    return total / max(count, 1)


def mean_square_difference(one: Array, other: Array, known: Array | None = None) -> float:
    """Return the mean square of the difference of two pictures, or of their `known` samples, if there are any.

    Of large pictures it is that of some slabs from top to bottom.
    """
    total, count = 0.0, 0
    for rows in islice(slabs(one), 0, None, max(1, one.size // LOOKED_AT)):
        square = (one[rows] - other[rows]) ** 2
        shown = square if known is None else square[known[rows]]
        total, count = total + float(np.sum(shown, dtype=np.float64)), count + shown.size
    return mean_square_difference(one, other) if count == 0 and known is not None else total / count


def difference_symbols(shape: tuple[int, ...]) -> list[Array]:
    """Return the transfer functions exp(i w) - 1 of the circular differences along every axis, on the half spectrum."""
    whole = np.ones((*shape[:-1], shape[-1] // 2 + 1))
    return [(np.exp(1j * w) - 1) * whole for w in frequencies(shape)]


def gradient(image: Array) -> Gradient:
    """Return the forward differences along both axes, 0 at the far edge."""
    return np.diff(image, axis=0, append=image[-1:]), np.diff(image, axis=1, append=image[:, -1:])
