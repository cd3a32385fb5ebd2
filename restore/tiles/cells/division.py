"""Cells that a large picture is divided into, wherever its tiles lie, and what is looked at around them.

Tiles that told something of a sample each from its own surroundings would not agree: an iteration that stops where the
noise does leaves unknown samples as far apart as the noise. So all tiles read the same of it, told once for the cell in
which it lies, which is looked at with what lies around it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from restore.checks import Array
from restore.tiles.job import Job
from restore.tiles.plan import Box, grown

#: Edges of a cell, and the least that is looked at around it; and those of a stack.
CELL, AROUND = 512, 128
CELL_OF_STACKS, AROUND_OF_STACKS = 96, 32


def sizes(box: Box) -> list[int]:
    """Return the edges of a box."""
    return [end - start for start, end in box]


def with_surroundings(cell: Box, job: Job, share: float = 1.0) -> Box:
    """Return what is looked at of the picture to tell something of a cell, or a cell with a share of what is around."""
    near = grown(cell, [int(share * max(around(job), 4 * k)) for k in job.psf.shape])
    return tuple((max(start, 0), min(end, n)) for (start, end), n in zip(near, job.shape, strict=True))


def around(job: Job) -> int:
    """Return the least that is looked at around a cell."""
    return AROUND if len(job.shape) <= 2 else AROUND_OF_STACKS


def known_alone(data: Array, hidden: Array) -> tuple[Array, Array]:
    """Return samples, channels last, with zeros where they are unknown, and where that is, with all channels."""
    hidden = np.broadcast_to(hidden, data.shape)
    return np.where(hidden, data.dtype.type(0), data), hidden


def cells(box: Box, shape: tuple[int, ...]) -> Iterator[Box]:
    """Yield the cells that a box touches."""
    edge = CELL if len(shape) <= 2 else CELL_OF_STACKS
    spans = [
        [(i * edge, min((i + 1) * edge, n)) for i in range(start // edge, -(-end // edge))]
        for (start, end), n in zip(box, shape, strict=True)
    ]
    return itertools.product(*spans)
