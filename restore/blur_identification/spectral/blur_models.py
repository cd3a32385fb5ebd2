"""The families whose |H|^2 is known in closed form, in the coordinates theta of the search.

theta holds the logarithm of the size in pixels and, for a family with an angle, that in radians, counter-clockwise from
+x.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from restore.checks import Array
from restore.psf.family import FAMILIES, Family, SpectrumModel

Parameters = Mapping[str, float]

#: |H|^2 below this is not told from 0.
DARKEST = 1e-7


@dataclass(frozen=True, eq=False)
class BlurModel:
    """A family of PSFs by its spectrum."""

    family: Family
    spectrum: SpectrumModel

    @property
    def name(self) -> str:
        """Name of the family."""
        return self.family.name

    @property
    def size(self) -> str:
        """Name of the size."""
        return self.family.size

    @property
    def has_angle(self) -> bool:
        """Whether theta has a second coordinate."""
        return self.family.angle is not None

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the parameters that the spectrum tells: the size, and an angle or nothing."""
        return (self.size,) if self.family.angle is None else (self.size, self.family.angle)

    def coordinate(self, u: Array, v: Array, angle: float) -> Array:
        """Return s: the distance from the origin, or the distance along `angle` (v counts downwards)."""
        return u * np.cos(angle) - v * np.sin(angle) if self.has_angle else np.hypot(u, v)

    def log_power(self, u: Array, v: Array, theta: Array) -> Array:
        """Return log |H|^2 at u (right) and v (down), in cycles per pixel."""
        size, angle = float(np.exp(theta[0])), theta[1] if self.has_angle else 0.0
        if self.spectrum.power is None:
            power = self.spectrum.profile(size * self.coordinate(u, v, angle))
        else:
            power = self.spectrum.power(u, v, size, angle)
        logs: Array = np.log(power + DARKEST)
        return logs

    def theta(self, parameters: Parameters) -> Array:
        """Return the coordinates of parameters, the undo of `parameters_at`; a missing one becomes 0."""
        size, *angles = (parameters.get(name) for name in self.parameters)
        return np.array([np.log(size) if size else 0.0, *(np.deg2rad(a or 0.0) for a in angles)])

    def parameters_at(self, theta: Array) -> dict[str, float]:
        """Return the parameters by name, in pixels and degrees within [0, 180)."""
        values = [float(np.exp(theta[0])), *(float(np.rad2deg(a)) % 180 for a in theta[1:])]
        return dict(zip(self.parameters, values, strict=True))


def blur_models() -> dict[str, BlurModel]:
    """Return the families with a spectrum by name, in the order in which they are tried."""
    return {name: BlurModel(f, f.spectrum) for name, f in FAMILIES.items() if f.spectrum is not None}
