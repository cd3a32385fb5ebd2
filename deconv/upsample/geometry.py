"""The axes of one enlargement: the size of every stage, and where each of its cells comes from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deconv.upsample.feature_maps import FeatureMap
from upsample import Enlargement

Array = NDArray[Any]

#: What a cell of a stage is, in the order in which one axis overrules the other.
BORDER, INSERTED, EDGE, SAMPLE, RESULT = range(5)


@dataclass(frozen=True)
class Line:
    """One axis of the enlargement: `samples` of the map, `edge` repeated ones at each end, the layer's settings."""

    samples: int
    edge: int
    kernel: int
    stride: int
    dilation: int
    begin: int
    end: int

    @property
    def reach(self) -> int:
        """Return the samples from the first to the last tap."""
        return self.dilation * (self.kernel - 1) + 1

    @property
    def sizes(self) -> dict[str, int]:
        """Return the size of every stage."""
        repeated = self.samples + 2 * self.edge
        inserted = (repeated - 1) * self.stride + 1
        cropped = inserted + 2 * (self.reach - 1) - self.begin - self.end
        return {
            "map": self.samples,
            "edge_repeated": repeated,
            "zero_inserted": inserted,
            "bordered": inserted + 2 * (self.reach - 1),
            "cropped": cropped,
            "result": cropped - self.reach + 1,
        }

    @property
    def crop(self) -> tuple[int, int]:
        """Return the crop as it would be without repeated edges."""
        return self.begin - self.edge * self.stride, self.end - self.edge * self.stride

    @property
    def shift(self) -> int:
        """Return where the result begins to show the first sample: half of what the kernel spreads, less the crop."""
        return (self.reach - self.stride) // 2 - self.crop[0]

    def kinds(self, stage: str, cells: range) -> Array:
        """Return what the cells of a stage are: BORDER, INSERTED, EDGE or SAMPLE."""
        border = {"bordered": self.reach - 1, "cropped": self.reach - 1 - self.begin}.get(stage, 0)
        place = np.arange(cells.start, cells.stop) * (self.stride if stage == "edge_repeated" else 1) - border
        sample, rest = np.divmod(place, self.stride)
        repeated = (sample < self.edge) | (sample >= self.edge + self.samples)
        outside = (place < 0) | (place >= self.sizes["zero_inserted"])
        return np.select([outside, rest > 0, repeated], [BORDER, INSERTED, EDGE], SAMPLE)

    def samples_for(self, cells: int) -> int:
        """Return how many samples of the map determine the first `cells` of every stage."""
        reached = (cells - 1 + max(self.begin, 0)) // self.stride + 2
        return min(self.sizes["edge_repeated"], max(reached, cells))

    def padding_of(self, samples: int) -> tuple[int, int]:
        """Return the crop of an axis cut off after `samples`."""
        return self.begin, self.end if samples == self.sizes["edge_repeated"] else 0


@dataclass(frozen=True)
class Geometry:
    """The axes of an enlargement."""

    lines: tuple[Line, Line]

    @classmethod
    def of(cls, feature_map: FeatureMap, enlargement: Enlargement) -> Geometry:
        """Return the geometry of the enlargement of a map."""
        rows, columns = (_line(feature_map, enlargement, axis) for axis in (0, 1))
        return cls((rows, columns))

    @property
    def has_edge(self) -> bool:
        """Return whether the edge of the map was repeated."""
        return any(line.edge for line in self.lines)

    @property
    def sizes(self) -> dict[str, tuple[int, ...]]:
        """Return the rows and columns of every stage."""
        names = [name for name in self.lines[0].sizes if name != "edge_repeated" or self.has_edge]
        return {name: tuple(line.sizes[name] for line in self.lines) for name in names}

    @property
    def crop(self) -> tuple[tuple[int, int], ...]:
        """Return the (begin, end) crop of each axis, output_padding contained."""
        return tuple(line.crop for line in self.lines)

    def describe(self) -> str:
        """Return the settings on one line."""
        kernel = " x ".join(str(line.kernel) for line in self.lines)
        dilation = pair_text(line.dilation for line in self.lines)
        spread = "" if dilation == "1" else f", dilation {dilation}"
        stride = pair_text(line.stride for line in self.lines)
        return f"{kernel} taps, stride {stride}, crop {self.crop_text()}{spread}"

    def crop_text(self) -> str:
        """Return the crop in as few numbers as say it."""
        if len({end for pair in self.crop for end in pair}) == 1:
            return f"{self.crop[0][0]} at every side"
        rows, columns = (f"{begin} + {end}" for begin, end in self.crop)
        return f"{rows} rows, {columns} columns"

    def explanation(self, enlargement: Enlargement) -> str:
        """Return the size of every stage and the formula, with the repeated edge in front."""
        if not self.has_edge:
            return enlargement.explanation
        size = " x ".join(map(str, self.sizes["map"]))
        more = " and ".join(str(line.edge) for line in self.lines)
        return f"{f'map; its edge is repeated by {more} (rows, columns)':57s}{size}\n{enlargement.explanation}"


def _line(feature_map: FeatureMap, enlargement: Enlargement, axis: int) -> Line:
    samples, padding = feature_map.size[axis], enlargement.padding[axis]
    return Line(
        samples=samples,
        edge=(enlargement.map.shape[-2:][axis] - samples) // 2,
        kernel=enlargement.weight.shape[2:][axis],
        stride=enlargement.stride[axis],
        dilation=enlargement.dilation[axis],
        begin=padding[0],
        end=padding[1],
    )


def size_text(sizes: Sequence[int]) -> str:
    """Return sizes as rows x columns."""
    return " x ".join(map(str, sizes))


def pair_text(numbers: Iterable[int]) -> str:
    """Return the settings of rows and columns, once if they are the same."""
    settings = list(numbers)
    return str(settings[0]) if len(set(settings)) == 1 else " and ".join(map(str, settings))
