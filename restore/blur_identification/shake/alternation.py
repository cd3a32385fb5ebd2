"""A kernel and the edges behind it, found by turns from a coarse picture to a finer one.

On every level some rounds of edge picture, strong edges, kernel; the next level begins with the enlarged kernel. What
an edge costs, lambda, falls from round to round through all levels: at first only the strongest edges speak, which
no kernel can have made, at last the finer ones, which tell its details.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, log

import numpy as np
from scipy import ndimage

from restore.blur_identification.shake.edge_picture import EdgeDrawing
from restore.blur_identification.shake.kernel_fit import KernelFit, edge_threshold, strong
from restore.blur_identification.shake.kernel_shape import centred, cleaned, enlarged, odd
from restore.checks import Array
from restore.operators.differences import gradient

#: From level to level the picture grows by the root of two; the coarsest kernel is about this large.
FACTOR = 2**0.5
COARSEST = 5
#: Rounds of picture and kernel per level.
ROUNDS = 5
#: lambda falls by this factor a round, down to the last one.
STRENGTH_FALL = 1.1
LAST_STRENGTH = 5e-4
#: Fall of the edge threshold per round; every level begins with the first threshold again.
THRESHOLD_FALL = 1.1
#: Edges nearer to clipped light than this share of the kernel's size say nothing of the kernel.
NEAR = 0.25


class Pyramid:
    """A picture, range 1, and where its light is clipped, at FACTOR^-level of its size; levels are made once."""

    def __init__(self, plane: Array, clipped: Array) -> None:
        self._plane, self._clipped = plane.astype(np.float32), clipped
        self._pictures: dict[int, Array] = {}

    def picture(self, level: int) -> Array:
        """Return the picture of a level, 0 the full one."""
        if level not in self._pictures:
            smooth = ndimage.gaussian_filter(self._plane, 0.4 * np.sqrt(FACTOR ** (2 * level) - 1), mode="mirror")
            self._pictures[level] = _resized(smooth, level) if level else self._plane
        return self._pictures[level]

    def near_clipped(self, level: int, size: int) -> Array | None:
        """Return what lies near clipped light, for a kernel of `size` on that level; None where nothing is clipped."""
        if not self._clipped.any():
            return None
        return ndimage.maximum_filter(self.clipped(level), 2 * round(NEAR * size) + 1)

    def clipped(self, level: int) -> Array:
        """Return where light is clipped on a level."""
        return self._clipped if level == 0 else _resized(self._clipped.astype(np.float32), level) > 0


def _resized(picture: Array, level: int) -> Array:
    return ndimage.zoom(picture, FACTOR**-level, order=1, mode="mirror", grid_mode=True)


@dataclass(frozen=True, eq=False)
class Start:
    """Where an alternation begins: the first lambda, the kernel at hand if there is one, how many levels and rounds."""

    strength: float
    kernel: Array | None = None
    levels: int | None = None
    rounds: int = ROUNDS


def found_kernel(pyramid: Pyramid, size: int, start: Start, *, finest: int = 0) -> Array:
    """Return the kernel in a square of `size` samples on the `finest` level."""
    levels = 1 + floor(log(max(size / COARSEST, 1)) / log(FACTOR)) if start.levels is None else start.levels
    sizes = [odd(ceil(size * FACTOR**-i)) for i in range(levels)]
    kernel = _two_samples(sizes[-1])
    if start.kernel is not None:
        kernel = enlarged(start.kernel, sizes[-1], FACTOR ** -(levels - 1))
    strength = start.strength
    threshold = edge_threshold(gradient(pyramid.picture(finest + levels - 1)), sizes[-1])
    for i in reversed(range(levels)):
        if kernel.shape[0] != sizes[i]:
            kernel = enlarged(kernel, sizes[i])
        kernel, strength = _on_level(pyramid, finest + i, kernel, threshold, strength, start.rounds)
    return cleaned(kernel)


def _on_level(
    pyramid: Pyramid, level: int, kernel: Array, threshold: float, strength: float, rounds: int
) -> tuple[Array, float]:
    """Alternate between picture and kernel on one level; return the kernel and the lambda of the next."""
    blurred, size = pyramid.picture(level), kernel.shape[0]
    drawing = EdgeDrawing(blurred, size)
    fit = KernelFit(gradient(blurred), size, pyramid.near_clipped(level, size))
    for _ in range(rounds):
        edges = strong(gradient(drawing.picture(kernel, strength)), threshold)
        kernel = cleaned(fit.kernel(edges))
        threshold /= THRESHOLD_FALL
        strength = max(strength / STRENGTH_FALL, LAST_STRENGTH)
    return centred(kernel), strength


def _two_samples(size: int) -> Array:
    """Return two equal samples side by side: unlike a point, they have a direction to grow in."""
    kernel = np.zeros((size, size))
    kernel[size // 2, size // 2 - 1 : size // 2 + 1] = 0.5
    return kernel
