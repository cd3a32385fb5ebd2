"""Tables of numbers as pictures: tinted cells with the numbers written in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from deconv.figures.notation import Notation, magnitudes
from deconv.figures.sheet import ACCENT

Array = NDArray[Any]

GRID = "#9a9a9a"
#: Least height of a number, in points, that is still read.
SMALLEST, LARGEST = 5.2, 12.0
#: From this many rows or columns on the cells have no lines between them.
UNRULED = 40
_POINTS_PER_INCH = 72
_LETTER = 0.64  # width of a letter in the heights of its font


def draw_values(
    axes: Axes, values: Array, notation: Notation, cell: float, *, limit: float | None = None, largest: float = LARGEST
) -> None:
    """Draw a table in cells of `cell` inches, tinted by value: blue above zero, red below, in full at `limit`."""
    values = magnitudes(values)
    limit = float(np.abs(values).max()) if limit is None else limit
    colours = colormaps["RdBu"](0.5 + 0.32 * np.clip(values / (limit or 1), -1, 1))
    axes.imshow(colours, interpolation="nearest")
    _rule(axes, values.shape)
    _write(axes, _texts(values, notation), np.ones(values.shape, bool), cell, largest)


def draw_tinted(axes: Axes, values: Array, tints: Array, strong: Array, notation: Notation, cell: float) -> None:
    """Draw a table in cells of `cell` inches and of these tints (H, W, 3); its numbers are black where `strong`."""
    values = magnitudes(values)
    axes.imshow(tints, interpolation="nearest")
    _rule(axes, values.shape)
    _write(axes, _texts(values, notation), strong, cell, LARGEST)


def draw_rim(axes: Axes, goes_on: Mapping[str, bool]) -> None:
    """Draw the rim of a table, broken at the sides (top, left, bottom, right) where it goes on."""
    for side, broken in goes_on.items():
        axes.spines[side].set(linestyle=(0, (2, 2)) if broken else "-", color="#555555", linewidth=1.5)


def frame_window(
    axes: Axes, corner: tuple[int, int], size: tuple[int, int], colour: str = ACCENT, *, broken: bool = False
) -> None:
    """Outline a block of cells."""
    style: Any = (0, (4, 3)) if broken else "-"
    place = corner[1] - 0.5, corner[0] - 0.5
    axes.add_patch(Rectangle(place, size[1], size[0], fill=False, zorder=5, ec=colour, lw=2.2, ls=style))


def _texts(values: Array, notation: Notation) -> list[list[str]]:
    return [[notation.text(value) for value in row] for row in values.tolist()]


def _rule(axes: Axes, shape: tuple[int, ...]) -> None:
    axes.set(xticks=[], yticks=[])
    axes.set_xticks(np.arange(0.5, shape[1] - 1), minor=True)
    axes.set_yticks(np.arange(0.5, shape[0] - 1), minor=True)
    if max(shape) <= UNRULED:
        axes.grid(which="minor", color=GRID, linewidth=0.6)
    axes.tick_params(which="both", length=0)


def _write(axes: Axes, texts: list[list[str]], strong: Array, cell: float, largest: float) -> None:
    """Write a text into each cell, unless the letters would be too small to read."""
    longest = max(len(text) - 0.5 * text.count(".") for row in texts for text in row)
    height = min(0.45, 0.86 / (_LETTER * longest)) * cell * _POINTS_PER_INCH
    if height < SMALLEST:
        return
    style: dict[str, Any] = {"ha": "center", "va": "center_baseline", "fontsize": min(height, largest), "zorder": 4}
    for i, row in enumerate(texts):
        for j, text in enumerate(row):
            axes.text(j, i, text, color="black" if strong[i, j] else "#8a8a8a", **style)
