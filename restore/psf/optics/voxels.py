"""The grid of voxels, and a round profile averaged over each pixel of its planes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import interpolate, sparse

from restore.checks import Array, InvalidValue, as_positive, as_shape

#: Radii of a profile per period of the highest frequency that intensity holds, and the degree of the spline through
#: them: together 1e-6 of the peak.
RADII_PER_PERIOD, DEGREE = 10, 5


@dataclass(frozen=True)
class Voxels:
    """A grid of voxels: planes, rows and columns, and their spacing in micrometres."""

    shape: tuple[int, int, int]
    spacing: tuple[float, float, float]
    is_volume: bool

    @property
    def heights(self) -> Array:
        """Return the places of the planes; the middle one lies at 0."""
        return np.asarray((np.arange(self.shape[0]) - self.shape[0] // 2) * self.spacing[0])

    @property
    def reach(self) -> float:
        """Return how far the farthest corner of a plane lies from the axis."""
        rows, columns = ((n // 2 + 0.5) * step for n, step in zip(self.shape[1:], self.spacing[1:], strict=True))
        return float(np.hypot(rows, columns))

    def radii(self, cutoff: float, beyond: float = 0.0) -> Array:
        """Return radii at which a profile of that cut-off, in cycles per micrometre, is well sampled."""
        step = 1 / (RADII_PER_PERIOD * cutoff)
        return np.arange(int((self.reach + beyond) / step) + DEGREE + 2) * step

    def filled(self, radii: Array, profiles: Array, cutoff: float) -> Array:
        """Return profiles (radius, plane) as voxels averaged over the pixel, with sum 1."""
        quarter = [np.arange(n // 2 + 1) for n in self.shape[1:]]
        spline = interpolate.make_interp_spline(radii, profiles, k=DEGREE)
        averages = self._averages(quarter, spline.t, cutoff)
        values = np.maximum(averages @ spline.c, 0).reshape(len(quarter[0]), len(quarter[1]), -1)
        rows, columns = (np.abs(np.arange(n) - n // 2) for n in self.shape[1:])
        volume = np.moveaxis(values, -1, 0)[:, rows[:, None], columns]
        volume = volume / volume.sum()
        return volume if self.is_volume else volume[0]

    def _averages(self, quarter: Sequence[Array], knots: Array, cutoff: float) -> sparse.csr_array:
        """Return the matrix from a spline's coefficients to the means over the pixels of a quarter plane."""
        places, weights = zip(
            *[_within(n, step, cutoff) for n, step in zip(quarter, self.spacing[1:], strict=True)], strict=True
        )
        squares = np.add.outer(places[0] ** 2, places[1] ** 2)  # pixel and place in it, along rows and columns
        basis = interpolate.BSpline.design_matrix(np.sqrt(np.swapaxes(squares, 1, 2)).ravel(), knots, DEGREE)
        count = np.multiply.outer(*weights).ravel()
        pixels = len(quarter[0]) * len(quarter[1])
        ends = np.arange(pixels + 1) * count.size
        mean = sparse.csr_array((np.tile(count, pixels), np.arange(pixels * count.size), ends))
        return mean @ basis


def _within(indices: Array, step: float, cutoff: float) -> tuple[Array, Array]:
    """Return places in every pixel, and the weights of a Gauss-Legendre mean exact for what passes the cut-off."""
    nodes, weights = np.polynomial.legendre.leggauss(int(np.ceil(np.pi * cutoff * step)) + 3)
    return (indices[:, None] + nodes / 2) * step, weights / 2


def voxels(shape: Sequence[int] | None, spacing: float | Sequence[float], usual: tuple[float, float]) -> Voxels:
    """Return the grid asked for; without a shape, one that reaches so far along z and across, in micrometres."""
    if np.ndim(spacing) == 0:
        steps = [as_positive(spacing, "spacing")] * (3 if shape is None else len(shape))  # type: ignore[arg-type]
    else:
        steps = [as_positive(step, "spacing") for step in spacing]  # type: ignore[union-attr]
    if len(steps) == 2 and shape is not None and len(shape) == 3:
        steps = [steps[0], steps[1], steps[1]]
    if len(steps) not in (2, 3):
        raise InvalidValue(f"spacing must hold 2 numbers for a plane or 3 (z, y, x) for a volume, got {spacing}")
    if shape is None:
        reach = (usual[0], usual[1], usual[1])[-len(steps) :]
        shape = [2 * int(np.ceil(far / step)) + 1 for far, step in zip(reach, steps, strict=True)]
    lengths = as_shape(shape, "shape")
    if len(lengths) != len(steps):
        raise InvalidValue(f"shape must have one length per axis of spacing {tuple(steps)}, got {lengths}")
    is_volume = len(lengths) == 3
    planes = (lengths, tuple(steps)) if is_volume else ((1, *lengths), (1.0, *steps))
    return Voxels(shape=planes[0], spacing=planes[1], is_volume=is_volume)  # type: ignore[arg-type]
