"""A PSF that changes over the picture: PSFs at places, and between them what lies between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any, NoReturn

import numpy as np
from numpy.typing import ArrayLike, DTypeLike
from scipy.interpolate import LinearNDInterpolator, NearestNDInterpolator
from scipy.spatial import QhullError

from restore.checks import Array, InvalidType, InvalidValue, as_psf, as_real, require_finite
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
    def effective(self) -> Array:
        """Return the PSF whose |H|^2 is the mean of theirs, with the phase of the mean: what a spectrum is blurred by.

        The mean PSF lets less pass: of PSFs that differ it takes detail for noise, and noise for detail.
        """
        first, *others = self.crossing_psfs
        if all(np.array_equal(first, other) for other in others):  # to the last digit
            return np.asarray(first)
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


def grid(psfs: ArrayLike, positions: ArrayLike) -> PsfGrid:
    """Return a PSF that changes over the picture, from PSFs at places: g = sum_i h_i * (w_i f), sum_i w_i = 1.

    Parameters
    ----------
    psfs : (K, h, w) or (K, d, h, w) array, real
        PSFs of one shape, each of sum 1 and centred at size // 2: measured from stars or beads, or computed.
    positions : (K, 2) or (K, 3) array
        Where each was: row and column, of a volume plane, row and column, in samples from the first. Any places; of
        crossings of rows and columns no PSF is blurred with its neighbours. Places outside of the picture are allowed.

    Returns
    -------
    varying : PsfGrid
        Goes as the PSF to `restore.deconvolve`, `restore.blur` and `restore.degrade`. ``varying.at((y, x))`` is the PSF
        of a place and ``varying.mean`` that of all.

    Raises
    ------
    TypeError, ValueError
        PSFs that are not real, finite or do not sum to 1; positions of another number, at one place or not finite.

    Notes
    -----
    Every sample of f spreads by the PSF of its own place. The windows w_i are those of linear interpolation, so that
    PSFs which change linearly are met exactly, and a sum over windows takes FFTs of the size of a window: about four
    times as many samples as the picture has, beside the rims of PSF size.

    References
    ----------
    M. Hirsch, S. Sra, B. Schoelkopf and S. Harmeling, Efficient filter flow for space-variant multiframe blind
    deconvolution, CVPR 2010, eq. 4; L. Denis, E. Thiebaut, F. Soulez, J.-M. Becker and R. Mourya, Fast approximations
    of shift-variant blur, Int. J. Comput. Vision 115, 2015 (interpolated PSFs).

    Examples
    --------
    >>> import numpy as np
    >>> import restore
    >>> h = [restore.psf.gaussian(sigma, truncate=6 / sigma) for sigma in (1, 2)]
    >>> varying = restore.psf.grid(h, [(32, 0), (32, 63)])
    >>> f = np.zeros((64, 64))
    >>> f[32, [0, 63]] = 1
    >>> g = restore.blur(f, varying, boundary="zero")
    >>> round(float(g[32, 0] / g[32, 63]))
    4
    """
    stack, places = as_real(psfs, "psfs"), as_real(positions, "positions")
    if stack.ndim not in (3, 4) or len(stack) == 0:
        raise InvalidValue(f"psfs must have shape (K, h, w) or (K, d, h, w), got {stack.shape}")
    if places.shape != (len(stack), stack.ndim - 1):
        raise InvalidValue(f"positions must have shape {(len(stack), stack.ndim - 1)}, got {places.shape}")
    require_finite(places, "positions")
    if len(np.unique(places, axis=0)) < len(places):
        raise InvalidValue("positions must differ from each other: average the PSFs of one place first")
    for number, psf in enumerate(stack):
        try:
            as_psf(psf, psf.shape)
        except InvalidValue as error:
            raise InvalidValue(f"psfs[{number}]: {error}") from error
    return PsfGrid(stack, places)


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
