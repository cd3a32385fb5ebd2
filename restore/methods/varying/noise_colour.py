"""Whether the noise is coloured where the blur changes over the picture.

No one spectrum of the signal is behind such a picture, and what is left over passes for coloured noise. Its parts know
better, each with the PSF of its own place.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np

from restore.checks import Array
from restore.observation.boundary import Frame
from restore.observation.observation import Observation, observe
from restore.psf.varying import PsfGrid

#: How many places along an axis are asked, and the share of the parts by whose word the noise is coloured: in 18
#: pictures with white noise 0 or 1 of 25 said so, in 18 with coloured noise 10 to 25.
ASKED, SHARE = 3, 0.2
#: Shortest edge of a part that is asked; so far around its place it reaches at least, as far as there is a picture.
SHORTEST = 48


def settle_colour(varying: PsfGrid, observation: Observation) -> None:
    """Take the noise of an observation for white where its parts do; nothing else that it knows changes."""
    if varying.is_constant or observation.completed.coloured is None:
        return
    votes = [_is_coloured(observation, at, psf) for at, psf in _parts(varying, observation.image_shape)]
    if votes and np.mean(votes) <= SHARE:
        for one in (observation, observation.completed):
            one.__dict__["coloured"] = None


def _is_coloured(observation: Observation, at: Frame, psf: Array) -> bool:
    mask = None if observation.mask is None else observation.mask[at] > 0
    part = observe(observation.picture[at], psf, observation.boundary, -1, mask, completed=False)
    return part.coloured is not None


def _parts(varying: PsfGrid, shape: tuple[int, ...]) -> Iterator[tuple[Frame, Array]]:
    """Yield the parts of a frame around some of the crossings, and the PSF of each."""
    sides = [_sides(knots, n) for knots, n in zip(varying.knots, shape, strict=True)]
    for chosen in product(*sides):
        at = tuple(side for _, side in chosen)
        psf = varying.at([place for place, _ in chosen])
        if all(max(SHORTEST, k) <= side.stop - side.start for side, k in zip(at, psf.shape, strict=True)):
            yield at, psf


def _sides(knots: Array, n: int) -> list[tuple[float, slice]]:
    """Return some of the knots of an axis, and what lies nearer to each than to the next ones, or near enough."""
    ends = np.array([0, *(knots[1:] + knots[:-1]) / 2, n])
    numbers = np.unique(np.linspace(0, len(knots) - 1, ASKED).round().astype(int))
    first = np.clip(np.minimum(ends[numbers], knots[numbers] - SHORTEST), 0, n).round().astype(int)
    last = np.clip(np.maximum(ends[numbers + 1], knots[numbers] + SHORTEST), 0, n).round().astype(int)
    return [(float(knots[i]), slice(int(a), int(b))) for i, a, b in zip(numbers, first, last, strict=True)]
