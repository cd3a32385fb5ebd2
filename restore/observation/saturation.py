"""What is as bright as can be: light that was cut off, or drawn there.

Both have equal samples, and at the edge of both the picture jumps as no blur lets light jump. Only their shape tells:
bars, corners and frames lie along the rim of the picture, boxes fill a rectangle. What was drawn holds no picture; of
light that was cut off the surroundings tell, for the blur spread it.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from restore.checks import Array

#: Clipped samples are lights up to this share: beyond, they are a white ground.
FEW = 0.1
#: Samples along the rim of the picture, in units of the root of the area, and share of its box, from which an area of
#: the brightest samples was drawn.
ALONG, FILLED = 2.5, 0.9
#: JPEG rings beside a box. So an area is one there too whose rows and columns with this share of the fullest one's
#: samples are a box as full, and leave no more outside; a small disc leaves as little, but does not fill its box so.
FULL, FULLER, OUTSIDE = 0.5, 0.95, 0.05


def are_drawn(labels: Array, count: int, *, is_compressed: bool = False) -> Array:
    """Return for each labelled area, the ground 0 included, whether it was drawn by its shape; in a stack all were.

    Where JPEG compressed the picture, the edges of a rectangle need not be as even.
    """
    drawn = np.full(count + 1, labels.ndim != 2)
    inside = np.zeros(labels.shape, bool)
    inside[(slice(1, -1),) * labels.ndim] = True
    for label, place in enumerate(ndimage.find_objects(labels, count), 1):
        if place is not None and not drawn[label]:
            area = labels[place] == label
            along = np.count_nonzero(area & ~inside[place])
            drawn[label] = (
                area.mean() >= FILLED
                or along >= ALONG * np.sqrt(np.count_nonzero(area))
                or (is_compressed and _is_nearly_a_box(area))
            )
    return drawn


def _is_nearly_a_box(area: Array) -> bool:
    """Return whether an area, cut out of a picture, is a rectangle but for a few samples beside it."""
    rows, columns = (np.flatnonzero(n >= FULL * n.max()) for n in (area.sum(axis=1), area.sum(axis=0)))
    box = area[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return bool(box.mean() >= FULLER and box.sum() >= (1 - OUTSIDE) * area.sum())


def with_lights(picture: Array, white: float, hidden: Array | None) -> Array | None:
    """Return what is hidden of a picture, channels last, and with it the samples from `white` on while they are lights.

    A channel that would have no other ones left has no lights.
    """
    if white == np.inf:
        return hidden
    clipped = picture >= white
    known = np.ones_like(clipped) if hidden is None else ~hidden
    lights = clipped & known & (known & ~clipped).any(axis=tuple(range(picture.ndim - 1)))
    if not 0 < lights.mean() <= FEW:
        return hidden
    return lights if hidden is None else lights | hidden
