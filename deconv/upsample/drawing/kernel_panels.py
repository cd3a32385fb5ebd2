"""The last part of the figure of an enlargement: the kernel, and the checkerboard that it leaves or does not."""

from __future__ import annotations

import textwrap
from typing import Any

from numpy.typing import NDArray

from deconv.figures.cells import draw_values
from deconv.figures.notation import decimal_notation, magnitudes
from deconv.figures.sheet import Sheet
from deconv.upsample.drawing.content import Content
from deconv.upsample.drawing.panels import COLUMN, MARGIN, TITLE, cell_across, draw_kernel, draw_title
from deconv.upsample.geometry import size_text
from deconv.upsample.stages import overlap
from deconv.upsample.verdict import verdict

Array = NDArray[Any]


def draw_checkerboard(sheet: Sheet, content: Content) -> None:
    """Draw the kernel, how many of its copies reach each sample, and what it makes of a map of ones."""
    sheet.top += 0.15
    _draw_verdict(sheet, content)
    kernel = content.enlargement.weight[content.channel, 0]
    heights = [draw_kernel(sheet, content, kernel, MARGIN, cell_across(max(kernel.shape)), "the kernel")]
    titles = ("kernel copies that reach each sample", "what a map of ones becomes")
    for i, (title, table) in enumerate(zip(titles, overlap(content.enlargement, content.geometry), strict=True), 1):
        heights.append(_draw_table(sheet, content, table, MARGIN + i * COLUMN, title))
    sheet.top += TITLE + max(heights) + 0.35


def _draw_verdict(sheet: Sheet, content: Content) -> None:
    sheet.text(MARGIN, 0, "Is there a checkerboard?", fontsize=17, fontweight="bold")
    text = textwrap.fill(" ".join(verdict(content.enlargement)), 150)
    sheet.text(MARGIN, 0.4, text, fontsize=13, color="#444444", linespacing=1.4)
    sheet.top += 0.85 + 0.28 * text.count("\n")


def _draw_table(sheet: Sheet, content: Content, table: Array, left: float, title: str) -> float:
    """Draw a table of the result's samples and return its height in inches."""
    rows, columns = table.shape
    is_corner = table.shape != tuple(line.sizes["result"] for line in content.geometry.lines)
    draw_title(sheet, left, title, f"top left {size_text(table.shape)} of the result" if is_corner else "")
    cell = cell_across(max(table.shape))
    axes = sheet.axes(left, TITLE, columns * cell, rows * cell)
    draw_values(axes, table, decimal_notation(magnitudes(table)), cell)
    return rows * cell
