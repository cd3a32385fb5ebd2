"""The figure of an enlargement: map and result, every stage with its numbers, the kernel and its checkerboard."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from deconv.upsample.maps import draw_maps
from deconv.upsample.panels import draw_kernel, draw_stages
from deconv.upsample.sheet import WIDTH, Content, Sheet, size_text
from deconv.upsample.stages import Geometry

if TYPE_CHECKING:
    from deconv.upsample.feature_maps import FeatureMap
    from upsample import Enlargement


def draw(path: Path, name: str, given: FeatureMap, done: Enlargement, kernel: str) -> None:
    """Write the figure of one enlargement."""
    content = Content(name, given, done, Geometry.of(given, done), Path(kernel).name)
    sheet = Sheet()
    _head(sheet, content)
    draw_maps(sheet, content)
    draw_stages(sheet, content)
    draw_kernel(sheet, content)
    sheet.save(path)


def _head(sheet: Sheet, content: Content) -> None:
    sizes = content.geometry.sizes
    title = f"{content.name}: enlarged from {size_text(sizes['map'])} to {size_text(sizes['result'])}"
    thesis = "y = C' x, the transpose of a convolution: it enlarges, and restores nothing"
    sheet.text(WIDTH / 2, 0.3, title, fontsize=20, fontweight="bold", ha="center")
    sheet.text(WIDTH / 2, 0.78, thesis, fontsize=15, color="#444444", ha="center")
    sheet.top = 1.3
