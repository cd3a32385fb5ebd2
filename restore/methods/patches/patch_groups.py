"""Groups of similar patches of a periodic picture: found, taken out, put back.

A patch is a square of `size` samples; one in every `step` samples along each axis is a reference, and its group are
the `count` patches within `reach` samples that differ least from it,

    d(p, q) = sum_x (m(p + x) - m(q + x))^2 = |m_p|^2 - 2 m_p . m_q + |m_q|^2,

m the means over cells of `cell` samples along an edge, in which there is less noise; the reference itself is one of
them. Near references have most of their candidates in common, so that one matrix product compares a tile of them with
all. Put back, every sample becomes the mean of all patches that cover it, weighted by what their group is worth times a
window that trusts the middle of a patch more than its rim.

Everything runs in strips of references, so that memory beside a few pictures does not grow with the picture.

References: A. Buades, B. Coll and J.-M. Morel, A non-local algorithm for image denoising, CVPR 2005; K. Dabov, A. Foi,
V. Katkovnik and K. Egiazarian, Image denoising by sparse 3-D transform-domain collaborative filtering, IEEE Trans.
Image Process. 16, 2007 (groups, weights and windows).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy import sparse

from restore.checks import Array

#: Samples of all patches of a strip of references, and of the part of it that is shrunk at once, in a core's cache.
STRIP_SAMPLES = 1 << 20
BATCH_SAMPLES = 1 << 18
#: Edge of a tile of references that are compared with their candidates at once, in samples.
TILE = 32
#: Shape parameter of the Kaiser window over a patch.
WINDOW = 2.0

#: What is done to groups (number, count, samples of a patch), in place; returns the weight of every group.
Shrinkage = Callable[[Array], Array]


@dataclass(frozen=True)
class Layout:
    """Edge of a patch, distance of references (at most that), patches per group, largest shift, edge of a cell."""

    size: int
    step: int
    count: int
    reach: int
    cell: int = 1


class PatchGroups:
    """The groups of one picture: for every reference, the first of them at `corner`, the shifts to patches like it."""

    def __init__(self, picture: Array, layout: Layout, corner: tuple[int, int] = (0, 0)) -> None:
        self.shape, self.layout, self._corner = picture.shape, layout, corner
        self._cells = [-(-n // layout.step) for n in picture.shape]
        self._reaches = [min(layout.reach, (n - 1) // 2) for n in picture.shape]
        down, right = (2 * r + 1 for r in self._reaches)
        self._sides = down, right
        self.count = min(layout.count, down * right)
        rows = max(1, TILE // layout.step)
        self._shifts = np.concatenate([self._nearest(picture, strip) for strip in self._strips(rows)])

    def filtered(self, picture: Array, shrinkage: Shrinkage) -> Array:
        """Return the picture put together from its shrunk groups."""
        total, weight = np.zeros(self._margin_shape, picture.dtype), np.zeros(self._margin_shape, picture.dtype)
        rows = max(1, STRIP_SAMPLES // (self._cells[1] * self.count * self.layout.size**2))
        for strip in self._strips(rows):
            block = self._block(picture, strip)
            first = strip.start * self.layout.step
            part = slice(first, first + block.shape[0])
            sums, weights = self._shrunk(block, strip, shrinkage)
            total[part] += sums
            weight[part] += weights
        return self._folded(total) / self._folded(weight)

    @property
    def _margin_shape(self) -> tuple[int, int]:
        """Return the shape of the picture with margins as far as a patch can reach."""
        height, width = (self._extent(c, r) for c, r in zip(self._cells, self._reaches, strict=True))
        return height, width

    def _extent(self, cells: int, reach: int) -> int:
        return (cells - 1) * self.layout.step + self.layout.size + 2 * reach

    def _strips(self, rows: int) -> Iterator[slice]:
        """Yield so many rows of references at a time."""
        return (slice(r, min(r + rows, self._cells[0])) for r in range(0, self._cells[0], rows))

    def _block(self, picture: Array, rows: slice) -> Array:
        """Return the part of the picture that patches of these references may reach, continued periodically."""
        starts = self._corner[0] + rows.start * self.layout.step, self._corner[1]
        counts = rows.stop - rows.start, self._cells[1]
        for axis, (start, count, reach) in enumerate(zip(starts, counts, self._reaches, strict=True)):
            at = start - reach + np.arange(self._extent(count, reach))
            picture = picture.take(at, axis, mode="wrap")
        return picture

    def _folded(self, sums: Array) -> Array:
        """Return sums over a picture with margins added up modulo its shape."""
        for axis, (n, reach, corner) in enumerate(zip(self.shape, self._reaches, self._corner, strict=True)):
            periods = -(-sums.shape[axis] // n)
            gap = [(0, periods * n - sums.shape[axis] if a == axis else 0) for a in range(2)]
            split = np.pad(sums, gap).reshape(*sums.shape[:axis], periods, n, *sums.shape[axis + 1 :])
            sums = np.roll(split.sum(axis=axis), corner - reach, axis)
        return sums

    def _nearest(self, picture: Array, rows: slice) -> Array:
        """Return the index of the shift to every patch of the groups, in no order."""
        step, (down, right) = self.layout.step, self._reaches
        features = self._compared(self._block(picture, rows))
        own = features[down::step, right::step][: rows.stop - rows.start, : self._cells[1]]
        nearest = np.empty((*own.shape[:2], self.count), np.int16)
        tile = max(1, TILE // step)
        for first in range(0, own.shape[1], tile):
            references = own[:, first : first + tile]
            reachable = (references.shape[1] - 1) * step + self._sides[1]
            candidates = features[:, first * step : first * step + reachable]
            nearest[:, first : first + tile] = self._most_like(references, candidates)
        return nearest.reshape(-1, self.count)

    def _compared(self, block: Array) -> Array:
        """Return what patches are compared by, per place of a patch: the means over their cells."""
        cell, around = self.layout.cell, self.layout.size - self.layout.cell + 1
        values = block - block.mean()  # squares of a common level would drown the differences
        for axis in range(2 if cell > 1 else 0):
            width = values.shape[axis] - cell + 1
            values = sum(values.take(np.arange(first, first + width), axis) for first in range(cell)) / cell
        return sliding_window_view(values, (around, around))[:, :, ::cell, ::cell].reshape(*self._inside(block), -1)

    def _inside(self, block: Array) -> tuple[int, int]:
        """Return how many places for a patch there are along each axis."""
        return block.shape[0] - self.layout.size + 1, block.shape[1] - self.layout.size + 1

    def _most_like(self, references: Array, candidates: Array) -> Array:
        """Return the shifts from some references to the nearest of the candidates around them, index of a window."""
        rows, columns, samples = references.shape
        others = candidates.reshape(-1, samples)
        unlike = references.reshape(-1, samples) @ (-2 * others.T)
        unlike += np.einsum("ij,ij->i", others, others)
        windows = sliding_window_view(unlike.reshape(rows, columns, *candidates.shape[:2]), self._sides, (2, 3))
        row, column = np.indices((rows, columns))
        by_reference = windows[row, column, row * self.layout.step, column * self.layout.step]
        by_reference[:, :, self._reaches[0], self._reaches[1]] = -np.inf
        by_reference = by_reference.reshape(rows, columns, -1)
        return np.argpartition(by_reference, self.count - 1, axis=-1)[:, :, : self.count]

    def _shrunk(self, block: Array, rows: slice, shrinkage: Shrinkage) -> tuple[Array, Array]:
        """Return the windowed sums of the shrunk patches of a strip, and those of their weights.

        Patches are taken out and put back by their lines, which are all places of a window of one line.
        """
        size, window = self.layout.size, np.kaiser(self.layout.size, WINDOW).astype(block.dtype)
        lines = sliding_window_view(block, size, axis=1)
        places = self._places(rows, lines.shape[1])
        groups = np.empty((*places.shape[:2], size**2), block.dtype)
        weights = np.empty(len(places), block.dtype)
        flat = lines.reshape(-1, size)
        batch = max(1, BATCH_SAMPLES // (self.count * size**2))
        for start in range(0, len(places), batch):
            part = slice(start, start + batch)
            out = groups[part].reshape(-1, self.count, size, size)
            np.take(flat, places[part], axis=0, out=out, mode="clip")  # none is outside: the mode that needs no copy
            weights[part] = shrinkage(groups[part])
        at = places.ravel()
        entries = (weights[:, None, None] * window).repeat(self.count, axis=1).ravel()
        scatter = sparse.csc_array((entries, at, np.arange(at.size + 1)), (len(flat), at.size))
        sums = (scatter @ groups.reshape(-1, size)).reshape(lines.shape)
        placed = np.bincount(at, entries, len(flat)).astype(block.dtype).reshape(lines.shape[:2])
        total, weight = np.zeros_like(block), np.zeros_like(block)
        for x in range(size):
            total[:, x : x + lines.shape[1]] += window[x] * sums[:, :, x]
            weight[:, x : x + lines.shape[1]] += window[x] * placed
        return total, weight

    def _places(self, rows: slice, columns: int) -> Array:
        """Return where the lines of the patches of a strip's groups lie among all lines of its block."""
        down, right = np.ogrid[: self._sides[0], : self._sides[1]]
        by_shift = (down * columns + right).ravel()
        row, column = np.ogrid[: rows.stop - rows.start, : self._cells[1]]
        places = by_shift[self._shifts[rows.start * self._cells[1] : rows.stop * self._cells[1]]]
        places += self.layout.step * (row * columns + column).reshape(-1, 1)
        return places[:, :, None] + columns * np.arange(self.layout.size)
