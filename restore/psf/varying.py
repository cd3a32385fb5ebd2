"""A PSF that changes over the picture: PSFs at places, and between them what lies between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any, NoReturn

import numpy as np
from numpy.typing import DTypeLike
from scipy.interpolate import LinearNDInterpolator, NearestNDInterpolator
from scipy.spatial import QhullError

from restore.checks import Array, InvalidType
from restore.operators.filter_flow import FilterFlow
from restore.operators.otf import otf_to_psf, psf_to_otf


@dataclass(frozen=True, eq=False)
class PsfGrid:
    """PSFs at places of a picture; `restore.psf.grid` makes and checks it.

    Attributes
    ----------
    psfs : (K, h, w) or (K, d, h, w) float64 array, each of sum 1, centre at size // 2
    positions : (K, 2) or (K, 3) float64 array, the places in samples, rows first

    Notes
    -----
    Where the places are all crossings of some rows and columns, a sample between four of them has the bilinear mean of
    their PSFs, and beyond the outermost the nearest. Other places are brought to such crossings first, about as many
    as there are PSFs: by triangles between the places, outside of which the nearest counts.
    """

    psfs: Array
    positions: Array

    @property
    def ndim(self) -> int:
        """Return the number of axes of a PSF."""
        return self.psfs.ndim - 1

    @property
    def psf_shape(self) -> tuple[int, ...]:
        """Return the shape of each PSF."""
        return self.psfs.shape[1:]

    @cached_property
    def mean(self) -> Array:
        """Return the mean of the PSFs at the crossings."""
        return np.asarray(np.mean(self.crossing_psfs, axis=0))

    @cached_property
    def is_constant(self) -> bool:
        """Return whether all PSFs are the same."""
        first, *others = self.crossing_psfs
        return all(np.array_equal(first, other) for other in others)

    @cached_property
    def effective(self) -> Array:
        """Return the PSF whose |H|^2 is the mean of theirs, with the phase of the mean: what a spectrum is blurred by.

        The mean PSF lets less pass: of PSFs that differ it takes detail for noise, and noise for detail.
        """
        if self.is_constant:  # to the last digit
            return np.asarray(self.crossing_psfs[0])
        shape = tuple(2 * k + 1 for k in self.psf_shape)
        otfs = [psf_to_otf(psf, shape) for psf in self.crossing_psfs]
        power, phase = np.mean(np.abs(otfs) ** 2, axis=0), np.exp(1j * np.angle(np.mean(otfs, axis=0)))
        psf = otf_to_psf(np.sqrt(power) * phase, shape, self.psf_shape)
        return np.asarray(psf / psf.sum())

    @cached_property
    def knots(self) -> tuple[Array, ...]:
        """Return the rows, the columns and so on whose crossings have PSFs."""
        axes = tuple(np.unique(self.positions[:, axis]) for axis in range(self.ndim))
        if np.prod([len(axis) for axis in axes]) == len(self.positions):
            return axes
        count = max(2, round(len(self.positions) ** (1 / self.ndim)))
        return tuple(np.linspace(a[0], a[-1], min(count, len(a))) for a in axes)

    @cached_property
    def crossing_psfs(self) -> Array:
        """Return the PSFs at the crossings, the last axis of `knots` changing fastest."""
        crossings = np.array(list(product(*self.knots)))
        shares = _shares(self.positions, crossings)
        return np.tensordot(shares, self.psfs, (1, 0))

    def at(self, place: Sequence[float]) -> Array:
        """Return the PSF of a place, in samples from the picture's first."""
        weights = np.ones(1)
        for axis, position in enumerate(place):
            weights = np.multiply.outer(weights, windows(self.knots[axis], np.array([position]))[:, 0]).ravel()
        return np.tensordot(weights, self.crossing_psfs, (0, 0))

    def __array__(self, dtype: Any = None, copy: Any = None) -> NoReturn:  # NumPy asks by these names
        raise InvalidType(
            "psf must be one array here, got a grid of PSFs: restore.deconvolve, blur and degrade take one that varies"
        )


def filter_flow(varying: PsfGrid, shape: Sequence[int], starts: Sequence[int], dtype: DTypeLike) -> FilterFlow:
    """Return the blur on a circular grid of `shape` on which the picture begins at `starts`."""
    sides = zip(varying.knots, shape, starts, strict=True)
    return FilterFlow(varying.crossing_psfs, [windows(k, np.arange(n) - start) for k, n, start in sides], dtype)


def windows(knots: Array, places: Array) -> Array:
    """Return the share of every knot in every place along an axis: linear between knots, constant beyond; sum 1."""
    return np.array([np.interp(places, knots, unit) for unit in np.eye(len(knots))])


def _shares(positions: Array, crossings: Array) -> Array:
    """Return the share of every PSF at every crossing, one row for a crossing."""
    units = np.eye(len(positions))
    nearest: Array = NearestNDInterpolator(positions, units)(crossings)
    if len(positions) <= positions.shape[1] or (len(positions) == len(crossings) and _coincide(positions, crossings)):
        return nearest
    try:
        linear: Array = LinearNDInterpolator(positions, units)(crossings)
    except QhullError:  # all on a line
        return nearest
    return np.where(np.isnan(linear), nearest, linear)


def _coincide(positions: Array, crossings: Array) -> bool:
    return {tuple(p) for p in positions} == {tuple(c) for c in crossings}
