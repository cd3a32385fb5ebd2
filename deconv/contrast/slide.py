"""The slide that the contrast is drawn on: 16 x 9 inches, everything placed in inches from the top left corner."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch
from numpy.typing import NDArray

from deconv.figures.sheet import WIDTH, Sheet

Array = NDArray[Any]
Box = tuple[float, float, float, float]  # left, top, width, height

#: Inches: the shape of a projector.
HEIGHT = 9.0
#: One colour for each meaning and one for what both share, and the tint of their bands.
RESTORE, TRANSPOSE, COMMON = "#17704a", "#c2410c", "#404040"
TINTS = {RESTORE: "#e8f5ee", TRANSPOSE: "#fdf0e6", COMMON: "#f3f3f3"}
#: Points, by what has to be read from the last row first.
HEADLINE, HEADER, WORD, TEXT, SMALL = 30, 20, 17, 15, 12


class Slide(Sheet):
    """A sheet of the shape of a screen, with a ground in inches for bands, lines and arrows."""

    def __init__(self, headline: str, thesis: str) -> None:
        super().__init__()
        self._ground = self.axes(0, 0, WIDTH, HEIGHT)
        self._ground.set(xlim=(0, WIDTH), ylim=(HEIGHT, 0))
        self._ground.set_axis_off()
        self.write(WIDTH / 2, 0.34, headline, fontsize=HEADLINE, fontweight="bold", ha="center")
        self.write(WIDTH / 2, 0.82, thesis, fontsize=WORD, color=COMMON, ha="center")

    def write(self, left: float, middle: float, text: str, **style: Any) -> None:
        """Write a line about a height."""
        self.text(left, middle, text, **{"va": "center", "fontsize": TEXT, **style})

    def band(self, box: Box, colour: str, header: str) -> None:
        """Tint the ground of what belongs together, under its header."""
        rounded: Any = "round,pad=0,rounding_size=0.12"
        patch = FancyBboxPatch(box[:2], *box[2:], boxstyle=rounded, fc=TINTS[colour], ec=colour, lw=1.5)
        self._ground.add_patch(patch)
        self.write(box[0] + 0.2, box[1] + 0.28, header, fontsize=HEADER, fontweight="bold", color=colour)

    def line(self, *points: tuple[float, float], colour: str = COMMON) -> None:
        """Draw a line through points."""
        self._ground.plot(*np.transpose(points), color=colour, linewidth=3.5, solid_joinstyle="miter")

    def rule(self, left: float, middle: float, width: float, colour: str) -> None:
        """Draw the line of a fraction."""
        self._ground.plot((left, left + width), (middle, middle), color=colour, linewidth=1.5)

    def arrow(self, start: tuple[float, float], end: tuple[float, float], colour: str = COMMON) -> None:
        """Draw an arrow."""
        head = "-|>,head_width=0.45,head_length=0.8"
        ends = {"arrowstyle": head, "lw": 3.5, "color": colour, "shrinkA": 0, "shrinkB": 0}
        self._ground.annotate("", end, start, arrowprops=ends)

    def picture(self, image: Array, box: Box, colour: str, **style: Any) -> None:
        """Show a picture of display values, framed, filling a box."""
        axes = self.axes(*box)
        axes.imshow(image, **{"cmap": "gray", "vmin": 0, "vmax": 1, "interpolation": "auto", "aspect": "auto", **style})
        framed(axes, colour)

    def save(self, path: Path) -> None:
        """Write the slide, filled to its height."""
        self.top = HEIGHT
        super().save(path)


def framed(axes: Axes, colour: str) -> None:
    """Leave nothing of the axes but a frame."""
    axes.set(xticks=[], yticks=[])
    for spine in axes.spines.values():
        spine.set(edgecolor=colour, linewidth=2)


def fitted(shape: tuple[int, ...], box: Box, scale: float) -> Box:
    """Return the place, in the middle of a box, of a picture drawn with `scale` inches per pixel."""
    left, top, width, height = box
    across, tall = shape[1] * scale, shape[0] * scale
    return left + (width - across) / 2, top + (height - tall) / 2, across, tall
