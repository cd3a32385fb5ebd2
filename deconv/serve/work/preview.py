"""A part of the picture as the whole one will be, soon: what holds everywhere is looked up once and kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deconv.deblur.request import DeblurRequest, MethodChoice
from deconv.deblur.restoration import Restored, check_words, restored, settings_for
from deconv.inputs.kernel import Kernel
from deconv.inputs.linear_light import LightPicture
from deconv.inputs.masks import hidden_samples
from deconv.report import plain
from deconv.serve.work.opened import Box, Opened, within
from deconv.serve.work.turns import Turn
from restore.checks import InvalidValue
from restore.methods.method import METHODS
from restore.methods.tiling import Tiling
from restore.tiles.job import BOUNDARIES
from restore.tiles.part import Findings, findings, restored_part, smoother
from restore.tiles.tile import Part

Array = NDArray[Any]

#: How far around the part the picture is read, in samples: while something moves, and when it rests.
DRAFT_RIM, RIM = 24, 48
#: Methods that are quick enough to be shown while something moves; the first stands for the others.
QUICK = ("wiener", "cls", "inverse")


@dataclass(frozen=True, eq=False)
class Preview:
    """A restored part with the kernel, and what is to be said of it."""

    light: LightPicture  # of the part
    image: Array
    kernel: Kernel
    numbers: Mapping[str, Any]


@dataclass(frozen=True)
class Block:
    """The part that is shown, and the samples around it that it depends on; both lie in the picture."""

    box: Box
    around: Box

    @classmethod
    def of(cls, box: Box, opened: Opened, rim: int) -> Block:
        """Return the block of a part, which is moved into the picture."""
        x, y, width, height = within(box, *opened.size)
        left, top = max(x - rim, 0), max(y - rim, 0)
        right, bottom = (min(edge + rim, size) for edge, size in zip((x + width, y + height), opened.size, strict=True))
        return cls((x, y, width, height), (left, top, right - left, bottom - top))

    @property
    def inside(self) -> tuple[slice, slice]:
        """Return the part as rows and columns of the block."""
        x, y = self.box[0] - self.around[0], self.box[1] - self.around[1]
        return slice(y, y + self.box[3]), slice(x, x + self.box[2])


def preview(opened: Opened, request: DeblurRequest, box: Box, level: str, turn: Turn) -> Preview:
    """Return a part restored: a "draft" while something moves, "final" when it rests, "settled" when it stays so.

    A draft takes a linear filter. What the picture tells of noise and strength is taken from the last look at it, with
    another PSF perhaps, until it settles; of a picture that the part is all of, it then is the result itself.
    """
    check_words(request.method, opened.light)
    opened, kernel = opened.kernel(request)
    turn.go_on()
    draft = level == "draft"
    choice = quick(request.method) if draft else request.method
    block = Block.of(box, opened, DRAFT_RIM if draft else RIM)
    is_all = block.around == (0, 0, *opened.size)
    if is_all and level == "settled":
        return exact(opened, request, block, kernel, level)
    try:
        known, is_carried = known_of(opened, request, choice, kernel, carried=level != "settled")
    except NeedsTheWhole:
        return exact(opened, request, block, kernel, level)
    turn.go_on()
    part = restored_part(channels_last(opened, block), kernel.psf, smoother(known, choice.smoothness), turn.go_on)
    numbers = {"level": level, "carried": is_carried or is_all} | _of_part(kernel, known, part)
    return _cut(opened, block, part.image, kernel, numbers)


class NeedsTheWhole(Exception):
    """A method that cannot restore a part by what is known of the whole."""


def quick(choice: MethodChoice) -> MethodChoice:
    """Return the linear filter that stands for a method while something moves."""
    if choice.name in QUICK or (choice.name is None and choice.quality == "fast"):
        return choice
    return MethodChoice(name=None, arguments={}, quality="fast", smoothness=choice.smoothness)


def known_of(
    opened: Opened, request: DeblurRequest, choice: MethodChoice, kernel: Kernel, *, carried: bool
) -> tuple[Findings, bool]:
    """Return what the picture tells for a method, and whether it was asked with another PSF or setting of its own."""
    settings = settings_for(replace(choice, smoothness=1.0), opened.light, kernel)
    settings["extra_noise_var"] = opened.compression_var + (settings.pop("psf_error") * opened.span) ** 2
    settings["boundary"] = settings["boundary"] if settings["boundary"] in BOUNDARIES else "unknown"
    settings.pop("psf_spread", None)
    _refuse_whole(settings)
    kind = (settings["method"], settings.get("quality"), repr(sorted(choice.arguments.items())), opened.light.light)

    def find() -> Findings:
        return findings(_around(opened, opened.window), kernel.psf, **settings)

    try:
        return opened.findings(kind, repr(request.psf), find, carried=carried)
    except InvalidValue as error:
        if "whole" not in str(error):
            raise
        raise NeedsTheWhole from error


def _refuse_whole(settings: Mapping[str, Any]) -> None:
    method = METHODS.get("aggregate_patches" if settings.get("quality") == "best" else settings["method"])
    if method is not None and not isinstance(method.tiling, Tiling):
        raise NeedsTheWhole


def _around(opened: Opened, box: Box) -> Array:
    x, y, width, height = box
    return np.ascontiguousarray(opened.light.image[y : y + height, x : x + width])


def channels_last(opened: Opened, block: Block) -> Array:
    """Return the samples of a block with an axis of channels."""
    samples = _around(opened, block.around)
    return samples if opened.light.channel_axis is not None else samples[..., None]


def exact(opened: Opened, request: DeblurRequest, block: Block, kernel: Kernel, level: str) -> Preview:
    """Return a part as the program restores a picture that is no larger."""
    result = restored_block(opened, request, block, kernel)
    first = result.first
    numbers = {
        "level": level,
        "carried": False,
        **_of_kernel(kernel),
        "method": METHODS[first.method].label,
        **_strength(first.method, first.parameter, first.rule),
        "noise": first.noise_sigma,
        "doubts": list(result.doubts),
    }
    return _cut(opened, block, result.image, kernel, plain(numbers))


def restored_block(opened: Opened, request: DeblurRequest, block: Block, kernel: Kernel) -> Restored:
    """Return what the program makes of a block, with all that it finds out on the way."""
    light = opened.part(block.around)
    return restored(request, light, kernel, hidden_samples(request.unknown, light))


def _cut(opened: Opened, block: Block, image: Array, kernel: Kernel, numbers: Mapping[str, Any]) -> Preview:
    shown = image[block.inside]
    shown = shown if opened.light.channel_axis is not None or shown.ndim == 2 else shown[..., 0]
    return Preview(opened.part(block.box), np.ascontiguousarray(shown), kernel, numbers)


def _of_part(kernel: Kernel, known: Findings, part: Part) -> dict[str, Any]:
    method = known.job.method
    numbers = {"method": method.label, **_strength(method.name, part.strength, part.rule), "noise": part.noise_sigma}
    return plain(_of_kernel(kernel) | numbers)


def _of_kernel(kernel: Kernel) -> dict[str, Any]:
    return {"psf": kernel.record(), "blur": kernel.describe(), "notes": list(kernel.notes)}


def _strength(name: str, value: float, rule: str) -> dict[str, Any]:
    strength = METHODS[name].strength
    if strength is None:
        return {"strength": None}
    return {"strength": {"name": strength.name, "argument": strength.argument, "value": value, "rule": rule}}
