"""The stages of one enlargement as tables of numbers: a readable corner of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import upsample
from deconv.upsample.geometry import RESULT, Geometry, Line
from upsample import Enlargement

Array = NDArray[Any]

#: Up to this many cells along an axis all are shown, else this many rows or columns of the top left corner.
WHOLE, CORNER = 18, (9, 13)
#: Rows and columns of the corner in which the kernel copies are counted.
COUNTED = 16


@dataclass(frozen=True, eq=False)
class Cells:
    """A corner of one stage."""

    values: Array
    kinds: Array
    size: tuple[int, ...]
    start: tuple[int, int]

    @property
    def is_whole(self) -> bool:
        """Return whether the corner is all there is."""
        return self.values.shape == tuple(self.size)


@dataclass(frozen=True, eq=False)
class Stages:
    """All stages of one channel, and the kernel as the last of them applies it."""

    cells: dict[str, Cells]
    turned: Array


def corner_stages(enlargement: Enlargement, geometry: Geometry, channel: int) -> Stages:
    """Return the corners of the stages from an input channel to the first output channel of its group."""
    samples = [line.samples_for(_shown(line, corner)) for line, corner in zip(geometry.lines, CORNER, strict=True)]
    maps = enlargement.map.reshape(-1, *enlargement.map.shape[-3:])[0]
    corner = maps[channel : channel + 1, : samples[0], : samples[1]]
    weight = enlargement.weight[channel : channel + 1, :1]
    steps = upsample.steps(corner, weight, **_settings_of(enlargement, geometry, samples))
    arrays = {"edge_repeated": corner, **{name: getattr(steps, name) for name in steps.sizes}}
    cells = {name: _cells(name, array[0], geometry) for name, array in arrays.items()}
    return Stages(cells, steps.kernel[0, 0])


def _is_short(line: Line) -> bool:
    return max(line.sizes.values()) <= WHOLE


def _shown(line: Line, corner: int) -> int:
    """Return how many cells of every stage are shown along an axis."""
    return max(line.sizes.values()) if _is_short(line) else corner


def _cells(name: str, array: Array, geometry: Geometry) -> Cells:
    rows, columns = (_span(name, line, corner) for line, corner in zip(geometry.lines, CORNER, strict=True))
    values = array[rows.start : rows.stop, columns.start : columns.stop]
    one, two = geometry.lines
    kinds = np.minimum.outer(one.kinds(name, rows), two.kinds(name, columns))
    return Cells(
        values=values,
        kinds=np.full(values.shape, RESULT) if name == "result" else kinds,
        size=(one.sizes[name], two.sizes[name]),
        start=(rows.start, columns.start),
    )


def _span(name: str, line: Line, corner: int) -> range:
    """Return the cells of a stage that are shown along an axis.

    A border wider than the corner would hide the samples: then begin two cells before them.
    """
    count = _shown(line, corner)
    start = line.reach - 3 if name == "bordered" and not _is_short(line) and line.reach > count - 3 else 0
    return range(start, min(start + count, line.sizes[name]))


def overlap(enlargement: Enlargement, geometry: Geometry) -> tuple[Array, Array]:
    """Return how many taps reach each sample of the corner, and what a map of ones becomes there (channel 0)."""
    counted = [n if (n := line.sizes["result"]) <= WHOLE else COUNTED for line in geometry.lines]
    samples = [line.samples_for(k) for line, k in zip(geometry.lines, counted, strict=True)]
    settings = _settings_of(enlargement, geometry, samples)
    counts = upsample.overlap_map(samples, enlargement.weight.shape[2:], **settings)
    inputs = len(enlargement.weight) // enlargement.groups  # those of the first group
    ones = np.ones((inputs, *samples), enlargement.map.dtype)
    flat = upsample.conv_transpose(ones, enlargement.weight[:inputs, :1], **settings)[0]
    return counts[: counted[0], : counted[1]], flat[: counted[0], : counted[1]]


def _settings_of(enlargement: Enlargement, geometry: Geometry, samples: list[int]) -> Any:
    padding = [line.padding_of(n) for line, n in zip(geometry.lines, samples, strict=True)]
    return {"stride": enlargement.stride, "padding": padding, "dilation": enlargement.dilation}
