"""A point's profile averaged over the samples: p(q) = (1 + (2^u - 1) q)^(-1/u) with q = sum_k (2 (x_k - c_k) / w_k)^2.

It is Moffat's with beta = 1 / u, and a Gaussian where u goes to 0; with rings it is the Airy pattern, p(q) = (2 J1(v) /
v)^2 with v = 1.616 sqrt(q), in the place of these. w_k are the full widths at half maximum along the axes, in samples
and without the sample's own width. The mean over a sample is taken by Gauss's rule, so that points narrower than a
sample have theirs too.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import special

from restore.checks import Array

#: Places per sample and axis at which the profile is looked at, in planes and in volumes.
NODES = {1: 5, 2: 5, 3: 3}
#: Limits of u: a Gaussian, and wings whose light is hardly finite.
SHARPEST, WIDEST = 1e-6, 0.95
#: Step of u for its derivative.
STEP = 1e-3
#: Where the Airy pattern is a half.
HALF = 1.61633995
_GAUSS = {count: np.polynomial.legendre.leggauss(count) for count in NODES.values()}


@dataclass(frozen=True, eq=False)
class Profile:
    """Full widths along the axes, in samples, and u."""

    widths: Array
    u: float
    has_rings: bool = False

    def means(self, offsets: list[Array]) -> Array:
        """Return the means over samples; `offsets` are the distances of their middles from the centre, by axis."""
        return _means(self._power(self.u, self._nodes(offsets)[1]), [])

    def slopes(self, offsets: list[Array]) -> tuple[Array, Array, Array, Array]:
        """Return the means, and their derivatives by the centre, by the logarithms of the widths, and by u."""
        away, q = self._nodes(offsets)
        power, falling = self._power(self.u, q), self._falling(q)
        scaled = [2 * a / w for a, w in zip(away, self.widths, strict=True)]
        by_center = [_means(falling, [(k, -4 / self.widths[k] * s)]) for k, s in enumerate(scaled)]
        by_width = [_means(falling, [(k, -2 * s**2)]) for k, s in enumerate(scaled)]
        low, high = max(self.u - STEP, SHARPEST), self.u + STEP
        by_u = (_means(self._power(high, q), []) - _means(self._power(low, q), [])) / (high - low)
        return _means(power, []), np.stack(by_center), np.stack(by_width), by_u

    def _power(self, u: float, q: Array) -> Array:
        """Return p(q)."""
        if self.has_rings:
            v = np.maximum(HALF * np.sqrt(q), 1e-6)
            return np.asarray((2 * special.j1(v) / v) ** 2)
        return np.asarray(np.exp(-np.log1p(np.expm1(u * np.log(2)) * q) / u))

    def _falling(self, q: Array) -> Array:
        """Return its derivative."""
        if self.has_rings:
            v = np.maximum(HALF * np.sqrt(q), 1e-3)
            j1 = special.j1(v)
            return np.asarray(-4 * j1 * (2 * j1 / v - special.j0(v)) * HALF**2 / v**3)
        growth = np.expm1(self.u * np.log(2))
        return np.asarray(-growth / self.u * self._power(self.u, q) / (1 + growth * q))

    def _nodes(self, offsets: list[Array]) -> tuple[list[Array], Array]:
        """Return the distances of all places from the centre, by axis, and q of all of them."""
        places = _GAUSS[NODES[len(offsets)]][0]
        away = [(o[:, None] + places / 2).ravel() for o in offsets]
        q = np.zeros(())
        for a, width in zip(away, self.widths, strict=True):
            q = np.add.outer(q, (2 * a / width) ** 2)
        return away, q


def _means(values: Array, factors: list[tuple[int, Array]]) -> Array:
    """Return the means over samples of values at all places, times factors that hang on one axis."""
    by_axis, nodes = dict(factors), NODES[values.ndim]
    for axis, count in enumerate(values.shape):
        taking = _taking(count // nodes, nodes)
        values = np.tensordot(values, taking * by_axis[axis] if axis in by_axis else taking, (0, 1))
    return values


@lru_cache(maxsize=64)
def _taking(count: int, nodes: int) -> Array:
    """Return the matrix that takes the means over so many samples."""
    return np.kron(np.eye(count), _GAUSS[nodes][1] / 2)
