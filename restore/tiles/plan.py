"""Where the tiles of a picture lie, and how large they may be: whole numbers alone, no sample is looked at."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scipy import fft

from restore.checks import InvalidValue

#: A part of a picture: first sample and the one behind the last along every axis. Those of a block may lie outside.
Box = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Plan:
    """Tiles of a picture and what each of them reads.

    The cores share the samples of the picture out among them. A block is a core and the halo around it; it may reach
    beyond the frame by the halo. All blocks have one shape, so that all are filtered on one grid: the last ones along
    an axis read more than their halo on the side of the others.
    """

    shape: tuple[int, ...]
    tile: tuple[int, ...]
    halo: tuple[int, ...]

    @property
    def counts(self) -> tuple[int, ...]:
        """Return the number of tiles along every axis."""
        return tuple(-(-n // t) for n, t in zip(self.shape, self.tile, strict=True))

    @property
    def block_shape(self) -> tuple[int, ...]:
        """Return the shape of all blocks."""
        return tuple(t + 2 * h for t, h in zip(self.tile, self.halo, strict=True))

    @property
    def chunks(self) -> tuple[tuple[int, ...], ...]:
        """Return the lengths of the cores along every axis."""
        axes = zip(self.shape, self.tile, self.counts, strict=True)
        return tuple(tuple(min(t, n - i * t) for i in range(count)) for n, t, count in axes)

    def indices(self) -> Iterator[tuple[int, ...]]:
        """Yield the place of every tile among the others, row by row."""
        ranges = [range(count) for count in self.counts]
        total = math.prod(self.counts)
        for number in range(total):
            index = []
            for r in reversed(ranges):
                number, i = divmod(number, len(r))
                index.append(i)
            yield tuple(reversed(index))

    def core(self, index: Sequence[int]) -> Box:
        """Return the samples that a tile is for."""
        return tuple((i * t, min((i + 1) * t, n)) for i, t, n in zip(index, self.tile, self.shape, strict=True))

    def block(self, index: Sequence[int]) -> Box:
        """Return the samples that a tile reads."""
        starts = [
            min(start, n - t) - h
            for (start, _), n, t, h in zip(self.core(index), self.shape, self.tile, self.halo, strict=True)
        ]
        return tuple((s, s + length) for s, length in zip(starts, self.block_shape, strict=True))


def plan_tiles(
    shape: Sequence[int],
    halo: Sequence[int],
    memory: float,
    bytes_per_sample: float,
    gap: Sequence[int] | None = None,
    multiple: Sequence[int] | None = None,
) -> Plan:
    """Return the plan of the fewest cuts whose blocks cost at most so much memory, each cut across the longest tiles.

    `gap` is what a block needs around it besides for its grid. Axes that are cut are so at multiples of `multiple`, as
    a file wants it that holds chunks of that size.
    """
    gap = (0,) * len(shape) if gap is None else gap
    steps = (1,) * len(shape) if multiple is None else multiple
    counts = [1] * len(shape)
    while True:
        tile = [_edge(*axis) for axis in zip(shape, counts, steps, strict=True)]
        if cost([t + 2 * h for t, h in zip(tile, halo, strict=True)], bytes_per_sample, gap) <= memory:
            return Plan(tuple(shape), tuple(tile), tuple(halo))
        longest = max(range(len(tile)), key=lambda axis: tile[axis] if tile[axis] > steps[axis] else 0)
        if tile[longest] <= steps[longest]:
            raise InvalidValue(_too_little(tile, halo, memory, bytes_per_sample, gap))
        counts[longest] = -(-shape[longest] // (tile[longest] - max(steps[longest], tile[longest] // 8)))


def _edge(size: int, count: int, step: int) -> int:
    """Return the edge of a tile of so many along an axis."""
    return size if count == 1 else step * -(-size // (count * step))


def _too_little(
    tile: Sequence[int], halo: Sequence[int], memory: float, bytes_per_sample: float, gap: Sequence[int]
) -> str:
    least = cost([t + 2 * h for t, h in zip(tile, halo, strict=True)], bytes_per_sample, gap)
    what = "one sample" if max(tile) == 1 else f"a tile of {tuple(tile)}"
    return (
        f"memory must hold {what} and the {tuple(halo)} around it that it depends on, "
        f"got {memory:.4g} bytes: allow {least:.4g} or more, or a larger strength"
    )


def cost(shape: Sequence[int], bytes_per_sample: float, gap: Sequence[int]) -> float:
    """Return the bytes that restoring a block takes, on a grid that is fast to transform."""
    grid = [fft.next_fast_len(int(n + g), real=True) for n, g in zip(shape, gap, strict=True)]
    return math.prod(grid) * bytes_per_sample


def overlap(a: Box, b: Box) -> Box | None:
    """Return what two boxes have in common, None for nothing."""
    both = tuple((max(s, t), min(e, f)) for (s, e), (t, f) in zip(a, b, strict=True))
    return both if all(start < end for start, end in both) else None


def slices(box: Box, origin: Box | None = None) -> tuple[slice, ...]:
    """Return a box as slices of an array that begins where `origin` does."""
    starts = [0] * len(box) if origin is None else [start for start, _ in origin]
    return tuple(slice(start - o, end - o) for (start, end), o in zip(box, starts, strict=True))


def grown(box: Box, by: Sequence[int]) -> Box:
    """Return a box with more around it."""
    return tuple((start - n, end + n) for (start, end), n in zip(box, by, strict=True))
