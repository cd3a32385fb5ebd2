"""A grid of a quarter of the samples along every axis, and what is unknown there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy import fft

from restore.checks import Array
from restore.observation.boundary import Frame
from restore.observation.unknown import Unknown
from restore.operators.across_channels import across_channels

#: How many times fewer samples an axis has, and how many it has at least.
FACTOR, LEAST_SIZE = 4, 128
#: A mask of many small holes leaves little of the picture on a coarse grid: it holds this share of the frame at most.
MOST_HIDDEN = 0.5


@dataclass(frozen=True, eq=False)
class CoarseGrid:
    """Its shape, and where data on it are unknown."""

    shape: tuple[int, ...]
    unknown: Unknown


def coarse_grid(shape: Sequence[int], unknown: Unknown) -> CoarseGrid | None:
    """Return the coarse grid of a grid, None where it would be too small or show too little of the picture.

    A stack of few slices has none: what lies above and below it is not seen on a grid that is coarse along the others.
    """
    if min(shape) < FACTOR * LEAST_SIZE:
        return None
    coarse = tuple(int(fft.next_fast_len(-(-n // FACTOR), real=True)) for n in shape)
    known = on_coarser(unknown, shape, coarse)
    return None if known is None else CoarseGrid(coarse, known)


def on_coarser(unknown: Unknown, shape: Sequence[int], coarse: Sequence[int]) -> Unknown | None:
    """Return where data are unknown on a coarser grid of a period, None where that is most of the frame."""
    steps = [n / m for n, m in zip(shape, coarse, strict=True)]
    frame = tuple(_inner(*some) for some in zip(unknown.frame, shape, steps, strict=True))
    mask = None if unknown.mask is None else _coarse_mask(unknown.mask, unknown.frame, frame, steps)
    return None if mask is not None and mask.mean() > MOST_HIDDEN else Unknown(frame, unknown.around, mask)


def _inner(side: slice, size: int, step: float) -> slice:
    """Return the coarse samples of an axis that lie in the frame."""
    if side == slice(0, size):
        return slice(0, round(size / step))
    return slice(int(np.ceil(side.start / step)), int((side.stop - 1) // step) + 1)


def _coarse_mask(mask: Array, frame: Frame, coarse: Frame, steps: Sequence[float]) -> Array:
    """Return 1 at coarse samples that have an unknown one beside them, one channel."""
    places = [
        np.rint(np.arange(some.start, some.stop) * step).astype(int) - side.start
        for some, side, step in zip(coarse, frame, steps, strict=True)
    ]
    near = np.zeros([len(p) for p in places], mask.dtype)
    for beside in product((-1, 0, 1), repeat=len(places)):
        at = [np.clip(np.clip(p, 0, n - 1) + b, 0, n - 1) for p, b, n in zip(places, beside, mask.shape, strict=False)]
        np.maximum(near, across_channels(np.maximum, mask[np.ix_(*at)]), out=near)
    return near[..., None]
