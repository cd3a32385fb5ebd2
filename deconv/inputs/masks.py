"""Which samples of a picture are unknown: under the user's mask, clipped at the top, or NaN."""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deconv import pictures
from deconv.inputs.linear_light import LightPicture
from deconv.pictures import Picture, PictureError

#: Clipped samples are masked by themselves up to this share: beyond, they are a white ground and not lights.
FEW = 0.1


def hidden_samples(arguments: argparse.Namespace, light: LightPicture) -> NDArray[Any] | None:
    """Return a mask of the shape of the picture's samples, or None where all are known."""
    mask = np.zeros(light.image.shape, bool)
    if arguments.mask is not None:
        mask |= _given(arguments.mask, light.picture)
    if arguments.clipped != "keep":
        clipped = light.clipped()
        if arguments.clipped == "mask" or clipped.mean() <= FEW:
            mask |= clipped
    if arguments.nan == "mask":
        mask |= ~np.isfinite(light.image)
    if mask.all():
        raise PictureError(
            arguments.mask or light.picture.path or "picture", "is masked wholly", "leave some of it known"
        )
    return mask if mask.any() else None


def _given(path: str, picture: Picture) -> NDArray[Any]:
    drawn = pictures.read(path)
    hidden = drawn.samples != 0
    if drawn.channel_axis is not None:
        hidden = hidden.any(axis=-1)
    shape = picture.samples.shape if picture.channel_axis is None else picture.samples.shape[:-1]
    if hidden.shape != shape and hidden.shape != shape[-2:]:
        raise PictureError(path, f"is {hidden.shape}, the picture {shape}", "give a mask of the same height and width")
    return hidden if picture.channel_axis is None else hidden[..., None]
