"""The stages of one enlargement as tables of numbers: a readable corner of each, and where every cell comes from."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

import upsample
from upsample import Enlargement

if TYPE_CHECKING:
    from deconv.upsample.feature_maps import FeatureMap

Array = NDArray[Any]

#: What a cell of a stage is, in the order in which one axis overrules the other.
BORDER, INSERTED, EDGE, SAMPLE, RESULT = range(5)
#: Up to this many cells along an axis all are shown, else this many rows or columns of the top left corner.
WHOLE, CORNER = 18, (9, 13)
#: Rows and columns of the corner in which the kernel copies are counted.
COUNTED = 16


@dataclass(frozen=True)
class Line:
    """One axis of the enlargement: `given` samples, `edge` repeated ones at both ends, and the layer's settings."""

    given: int
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
        repeated = self.given + 2 * self.edge
        inserted = (repeated - 1) * self.stride + 1
        cropped = inserted + 2 * (self.reach - 1) - self.begin - self.end
        return {
            "map": self.given,
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
        repeated = (sample < self.edge) | (sample >= self.edge + self.given)
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
    def of(cls, given: FeatureMap, done: Enlargement) -> Geometry:
        """Return the geometry of what was done to a map."""
        first = given.values.ndim == 2 or given.layout in ("torch", "onnx")
        size = given.values.shape[-2:] if first else given.values.shape[-3:-1]
        small, kernel = done.map.shape[-2:], done.weight.shape[2:]
        rows = zip(size, small, kernel, done.stride, done.dilation, done.padding, strict=True)
        one, two = (Line(n, (m - n) // 2, k, s, d, *pair) for n, m, k, s, d, pair in rows)
        return cls((one, two))

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

    def border(self, asked: str | None, *, named: bool) -> str:
        """Return what lay outside the map."""
        return asked or ("replicate" if named else "zero")

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

    def explanation(self, done: Enlargement) -> str:
        """Return the size of every stage and the formula, with the repeated edge in front."""
        if not self.has_edge:
            return done.explanation
        size = " x ".join(map(str, self.sizes["map"]))
        more = " and ".join(str(line.edge) for line in self.lines)
        return f"{f'map; its edge is repeated by {more} (rows, columns)':57s}{size}\n{done.explanation}"


@dataclass(frozen=True)
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


@dataclass(frozen=True)
class Stages:
    """All stages of one channel, and the kernel as the last of them applies it."""

    cells: dict[str, Cells]
    turned: Array


def stages(done: Enlargement, geometry: Geometry, channel: int) -> Stages:
    """Return the corners of the stages from an input channel to the first output channel of its group."""
    whole = [max(line.sizes.values()) <= WHOLE for line in geometry.lines]
    shown = [max(a.sizes.values()) if w else k for a, w, k in zip(geometry.lines, whole, CORNER, strict=True)]
    samples = [line.samples_for(k) for line, k in zip(geometry.lines, shown, strict=True)]
    flat = done.map.reshape(-1, *done.map.shape[-3:])[0]
    map_ = flat[channel : channel + 1, : samples[0], : samples[1]]
    weight = done.weight[channel : channel + 1, :1]
    settings = _settings_of(done, geometry, samples)
    made = upsample.steps(map_, weight, **settings)
    arrays = {"edge_repeated": map_, **{name: getattr(made, name) for name in made.sizes}}
    cells = {name: _cells(name, array[0], geometry, shown, whole) for name, array in arrays.items()}
    return Stages(cells, made.kernel[0, 0])


def _cells(name: str, array: Array, geometry: Geometry, shown: list[int], whole: list[bool]) -> Cells:
    spans = []
    for line, count, all_of_it in zip(geometry.lines, shown, whole, strict=True):
        size = line.sizes[name]
        # A border wider than the corner would hide the samples: begin two cells before them.
        start = line.reach - 3 if name == "bordered" and not all_of_it and line.reach > count - 3 else 0
        spans.append(range(start, min(start + count, size)))
    rows, columns = spans
    values = array[rows.start : rows.stop, columns.start : columns.stop]
    if name == "result":
        kinds = np.full(values.shape, RESULT)
    else:
        one, two = (line.kinds(name, span) for line, span in zip(geometry.lines, spans, strict=True))
        kinds = np.minimum.outer(one, two)
    return Cells(values, kinds, tuple(line.sizes[name] for line in geometry.lines), (rows.start, columns.start))


def overlap(done: Enlargement, geometry: Geometry) -> tuple[Array, Array]:
    """Return how many taps reach each sample of the corner, and what a map of ones becomes there (channel 0)."""
    shown = [n if (n := line.sizes["result"]) <= WHOLE else COUNTED for line in geometry.lines]
    samples = [line.samples_for(k) for line, k in zip(geometry.lines, shown, strict=True)]
    settings = _settings_of(done, geometry, samples)
    counts = upsample.overlap_map(samples, done.weight.shape[2:], **settings)
    inputs = len(done.weight) // done.groups  # those of the first group
    ones = np.ones((inputs, *samples), done.map.dtype)
    flat = upsample.conv_transpose(ones, done.weight[:inputs, :1], **settings)[0]
    return counts[: shown[0], : shown[1]], flat[: shown[0], : shown[1]]


def _settings_of(done: Enlargement, geometry: Geometry, samples: list[int]) -> Any:
    padding = [line.padding_of(n) for line, n in zip(geometry.lines, samples, strict=True)]
    return {"stride": done.stride, "padding": padding, "dilation": done.dilation}


def verdict(done: Enlargement) -> tuple[str, ...]:
    """Return whether the kernel leaves a checkerboard, and why, one sentence each."""
    found = done.diagnosis
    taps = sorted({int(n) for n in found.overlap.ravel()})
    counts = f"Away from the border {_listed(taps)} tap{'s' * (taps != [1])} reach{'es' * (taps == [1])} a sample"
    if found.even and len(taps) == 1:
        return ("No checkerboard.", f"{counts}, and the taps of every phase add up to the same.")
    if found.even:
        return ("No checkerboard.", f"{counts}, but their weights balance: every phase adds up to the same.")
    share = "without bound" if np.isinf(found.imbalance) else f"by up to {found.imbalance:.0%}"
    why = f"{counts}; the sums of the phases differ from their mean {share}."
    return ("Checkerboard.", why, _remedy(done, taps))


def _remedy(done: Enlargement, taps: list[int]) -> str:
    if taps[0] == 0:
        return "The kernel is smaller than the stride and leaves holes: take a larger one."
    if any(k % s for k, s in zip(done.weight.shape[2:], done.stride, strict=True)):
        return "A kernel size that the stride divides gives every sample equally many taps."
    return "The stride divides the kernel size, but the weights do not balance: start from bilinear or icnr."


def _listed(numbers: list[int]) -> str:
    if len(numbers) > 5:
        return f"{numbers[0]} to {numbers[-1]}"
    return " or ".join(filter(None, (", ".join(map(str, numbers[:-1])), str(numbers[-1]))))


def pair_text(numbers: Iterable[int]) -> str:
    """Return the settings of rows and columns, once if they are the same."""
    found = list(numbers)
    return str(found[0]) if len(set(found)) == 1 else " and ".join(map(str, found))


def wrapped(sentences: tuple[str, ...], width: int) -> str:
    """Return sentences as paragraphs of at most `width` letters a line."""
    return "\n".join("\n".join(textwrap.wrap(sentence, width)) for sentence in sentences)
