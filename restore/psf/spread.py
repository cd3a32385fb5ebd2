"""A PSF that is not known exactly: its mean, and by how much its transfer function varies at every frequency.

Where h is random the linear filter of least mean square error over f and h has

    W = conj(E H) / (E |H|^2 + S_noise / S_signal):

what a PSF may be off by, E |H|^2 - |E H|^2, makes noise of the picture's own colour. Means are taken by Gauss-Hermite
quadrature over the size of the PSF and, where it has a direction, its angle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import fft

from restore.checks import Array, InvalidValue, as_nonnegative
from restore.operators.otf import OTF
from restore.psf.resampling import is_elongated, scaled, stretched, turned

#: Nodes of the quadrature per parameter, and the least factor on a size.
NODES, LEAST = 5, 0.2
#: Degrees that go with a size uncertain by all of itself, where nothing is said of the angle.
DEGREES = 30.0


@dataclass(frozen=True, eq=False)
class Spread:
    """The mean of an uncertain PSF, and the autocorrelation whose transform is the variance of H."""

    mean: Array
    autocorrelation: Array

    def variance(self, shape: Sequence[int], dtype: np.dtype[np.floating]) -> Array:
        """Return E |H|^2 - |E H|^2 on the half spectrum of a grid that holds the autocorrelation."""
        return np.maximum(np.real(OTF(_cut(self.autocorrelation, shape), shape, dtype).full()), 0)


def spread_of(psf: Array, spread: float | Sequence[float]) -> Spread:
    """Return the mean and variance of a PSF whose size has a relative error, and whose angle one in degrees."""
    size, angle = _errors(spread)
    if psf.ndim != 2:
        raise InvalidValue(f"psf_spread needs a PSF with two axes, got {psf.ndim}")
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    weights = weights / weights.sum()
    directed = is_elongated(psf)
    resized = stretched if directed else scaled
    variants = [(w, resized(psf, max(LEAST, 1 + size * x))) for w, x in zip(weights, nodes, strict=True)]
    if directed and angle > 0:
        variants = [(w * v, turned(h, angle * x)) for w, h in variants for v, x in zip(weights, nodes, strict=True)]
    nominal = resized(psf, 1.0)
    return _moments(psf, nominal if len(variants) == NODES else turned(nominal, 0.0), variants)


def _errors(spread: float | Sequence[float]) -> tuple[float, float]:
    if np.ndim(spread) == 0:
        size = as_nonnegative(spread, "psf_spread")  # type: ignore[arg-type]
        return size, DEGREES * size
    if len(pair := list(spread)) != 2:  # type: ignore[arg-type]
        raise InvalidValue(f"psf_spread must be a number or a pair (size, degrees), got {spread!r}")
    return as_nonnegative(pair[0], "psf_spread"), as_nonnegative(pair[1], "psf_spread")


def _moments(psf: Array, nominal: Array, variants: list[tuple[float, Array]]) -> Spread:
    """Return what the variants say; resampling softens all of them alike, which is taken off the mean."""
    shapes = [psf.shape, nominal.shape, *(h.shape for _, h in variants)]
    size = [max(sizes) + 1 - max(sizes) % 2 for sizes in zip(*shapes, strict=True)]
    mean = sum(w * _centred(h, size) for w, h in variants)
    wide = [2 * n - 1 for n in size]
    power = sum(w * np.abs(fft.rfftn(_centred(h, size), wide)) ** 2 for w, h in variants)
    power = power - np.abs(fft.rfftn(mean, wide)) ** 2
    autocorrelation = fft.fftshift(fft.irfftn(power, wide))
    return Spread(_centred(psf, size) + mean - _centred(nominal, size), autocorrelation)


def _centred(psf: Array, size: Sequence[int]) -> Array:
    """Return the PSF in an array of odd edges, its centre in the middle."""
    return np.pad(psf, [(n // 2 - k // 2, n - n // 2 - (k - k // 2)) for n, k in zip(size, psf.shape, strict=True)])


def fitted_to(psf: Array, shape: Sequence[int]) -> Array:
    """Return a centred PSF of odd edges without the rim that a picture of that shape has no room for, sum 1."""
    middle = _cut(psf, shape)
    return np.asarray(middle / middle.sum())


def _cut(array: Array, shape: Sequence[int]) -> Array:
    """Return the middle of a centred array of odd edges that a grid has room for."""
    room = [(k - min(k, n - 1 + n % 2)) // 2 for k, n in zip(array.shape, shape, strict=True)]
    return array[tuple(slice(r, k - r) for r, k in zip(room, array.shape, strict=True))]
