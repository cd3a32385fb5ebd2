"""All that may be looked at of a part of a picture, by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from deconv.contrast.layer import Layer
from deconv.deblur.request import DeblurRequest
from deconv.errors import UsageError
from deconv.serve.command import is_box
from deconv.serve.work.candidates import candidates
from deconv.serve.work.charts import drawn_charts
from deconv.serve.work.opened import Box, Opened, within
from deconv.serve.work.preview import Block, preview
from deconv.serve.work.rendering import Shown, eight_bits, png, psf_picture, samples_of
from deconv.serve.work.turns import Turn

#: Largest edge of a part.
LARGEST = 640


@dataclass(frozen=True)
class Look:
    """What is looked at: a part, and how it shall be restored."""

    opened: Opened
    request: DeblurRequest
    box: Box
    turn: Turn
    dark: bool = False


def box_of(value: Any) -> Box:
    """Return a box that the page has sent."""
    if not is_box(value):
        raise UsageError("a part of the picture must be four whole numbers (reload the page)")
    x, y, width, height = value
    if not (0 < width <= LARGEST and 0 < height <= LARGEST):
        raise UsageError(f"a part of the picture is at most {LARGEST} pixels wide and high (reload the page)")
    return x, y, width, height


def before(look: Look) -> Shown:
    """Return the part as it is."""
    x, y, width, height = within(look.box, *look.opened.size)
    return png(
        eight_bits(look.opened.shown[y : y + height, x : x + width], look.opened.range), {"box": [x, y, width, height]}
    )


def restored_as(level: str) -> Callable[[Look], Shown]:
    """Return what shows the part restored, of a level of `preview`."""

    def show(look: Look) -> Shown:
        result = preview(look.opened, look.request, look.box, level, look.turn)
        return png(samples_of(result.light, result.image, look.opened.range), result.numbers)

    return show


def transposed(look: Look) -> Shown:
    """Return C'g: the part through the transpose of the blur, the other operation that is called deconvolution."""
    opened, kernel = look.opened.kernel(look.request)
    block = Block.of(look.box, opened, max(kernel.psf.shape))
    image = Layer.blurring(kernel.psf).transpose(opened.part(block.around).image)[block.inside]
    light = opened.part(block.box)
    return png(samples_of(light, np.ascontiguousarray(image, light.image.dtype), look.opened.range))


def psf(look: Look) -> Shown:
    """Return the PSF."""
    return psf_picture(look.opened.kernel(look.request)[1].psf)


def compared(look: Look) -> Shown:
    """Return nine candidates."""
    return candidates(look.opened, look.request, look.box, look.turn)


def charted(look: Look) -> Shown:
    """Return what is left over, and the spectra."""
    opened, kernel = look.opened.kernel(look.request)
    block = Block.of(look.box, opened, 0)
    return drawn_charts(opened, look.request, block, kernel, dark=look.dark)


LOOKS: dict[str, Callable[[Look], Shown]] = {
    "before": before,
    "draft": restored_as("draft"),
    "final": restored_as("final"),
    "settled": restored_as("settled"),
    "transposed": transposed,
    "psf": psf,
    "candidates": compared,
    "charts": charted,
}
#: What does not end the preview that is under way.
BESIDE = ("before", "psf", "transposed")
