"""Which methods take a blur that changes over the picture, and the method that takes this one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from restore.checks import InvalidValue, one_of, spatial_shape
from restore.methods.automatic import QUALITIES
from restore.methods.method import METHODS, Method
from restore.methods.varying import richardson_lucy, total_variation, wiener
from restore.psf.varying import PsfGrid

#: By the name of the method that each is under one PSF.
SOLVERS: Mapping[str, Any] = {
    "total_variation": total_variation.solve,
    "wiener": wiener.solve,
    "richardson_lucy": richardson_lucy.solve,
}
#: The method by the word for what a restoration may cost.
CHOSEN = {"fast": "wiener", "good": "total_variation", "best": "total_variation"}


def chosen_name(method: str, quality: str, own: Mapping[str, Any]) -> str:
    """Return the name of the method for a blur that changes: the one that was named, or what a quality pays for.

    An argument that only another of them has chooses that one.
    """
    one_of(quality, tuple(QUALITIES), "quality")
    if method != "auto":
        if method in METHODS and method not in SOLVERS:
            raise InvalidValue(f"method {method!r} takes one PSF for all: with a grid of them {', '.join(SOLVERS)} go")
        return one_of(method, ("auto", *SOLVERS), "method")
    needed = {argument for argument, value in own.items() if value is not None}
    names = (CHOSEN[quality], *SOLVERS)
    return next((name for name in names if needed <= METHODS[name].arguments.keys()), CHOSEN[quality])


def under(varying: PsfGrid, method: Method) -> Method:
    """Return the method with a solver for a blur that changes over the picture."""
    return replace(method, solve=partial(SOLVERS[method.name], varying), tiling=None)


def check_grid(varying: PsfGrid, image_shape: tuple[int, ...], channel_axis: int | None, **refused: Any) -> None:
    """Refuse a picture of other axes, or smaller than the PSFs, and settings that are for one PSF."""
    shape = spatial_shape(image_shape, channel_axis)
    if varying.ndim != len(shape) or any(k > n for k, n in zip(varying.psf_shape, shape, strict=True)):
        raise InvalidValue(f"psf must have PSFs that fit into the image of shape {shape}, got {varying.psf_shape}")
    for name, value in refused.items():
        if value:
            raise InvalidValue(f"{name} must be 0 where the PSF changes over the picture, got {value}")
