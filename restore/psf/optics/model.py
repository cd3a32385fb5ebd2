"""A microscope's model as one record: how its PSF is drawn, and by which numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from restore.checks import Array, InvalidValue
from restore.psf.family import Parameter


@dataclass(frozen=True, eq=False)
class Model:
    """A model that is drawn on a grid of voxels: ``draw(shape, spacing=..., **parameters)``."""

    name: str
    draw: Callable[..., Array]
    parameters: tuple[Parameter, ...]


#: What every model is told.
APERTURE, WAVELENGTH, IMMERSION = (
    Parameter("NA", ""),
    Parameter("wavelength", "um"),
    Parameter("ni", "", required=False),
)

#: Name to model, in the order in which they are listed.
MODELS: dict[str, Model] = {}


def register(model: Model) -> None:
    """Let a model be drawn wherever models are listed; ``del MODELS[name]`` takes it out again."""
    if model.name in MODELS:
        raise InvalidValue(f"model must have a name of its own, got {model.name!r}, which is registered already")
    MODELS[model.name] = model
