"""One tile: read with its halo, restored as a part of the whole, and cut to its core."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from restore.checks import Array, InvalidValue
from restore.observation.observation import Observation, observe
from restore.operators.progress import silent
from restore.tiles.job import Agreement, Job
from restore.tiles.plan import Box, Plan, overlap, slices


def restored_tile(
    index: Sequence[int], plan: Plan, data: Array, pieces: Sequence[tuple[Box, Array]], agreement: Agreement, job: Job
) -> Array:
    """Return the core of a tile; `data` are those of its block that lie in the frame, `pieces` lie around it."""
    block, core = plan.block(index), plan.core(index)
    inside = overlap(block, frame_of(job.shape))
    assert inside is not None
    data = finite(data, inside)
    if agreement.settings is None:
        return np.ascontiguousarray(data[slices(core, inside)])
    observation = _observed(block, [(inside, data), *pieces], agreement, job)
    image = job.method.solve(observation, agreement.settings, silent).image
    return observation.unit.result(np.ascontiguousarray(image[slices(core, block)]))


def frame_of(shape: Sequence[int]) -> Box:
    """Return the box of a whole picture."""
    return tuple((0, n) for n in shape)


def _observed(block: Box, known: Sequence[tuple[Box, Array]], agreement: Agreement, job: Job) -> Observation:
    """Return a block filled with what is known of it; what is not is the method's to know."""
    first = known[0][1]
    data = np.zeros((*(end - start for start, end in block), first.shape[-1]), first.dtype)
    hidden = np.ones(data.shape[:-1], bool) if job.hides_the_outside else None
    for box, values in known:
        both = overlap(block, box)
        if both is not None:
            data[slices(both, block)] = values[slices(both, box)]
            if hidden is not None:
                hidden[slices(both, block)] = False
    # Nothing stands at the edge of a block that its core depends on: any guess will do there.
    boundary = job.boundary if job.hides_the_outside else "smooth"
    return observe(
        data,
        job.psf,
        boundary,
        data.ndim - 1,
        hidden if hidden is not None and hidden.any() else None,
        job.extra_noise_var,
        completed=not job.hides_the_outside,
        whole=agreement.whole,
    )


def finite(data: Array, box: Box) -> Array:
    """Return samples of a box; refuse NaN and infinity, saying where in the whole picture the first one lies."""
    if np.isfinite(data).all():
        return data
    bad = ~np.isfinite(data)
    place = np.argwhere(bad.any(axis=-1))[0] + [start for start, _ in box]
    raise InvalidValue(
        f"image must be finite, got {int(bad.sum())} NaN or infinite samples in a part of it, the first at "
        f"{tuple(int(i) for i in place)}: replace them (for example by a local median) before restoring"
    )
