"""The smaller pictures of an OME-Zarr, for viewers to show a large one at once: means of the next larger one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise, product
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Edges: TypeAlias = NDArray[np.intp]


def fill_smaller(larger: Any, smaller: Any, factors: Sequence[float]) -> None:
    """Fill an array with the means over cells of a larger one, a chunk at a time; integers are rounded.

    Parameters
    ----------
    larger, smaller : zarr arrays
        Of the same axes.
    factors : sequence of float
        How many samples of the larger one a cell has along every axis, as far as that is stated.
    """
    lengths = zip(larger.shape, smaller.shape, factors, strict=True)
    edges = [edges_of_cells(n, count, factor) for n, count, factor in lengths]
    for part in _parts(smaller.shape, smaller.chunks):
        smaller[part] = _means(larger, [bounds[s.start : s.stop + 1] for bounds, s in zip(edges, part, strict=True)])


def edges_of_cells(n: int, count: int, factor: float) -> Edges:
    """Return where `count` cells of `n` samples begin, and where the last one ends.

    Programs drop the samples that fill no cell, let the last cell be smaller, or stretch all cells a little: the stated
    factor says which. Where it cannot be true, cells are as even as they can be.
    """
    places = np.arange(count + 1)
    if not (factor >= 1 and abs(count * factor - n) < factor):
        whole = [step for step in (n // count, -(-n // count)) if step and count in (n // step, -(-n // step))]
        factor = whole[0] if whole else n / count
    edges = np.rint(places * factor).astype(np.intp)
    return np.minimum(edges, n - (count - places)) if n >= count else places * n // count


def _parts(shape: Sequence[int], chunks: Sequence[int]) -> Iterator[tuple[slice, ...]]:
    starts = [[*range(0, n, chunk), n] for n, chunk in zip(shape, chunks, strict=True)]
    return product(*([slice(start, stop) for start, stop in pairwise(edges)] for edges in starts))


def _means(larger: Any, edges: Sequence[Edges]) -> NDArray[Any]:
    """Return the means over the cells between these edges."""
    samples = np.asarray(larger[tuple(slice(int(bounds[0]), int(bounds[-1])) for bounds in edges)])
    means = samples
    for axis, bounds in enumerate(edges):
        sizes = np.diff(bounds)
        if (sizes != 1).any():
            sums = np.add.reduceat(means, bounds[:-1] - bounds[0], axis=axis, dtype=np.float64)
            means = sums / sizes.reshape([-1 if place == axis else 1 for place in range(sums.ndim)])
    return (np.rint(means) if samples.dtype.kind in "ui" else means).astype(samples.dtype)
