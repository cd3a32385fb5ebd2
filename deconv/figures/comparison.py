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

from deconv.figures.display import Scale, busiest, display, scale_of, shrunk
from deconv.figures.panels import show, show_psf, tall_of
from deconv.figures.sheet import ACCENT, WIDTH, Sheet
from deconv.figures.views import Sides, draw_bar, name_axes, sides_of, step_of
from deconv.pictures import Picture
from deconv.report import percent

Array = NDArray[Any]

#: Inches: the column with PSF and numbers, the rim, the space between panels, above and below them.
SIDE, MARGIN, GAP, HEAD, FOOT = 3.9, 0.2, 0.14, 1.05, 0.5
#: And: the PSF, what stands between it and the numbers, one line of these, and the least room for them.
PSF_EDGE, UNDER_PSF, LINE, LEAST_ROOM = 0.72 * SIDE, 0.6, 0.255, 3.6
#: Characters of a warning that fit across the figure.
ACROSS = 135
MARK = "#2a9df4"
#: Inches between the views of a volume.
BETWEEN = 0.08


@dataclass(frozen=True, eq=False)
class Panel:
    """One picture of the row: display values, gray or RGB, and its title.

    A volume has its `sides` too; `step` is how many micrometres a column is wide, for a scale bar.
    """

    image: Array
    title: str
    caption: str = ""
    box: tuple[int, int, int, int] | None = None  # x, y, width, height of a part to mark
    sides: Sides | None = None
    step: float | None = None


def panel_of(picture: Picture, title: str, caption: str = "", box: tuple[int, int, int, int] | None = None) -> Panel:
    """Return the panel of a picture, or of the first volume of a stack."""
    image, sides = display(picture), sides_of(picture)
    return Panel(image=image, title=title, caption=caption, box=box, sides=sides, step=step_of(picture))


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
    *,
    warnings: Sequence[str] = (),
    white: float = 1.0,
) -> None:
    """Write the panels side by side, a zoomed detail of each below, the PSF and the facts on the right.

    What warns of the result stands across the figure, beneath the pictures. `white` is the number of the file that is 1
    in the panels.
    """
    scale = scale_of([panel.image for panel in panels])
    rows, columns = busiest(panels[0].image)
    across = (WIDTH - SIDE - MARGIN) / len(panels) - GAP
    whole = _Whole.of(panels[0], across)
    tall = whole.tall, tall_of(across, rows.stop - rows.start, columns.stop - columns.start)
    facts = [*facts, *_about_scale(panels, scale, white)]
    room = max(LINE * len(_lines(facts)) + MARGIN, LEAST_ROOM)
    upper = max(HEAD + tall[0] + GAP + tall[1] + FOOT, HEAD + PSF_EDGE + UNDER_PSF + room)
    said = [line for warning in warnings for line in textwrap.wrap(f"Warning: {warning}", ACROSS)]
    pictures, upper = upper, upper + (LINE * len(said) + MARGIN if said else 0)
    sheet = Sheet(upper + (below.height if below else 0), title)
    for i, panel in enumerate(panels):
        left = MARGIN + i * (across + GAP)
        axes = whole.draw(sheet, panel, left, scale)
        axes.set_title(panel.title, fontsize=17)
        box = (columns.start, rows.start), columns.stop - columns.start, rows.stop - rows.start
        axes.add_patch(Rectangle(*box, fill=False, edgecolor=ACCENT, linewidth=2))
        if panel.box is not None:
            axes.add_patch(Rectangle(panel.box[:2], *panel.box[2:], fill=False, edgecolor=MARK, linewidth=2))
        detail = sheet.axes(left, HEAD + tall[0] + GAP, across, tall[1])
        show(detail, panel.image[rows, columns], scale)
        detail.set_xlabel(panel.caption, fontsize=15)
        if panel.step is not None:
            draw_bar(detail, box[1], panel.step)
        for spine in detail.spines.values():
            spine.set(edgecolor=ACCENT, linewidth=2)
    side = WIDTH - SIDE + 2 * GAP
    show_psf(sheet.axes(side, HEAD, PSF_EDGE, PSF_EDGE), psf)
    _tell(sheet.axes(side, HEAD + PSF_EDGE + UNDER_PSF, PSF_EDGE, 1.0), facts)
    sheet.text(MARGIN, pictures, "\n".join(said), color=ACCENT, fontsize=14, linespacing=1.3, va="top")
    if below:
        below.draw(sheet, upper)
    sheet.save(path)


@dataclass(frozen=True)
class _Whole:
    """How a whole picture lies in its place: alone, or with a volume's two sides to its right and below it."""

    across: float
    tall: float
    size: tuple[float, float]  # inches of the picture from above, across and down
    depth: float = 0.0  # inches of the slices

    @classmethod
    def of(cls, panel: Panel, across: float) -> _Whole:
        height, width = panel.image.shape[:2]
        if panel.sides is None:
            tall = tall_of(across, height, width)
            return cls(across, tall, (across, tall))
        depth = panel.sides.depth
        tall = tall_of(across, int(height + depth), int(width + depth))
        scale = min((across - BETWEEN) / (width + depth), (tall - BETWEEN) / (height + depth))
        return cls(across, height * scale + depth * scale + BETWEEN, (width * scale, height * scale), depth * scale)

    def draw(self, sheet: Sheet, panel: Panel, left: float, scale: Scale) -> Axes:
        """Draw a panel's whole picture, and return the axes of the view from above."""
        (wide, high), (height, width) = self.size, panel.image.shape[:2]
        top = sheet.axes(left, HEAD, wide, high)
        show(top, shrunk(panel.image), scale, extent=(0, width, height, 0))
        if panel.step is not None:
            draw_bar(top, width, panel.step)
        if panel.sides is not None and self.depth > 0:
            views = {
                "zy": (panel.sides.side, sheet.axes(left + wide + BETWEEN, HEAD, self.depth, high)),
                "xz": (panel.sides.front, sheet.axes(left, HEAD + high + BETWEEN, wide, self.depth)),
            }
            name_axes(top, "xy")
            for name, (image, axes) in views.items():
                show(axes, image, scale)
                name_axes(axes, name)
        return top


def _about_scale(panels: Sequence[Panel], scale: Scale, white: float) -> list[tuple[str, str]]:
    """Return what the reader must know of black and white."""
    shares = [(panel.title, scale.above(panel.image)) for panel in panels]
    cut = [f"{percent(share)} of {title}" for title, share in shares if share]
    shown = scale.words_in(white)
    words = [("shown", shown)] if shown else []
    return [*words, *([("clipped", f"{', '.join(cut)} is above white")] if cut else [])]


def _lines(facts: Sequence[tuple[str, str]]) -> list[str]:
    """Return the lines that the numbers take, each behind its name."""
    hang = "\n" + " " * 9
    return [line for name, text in facts for line in f"{name:<9s}{hang.join(textwrap.wrap(text, 21))}".split("\n")]


def _tell(axes: Axes, facts: Sequence[tuple[str, str]]) -> None:
    axes.set_axis_off()
    text = "\n".join(_lines(facts))
    axes.text(0, 1, text, transform=axes.transAxes, va="top", family="monospace", fontsize=13, linespacing=1.4)
