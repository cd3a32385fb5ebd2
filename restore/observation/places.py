"""Places of a picture that hold something: to look at them alone costs what they are, not what the picture is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import ndimage

from restore.checks import Array
from restore.observation.boundary import Frame

#: The number of places beyond which all of a picture is one.
MOST = 64
#: Share of a picture from which on it is one place.
MUCH = 0.5


def places_of(where: Array, margin: int) -> list[Frame]:
    """Return boxes that hold all that is True and so many samples around it; no two of them meet.

    All of a picture is one box where boxes would be most of it.
    """
    whole = [tuple(slice(0, n) for n in where.shape)]
    square = 2 * margin  # those beside one that holds something belong to its place
    starts = [np.arange(0, n, square) for n in where.shape]
    some: Array = where
    for axis, start in enumerate(starts):
        some = np.logical_or.reduceat(some, start, axis=axis)
    labels, count = ndimage.label(ndimage.maximum_filter(some, 3), np.ones((3,) * some.ndim))
    if count > MOST:
        return whole
    places = _apart([tuple((s.start, s.stop) for s in place) for place in ndimage.find_objects(labels)])
    boxes = [
        tuple(slice(a * square, min(b * square, n)) for (a, b), n in zip(place, where.shape, strict=True))
        for place in places
    ]
    share = sum(_size(box) for box in boxes) / max(where.size, 1)
    return whole if share > MUCH else boxes


def _size(box: Frame) -> int:
    return int(np.prod([side.stop - side.start for side in box]))


Span = tuple[int, int]


def _apart(boxes: Sequence[tuple[Span, ...]]) -> list[tuple[Span, ...]]:
    """Return boxes of which those that meet have become one."""
    apart: list[tuple[Span, ...]] = []
    for box in boxes:
        while meeting := [other for other in apart if _meet(box, other)]:
            apart = [other for other in apart if other not in meeting]
            box = tuple((min(a for a, _ in s), max(b for _, b in s)) for s in zip(box, *meeting, strict=True))
        apart.append(box)
    return apart


def _meet(one: Sequence[Span], other: Sequence[Span]) -> bool:
    return all(a < d and c < b for (a, b), (c, d) in zip(one, other, strict=True))
