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
from deconv.figures.cells import draw_values
from deconv.figures.notation import Notation, decimal_notation, fraction_notation

Array = NDArray[Any]

#: Inches: left edge of the bands, a cell of a table and one of a table of y.
LEFT, CELL, WIDE = 0.25, 0.37, 0.5
#: The denominators that are tried, and the rounding of a pseudo-inverse in units in the last place.
LARGEST_DENOMINATOR, ROUNDING = 1000, 1000
NOTE = (
    "C\N{SUPERSCRIPT PLUS SIGN} cannot find f, since 4 numbers do not fix 16: of all patches that C turns into y it "
    "takes the one of least energy. It is the restoration with L = I and "
    "\N{GREEK SMALL LETTER LAMDA} \N{RIGHTWARDS ARROW} 0.\n"
    "C' has the shape of an inverse, 16 x 4, and is none: it is the transpose."
)


@dataclass(frozen=True, eq=False)
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
    def convolved(self) -> Array:
        """Return what the convolution of signal processing makes of f: that of the kernel turned by 180 degrees."""
        turned = upsample.convolution_matrix(self.kernel[::-1, ::-1], self.patch.shape)
        return np.asarray(turned @ self.patch.ravel())

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
    restoration = _LinearMap(
        colour=RESTORE,
        name="C\N{SUPERSCRIPT PLUS SIGN}",
        matrix=numbers.inverse,
        header="Restoration, the pseudo-inverse C\N{SUPERSCRIPT PLUS SIGN}: which patch gives y?",
    )
    transpose = _LinearMap(
        colour=TRANSPOSE,
        name="C'",
        matrix=numbers.matrix.T,
        header="Transposed convolution C': each number throws a kernel",
    )
    for linear_map, top in ((restoration, 3.68), (transpose, 6.12)):
        _draw_way_back(slide, numbers, linear_map, top)
    slide.write(LEFT, 8.73, NOTE, fontsize=SMALL, color=COMMON, linespacing=1.35)
    slide.save(path)


@dataclass(frozen=True, eq=False)
class _LinearMap:
    """A linear map from y back to the size of f, and how the slide calls it."""

    colour: str
    name: str
    matrix: Array
    header: str

    def notation(self) -> Notation:
        """Return how the matrix is written: over its common denominator, since its entries are fractions."""
        return fraction_notation(self.matrix, range(1, LARGEST_DENOMINATOR + 1), units=ROUNDING)


def _draw_convolution(slide: Slide, numbers: Numbers) -> None:
    """Draw the convolution as a kernel that slides, and as a product with C."""
    slide.band((LEFT, 1.14, 15.5, 2.4), COMMON, "Convolution, the forward way: y = C f")
    first, true = numbers.result[0], numbers.convolved[0]
    words = f"As layers do it, the kernel not turned: y begins with {first:g}. Turned, a true convolution: {true:g}."
    slide.write(LEFT + 15.3, 1.36, words, ha="right", color=COMMON, fontsize=SMALL)
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


def _draw_way_back(slide: Slide, numbers: Numbers, back: _LinearMap, top: float) -> None:
    """Draw what each number of y contributes, their sum, and what C makes of it."""
    slide.band((LEFT, top, 15.5, 2.36), back.colour, back.header)
    middle = top + 1.5
    end = _draw_columns(slide, numbers, back, middle)
    patch = back.matrix @ numbers.result
    again = numbers.matrix @ patch
    _sign(slide, end, middle, "=", back.colour)
    end = _table(slide, patch.reshape(numbers.patch.shape), (end + 0.55, middle), f"{back.name} y", back.colour)
    slide.arrow((end + 0.15, middle), (end + 0.8, middle), back.colour)
    end = _table(slide, again.reshape(2, 2), (end + 0.95, middle), f"C {back.name} y", back.colour)
    verdict = "= y" if np.allclose(again, numbers.result) else "\N{NOT EQUAL TO} y"
    slide.write(end + 0.2, middle, verdict, fontsize=HEADLINE, color=back.colour, fontweight="bold")


def _draw_columns(slide: Slide, numbers: Numbers, back: _LinearMap, middle: float) -> float:
    """Draw each number of y times its column as a table, and return the right edge of the last."""
    end, notation, limit = LEFT - 0.2, back.notation(), float(np.abs(back.matrix).max())
    for i, (number, column) in enumerate(zip(numbers.result, back.matrix.T, strict=True)):
        if i:
            _sign(slide, end, middle, "+", back.colour)
        times = f"{number:g} \N{MULTIPLICATION SIGN}"
        slide.write(end + 1.0, middle, times, ha="right", fontsize=WORD, color=back.colour)
        stamp = column.reshape(numbers.patch.shape)
        end = _table(slide, stamp, (end + 1.05, middle), "", back.colour, notation=notation, limit=limit)
    label = f"the columns of {back.name} as 4 x 4 tables{', all ' * bool(notation.unit)}{notation.unit}"
    slide.write((LEFT + end) / 2 + 0.4, middle - 2 * CELL - 0.2, label, ha="center", color=back.colour)
    return end


def _sign(slide: Slide, end: float, middle: float, sign: str, colour: str = COMMON) -> None:
    slide.write(end + 0.25, middle, sign, ha="center", fontsize=HEADER, color=colour)


def _table(slide: Slide, values: Array, place: tuple[float, float], title: str, colour: str, **style: Any) -> float:
    """Draw a table of numbers from its left edge, about its middle, under its title; return its right edge."""
    (rows, columns), (left, middle) = values.shape, place
    cell = WIDE if max(rows, columns) <= 2 else CELL
    axes = slide.axes(left, middle - rows * cell / 2, columns * cell, rows * cell)
    notation = style.pop("notation", None) or decimal_notation(values)
    draw_values(axes, values, notation, cell, largest=TEXT, **style)
    slide.write(left + columns * cell / 2, middle - rows * cell / 2 - 0.2, title, ha="center", color=colour)
    return left + columns * cell
