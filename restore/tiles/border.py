"""What lies around the frame of a large picture, found once and told to every tile that reads it.

Tiles that completed the border by themselves would not agree: each knows other data. Here it is completed piece by
piece, in places that do not depend on how the picture is cut into tiles.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from restore.checks import Array
from restore.observation.boundary import UNKNOWN
from restore.observation.observation import observe
from restore.tiles.job import Agreement, Job
from restore.tiles.plan import Box, grown, slices
from restore.tiles.tile import finite

#: Samples of the rim that a piece goes along, and least number that it looks at around it; and those of a stack.
LENGTH, LEAST_LOOK = 1024, 128
LENGTH_OF_STACKS, LEAST_LOOK_OF_STACKS = 192, 32


def ring(shape: Sequence[int], halo: Sequence[int]) -> list[Box]:
    """Return the pieces of what lies around a picture within the halo."""
    axes, length = [], LENGTH if len(shape) <= 2 else LENGTH_OF_STACKS
    for n, h in zip(shape, halo, strict=True):
        count = max(1, round(n / length))
        cuts = [-h, *(n * i // count for i in range(count)), n, n + h]
        axes.append([(a, b) for a, b in itertools.pairwise(sorted(cuts)) if a < b])
    return [box for box in itertools.product(*axes) if not _inside(box, shape)]


def _inside(box: Box, shape: Sequence[int]) -> bool:
    return all(start >= 0 and end <= n for (start, end), n in zip(box, shape, strict=True))


def looked_at(box: Box, job: Job, halo: Sequence[int]) -> Box:
    """Return the samples of the picture that a piece is found from."""
    if job.boundary == "periodic":
        return box
    least, times = (LEAST_LOOK, 4) if len(job.shape) <= 2 else (LEAST_LOOK_OF_STACKS, 2)
    look = [max(least, times * k, h + 1) for k, h in zip(job.psf.shape, halo, strict=True)]
    near = grown(box, look)
    return tuple((max(start, 0), min(end, n)) for (start, end), n in zip(near, job.shape, strict=True))


def piece(box: Box, source: Box, data: Array, agreement: Agreement, job: Job) -> Array:
    """Return the data in a box outside the frame, from those in a box inside; channels are last."""
    if job.boundary == "periodic":
        return data
    width = [(max(a - start, 0), max(end - b, 0)) for (start, end), (a, b) in zip(box, source, strict=True)]
    origin = tuple((a - before, 0) for (a, _), (before, _) in zip(source, width, strict=True))
    data = finite(np.ascontiguousarray(data), source)
    whole = _completed if job.boundary in UNKNOWN else _padded
    return whole(data, width, agreement, job)[slices(box, origin)].copy()


def _padded(data: Array, width: list[tuple[int, int]], _: Agreement, job: Job) -> Array:
    modes = {"reflect": "reflect", "symmetric": "symmetric", "edge": "edge", "zero": "constant"}
    return np.pad(data, [*width, (0, 0)], mode=modes[job.boundary])  # type: ignore[call-overload]


def _completed(data: Array, width: list[tuple[int, int]], agreement: Agreement, job: Job) -> Array:
    """Return the data with what was solved for around them, as wide as asked for."""
    halves = [k // 2 for k in job.psf.shape]
    reach = max([2, *(-(-max(pair) // half) for pair, half in zip(width, halves, strict=True) if half)])
    observation = observe(
        data, job.psf, job.boundary, data.ndim - 1, None, job.extra_noise_var, whole=agreement.whole, reach=reach
    )
    rooms = [(s.start, n - s.stop) for s, n in zip(observation.frame, observation.grid, strict=True)]
    widths = [tuple(min(w, r) for w, r in zip(*pair, strict=True)) for pair in zip(width, rooms, strict=True)]
    cut = tuple(slice(s.start - b, s.stop + a) for s, (b, a) in zip(observation.frame, widths, strict=True))
    missing = [(w[0] - k[0], w[1] - k[1]) for w, k in zip(width, widths, strict=True)]
    return observation.unit.outside(np.pad(observation.data[cut], [*missing, (0, 0)], mode="edge"))
