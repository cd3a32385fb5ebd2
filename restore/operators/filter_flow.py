"""A blur that changes over the grid: sum_i h_i * (w_i f), its adjoint, and the same for a blur that does not.

Every window w_i lies in a box of the grid; what is in it is filtered by FFTs of the box's size and added up. The grid
is circular, and so are the boxes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Protocol

import numpy as np
from numpy.typing import DTypeLike
from scipy import fft

from restore.checks import Array
from restore.operators.fourier import filtered
from restore.operators.otf import OTF


class Blur(Protocol):
    """What becomes of light on a grid; arrays have their channels last."""

    def forward(self, light: Array) -> Array:
        """Return A f."""

    def adjoint(self, values: Array, *, overwrite: bool = False) -> Array:
        """Return A' v; with `overwrite` v may be used up."""


@dataclass(frozen=True, eq=False)
class CircularBlur:
    """A f = h * f on a circular grid."""

    otf: Array
    ndim: int

    def forward(self, light: Array) -> Array:
        """Return A f."""
        return filtered(light, self.ndim, lambda columns: self.otf[..., columns])

    def adjoint(self, values: Array, *, overwrite: bool = False) -> Array:
        """Return A' v, the correlation with h."""
        return filtered(values, self.ndim, lambda columns: np.conj(self.otf[..., columns]), overwrite_x=overwrite)


class FilterFlow:
    """A f = sum_i h_i * (w_i f) on a circular grid.

    `windows` holds, for every axis, the shares of its knots along the grid; w_i is the product of one of each.
    """

    def __init__(self, psfs: Array, windows: Sequence[Array], dtype: DTypeLike) -> None:
        self.grid = tuple(shares.shape[1] for shares in windows)
        numbers = product(*(range(len(shares)) for shares in windows))
        self._parts = [
            _Part.of(psf, [shares[n] for shares, n in zip(windows, number, strict=True)], np.dtype(dtype))
            for psf, number in zip(psfs, numbers, strict=True)
        ]

    def forward(self, light: Array) -> Array:
        """Return A f."""
        blurred = np.zeros_like(light)
        for part in self._parts:
            part.add_forward(light, blurred)
        return blurred

    def adjoint(self, values: Array, *, overwrite: bool = False) -> Array:  # noqa: ARG002 -- every part needs v
        """Return A' v = sum_i w_i (h_i correlated with v)."""
        correlated = np.zeros_like(values)
        for part in self._parts:
            part.add_adjoint(values, correlated)
        return correlated


@dataclass(frozen=True, eq=False)
class _Part:
    """One window and its PSF: where the box and what it spreads to begin on the grid, and H on the patch."""

    window: Array  # of the box
    start: tuple[int, ...]
    reach: tuple[int, ...]  # samples that light spreads to before the box
    spread: tuple[int, ...]  # shape of what light in the box reaches
    patch: tuple[int, ...]  # shape of the FFT
    otf: Array

    @classmethod
    def of(cls, psf: Array, shares: Sequence[Array], dtype: np.dtype) -> _Part:
        """Return the part of a window that is the product of these shares along the axes."""
        window, start, reach, spread, patch = np.ones(()), [], [], [], []
        for share, size in zip(shares, psf.shape, strict=True):
            first, last = np.flatnonzero(share)[[0, -1]] if share.any() else (0, 0)
            whole = last + 1 - first + size - 1 >= len(share)  # then the axis itself is the circle
            first, last = (0, len(share) - 1) if whole else (int(first), int(last))
            before = 0 if whole else size // 2
            length = len(share) if whole else last + 1 - first + size - 1
            window = np.multiply.outer(window, share[first : last + 1])
            start.append(first)
            reach.append(before)
            spread.append(length)
            patch.append(length if whole else int(fft.next_fast_len(length, real=True)))
        otf = OTF(psf, patch, dtype).full()
        return cls(window.astype(dtype), tuple(start), tuple(reach), tuple(spread), tuple(patch), otf)

    @property
    def box(self) -> tuple[slice, ...]:
        """Return where the box lies on the grid."""
        return tuple(slice(a, a + n) for a, n in zip(self.start, self.window.shape, strict=True))

    @property
    def inner(self) -> tuple[slice, ...]:
        """Return where the box lies on the patch."""
        return tuple(slice(a, a + n) for a, n in zip(self.reach, self.window.shape, strict=True))

    def add_forward(self, light: Array, blurred: Array) -> None:
        """Add what the light in the window becomes."""
        patch = np.zeros((*self.patch, light.shape[-1]), light.dtype)
        patch[self.inner] = light[self.box] * self.window[..., None]
        spread = filtered(patch, len(self.patch), lambda columns: self.otf[..., columns])
        for there, here in self._pieces(blurred.shape):
            blurred[there] += spread[here]

    def add_adjoint(self, values: Array, correlated: Array) -> None:
        """Add what the adjoint makes of values."""
        patch = np.zeros((*self.patch, values.shape[-1]), values.dtype)
        for there, here in self._pieces(values.shape):
            patch[here] = values[there]
        drawn = filtered(patch, len(self.patch), lambda columns: np.conj(self.otf[..., columns]))
        correlated[self.box] += drawn[self.inner] * self.window[..., None]

    def _pieces(self, grid: Sequence[int]) -> Iterator[tuple[tuple[slice, ...], tuple[slice, ...]]]:
        """Yield the parts of what the box reaches, on the circular grid and on the patch."""
        sides = []
        for first, reach, length, size in zip(self.start, self.reach, self.spread, grid, strict=False):
            begin = (first - reach) % size
            inside = min(length, size - begin)
            pairs = [(slice(begin, begin + inside), slice(0, inside))]
            if inside < length:
                pairs.append((slice(0, length - inside), slice(inside, length)))
            sides.append(pairs)
        for choice in product(*sides):
            yield tuple(there for there, _ in choice), tuple(here for _, here in choice)
