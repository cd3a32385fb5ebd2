"""Which samples of a picture are unknown: under the user's mask, clipped at the top, or NaN."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deconv import pictures
from deconv.inputs.linear_light import LightPicture
from deconv.pictures import Picture, PictureError
from deconv.report import percent
from deconv.settings import UnknownSamples
from restore.observation.saturation import FEW
from restore.operators.across_channels import across_channels

Bools = NDArray[np.bool_]

#: What samples at the top code are called.
CLIPPED = "clipped highlights"


@dataclass(frozen=True, eq=False)
class Hidden:
    """Which samples of a picture are unknown, by the reason why; a reason that holds nowhere is absent."""

    reasons: Mapping[str, Bools]

    @property
    def mask(self) -> Bools | None:
        """Return the unknown samples, None where all are known."""
        return np.logical_or.reduce(list(self.reasons.values())) if self.reasons else None

    @property
    def but_for_clipped(self) -> Hidden:
        """Return the same without those that are unknown for being clipped."""
        return Hidden({reason: mask for reason, mask in self.reasons.items() if reason != CLIPPED})

    def describe(self, reach: float) -> str:
        """Return one line for people; `reach` is the share of the samples that was solved for in the end."""
        parts = [f"{reason}: {percent(float(mask.mean()))} solved for" for reason, mask in self.reasons.items()]
        around = reach - (0.0 if self.mask is None else float(self.mask.mean()))
        if around > 0:
            parts.append(f"around very bright ones {percent(around)} more")
        return "; ".join(parts)


def hidden_samples(unknown: UnknownSamples, light: LightPicture) -> Hidden:
    """Return which of the picture's samples are unknown."""
    masks = {
        CLIPPED: _clipped(unknown, light),
        "under the mask": None if unknown.mask is None else _drawn(unknown.mask, light.picture),
        "NaN": ~np.isfinite(light.image) if unknown.nan == "mask" or light.picture.marks_missing else None,
        "flagged in the file": light.picture.unknown,
    }
    shape = light.image.shape
    hidden = Hidden({name: np.broadcast_to(m, shape) for name, m in masks.items() if m is not None and m.any()})
    if hidden.mask is not None and hidden.mask.all():
        raise PictureError(
            unknown.mask or light.picture.path or "picture", "is masked wholly", "leave some of it known"
        )
    return hidden


def drawn_mask(path: str, header: Picture) -> Bools:
    """Return what a mask says is unknown of a large picture: rows and columns, behind the planes where it has them."""
    hidden = _drawn(path, header)
    return hidden[..., 0] if header.channel_axis is not None else hidden


def _clipped(unknown: UnknownSamples, light: LightPicture) -> Bools | None:
    clipped = light.clipped()
    return clipped if unknown.clipped == "mask" or (unknown.clipped == "auto" and clipped.mean() <= FEW) else None


def _drawn(path: str, picture: Picture) -> Bools:
    picture_of_mask = pictures.read(path)
    hidden = picture_of_mask.samples != 0
    if picture_of_mask.channel_axis is not None:
        hidden = across_channels(np.logical_or, hidden)
    shape = picture.samples.shape if picture.channel_axis is None else picture.samples.shape[:-1]
    if hidden.shape != shape and hidden.shape != shape[-2:]:
        raise PictureError(path, f"is {hidden.shape}, the picture {shape}", "give a mask of the same height and width")
    return hidden if picture.channel_axis is None else hidden[..., None]
