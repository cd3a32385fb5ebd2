"""What the panels of numbers in the figure of an enlargement share: their places, their titles, the kernel."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from deconv.figures.cells import draw_values
from deconv.figures.notation import fraction_notation, magnitudes
from deconv.figures.sheet import Sheet
from deconv.upsample.drawing.content import Content
from deconv.upsample.geometry import size_text

Array = NDArray[Any]

#: Inches: the rim of the figure.
MARGIN = 0.35
#: Inches: a column of panels and the free space in it, the tallest panel, the largest cell, a title of two lines.
COLUMN, GAP, TALL, CELL, TITLE = 5.1, 0.5, 4.6, 0.46, 0.62


def cell_across(columns: int) -> float:
    """Return the largest cell, in inches, with which a panel is no wider than its column."""
    return min(CELL, (COLUMN - GAP) / columns)


def draw_title(sheet: Sheet, left: float, title: str, size: str) -> None:
    """Write the two lines above a panel."""
    sheet.text(left, 0.02, title, fontsize=14)
    sheet.text(left, 0.3, size, fontsize=13, color="#444444")


def draw_kernel(sheet: Sheet, content: Content, kernel: Array, left: float, cell: float, title: str) -> float:
    """Draw a kernel and return its height in inches."""
    notation = fraction_notation(magnitudes(kernel))
    rows, columns = kernel.shape
    size = f"{size_text(kernel.shape)}{', all ' * bool(notation.unit)}{notation.unit}{_dilation_text(content)}"
    draw_title(sheet, left, title, size)
    axes = sheet.axes(left, TITLE, columns * cell, rows * cell)
    draw_values(axes, kernel, notation, cell)
    return rows * cell


def _dilation_text(content: Content) -> str:
    steps = content.enlargement.dilation
    return "" if max(steps) == 1 else f", taps {' and '.join(map(str, dict.fromkeys(steps)))} apart"
