"""The charts of the diagnostics as SVG inside a page: its colours, names that differ between charts, no address."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from html import escape

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from deconv.figures.comparison import ACCENT, Sheet
from deconv.figures.diagnostics import Diagnostics
from restore import Diagnosis, Restoration

#: Inches of one chart, and its axes in fractions of it.
SIZE, PLACE = (4.6, 3.7), (0.17, 0.19, 0.79, 0.69)
#: What a chart shows, by the beginning of its title.
MEANINGS = {
    "what passes": "How much of each frequency the blur lets through; of a linear filter also how much it gives back, "
    "and both together: at 1 a frequency is restored in full, far below it is given up.",
    "residual": "What is left when the restored picture is blurred again and taken from the input: it should look like "
    "noise; edges in it speak against the PSF or the strength.",
    "its power": "How strong that rest is at each frequency: near the dotted line it is the noise, far above it the "
    "restoration leaves something of the picture unexplained.",
    "rule": "What the rule saw at every strength that it tried, and the strength that it chose, the upright line.",
}
#: Colours that the charts are drawn in, and what they become in the page.
COLOURS = {"#000000": "currentColor", "#555555": "var(--blur)", ACCENT: "var(--restore)", "#1d7874": "var(--together)"}


@dataclass(frozen=True)
class Chart:
    """One chart: SVG for the page, and a sentence that says what it shows."""

    svg: str
    meaning: str


class _Single(Sheet):
    """A sheet that puts every chart on a figure of its own."""

    def __init__(self) -> None:
        self.figures: list[Figure] = []

    def axes(self, left: float, top: float, width: float, height: float) -> Axes:  # noqa: ARG002
        figure = Figure(figsize=SIZE)
        FigureCanvasAgg(figure)
        self.figures.append(figure)
        return figure.add_axes(PLACE)


def charts(found: Restoration, diagnosis: Diagnosis) -> list[Chart]:
    """Return what the row below a figure shows, chart by chart."""
    sheet = _Single()
    Diagnostics(found, diagnosis).draw(sheet, 0.0)
    return [_chart(figure, f"chart-{number}") for number, figure in enumerate(sheet.figures, 1)]


def _chart(figure: Figure, name: str) -> Chart:
    title = figure.axes[0].get_title()
    meaning = next((text for start, text in MEANINGS.items() if title.startswith(start)), title)
    buffer = io.StringIO()
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": name}):
        figure.savefig(buffer, format="svg", metadata=nothing, transparent=True)
    return Chart(_inside(buffer.getvalue(), name, f"{title}. {meaning}"), meaning)


def _inside(svg: str, name: str, label: str) -> str:
    """Return a stand-alone SVG as a part of a page."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<(metadata|style).*?</\1>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'\s(xmlns(:\w+)?|width|height)="[^"]*"', "", svg[: svg.index(">")]) + svg[svg.index(">") :]
    svg = re.sub(r"font-family: [^;\"]*;? ?", "", svg)
    svg = re.sub(r'(\bid="|href="#|url\(#)', rf"\1{name}-", svg).replace("xlink:href", "href")
    for drawn, shown in COLOURS.items():
        svg = svg.replace(drawn, shown)
    return svg.replace("<svg", f'<svg role="img" aria-label="{escape(label)}"', 1)
