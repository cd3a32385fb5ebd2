"""The sheet that every figure is drawn on: 16 inches wide, all of it placed in inches from the top left corner.

Drawn on matplotlib's Agg canvas without pyplot, so that nothing global changes and no display is needed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.transforms import Affine2D, BboxTransformTo, ScaledTranslation

#: Inches and dots per inch of a figure: 1600 pixels wide, readable when shown at 1200.
WIDTH, DPI = 16.0, 100
#: The colour that points at something.
ACCENT = "#d1495b"


class Sheet:
    """A figure of a height known at the start, or else as high as it was filled from the top when it is saved.

    Parameters
    ----------
    height : float, optional
        Inches; by default what `top` is at the end.
    title : str
        A line in the middle above everything.

    Attributes
    ----------
    figure : matplotlib.figure.Figure
    top : float
        Inches that are filled already: places are counted from there down. A sheet whose height is known need not
        move it.
    """

    def __init__(self, height: float | None = None, title: str = "") -> None:
        self.figure = Figure(figsize=(WIDTH, 1.0 if height is None else height), dpi=DPI)
        FigureCanvasAgg(self.figure)
        self.top = 0.0
        self._height = height
        self._places: list[tuple[Axes, tuple[float, float, float, float]]] = []
        upper_left = ScaledTranslation(0, 1, BboxTransformTo(self.figure.bbox))
        self._inches = Affine2D().scale(1, -1) + self.figure.dpi_scale_trans + upper_left
        if title:
            self.text(WIDTH / 2, 0.33, title, fontsize=19, fontweight="bold", ha="center", va="center")

    def axes(self, left: float, top: float, width: float, height: float) -> Axes:
        """Return new axes at inches from the left and from the present position down.

        They are placed at once where the height of the sheet is known, else when it is saved.
        """
        top += self.top
        if self._height is None:
            axes = self.figure.add_axes((0, 0, 1, 1), label=str(len(self._places)))
            self._places.append((axes, (left, top, width, height)))
            return axes
        bottom = self._height - top - height
        return self.figure.add_axes((left / WIDTH, bottom / self._height, width / WIDTH, height / self._height))

    def text(self, left: float, top: float, text: str, **style: Any) -> None:
        """Write at inches from the left and from the present position down, by default below that height."""
        self.figure.text(left, self.top + top, text, **{"transform": self._inches, "va": "top", **style})

    def save(self, path: Path) -> None:
        """Write a PNG file, as high as the sheet was filled if its height was not known."""
        if self._height is None:
            self._place()
        self.figure.savefig(path, format="png", metadata={"Software": None})

    def _place(self) -> None:
        self.figure.set_size_inches(WIDTH, self.top)
        for axes, (left, top, width, height) in self._places:
            axes.set_position((left / WIDTH, 1 - (top + height) / self.top, width / WIDTH, height / self.top))
