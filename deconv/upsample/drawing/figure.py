"""The figure of an enlargement: map and result, every stage with its numbers, the kernel and its checkerboard."""

from __future__ import annotations

from pathlib import Path

from deconv.figures.sheet import WIDTH, Sheet
from deconv.upsample.drawing.content import Content
from deconv.upsample.drawing.kernel_panels import draw_checkerboard
from deconv.upsample.drawing.maps import draw_maps
from deconv.upsample.drawing.stage_panels import draw_stages
from deconv.upsample.geometry import size_text


def draw(path: Path, content: Content) -> None:
    """Write the figure of one enlargement."""
    content = content.in_units()
    sheet = Sheet()
    _draw_head(sheet, content)
    draw_maps(sheet, content)
    draw_stages(sheet, content)
    draw_checkerboard(sheet, content)
    sheet.save(path)


def _draw_head(sheet: Sheet, content: Content) -> None:
    sizes = content.geometry.sizes
    title = f"{content.name}: enlarged from {size_text(sizes['map'])} to {size_text(sizes['result'])}"
    thesis = "y = C' x, the transpose of a convolution: it enlarges, and restores nothing"
    sheet.text(WIDTH / 2, 0.3, title, fontsize=20, fontweight="bold", ha="center")
    sheet.text(WIDTH / 2, 0.78, thesis, fontsize=15, color="#444444", ha="center")
    sheet.top = 1.3
