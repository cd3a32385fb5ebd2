"""|P|^2: what a restoration is charged for at each frequency, evaluated a few columns at a time.

Constrained least squares charges the energy of p * f; the Wiener filter is the same formula with the noise-to-signal
ratio in the place of regularization times |P|^2. A penalty never stores a full-size array unless it was given one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, DTypeLike
from scipy import ndimage

from restore.checks import Array, InvalidValue, as_kernel, as_real, one_of
from restore.operators.fourier import Gain, frequencies, mirrored
from restore.operators.otf import OTF

OPERATORS = ("laplacian", "gradient", "identity")
#: What the blur lets more of pass than this share of the power shows the slopes of the sharp picture.
CLEAR = 0.1


class Penalty(Protocol):
    """A non-negative weight per frequency on the half spectrum of a grid."""

    def __call__(self, columns: slice) -> Array:
        """Return a fresh array of the weights in a slice of columns of the half spectrum."""


@dataclass(frozen=True, eq=False)
class Roughness:
    """(sum over axes of 2 - 2 cos w)^order: 1 for the gradient, 2 for the Laplacian, 0 for the identity."""

    symbols: tuple[Array, ...]
    order: int

    def __call__(self, columns: slice) -> Array:
        """Return the weights in a slice of columns."""
        total = self.symbols[-1][..., columns].copy()
        for symbol in self.symbols[:-1]:
            total = total + symbol
        if self.order != 1:
            np.power(total, self.order, out=total)
        return total


@dataclass(frozen=True, eq=False)
class Sampled:
    """Weights stored for every frequency."""

    values: Array

    def __call__(self, columns: slice) -> Array:
        """Return the weights in a slice of columns."""
        return self.values[..., columns].copy()


class Largest:
    """At every frequency the largest of several penalties, each with its weight."""

    def __init__(self, *weighted: tuple[Penalty, float]) -> None:
        self._weighted = weighted

    def __call__(self, columns: slice) -> Array:
        """Return the weights in a slice of columns."""
        return np.maximum.reduce([weight * penalty(columns) for penalty, weight in self._weighted])


@dataclass(frozen=True, eq=False)
class Smooth:
    """Weights for every grid: the exponential of what a short kernel, its centre at size // 2, has for a spectrum.

    Few samples of the kernel say that the weights change slowly over the frequencies, and that a filter which is made
    of them does not look far. `spares_the_mean` where frequency 0 is free of charge.
    """

    kernel: Array
    spares_the_mean: bool

    def on(self, grid: Sequence[int], dtype: DTypeLike) -> Sampled:
        """Return the weights on the half spectrum of a grid."""
        radii = [min(k // 2, (n - 1) // 2) for k, n in zip(self.kernel.shape, grid, strict=True)]
        at = tuple(slice(k // 2 - r, k // 2 + r + 1) for k, r in zip(self.kernel.shape, radii, strict=True))
        most = np.log(np.finfo(dtype).max) / 2
        values = np.exp(np.minimum(np.real(OTF(self.kernel[at], grid, np.float64).full()), most))
        values[(0,) * len(radii)] *= not self.spares_the_mean
        return Sampled(values.astype(dtype))


def roughness(operator: str | ArrayLike, shape: Sequence[int], dtype: DTypeLike) -> Penalty:
    """Return |P|^2 of a named operator, or of a kernel given as an array, on the grid of `shape`."""
    if not isinstance(operator, str):
        kernel = as_kernel(operator, "operator", shape)
        if not np.any(kernel):
            raise InvalidValue("operator must not be all zero: it would leave the restoration unregularized")
        return Sampled(np.abs(OTF(kernel, shape, dtype).full()) ** 2)
    order = {"identity": 0, "gradient": 1, "laplacian": 2}[one_of(operator, OPERATORS, "operator")]
    return Roughness(tuple((2 - 2 * np.cos(w)).astype(dtype) for w in frequencies(shape)), order)


def sampled(
    values: ArrayLike, name: str, image_shape: Sequence[int], shape: Sequence[int], dtype: DTypeLike
) -> Sampled:
    """Return a spectrum given on the grid of the picture, full or half, carried over to the grid of the filter.

    Between its samples the spectrum is interpolated linearly over the periodic frequency axes; on the same grid it is
    taken as it is.
    """
    array = as_real(values, name)
    half = (*image_shape[:-1], image_shape[-1] // 2 + 1)
    if array.shape not in (tuple(image_shape), half):
        raise InvalidValue(
            f"{name} must have the shape {tuple(image_shape)} of the image's DFT or {half}, got {array.shape}"
        )
    if not (np.all(np.isfinite(array)) and np.all(array >= 0)):
        raise InvalidValue(f"{name} must be finite and >= 0 everywhere, got values from {array.min()} to {array.max()}")
    array = array[..., : half[-1]]
    if tuple(shape) != tuple(image_shape):
        if image_shape[-1] % 2:  # the finest frequencies of the grid lie between the last column and its mirror image
            array = np.concatenate([array, mirrored(array)[..., -1:]], axis=-1)
        cells = [w * n / (2 * np.pi) for w, n in zip(frequencies(shape), image_shape, strict=True)]
        where = [c % n for c, n in zip(cells[:-1], image_shape[:-1], strict=True)] + cells[-1:]
        # "grid-wrap" is right along every axis but the last, where no cell lies beyond the last column.
        array = ndimage.map_coordinates(array, np.broadcast_arrays(*where), order=1, mode="grid-wrap")
    return Sampled(array.astype(dtype))


def clear_slopes(otf: OTF, power_blocks: Iterable[tuple[slice, Array]]) -> tuple[float, float]:
    """Return the squared slopes of a picture before the blur, where that lets it pass, and how many bins show them."""
    slopes = bins = 0.0
    gradient = roughness("gradient", otf.shape, np.float64)
    for columns, power in power_blocks:
        otf_power = np.abs(otf(columns)).astype(np.float64) ** 2
        clear = otf_power > CLEAR
        slopes += float((gradient(columns) * power)[clear] @ (1 / otf_power[clear]))
        bins += float(clear.sum())
    return slopes, bins


def regularized_inverse(otf: OTF, penalty: Penalty, weight: float) -> Gain:
    """Return the gain conj(H) / (|H|^2 + weight |P|^2), 0 where the denominator vanishes or leaves its type."""

    def gain(columns: slice) -> Array:
        h = otf(columns)
        regularization = penalty(columns)
        if weight != 1:
            with np.errstate(over="ignore"):  # so much leaves nothing of a frequency
                regularization *= min(weight, float(np.finfo(regularization.dtype).max))
        denominator = np.abs(h)
        denominator *= denominator
        denominator += regularization
        # Below the square of the rounding error of H nothing is known about a frequency.
        least = np.finfo(denominator.dtype).eps ** 2
        if denominator.min() <= least:
            denominator[denominator <= least] = np.inf
        np.divide(1, denominator, out=denominator)
        np.conj(h, out=h)
        h *= denominator
        return h

    return gain
