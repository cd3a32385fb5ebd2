"""The parts of a large picture that hold samples which cannot be right: the robust estimate need see no others.

A few lights and dead samples are a matter of their surroundings, as far as the blur and its inverse reach.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from restore.checks import Array
from restore.observation.boundary import UNKNOWN, Frame, grown, within
from restore.observation.observation import Observation, observe
from restore.observation.whole import Whole
from restore.operators.unit import ONE

#: Edge of a part; how far around it is looked, at least and in units of the PSF.
CORE, LEAST_MARGIN, REACHES = 384, 64, 2
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
    some = [part for part in _parts(shape, margins) if suspects[grown(part.core, reach, shape)].any()]
    looked_at = sum(float(np.prod([side.stop - side.start for side in part.window])) for part in some)
    return some if looked_at <= MOST * np.prod(shape) else None


def _parts(shape: Sequence[int], margins: Sequence[int]) -> Iterator[Part]:
    starts = [range(0, max(n - CORE // 2, 1), CORE) for n in shape]  # what is left over goes with the last one
    for corner in product(*starts):
        core = tuple(
            slice(start, n if start == some[-1] else start + CORE)
            for start, some, n in zip(corner, starts, shape, strict=True)
        )
        window = grown(core, margins, shape)
        yield Part(window, core, within(core, window))
