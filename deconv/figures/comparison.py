"""Side-by-side figures: panels of one display range, a zoomed row below, a PSF and the numbers beside."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from deconv.figures.display import busiest, display_range, range_words, shrunk
from deconv.figures.panels import show, show_psf, tall_of
from deconv.figures.sheet import ACCENT, WIDTH, Sheet

Array = NDArray[Any]

#: Inches: the column with PSF and numbers, the rim, the space between panels, above and below them.
SIDE, MARGIN, GAP, HEAD, FOOT = 3.9, 0.2, 0.14, 1.05, 0.5
MARK = "#2a9df4"


@dataclass(frozen=True, eq=False)
class Panel:
    """One picture of the row: display values, gray or RGB, and its title."""

    image: Array
    title: str
    caption: str = ""
    box: tuple[int, int, int, int] | None = None  # x, y, width, height of a part to mark


class Row(Protocol):
    """Something drawn across the figure below everything else."""

    @property
    def height(self) -> float:
        """Return the inches that it takes."""
        ...

    def draw(self, sheet: Sheet, top: float) -> None:
        """Draw it with its upper edge at `top` inches."""
        ...


def comparison(
    path: Path,
    panels: Sequence[Panel],
    psf: Array,
    title: str,
    facts: Sequence[tuple[str, str]],
    below: Row | None = None,
) -> None:
    """Write the panels side by side, a zoomed detail of each below, the PSF and the facts on the right."""
    low, high = display_range([panel.image for panel in panels])
    rows, columns = busiest(panels[0].image)
    height, width = panels[0].image.shape[:2]
    across = (WIDTH - SIDE - MARGIN) / len(panels) - GAP
    tall = tall_of(across, height, width), tall_of(across, rows.stop - rows.start, columns.stop - columns.start)
    upper = max(HEAD + tall[0] + GAP + tall[1] + FOOT, HEAD + 0.72 * SIDE + 4.2)
    sheet = Sheet(upper + (below.height if below else 0), title)
    for i, panel in enumerate(panels):
        left = MARGIN + i * (across + GAP)
        whole = sheet.axes(left, HEAD, across, tall[0])
        show(whole, shrunk(panel.image), low, high, extent=(0, width, height, 0))
        whole.set_title(panel.title, fontsize=17)
        box = (columns.start, rows.start), columns.stop - columns.start, rows.stop - rows.start
        whole.add_patch(Rectangle(*box, fill=False, edgecolor=ACCENT, linewidth=2))
        if panel.box is not None:
            whole.add_patch(Rectangle(panel.box[:2], *panel.box[2:], fill=False, edgecolor=MARK, linewidth=2))
        detail = sheet.axes(left, HEAD + tall[0] + GAP, across, tall[1])
        show(detail, panel.image[rows, columns], low, high)
        detail.set_xlabel(panel.caption, fontsize=15)
        for spine in detail.spines.values():
            spine.set(edgecolor=ACCENT, linewidth=2)
    side, edge = WIDTH - SIDE + 2 * GAP, 0.72 * SIDE
    show_psf(sheet.axes(side, HEAD, edge, edge), psf)
    shown = range_words((low, high))
    _tell(sheet.axes(side, HEAD + edge + 0.6, edge, 1.0), [*facts, *([("shown", shown)] if shown else [])])
    if below:
        below.draw(sheet, upper)
    sheet.save(path)


def _tell(axes: Axes, facts: Sequence[tuple[str, str]]) -> None:
    axes.set_axis_off()
    hang = "\n" + " " * 9
    lines = "\n".join(f"{name:<9s}" + hang.join(textwrap.wrap(text, 21)) for name, text in facts)
    axes.text(0, 1, lines, transform=axes.transAxes, va="top", family="monospace", fontsize=13, linespacing=1.4)
