"""The charts of the diagnostics as SVG inside a page: its colours, names that differ between charts, no address."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from html import escape

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from deconv.figures import diagnostics
from deconv.figures.diagnostics import Chart
from restore import Diagnosis, Restoration

#: Inches of one chart, and its axes in fractions of it.
SIZE, PLACE = (4.6, 3.7), (0.17, 0.19, 0.79, 0.69)
#: Colours that the charts are drawn in, and what they become in the page.
COLOURS = {
    "#000000": "currentColor",
    diagnostics.BLUR: "var(--blur)",
    diagnostics.RESTORATION: "var(--restore)",
    diagnostics.TOGETHER: "var(--together)",
}


@dataclass(frozen=True)
class DrawnChart:
    """One chart: SVG for the page, and a sentence that says what it shows."""

    svg: str
    meaning: str


def charts(restoration: Restoration, diagnosis: Diagnosis) -> list[DrawnChart]:
    """Return what the row below a figure shows, chart by chart."""
    row = diagnostics.charts(restoration, diagnosis)
    return [_drawn(chart, f"chart-{number}") for number, chart in enumerate(row, 1)]


def _drawn(chart: Chart, name: str) -> DrawnChart:
    figure = Figure(figsize=SIZE)
    FigureCanvasAgg(figure)
    axes = figure.add_axes(PLACE)
    chart.draw(axes)
    buffer = io.StringIO()
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": name}):
        figure.savefig(buffer, format="svg", metadata=nothing, transparent=True)
    return DrawnChart(_inside(buffer.getvalue(), name, f"{axes.get_title()}. {chart.meaning}"), chart.meaning)


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
