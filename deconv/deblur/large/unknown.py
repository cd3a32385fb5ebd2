"""Which samples of a large picture are unknown: clipped, under a mask, or NaN; told part by part, not all at once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from deconv.deblur.request import DeblurRequest
from deconv.inputs.large_light import LargeLight
from deconv.inputs.masks import drawn_mask
from deconv.inputs.white_level import white_level
from deconv.pictures.tiled.memory import MemorySource
from restore.observation.saturation import FEW
from restore.tiles.plan import Box
from restore.tiles.survey import windows


def with_unknown(request: DeblurRequest, large: LargeLight) -> LargeLight:
    """Return the picture with what is known of its unknown samples."""
    unknown = request.unknown
    return replace(
        large,
        white=_white(request, large) if unknown.clipped == "auto" else None,
        nan=unknown.nan == "mask" or large.header.marks_missing,
        drawn=None if unknown.mask is None else drawn_mask(unknown.mask, large.header),
    )


def _white(request: DeblurRequest, large: LargeLight) -> float | None:
    """Return the code from which samples are clipped, None where none are or too many to be lights."""
    header, level = large.header, request.reading.white
    if level is None and (not header.has_integer_samples or header.dtype.kind == "b"):
        return None
    if isinstance(large.source, MemorySource):
        samples = large.source.picture.samples
        level = white_level(samples, header.channel_axis) if level is None else level
        share = float(np.mean(samples >= level))
    else:
        level = float(np.iinfo(header.dtype).max) if level is None else level
        share = float(
            np.mean([np.mean(_samples(large, box) >= level) for box in windows((header.height, header.width))])
        )
    return level if share <= FEW else None


def _samples(large: LargeLight, box: Box) -> np.ndarray:
    """Return what is stored in a window of the first plane."""
    rows, columns = (slice(*span) for span in box)
    return large.block([0], rows, columns).picture.samples
