"""The blurs that a few numbers describe: parameters, |H|^2 in closed form, and the PSF that goes with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from restore import psf
from restore._checks import Array

Parameters = Mapping[str, float]


@dataclass(frozen=True)
class BlurModel:
    """A family of PSFs; the first parameter is its size in pixels."""

    name: str
    parameters: tuple[str, ...]
    smallest: float
    largest: float
    visible: float  # below this size a blur is not told from a sharp picture
    power: Callable[[Array, Array, Parameters], Array]  # |H|^2 at u (right) and v (down), cycles per pixel
    psf: Callable[..., Array]

    @property
    def size(self) -> str:
        """Name of the first parameter."""
        return self.parameters[0]


def gaussian_power(u: Array, v: Array, parameters: Parameters) -> Array:
    """Return exp(-4 pi^2 sigma^2 f^2)."""
    power: Array = np.exp(-4 * np.pi**2 * parameters["sigma"] ** 2 * (u**2 + v**2))
    return power


MODELS = {
    "gaussian": BlurModel("gaussian", ("sigma",), 0.3, 8.0, 0.6, gaussian_power, psf.gaussian),
}
