"""The integral over a round aperture that gives the amplitude near focus:

    A_n(r, z) = integral of p(rho) exp(i k W(rho, z)) J_n(k NA r rho) rho d rho,  0 <= rho <= a.

With rho = a sin t the square roots of W are smooth up to the rim, even where light beyond is totally reflected, and
Gauss-Legendre panels of a fixed phase each leave the error of rounding: one matrix product for all radii and planes.
A series of Bessel functions, which is often used instead, is no faster here, and must have its terms close enough.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import special

from restore.checks import Array, InvalidValue, as_positive

#: Nodes of a panel, and the phase from its middle to its end that they integrate to the last digit.
NODES, PHASE = 16, 8.0
#: Samples along the aperture at which the slope of the phase is looked at.
SLOPE_SAMPLES = 512
#: Micrometres: what is no wavelength of light in that unit was meant in another.
SHORTEST, LONGEST = 0.05, 20.0


@dataclass(frozen=True)
class Aperture:
    """A round aperture: its numerical aperture, the vacuum wavelength in micrometres, and where its light ends."""

    NA: float
    wavelength: float
    limit: float = 1.0

    @property
    def wave_number(self) -> float:
        """Return k = 2 pi / wavelength."""
        return 2 * np.pi / self.wavelength

    @property
    def cutoff(self) -> float:
        """Return the highest frequency of the intensity, in cycles per micrometre."""
        return 2 * self.NA * self.limit / self.wavelength

    def path_in(self, index: float, heights: Array) -> Callable[[Array], Array]:
        """Return W(rho, z) = (sqrt(n^2 - NA^2 rho^2) - n) z in one medium of index n, less its value on the axis."""

        def path(rho: Array) -> Array:
            root = np.sqrt(np.maximum(index**2 - (self.NA * rho) ** 2, 0))
            return np.asarray(np.multiply.outer(root - index, heights))

        return path

    def amplitudes(
        self, radii: Array, path: Callable[[Array], Array], weights: Callable[[Array], dict[int, Array]]
    ) -> list[Array]:
        """Return A_n (radius, plane) for every order n; `path` is W (rho, plane), `weights` gives p per order."""
        rho, areas = self._nodes(radii, path)
        waves = np.exp(1j * self.wave_number * path(rho)) * areas[:, None]
        angles = self.wave_number * self.NA * np.multiply.outer(radii, rho)
        return [_bessel(order, angles) @ (waves * p[:, None]) for order, p in weights(rho).items()]

    def _nodes(self, radii: Array, path: Callable[[Array], Array]) -> tuple[Array, Array]:
        """Return places along the aperture and rho d rho of each."""
        t = np.linspace(0, np.pi / 2, SLOPE_SAMPLES)
        slope = np.abs(np.diff(path(self.limit * np.sin(t)), axis=0)).max() / t[1] + self.NA * self.limit * radii[-1]
        panels = int(np.ceil(self.wave_number * slope * (np.pi / 4) / PHASE)) + 1
        nodes, weights = np.polynomial.legendre.leggauss(NODES)
        width = np.pi / 2 / panels
        t = ((np.arange(panels)[:, None] + (nodes + 1) / 2) * width).ravel()
        rho = self.limit * np.sin(t)
        return rho, rho * self.limit * np.cos(t) * np.tile(weights * width / 2, panels)


def _bessel(order: int, angles: Array) -> Array:
    """Return J_0, J_1 or J_2."""
    if order < 2:
        return np.asarray((special.j0, special.j1)[order](angles))
    ratio = np.divide(2 * special.j1(angles), angles, out=np.ones_like(angles), where=angles > 0)
    return np.asarray(np.where(angles > 0, ratio - special.j0(angles), 0))


def as_wavelength(value: float, name: str = "wavelength") -> float:
    """Return a wavelength in micrometres; refuse nanometres."""
    number = as_positive(value, name)
    if not SHORTEST <= number <= LONGEST:
        raise InvalidValue(f"{name} must lie within {SHORTEST} to {LONGEST:g} micrometres, got {number:g}")
    return number


def as_aperture(NA: float, index: float, name: str = "ni") -> float:
    """Return a numerical aperture that the medium in front of the lens can have."""
    number = as_positive(NA, "NA")
    if number >= index:
        raise InvalidValue(f"NA must be below the refractive index {name} = {index:g} of the immersion, got {number:g}")
    return number


def usual_reach(NA: float, wavelength: float, index: float) -> tuple[float, float]:
    """Return how far a PSF is usually wanted, along z and across: three depths of focus, the cone of light there."""
    depth = 3 * wavelength * index / NA**2
    slope = NA / np.sqrt(index**2 - NA**2)
    return depth, float(min(depth * slope, 4 * depth) + 3 * 0.61 * wavelength / NA)
