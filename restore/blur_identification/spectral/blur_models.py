"""The blurs that one or two numbers describe: coordinates theta, |H|^2 in closed form, and the PSF they stand for.

theta holds the logarithm of the size in pixels and, for motion, the angle in radians, counter-clockwise from +x.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy import special

from restore import psf
from restore.checks import Array

Parameters = Mapping[str, float]

#: |H|^2 below this is not told from 0.
DARKEST = 1e-7


@dataclass(frozen=True, eq=False)
class BlurModel:
    """A family of PSFs. |H|^2 is a profile p(size s) along a coordinate s of the frequency plane, or nearly so."""

    name: str
    parameters: tuple[str, ...]  # the size, and an angle or nothing
    smallest: float
    largest: float
    visible: float  # below this size a blur is not told from a sharp picture
    extent: float  # edge of the PSF for size 1
    psf: Callable[..., Array]
    profile: Callable[[Array], Array]

    @property
    def size(self) -> str:
        """Name of the first parameter."""
        return self.parameters[0]

    @property
    def has_angle(self) -> bool:
        """Whether theta has a second coordinate."""
        return len(self.parameters) == 2

    def coordinate(self, u: Array, v: Array, angle: float) -> Array:
        """Return s: the distance from the origin, or the distance along `angle` (v counts downwards)."""
        return u * np.cos(angle) - v * np.sin(angle) if self.has_angle else np.hypot(u, v)

    def log_power(self, u: Array, v: Array, theta: Array) -> Array:
        """Return log |H|^2 at u (right) and v (down), in cycles per pixel."""
        size = float(np.exp(theta[0]))
        power = _sampled_motion(u, v, size, theta[1]) if self.has_angle else self.profile(size * np.hypot(u, v))
        logs: Array = np.log(power + DARKEST)
        return logs

    def theta(self, parameters: Parameters) -> Array:
        """Return the coordinates of parameters, the undo of `told`; a missing one becomes 0."""
        size, *angles = (parameters.get(name) for name in self.parameters)
        return np.array([np.log(size) if size else 0.0, *(np.deg2rad(a or 0.0) for a in angles)])

    def told(self, theta: Array) -> Parameters:
        """Return the parameters by name, in pixels and degrees within [0, 180)."""
        values = [float(np.exp(theta[0])), *(float(np.rad2deg(a)) % 180 for a in theta[1:])]
        return dict(zip(self.parameters, values, strict=True))


def _gaussian(x: Array) -> Array:
    return np.asarray(np.exp(-4 * np.pi**2 * x**2))


def _disk(x: Array) -> Array:
    z = 2 * np.pi * np.maximum(x, 1e-6)
    return np.asarray((2 * special.j1(z) / z) ** 2)


def _motion(x: Array) -> Array:
    return np.asarray(np.sinc(x) ** 2)


def _sampled_motion(u: Array, v: Array, length: float, angle: float) -> Array:
    """Return |H|^2 of a path whose light is shared between the two nearest pixels across it, as `psf.motion` does.

    H = sum_k w_k sinc(L s_k) with s_k along the path at v + k (at u + k for steep paths) and w_k ~ sinc^2(v + k): the
    copies that sampling makes. Near the axes they overlap, and without them angles would be drawn towards the axes.
    """
    steep = abs(np.sin(angle)) > abs(np.cos(angle))
    across, shift = (u, np.cos(angle)) if steep else (v, -np.sin(angle))
    along = u * np.cos(angle) - v * np.sin(angle)
    total, weights = np.zeros_like(along), np.zeros_like(along)
    for k in (-1, 0, 1):
        weight = np.sinc(across + k) ** 2
        total += weight * np.sinc(length * (along + k * shift))
        weights += weight
    return np.asarray((total / weights) ** 2)


MODELS = {
    "gaussian": BlurModel("gaussian", ("sigma",), 0.3, 8.0, 0.6, 8.0, psf.gaussian, _gaussian),
    "disk": BlurModel("disk", ("radius",), 0.5, 20.0, 1.0, 2.0, psf.disk, _disk),
    "motion": BlurModel("motion", ("length", "angle"), 1.5, 80.0, 3.0, 1.0, psf.motion, _motion),
}
