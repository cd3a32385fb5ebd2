"""The contrast in numbers: a 3 x 3 kernel over a 4 x 4 patch, its matrix C, the pseudo-inverse and the transpose.

Patch and kernel are those of a well-known introduction to deconvolution in deep learning, whose result is
[12 12 10 17].
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import upsample
from deconv.contrast.slide import COMMON, HEADER, HEADLINE, RESTORE, SMALL, TEXT, TRANSPOSE, WORD, Slide
from deconv.upsample.cells import Notation, draw_values, notation_of

Array = NDArray[Any]

#: Inches: left edge of the bands, a cell of a table and one of a table of y.
LEFT, CELL, WIDE = 0.25, 0.37, 0.5
NOTE = (
    "C\N{SUPERSCRIPT PLUS SIGN} cannot find f, since 4 numbers do not fix 16: of all patches that C turns into y it "
    "takes the one of least energy. It is the restoration with L = I and "
    "\N{GREEK SMALL LETTER LAMDA} \N{RIGHTWARDS ARROW} 0.\n"
    "C' has the shape of an inverse, 16 x 4, and is none: it is the transpose."
)


@dataclass(frozen=True)
class Numbers:
    """The patch f, the kernel, the matrix C of its convolution, and what comes of y = C f."""

    patch: Array
    kernel: Array

    @cached_property
    def matrix(self) -> Array:
        """Return C, one row per position of the kernel."""
        return upsample.convolution_matrix(self.kernel, self.patch.shape).toarray()

    @cached_property
    def result(self) -> Array:
        """Return y = C f."""
        return self.matrix @ self.patch.ravel()

    @cached_property
    def inverse(self) -> Array:
        """Return the pseudo-inverse C+, the limit of (C'C + lambda I)^-1 C' for lambda -> 0."""
        return np.linalg.pinv(self.matrix)

    @cached_property
    def restored(self) -> Array:
        """Return C+ y, of all patches that C maps to y the one of least energy."""
        return self.inverse @ self.result

    @cached_property
    def transposed(self) -> Array:
        """Return C' y."""
        return self.matrix.T @ self.result

    def deviation(self) -> float:
        """Return how far C C+ y is from y, relative to the largest number."""
        return float(np.abs(self.matrix @ self.restored - self.result).max() / np.abs(self.result).max())

    def record(self) -> dict[str, Any]:
        """Return the numbers for the JSON report."""
        return {
            "result": self.result.tolist(),
            "restored": self.restored.tolist(),
            "restored_convolved": (self.matrix @ self.restored).tolist(),
            "transposed": self.transposed.tolist(),
            "transposed_convolved": (self.matrix @ self.transposed).tolist(),
        }


#: The numbers of the introduction.
ARTICLE = Numbers(
    np.array([[3.0, 3, 2, 1], [0, 0, 1, 3], [3, 1, 2, 2], [2, 0, 0, 2]]),
    np.array([[0.0, 1, 2], [2, 2, 0], [0, 1, 2]]),
)


def draw(path: Path, numbers: Numbers) -> None:
    """Write the slide."""
    slide = Slide(
        "The same in numbers",
        "A 3 x 3 kernel over a 4 x 4 patch makes 4 numbers of 16.   Two ways lead from the 4 back to 16:",
    )
    _draw_convolution(slide, numbers)
    restoration = _Way(
        RESTORE,
        "C\N{SUPERSCRIPT PLUS SIGN}",
        numbers.inverse,
        "Restoration, the pseudo-inverse C\N{SUPERSCRIPT PLUS SIGN}: which patch gives y?",
    )
    transpose = _Way(
        TRANSPOSE,
        "C'",
        numbers.matrix.T,
        "Transposed convolution C': each number throws a kernel",
    )
    for way, top in ((restoration, 3.68), (transpose, 6.12)):
        _draw_way_back(slide, numbers, way, top)
    slide.write(LEFT, 8.73, NOTE, fontsize=SMALL, color=COMMON, linespacing=1.35)
    slide.save(path)


@dataclass(frozen=True)
class _Way:
    """One way back from y: its matrix and how it is called."""

    colour: str
    name: str
    matrix: Array
    header: str

    @property
    def notation(self) -> Notation:
        """Return how the matrix is written: over the smallest common denominator that there is."""
        for denominator in range(1, 1001):
            scaled = self.matrix * denominator
            if np.abs(scaled - np.rint(scaled)).max() < 1e-9:
                return Notation(denominator, 0, f" / {denominator}" if denominator > 1 else "")
        return notation_of(self.matrix)


def _draw_convolution(slide: Slide, numbers: Numbers) -> None:
    """Draw the convolution as a kernel that slides, and as a product with C."""
    slide.band((LEFT, 1.14, 15.5, 2.4), COMMON, "Convolution, the forward way: y = C f")
    middle, square = 2.68, numbers.result.reshape(2, 2)
    end = _table(slide, numbers.patch, (0.5, middle), "f, the patch", COMMON)
    _sign(slide, end, middle, "\N{ASTERISK OPERATOR}")
    end = _table(slide, numbers.kernel, (end + 0.5, middle), "kernel", COMMON)
    _sign(slide, end, middle, "=")
    end = _table(slide, square, (end + 0.5, middle), "y", COMMON)
    slide.write(end + 0.45, middle, "or", ha="center", color=COMMON, fontsize=WORD)
    end = _table(slide, numbers.matrix, (end + 0.9, middle), "C, a row for every place of the kernel", COMMON)
    slide.write(end + 0.5, middle, "f  =", ha="center", color=COMMON, fontsize=HEADER)
    _table(slide, numbers.result[:, None], (end + 1.0, middle), "y", COMMON)


def _draw_way_back(slide: Slide, numbers: Numbers, way: _Way, top: float) -> None:
    """Draw what each number of y contributes, their sum, and what C makes of it."""
    slide.band((LEFT, top, 15.5, 2.36), way.colour, way.header)
    middle, end, notation = top + 1.5, LEFT - 0.2, way.notation
    limit = float(np.abs(way.matrix).max())
    for i, (number, column) in enumerate(zip(numbers.result, way.matrix.T, strict=True)):
        if i:
            _sign(slide, end, middle, "+", way.colour)
        times = f"{number:g} \N{MULTIPLICATION SIGN}"
        slide.write(end + 1.0, middle, times, ha="right", fontsize=WORD, color=way.colour)
        stamp = column.reshape(numbers.patch.shape)
        end = _table(slide, stamp, (end + 1.05, middle), "", way.colour, notation=notation, top=limit)
    label = f"the columns of {way.name} as 4 x 4 tables{', all' * bool(notation.unit)}{notation.unit}"
    slide.write((LEFT + end) / 2 + 0.4, middle - 2 * CELL - 0.2, label, ha="center", color=way.colour)
    found = way.matrix @ numbers.result
    again = numbers.matrix @ found
    _sign(slide, end, middle, "=", way.colour)
    end = _table(slide, found.reshape(numbers.patch.shape), (end + 0.55, middle), f"{way.name} y", way.colour)
    slide.arrow((end + 0.15, middle), (end + 0.8, middle), way.colour)
    end = _table(slide, again.reshape(2, 2), (end + 0.95, middle), f"C {way.name} y", way.colour)
    verdict = "= y" if np.allclose(again, numbers.result) else "\N{NOT EQUAL TO} y"
    slide.write(end + 0.2, middle, verdict, fontsize=HEADLINE, color=way.colour, fontweight="bold")


def _sign(slide: Slide, end: float, middle: float, sign: str, colour: str = COMMON) -> None:
    slide.write(end + 0.25, middle, sign, ha="center", fontsize=HEADER, color=colour)


def _table(slide: Slide, values: Array, place: tuple[float, float], title: str, colour: str, **style: Any) -> float:
    """Draw a table of numbers from its left edge, about its middle, under its title; return its right edge."""
    (rows, columns), (left, middle) = values.shape, place
    cell = WIDE if max(rows, columns) <= 2 else CELL
    axes = slide.axes(left, middle - rows * cell / 2, columns * cell, rows * cell)
    notation = style.pop("notation", None) or notation_of(values)
    draw_values(axes, values, notation, cell, largest=TEXT, **style)
    slide.write(left + columns * cell / 2, middle - rows * cell / 2 - 0.2, title, ha="center", color=colour)
    return left + columns * cell
