"""Nine candidates to choose from by eye: the PSF smaller and larger, the strength weaker and stronger."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from deconv.deblur.request import DeblurRequest
from deconv.inputs.kernel import Kernel
from deconv.serve.work.opened import Box, Opened
from deconv.serve.work.preview import Block, NeedsTheWhole, channels_last, known_of, quick
from deconv.serve.work.rendering import Shown, png, samples_of
from deconv.serve.work.turns import Turn
from restore.psf.family import FAMILIES
from restore.tiles.part import restored_part, smoother

#: Edge of a candidate in samples, and the samples around it that are read.
EDGE, RIM = 192, 32
#: Factors on the size of the PSF, from the left, and on the strength, from the top.
SIZES, STRENGTHS = (0.9, 1.0, 1.1), (1 / 3, 1.0, 3.0)


@dataclass(frozen=True, eq=False)
class Candidate:
    """One way to restore: the PSF, the factor on the strength, and the settings of the page that say so."""

    psf: Any
    factor: float
    settings: Mapping[str, Any]


def candidates(opened: Opened, request: DeblurRequest, box: Box, turn: Turn) -> Shown:
    """Return a sheet of candidates for the middle of a part, rows of one strength; the settings are in the numbers."""
    opened, kernel = opened.kernel(request)
    x, y, width, height = box
    middle = (x + width // 2 - EDGE // 2, y + height // 2 - EDGE // 2, EDGE, EDGE)
    block = Block.of(middle, opened, RIM)
    choice = request.method
    try:
        known, _ = known_of(opened, request, choice, kernel, carried=True)
    except NeedsTheWhole:
        known, _ = known_of(opened, request, quick(choice), kernel, carried=True)
    data, light, tried = channels_last(opened, block), opened.part(block.box), list(_tried(kernel, choice.smoothness))
    tiles = []
    for candidate in tried:
        turn.go_on()
        part = restored_part(data, candidate.psf, smoother(known, candidate.factor), turn.go_on)
        image = part.image[block.inside]
        image = image if opened.light.channel_axis is not None else image[..., 0]
        tiles.append(samples_of(light, np.ascontiguousarray(image), opened.range))
    columns = len(tried) // len(STRENGTHS)
    rows = [np.concatenate(tiles[i : i + columns], axis=1) for i in range(0, len(tiles), columns)]
    numbers = {"columns": columns, "box": list(block.box), "candidates": [dict(each.settings) for each in tried]}
    return png(np.concatenate(rows), numbers)


def _tried(kernel: Kernel, smoothness: float) -> Iterator[Candidate]:
    for strength in STRENGTHS:
        factor = smoothness * strength
        word = {"smoother": _short(factor)} if factor > 1 else {"sharper": _short(1 / factor)} if factor < 1 else {}
        for settings, psf in _psfs(kernel):
            yield Candidate(psf, factor, settings | word)


def _psfs(kernel: Kernel) -> Iterator[tuple[dict[str, Any], Any]]:
    """Yield the PSF smaller, as it is and larger; of one of any shape only as it is, for nothing could say more."""
    family = FAMILIES.get(kernel.family)
    if family is None or family.size not in kernel.parameters:
        yield {}, kernel.psf
        return
    for size in SIZES:
        parameters = {name: _short(value) for name, value in kernel.parameters.items()}
        parameters[family.size] = _short(size * kernel.parameters[family.size])
        yield {"psf": family.name, **parameters}, family.draw(**parameters) if size != 1 else kernel.psf


def _short(value: float) -> float:
    return float(f"{value:.4g}")
