"""The parts of a large picture that hold samples which cannot be right: the robust estimate need see no others.

A few lights and dead samples are a matter of their surroundings, as far as the blur and its inverse reach.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy import ndimage

from restore.checks import Array
from restore.observation.boundary import UNKNOWN, Frame, grown, within
from restore.observation.observation import Observation, observe
from restore.observation.whole import Whole
from restore.operators.unit import ONE

#: Edge of a cell that a part lies in; how far around suspects, and around a part, is looked, at least and in units of
#: the PSF.
CELL, LEAST_MARGIN, REACHES = 384, 64, 2
#: Share of a picture up to which parts cost less than all of it.
MOST = 0.5


@dataclass(frozen=True, eq=False)
class Part:
    """Slices of a picture: what is looked at, what is told of it, and where that lies in what is looked at."""

    window: Frame
    core: Frame
    inner: Frame

    def of(self, observation: Observation) -> Observation:
        """Return the part of an observation, not completed, in its unit and with its range."""
        picture, mask = observation.picture[self.window], observation.mask
        return observe(
            picture,
            observation.psf,
            observation.boundary,
            picture.ndim - 1,
            None if mask is None else np.ascontiguousarray(mask[self.window] > 0),
            completed=False,
            whole=Whole(ONE, {"span": observation.span}),
        )


def parts_around(suspects: Array, observation: Observation) -> list[Part] | None:
    """Return the parts that hold suspects, None where they are most of the picture, or it ends otherwise than it is."""
    if observation.boundary not in UNKNOWN:
        return None
    shape, margins = observation.image_shape, [max(LEAST_MARGIN, REACHES * k) for k in observation.psf.shape]
    reach = [k // 2 for k in observation.psf.shape]
    parts = []
    for cell in _cells(shape):
        core = _around(suspects, cell, reach, margins)
        if core is not None:
            window = grown(core, margins, shape)
            parts.append(Part(window, core, within(core, window)))
    looked_at = sum(float(np.prod([side.stop - side.start for side in part.window])) for part in parts)
    return parts if looked_at <= MOST * np.prod(shape) else None


def _cells(shape: Sequence[int]) -> Iterator[Frame]:
    """Yield the cells that a picture is divided into."""
    starts = [range(0, max(n - CELL // 2, 1), CELL) for n in shape]  # what is left over goes with the last one
    for corner in product(*starts):
        yield tuple(
            slice(start, n if start == some[-1] else start + CELL)
            for start, some, n in zip(corner, starts, shape, strict=True)
        )


def _around(suspects: Array, cell: Frame, reach: Sequence[int], margins: Sequence[int]) -> Frame | None:
    """Return the part of a cell that lies around suspects in it or in reach of it, None where there are none."""
    near = grown(cell, reach, suspects.shape)
    (box,) = ndimage.find_objects(suspects[near].astype(np.int8), 1)
    if box is None:
        return None
    place = tuple(slice(n.start + b.start, n.start + b.stop) for n, b in zip(near, box, strict=True))
    wide = grown(place, margins, suspects.shape)
    return tuple(slice(max(w.start, c.start), min(w.stop, c.stop)) for w, c in zip(wide, cell, strict=True))
