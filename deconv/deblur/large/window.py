"""A part of a large picture that stands for it: where its blur is looked for, and what the figure shows."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np

from deconv.inputs.kernel import Kernel
from deconv.inputs.large_light import LargeLight
from deconv.inputs.linear_light import LightPicture
from deconv.inputs.psf_from_box import measured_kernel
from deconv.settings import Box, PSFChoice

#: Edge of the part, and of what is looked at of each candidate; how many candidates there are along an axis.
EDGE, LOOK, ALONG = 2048, 512, 3
#: Edge of the blocks whose means tell detail from noise.
BLOCK = 8
#: Samples that are read around a box.
AROUND = 128


def liveliest(large: LargeLight, edge: int = EDGE) -> Box:
    """Return the part with the most detail: x, y, width and height."""
    height, width = large.header.height, large.header.width
    boxes = [
        (x, y, min(edge, width), min(edge, height)) for y, x in product(_starts(height, edge), _starts(width, edge))
    ]
    return max(boxes, key=lambda box: _detail(large, box))


def _starts(size: int, edge: int) -> list[int]:
    return sorted({int(start) for start in np.linspace(0, max(size - edge, 0), ALONG)})


def _detail(large: LargeLight, box: Box) -> float:
    """Return how much the means of blocks differ from their neighbours in the middle of a box."""
    x, y, width, height = box
    rows, columns = (_middle(start, length) for start, length in ((y, height), (x, width)))
    image = np.nan_to_num(
        read_box(large, (columns.start, rows.start, columns.stop - columns.start, rows.stop - rows.start)).image
    )
    gray = image if image.ndim == 2 else image.mean(axis=-1)
    down, across = (n // BLOCK for n in gray.shape)
    if min(down, across) < 2:
        return float(gray.var())
    means = gray[: down * BLOCK, : across * BLOCK].reshape(down, BLOCK, across, BLOCK).mean(axis=(1, 3))
    return float(np.mean(np.diff(means, axis=0) ** 2) + np.mean(np.diff(means, axis=1) ** 2))


def _middle(start: int, length: int) -> slice:
    part = min(length, LOOK)
    begin = start + (length - part) // 2
    return slice(begin, begin + part)


def read_box(large: LargeLight, box: Box) -> LightPicture:
    """Return a part of the first plane."""
    x, y, width, height = box
    return large.window(0, slice(y, y + height), slice(x, x + width))


def measured_in(choice: PSFChoice, large: LargeLight) -> Kernel:
    """Return the PSF that the point or edge in a box shows; only what lies around the box is read."""
    assert choice.box is not None
    x, y, width, height = choice.box
    left, top = max(0, x - AROUND), max(0, y - AROUND)
    right, bottom = min(large.header.width, x + width + AROUND), min(large.header.height, y + height + AROUND)
    if right <= left or bottom <= top:
        left, top, right, bottom = 0, 0, min(large.header.width, 1), min(large.header.height, 1)
    light = read_box(large, (left, top, right - left, bottom - top))
    moved = (x - left, y - top, width, height)
    kernel = measured_kernel(
        replace(choice, point=moved if choice.point else None, edge=moved if choice.edge else None), light
    )
    evidence = dict(kernel.evidence)
    evidence["box"] = choice.box
    if evidence.get("center") is not None:
        evidence["center"] = tuple(c + o for c, o in zip(evidence["center"], (left, top), strict=True))
    return replace(kernel, evidence=evidence)
