"""Groups of similar patches of a periodic picture: found, taken out, put back.

A patch is a square of `size` samples; one in every `step` samples along each axis is a reference, and its group are
the `count` patches within `reach` samples that differ least from it,

    d(p, q) = sum_x (f(p + x) - f(q + x))^2,

itself first. Put back, every sample becomes the mean of all patches that cover it, weighted by what their group is
worth times a window that trusts the middle of a patch more than its rim.

Everything runs in strips of references, so that memory beside a few pictures does not grow with the picture.

References: A. Buades, B. Coll and J.-M. Morel, A non-local algorithm for image denoising, CVPR 2005; K. Dabov, A. Foi,
V. Katkovnik and K. Egiazarian, Image denoising by sparse 3-D transform-domain collaborative filtering, IEEE Trans.
Image Process. 16, 2007 (groups, weights and windows).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from restore.checks import Array

#: Samples of all patches of a strip of references, and of the part of it that is shrunk at once.
STRIP_SAMPLES = 1 << 23
BATCH_SAMPLES = 1 << 19
#: Shape parameter of the Kaiser window over a patch.
WINDOW = 2.0

#: What is done to groups (number, count, samples of a patch), in place; returns the weight of every group.
Shrinkage = Callable[[Array], Array]


@dataclass(frozen=True)
class Layout:
    """Edge of a patch, distance of references (a divisor of it), patches per group, largest shift along an axis."""

    size: int
    step: int
    count: int
    reach: int


class PatchGroups:
    """The groups of one picture: for every reference the shifts to the patches most like it."""

    def __init__(self, picture: Array, layout: Layout) -> None:
        self.shape, self.layout = picture.shape, layout
        self._cells = [-(-n // layout.step) for n in picture.shape]
        self._reaches = [min(layout.reach, (n - 1) // 2) for n in picture.shape]
        down, right = (2 * r + 1 for r in self._reaches)
        self._sides = down, right
        self.count = min(layout.count, down * right)
        self._shifts = np.concatenate([self._nearest(picture, rows) for rows in self._strips()])

    def filtered(self, picture: Array, shrinkage: Shrinkage) -> Array:
        """Return the picture put together from its shrunk groups."""
        total, weight = np.zeros(self._margin_shape, picture.dtype), np.zeros(self._margin_shape, picture.dtype)
        for rows in self._strips():
            block = self._block(picture, rows)
            first = rows.start * self.layout.step
            part = slice(first, first + block.shape[0])
            sums, weights = self._shrunk(block, rows, shrinkage)
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

    def _strips(self) -> Iterator[slice]:
        """Yield rows of references whose groups fit into memory together."""
        step = max(1, STRIP_SAMPLES // (self._cells[1] * self.count * self.layout.size**2))
        return (slice(r, min(r + step, self._cells[0])) for r in range(0, self._cells[0], step))

    def _block(self, picture: Array, rows: slice) -> Array:
        """Return the part of the picture that patches of these references may reach, continued periodically."""
        starts = rows.start * self.layout.step, 0
        counts = rows.stop - rows.start, self._cells[1]
        for axis, (start, count, reach) in enumerate(zip(starts, counts, self._reaches, strict=True)):
            at = start - reach + np.arange(self._extent(count, reach))
            picture = picture.take(at, axis, mode="wrap")
        return picture

    def _folded(self, sums: Array) -> Array:
        """Return sums over a picture with margins added up modulo its shape."""
        for axis, (n, reach) in enumerate(zip(self.shape, self._reaches, strict=True)):
            periods = -(-sums.shape[axis] // n)
            gap = [(0, periods * n - sums.shape[axis] if a == axis else 0) for a in range(2)]
            split = np.pad(sums, gap).reshape(*sums.shape[:axis], periods, n, *sums.shape[axis + 1 :])
            sums = np.roll(split.sum(axis=axis), -reach, axis)
        return sums

    def _nearest(self, picture: Array, rows: slice) -> Array:
        """Return the index of the shift to every patch of the groups, their own first, then by likeness."""
        block = self._block(picture, rows)
        down, right = self._reaches
        height, width = block.shape[0] - 2 * down, block.shape[1] - 2 * right
        own = block[down : down + height, right : right + width]
        unlike = np.empty((*self._sides, rows.stop - rows.start, self._cells[1]), block.dtype)
        for dy, dx in np.ndindex(*self._sides):
            difference = own - block[dy : dy + height, dx : dx + width]
            difference *= difference
            unlike[dy, dx] = self._patch_sums(difference)
        unlike[down, right] = -1
        by_reference = unlike.reshape(self._sides[0] * self._sides[1], -1).T.copy()
        nearest = np.argpartition(by_reference, self.count - 1, axis=1)[:, : self.count]
        order = np.take_along_axis(by_reference, nearest, 1).argsort(axis=1, kind="stable")
        return np.take_along_axis(nearest, order, 1).astype(np.int16)

    def _patch_sums(self, values: Array) -> Array:
        """Return the sum over every reference patch, by way of sums over cells of `step` samples."""
        step, cells = self.layout.step, self.layout.size // self.layout.step
        for _ in range(2):
            count = values.shape[0] // step - cells + 1
            sums = np.asarray(sum(values[i::step] for i in range(step)))
            values = np.asarray(sum(sums[i : i + count] for i in range(cells))).T
        return values

    def _shrunk(self, block: Array, rows: slice, shrinkage: Shrinkage) -> tuple[Array, Array]:
        """Return the windowed sums of the shrunk patches of a strip, and those of their weights."""
        size, window = self.layout.size, np.kaiser(self.layout.size, WINDOW).astype(block.dtype)
        places = self._places(rows, block.shape[1] - size + 1)
        inside = tuple(n - size + 1 for n in block.shape)
        patches = np.lib.stride_tricks.sliding_window_view(block, (size, size)).reshape(-1, size**2)
        groups = np.empty((*places.shape, size**2), block.dtype)
        weights = np.empty(len(places), block.dtype)
        batch = max(1, BATCH_SAMPLES // (self.count * size**2))
        for start in range(0, len(places), batch):
            part = slice(start, start + batch)
            np.take(patches, places[part], axis=0, out=groups[part])
            weights[part] = shrinkage(groups[part])
        entries = np.repeat(weights, self.count)
        scatter = sparse.csr_array((entries, (places.ravel(), np.arange(entries.size))), (len(patches), entries.size))
        sums = (scatter @ groups.reshape(-1, size**2)).reshape(*inside, size, size)
        total, weight = np.zeros_like(block), np.zeros_like(block)
        placed = np.bincount(places.ravel(), entries, len(patches)).astype(block.dtype).reshape(inside)
        for y, x in np.ndindex(size, size):
            at = slice(y, y + inside[0]), slice(x, x + inside[1])
            total[at] += window[y] * window[x] * sums[:, :, y, x]
            weight[at] += window[y] * window[x] * placed
        return total, weight

    def _places(self, rows: slice, columns: int) -> Array:
        """Return where the patches of a strip's groups lie among all patches of its block."""
        shifts = self._shifts[rows.start * self._cells[1] : rows.stop * self._cells[1]].astype(np.intp)
        down, right = np.divmod(shifts, self._sides[1])
        row, column = np.divmod(np.arange(len(shifts)), self._cells[1])
        return (self.layout.step * row[:, None] + down) * columns + self.layout.step * column[:, None] + right
