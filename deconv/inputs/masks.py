"""Which samples of a picture are unknown: under the user's mask, clipped at the top, or NaN."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from deconv import pictures
from deconv.inputs.linear_light import LightPicture
from deconv.pictures import Picture, PictureError
from deconv.settings import UnknownSamples

#: Clipped samples are masked by themselves up to this share: beyond, they are a white ground and not lights.
FEW = 0.1


def hidden_samples(unknown: UnknownSamples, light: LightPicture) -> NDArray[Any] | None:
    """Return a mask of the shape of the picture's samples, or None where all are known."""
    mask = np.zeros(light.image.shape, bool)
    if unknown.mask is not None:
        mask |= _drawn(unknown.mask, light.picture)
    if unknown.clipped != "keep":
        clipped = light.clipped()
        if unknown.clipped == "mask" or clipped.mean() <= FEW:
            mask |= clipped
    if unknown.nan == "mask":
        mask |= ~np.isfinite(light.image)
    if mask.all():
        raise PictureError(
            unknown.mask or light.picture.path or "picture", "is masked wholly", "leave some of it known"
        )
    return mask if mask.any() else None


def _drawn(path: str, picture: Picture) -> NDArray[Any]:
    picture_of_mask = pictures.read(path)
    hidden = picture_of_mask.samples != 0
    if picture_of_mask.channel_axis is not None:
        hidden = hidden.any(axis=-1)
    shape = picture.samples.shape if picture.channel_axis is None else picture.samples.shape[:-1]
    if hidden.shape != shape and hidden.shape != shape[-2:]:
        raise PictureError(path, f"is {hidden.shape}, the picture {shape}", "give a mask of the same height and width")
    return hidden if picture.channel_axis is None else hidden[..., None]
