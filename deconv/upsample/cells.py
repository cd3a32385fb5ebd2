"""Tables of numbers as pictures: cells tinted by their origin, or by their value, with the numbers written in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from deconv.upsample.stages import Cells

Array = NDArray[Any]

#: Tint of a cell by its kind: border, inserted zero, repeated edge, sample, result.
TINTS = ("#e4e4e4", "#ffffff", "#dcc9ef", "#a5cbea", "#b3e0cf")
NAMES = ("zero of the border", "zero inserted", "edge repeated", "sample of the map", "result")
ACCENT = "#d1495b"
GRID = "#9a9a9a"
#: Least height of a number, in points, that is still read.
SMALLEST, LARGEST = 5.2, 12.0
_POINTS_PER_INCH = 72
_LETTER = 0.64  # width of a letter in the heights of its font
_EXACT = 9999  # largest numerator of a kernel written as whole numbers over a common denominator


@dataclass(frozen=True)
class Notation:
    """How the numbers of several tables are written: multiplied by `scale`, with so many decimals."""

    scale: float
    decimals: int
    unit: str = ""  # what every number is to be multiplied or divided by, in words

    def text(self, value: float) -> str:
        """Return a number in few letters."""
        text = f"{value * self.scale:.{self.decimals}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
        return "0" if text in ("-0", "") else text


def notation_of(*tables: Array) -> Notation:
    """Return a notation of at most about four letters for the largest number of the tables."""
    top = max((float(np.abs(table).max()) for table in tables if table.size), default=0.0)
    if top == 0:
        return Notation(1, 0)
    if top < 10_000 and all(np.array_equal(table, np.rint(table)) for table in tables):
        return Notation(1, 0)
    power = 0 if 0.1 <= top < 1000 else 3 * int(np.floor(np.log10(top) / 3))
    scaled = top / 10.0**power
    return Notation(10.0**-power, 2 if scaled < 100 else 1, f"x 1e{power}" if power else "")


def kernel_notation(kernel: Array) -> Notation:
    """Return whole numbers over a common denominator where a small one exists, else decimals.

    Examples
    --------
    >>> kernel_notation(np.array([0.25, 0.75])).unit
    '/ 4'
    """
    tolerance = 8 * float(np.finfo(kernel.dtype).eps) * float(np.abs(kernel).max())
    for denominator in (1, 2, 3, 4, 5, 8, 9, 10, 16, 25, 36, 64, 81, 100, 144, 256, 625, 1024):
        whole = np.rint(kernel * denominator)
        if np.abs(whole).max() <= _EXACT and np.abs(kernel - whole / denominator).max() <= tolerance:
            return Notation(denominator, 0, f"/ {denominator}" if denominator > 1 else "")
    return notation_of(kernel)


def draw_cells(axes: Axes, cells: Cells, notation: Notation, cell: float) -> None:
    """Draw a stage in cells of `cell` inches, the tint saying what each is; a broken rim where it goes on."""
    tints = np.array([to_rgb(tint) for tint in TINTS])
    values = magnitudes(cells.values)
    axes.imshow(tints[cells.kinds], interpolation="nearest")
    _ruled(axes, values.shape)
    _write(axes, [[notation.text(v) for v in row] for row in values.tolist()], cell, cells.kinds > 1)
    beyond = [start + shown < size for start, shown, size in zip(cells.start, values.shape, cells.size, strict=True)]
    sides = {"top": cells.start[0] > 0, "left": cells.start[1] > 0, "bottom": beyond[0], "right": beyond[1]}
    for side, goes_on in sides.items():
        axes.spines[side].set(linestyle=(0, (2, 2)) if goes_on else "-", color="#555555", linewidth=1.5)


def draw_values(
    axes: Axes, values: Array, notation: Notation, cell: float, top: float | None = None, largest: float = LARGEST
) -> None:
    """Draw a small table tinted by value: blue above zero, red below, with the numbers where they fit."""
    values = magnitudes(values)
    limit = float(np.abs(values).max()) if top is None else top
    colours = colormaps["RdBu"](0.5 + 0.32 * np.clip(values / (limit or 1), -1, 1))
    axes.imshow(colours, interpolation="nearest")
    _ruled(axes, values.shape)
    texts = [[notation.text(v) for v in row] for row in values.tolist()]
    _write(axes, texts, cell, np.ones(values.shape, bool), largest)


def frame_window(
    axes: Axes, corner: tuple[int, int], size: tuple[int, int], colour: str = ACCENT, *, broken: bool = False
) -> None:
    """Outline a block of cells."""
    style: Any = (0, (4, 3)) if broken else "-"
    place = corner[1] - 0.5, corner[0] - 0.5
    axes.add_patch(Rectangle(place, size[1], size[0], fill=False, zorder=5, ec=colour, lw=2.2, ls=style))


def magnitudes(values: Array) -> Array:
    """Return real numbers as they are and complex ones as magnitudes."""
    return np.abs(values) if np.iscomplexobj(values) else values


def _ruled(axes: Axes, shape: tuple[int, ...]) -> None:
    axes.set(xticks=[], yticks=[])
    axes.set_xticks(np.arange(0.5, shape[1] - 1), minor=True)
    axes.set_yticks(np.arange(0.5, shape[0] - 1), minor=True)
    if max(shape) <= 40:
        axes.grid(which="minor", color=GRID, linewidth=0.6)
    axes.tick_params(which="both", length=0)


def _write(axes: Axes, texts: list[list[str]], cell: float, strong: Array, largest: float = LARGEST) -> None:
    """Write a text into each cell, unless the letters would be too small to read."""
    longest = max(len(text) - 0.5 * text.count(".") for row in texts for text in row)
    height = min(0.45, 0.86 / (_LETTER * longest)) * cell * _POINTS_PER_INCH
    if height < SMALLEST:
        return
    for i, row in enumerate(texts):
        for j, text in enumerate(row):
            colour = "black" if strong[i, j] else "#8a8a8a"
            axes.text(
                j, i, text, ha="center", va="center_baseline", fontsize=min(height, largest), color=colour, zorder=4
            )
