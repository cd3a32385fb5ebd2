"""One sample of the result written out: the products of kernel and samples that add up to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from deconv.figures.notation import Notation, fraction_notation
from deconv.upsample.geometry import EDGE, Geometry
from deconv.upsample.stages import Stages

#: Terms of the sum that are written out.
TERMS = 4


@dataclass(frozen=True)
class Example:
    """One sample of the result, and the products that add up to it."""

    place: tuple[int, int]
    terms: tuple[tuple[float, float], ...]  # kernel, sample
    value: float

    def sum_text(self, stages: Stages, notation: Notation) -> str:
        """Return the sum in words, its samples written as in the tables."""
        kernel = fraction_notation(stages.turned)
        largest = sorted(self.terms, key=lambda term: -abs(term[0] * term[1]))
        terms = [f"{kernel.text(k)}\N{MIDDLE DOT}{v * notation.scale:.4g}" for k, v in largest[:TERMS]]
        more = f" + ... ({len(self.terms)} products)" if len(self.terms) > TERMS else ""
        total = " + ".join(terms).replace("+ -", "- ") + more or "0"
        total = f"({total}) {kernel.unit}" if kernel.unit else total
        row, column = self.place
        return f"Red frames: y[{row}, {column}] = {total} = {self.value * notation.scale:.4g}"


def worked_example(stages: Stages, geometry: Geometry) -> Example | None:
    """Return the sample to which most samples of the map contribute, near the middle, whose window is drawn.

    None where no window is drawn whole, or where the numbers are complex.
    """
    cropped, result = stages.cells["cropped"].values, stages.cells["result"].values
    if np.iscomplexobj(stages.turned) or np.iscomplexobj(cropped):
        return None
    reach = [line.reach for line in geometry.lines]
    rows, columns = (min(c - k + 1, n) for c, k, n in zip(cropped.shape, reach, result.shape, strict=True))
    examples = [_example_at(stages, geometry, i, j) for i in range(rows) for j in range(columns)]

    def rank(example: Example) -> tuple[int, int, float]:
        middles = zip(example.place, reach, cropped.shape, strict=True)
        off = sum(abs(place + k / 2 - size / 2) for place, k, size in middles)
        samples = {sample for _, sample in example.terms if sample}
        return min(len(samples), TERMS), min(len(example.terms), TERMS), -off

    return max(examples, key=rank, default=None)


def _example_at(stages: Stages, geometry: Geometry, row: int, column: int) -> Example:
    one, two = geometry.lines
    window = slice(row, row + one.reach, one.dilation), slice(column, column + two.reach, two.dilation)
    cropped = stages.cells["cropped"]
    is_term = (cropped.kinds[window] >= EDGE) & (stages.turned != 0)
    terms = zip(stages.turned[is_term].tolist(), cropped.values[window][is_term].tolist(), strict=True)
    return Example((row, column), tuple(terms), float(stages.cells["result"].values[row, column]))
