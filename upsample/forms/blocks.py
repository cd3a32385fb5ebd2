"""Cutting work into blocks, so that the extra memory is a constant; and the samples a block needs."""

import math
from collections.abc import Iterator, Sequence
from itertools import product
from typing import TypeAlias

import numpy as np

from upsample.checks import Array
from upsample.forms.geometry import trailing

Range: TypeAlias = tuple[int, int]

WORKSPACE = 4 << 20
"""Bytes one block may take: about two L2 caches; less makes thin matrix products, more leaves the cache."""


def blocks(shape: Sequence[int], room: int, halo: Sequence[int] | None = None) -> Iterator[tuple[Range, ...]]:
    """Yield (start, stop) ranges that tile `shape`, each block of at most about `room` positions.

    Inner axes stay whole as long as they fit, so that rows remain contiguous. `halo` counts the neighbours
    a block needs beside its own positions along each axis.

    Examples
    --------
    >>> list(blocks((2, 3, 4), 8))
    [((0, 1), (0, 2), (0, 4)), ((0, 1), (2, 3), (0, 4)), ((1, 2), (0, 2), (0, 4)), ((1, 2), (2, 3), (0, 4))]
    """
    halo = halo or (0,) * len(shape)
    block = [1] * len(shape)
    for i in reversed(range(len(shape))):
        inner = math.prod(b + h for b, h in zip(block[i + 1 :], halo[i + 1 :], strict=True))
        block[i] = max(1, min(shape[i], room // inner - halo[i]))
        if block[i] < shape[i]:
            break
    steps = (range(0, size, step) for size, step in zip(shape, block, strict=True))
    for starts in product(*steps):
        stops = (min(start + step, size) for start, step, size in zip(starts, block, shape, strict=True))
        yield tuple(zip(starts, stops, strict=True))


def zero_bordered(x: Array, ranges: Sequence[Range]) -> Array:
    """Return the last axes of `x` over `ranges`, zero where a range leaves the array; a view where it can be.

    Examples
    --------
    >>> zero_bordered(np.array([1, 2, 3]), [(-1, 2)])
    array([0, 1, 2])
    """
    sizes = x.shape[x.ndim - len(ranges) :]
    inside = [(min(max(a, 0), n), max(min(b, n), 0)) for (a, b), n in zip(ranges, sizes, strict=True)]
    source = x[trailing(*(slice(a, max(a, b)) for a, b in inside))]
    if all(i == r for i, r in zip(inside, ranges, strict=True)):
        return source
    block = np.zeros((*x.shape[: x.ndim - len(ranges)], *(b - a for a, b in ranges)), x.dtype)
    shifts = (i - a for (i, _), (a, _) in zip(inside, ranges, strict=True))
    lengths = source.shape[x.ndim - len(ranges) :]
    block[trailing(*(slice(s, s + n) for s, n in zip(shifts, lengths, strict=True)))] = source
    return block
