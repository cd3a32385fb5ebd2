"""Whether a bright sample, or what a restoration left of it, is light through the PSF, or nothing that makes."""

from __future__ import annotations

import numpy as np

from restore.checks import Array

#: The part of a PSF that is looked through, in shares of its peak.
CORE = 0.05
#: Share of what was left of a sample that a point there explains from which on it is light: a wrong sample beside a PSF
#: two samples wide or wider leaves less, a star that a few iterations began with more. The same of the data themselves,
#: of which a star is all, and a wrong sample under a Gaussian of 0.8 samples half.
OF_REST, OF_DATA = 0.4, 0.75


def is_light(rest: Array, picture: Array, where: Array, psf: Array) -> Array:
    """Return which samples of `where` look like a point seen through the PSF: their residual, or where that is positive
    the picture itself above half of its samples. Bool, of the residual's shape.
    """
    places, residual = np.argwhere(where), rest[where]
    light = _explained(rest, places, psf) >= OF_REST * np.abs(residual)
    above = picture - np.median(picture)
    return np.asarray(_at(where, light | ((residual > 0) & (_explained(above, places, psf) >= OF_DATA * above[where]))))


def _explained(values: Array, places: Array, psf: Array) -> Array:
    """Return what the point that fits the values around best, (h~ * values) / sum h^2, makes of the middle, signed
    like that.
    """
    middle = tuple(n // 2 for n in psf.shape)
    offsets = np.argwhere(psf >= CORE * psf.max())
    weights, total = psf[tuple(offsets.T)], np.zeros(len(places))
    for offset, weight in zip(offsets - middle, weights, strict=True):
        around = np.clip(places + offset, 0, np.array(values.shape) - 1)
        total += weight * values[tuple(around.T)]
    return total * np.sign(values[tuple(places.T)]) * (psf[middle] / np.sum(weights**2))


def _at(where: Array, values: Array) -> Array:
    full = np.zeros(where.shape, bool)
    full[where] = values
    return full
