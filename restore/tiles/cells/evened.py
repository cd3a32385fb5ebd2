"""A large picture without the noise that its rows or columns share: a number for each of them, found once.

What a row shares is seen in its mean over the whole width, not in a tile. The middle of the picture tells whether there
is any, as it tells of a picture that is restored at once; only then the file is read through, piece by piece, and what
every row and column holds of a few waves is summed up. Tiles then read the picture without what these say.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from restore.checks import Array
from restore.methods.evened import LEAST, LOOKED_AT, PLANE, noiseless, shared_noise, strongest
from restore.noise.banding import Banding, Lines, banding_of
from restore.observation.observation import Observation, observe
from restore.observation.whole import Whole
from restore.operators.unit import ONE, Unit
from restore.tiles.cells.division import known_alone, sizes
from restore.tiles.job import Job
from restore.tiles.plan import Box, grown, overlap, slices
from restore.tiles.tile import finite, frame_of

#: Edges of the pieces that a picture is read through in, about, and how much around them tells equal samples.
PIECE, AROUND = (512, 4096), 16


@dataclass(frozen=True, eq=False)
class SharedNoise:
    """Noise that rows or columns share and that is taken off, and how strong what is `left` is, as `Banding` has it.

    `empty` holds, in bits and by pieces, which samples hold no noise, None where none does: these stay as they are.
    """

    taken: tuple[Banding, ...] = ()
    left: float = 0.0
    unit: Unit = ONE
    empty: Mapping[Box, Array | None] = field(default_factory=dict)

    @property
    def strength(self) -> float:
        """Return the strength of what is taken off, 0 of nothing."""
        return strongest(self.taken)

    def taken_off(self, data: Any, box: Box) -> Any:
        """Return the samples of a box, channels last, without it."""
        even = data
        for shared in self.taken:
            even = replace(shared, offsets=shared.offsets[slice(*box[shared.axis])]).taken_off(even, self.unit)
        for piece, bits in self.empty.items():
            if self.taken and (both := overlap(piece, box)) is not None:
                shape, here = (*sizes(piece), data.shape[-1]), slices(both, box)
                stays = (
                    bits is None or np.unpackbits(bits, count=math.prod(shape)).reshape(shape)[slices(both, piece)] > 0
                )
                even[here] = np.where(stays, data[here], even[here])
        return even


class Evened:
    """A picture as it is read, without noise that its rows or columns share."""

    def __init__(self, picture: Any, noise: SharedNoise) -> None:
        self._picture, self._noise = picture, noise
        self.is_lazy, self.shape, self.channels, self.dtype = (
            getattr(picture, name) for name in ("is_lazy", "shape", "channels", "dtype")
        )
        self.hidden, self.call, self.now = picture.hidden, picture.call, picture.now

    def read(self, box: Box) -> Any:
        """Return the samples of a box, channels last."""
        return self._noise.taken_off(self._picture.read(box), box)


def shared_noise_of(picture: Any, job: Job, now: Callable[[Any], Any]) -> SharedNoise:
    """Return the noise that rows or columns of a picture share, if its middle shows any; `now` computes what is read.

    Areas that hold no picture are hidden.
    """
    middle = _middle(picture, job, now)
    if middle is None:
        return SharedNoise()
    shares, _ = shared_noise(middle)
    if strongest(shares) <= LEAST or not job.evens:
        return SharedNoise(left=strongest(shares))
    lines, empty = _read_through(picture, job, middle, now)
    shares = banding_of(lines, job.psf)
    taken = tuple(shared for shared in shares if shared.strength > LEAST)
    left = strongest([shared for shared in shares if shared.strength <= LEAST])
    return SharedNoise(taken, left, middle.unit, empty)


def _middle(picture: Any, job: Job, now: Callable[[Any], Any]) -> Observation | None:
    """Return the middle of a picture, None where nothing is told of rows and columns."""
    box = tuple((max(n - LOOKED_AT, 0) // 2, (n + LOOKED_AT) // 2) for n in job.shape)
    box = tuple((start, min(end, n)) for (start, end), n in zip(box, job.shape, strict=True))
    if len(box) != PLANE or any(k > n for k, n in zip(job.psf.shape, sizes(box), strict=True)):
        return None
    data, hidden = _at(picture, box, now)
    if hidden is not None and hidden.all(axis=(0, 1)).any():
        return None
    return _observed(data, hidden, job)


def _at(picture: Any, box: Box, now: Callable[[Any], Any]) -> tuple[Array, Array | None]:
    """Return the samples of a box, and which are unknown; None where all are known."""
    data, hidden = np.asarray(now(picture.read(box))), picture.hidden(box)
    if hidden is not None:
        data, hidden = known_alone(data, hidden)
        hidden = hidden if hidden.any() else None
    return finite(np.ascontiguousarray(data), box), hidden


def _observed(data: Array, hidden: Array | None, job: Job, whole: Whole | None = None) -> Observation:
    """Return a part with a guess in the place of what is unknown."""
    return observe(data, job.psf, "periodic", PLANE, hidden, whole=whole, completed=False)


def _read_through(
    picture: Any, job: Job, middle: Observation, now: Callable[[Any], Any]
) -> tuple[list[Lines], dict[Box, Array | None]]:
    """Return the sums of all rows and columns of a picture, and which samples hold no noise."""
    lines = [Lines.of(axis, job.shape, picture.channels, middle.dtype) for axis in (0, 1)]
    whole, level = Whole(middle.unit), middle.picture.mean(axis=(0, 1))
    empty: dict[Box, Array | None] = {}
    for box in _pieces(job.shape):
        near = overlap(grown(box, (AROUND, AROUND)), frame_of(job.shape))
        assert near is not None
        data, hidden = _at(picture, near, now)
        if hidden is None:
            part = middle.unit.inside(data)
        elif hidden.all(axis=(0, 1)).any():
            part = np.where(hidden, level, middle.unit.inside(data)).astype(data.dtype)
        else:
            part = _observed(data, hidden, job, whole).picture
        nothing = noiseless(part)
        nothing = (nothing if hidden is None else nothing | hidden)[slices(box, near)]
        for these in lines:
            these.add((box[0][0], box[1][0]), part[slices(box, near)], nothing if nothing.any() else None)
        if nothing.any():
            empty[box] = None if nothing.all() else np.packbits(nothing)
    return lines, empty


def _pieces(shape: Sequence[int]) -> Iterator[Box]:
    """Yield the pieces of a picture, row by row."""
    axes = []
    for n, edge in zip(shape, PIECE, strict=True):
        count = max(1, round(n / edge))
        axes.append(list(itertools.pairwise([n * i // count for i in range(count + 1)])))
    return itertools.product(*axes)
