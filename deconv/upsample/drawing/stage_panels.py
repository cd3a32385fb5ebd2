"""The middle of the figure of an enlargement: its stages in the order of the computation, number by number."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from deconv.figures.cells import GRID, frame_window
from deconv.figures.notation import Notation, decimal_notation, magnitudes
from deconv.figures.sheet import ACCENT, WIDTH, Sheet
from deconv.upsample.drawing.cells import NAMES, TINTS, draw_cells
from deconv.upsample.drawing.content import Content
from deconv.upsample.drawing.panels import COLUMN, GAP, MARGIN, TALL, TITLE, cell_across, draw_kernel, draw_title
from deconv.upsample.drawing.worked_example import Example, worked_example
from deconv.upsample.geometry import BORDER, EDGE, INSERTED, RESULT, SAMPLE, size_text
from deconv.upsample.stages import Cells, Stages, corner_stages

#: The two rows of panels, and the signs between them.
ROWS = {
    ("edge_repeated", "zero_inserted", "bordered"): ("\N{RIGHTWARDS ARROW}", "\N{RIGHTWARDS ARROW}"),
    ("cropped", "kernel", "result"): ("\N{ASTERISK OPERATOR}", "="),
}
#: The order of the kinds of cells in the legend.
LEGEND = (SAMPLE, EDGE, INSERTED, BORDER, RESULT)


@dataclass(frozen=True, eq=False)
class _Tables:
    """The stages, and how all their tables are drawn: in cells of one size, the numbers in one notation."""

    content: Content
    stages: Stages
    cell: float
    notation: Notation
    example: Example | None

    @classmethod
    def of(cls, content: Content) -> _Tables:
        """Return the tables of one channel."""
        stages = corner_stages(content.enlargement, content.geometry, content.channel)
        tables = [stage.values for stage in stages.cells.values()]
        return cls(
            content=content,
            stages=stages,
            cell=min(cell_across(max(t.shape[1] for t in tables)), TALL / max(t.shape[0] for t in tables)),
            notation=decimal_notation(*map(magnitudes, tables)),
            example=worked_example(stages, content.geometry),
        )

    @property
    def kinds(self) -> list[int]:
        """Return the kinds of cells that the legend names."""
        drawn = {int(kind) for stage in self.stages.cells.values() for kind in np.unique(stage.kinds)}
        return [kind for kind in LEGEND if kind in drawn | {SAMPLE, RESULT}]


def draw_stages(sheet: Sheet, content: Content) -> None:
    """Draw the stages in the order of the computation, in cells of one size."""
    tables = _Tables.of(content)
    _draw_heading(sheet, tables)
    _draw_legend(sheet, tables)
    for names, signs in ROWS.items():
        _draw_row(sheet, tables, names, signs)
    if tables.example is not None:
        text = tables.example.sum_text(tables.stages, tables.notation)
        sheet.text(MARGIN, -0.1, text, fontsize=14, color=ACCENT)
        sheet.top += 0.4


def _draw_heading(sheet: Sheet, tables: _Tables) -> None:
    """Write what the tables show."""
    sheet.text(MARGIN, 0, "Step by step, with your numbers", fontsize=17, fontweight="bold")
    notes = textwrap.fill("; ".join(_notes(tables)), 150)
    sheet.text(MARGIN, 0.38, notes, fontsize=13, color="#444444", linespacing=1.4)
    sheet.top += (0.34 + 0.28 * notes.count("\n")) * bool(notes)


def _notes(tables: _Tables) -> list[str]:
    content, notes = tables.content, []
    if len(content.before) > 1 and content.is_depthwise:
        notes.append(f"channel {content.channel}, enlarged by itself like all others")
    elif len(content.before) > 1:
        per_group = len(content.enlargement.weight) // content.enlargement.groups
        notes.append(f"what input channel 0 adds to output channel 0 (the result sums {per_group} such parts)")
    if not all(stage.is_whole for stage in tables.stages.cells.values()):
        notes.append("the top left corner of each stage; it goes on where the rim is broken")
    if tables.notation.unit:
        notes.append(f"all numbers {tables.notation.unit}")
    if np.iscomplexobj(content.enlargement.result):
        notes.append("magnitudes of complex numbers")
    return notes


def _draw_legend(sheet: Sheet, tables: _Tables) -> None:
    patches = [Patch(fc=TINTS[kind], ec=GRID, label=NAMES[kind]) for kind in tables.kinds]
    legend = sheet.axes(MARGIN, 0.38, WIDTH - 2 * MARGIN, 0.3)
    legend.set_axis_off()
    legend.legend(handles=patches, loc="center left", ncols=len(patches), frameon=False, fontsize=13, borderpad=0,
                  borderaxespad=0, handlelength=1.2, handleheight=1.2)  # fmt: skip
    sheet.top += 0.86


def _draw_row(sheet: Sheet, tables: _Tables, names: tuple[str, ...], signs: tuple[str, ...]) -> None:
    lefts = [MARGIN + i * COLUMN for i in range(len(names))]
    tall = max(_draw_panel(sheet, tables, name, left) for name, left in zip(names, lefts, strict=True))
    for left, sign in zip(lefts[1:], signs, strict=True):
        sheet.text(left - GAP / 2, TITLE + tall / 2 - 0.5, sign, fontsize=26, ha="center", color="#555555")
    sheet.top += TITLE + tall + 0.3


def _draw_panel(sheet: Sheet, tables: _Tables, name: str, left: float) -> float:
    """Draw a stage or the kernel between two, and return its height in inches."""
    if name == "kernel":
        return _draw_turned_kernel(sheet, tables, left)
    stage = tables.stages.cells[name]
    rows, columns = stage.values.shape
    draw_title(sheet, left, _stage_title(tables.content, name), _stage_size(stage))
    axes = sheet.axes(left, TITLE, columns * tables.cell, rows * tables.cell)
    draw_cells(axes, stage, tables.notation, tables.cell)
    _mark_example(axes, tables, name)
    if name == "bordered":
        _mark_crop(axes, tables.content, stage)
    return rows * tables.cell


def _draw_turned_kernel(sheet: Sheet, tables: _Tables, left: float) -> float:
    turned = tables.stages.turned
    cell = min(tables.cell, cell_across(max(turned.shape)))
    looks_same = np.array_equal(turned, turned[::-1, ::-1])
    title = "kernel, turned by 180 degrees" + " (looks the same)" * looks_same
    return draw_kernel(sheet, tables.content, turned, left, cell, title)


def _mark_example(axes: Axes, tables: _Tables, name: str) -> None:
    """Frame the sample that is written out below, and the window it comes from."""
    one, two = tables.content.geometry.lines
    sizes = {"result": (1, 1), "cropped": (one.reach, two.reach)}
    if tables.example is not None and name in sizes:
        frame_window(axes, tables.example.place, sizes[name])


def _mark_crop(axes: Axes, content: Content, stage: Cells) -> None:
    """Draw a broken line round what the crop leaves."""
    starts, stops = [], []
    for line, first, count in zip(content.geometry.lines, stage.start, stage.values.shape, strict=True):
        starts.append(max(line.begin - first, -1))
        stops.append(min(line.sizes["bordered"] - line.end - first, count + 1))
    size = stops[0] - starts[0], stops[1] - starts[1]
    frame_window(axes, (starts[0], starts[1]), size, "black", broken=True)


def _stage_title(content: Content, name: str) -> str:
    lines = content.geometry.lines
    zeros = [line.stride - 1 for line in lines]
    border = [line.reach - 1 for line in lines]
    cropped = any(line.begin or line.end for line in lines)
    return {
        "edge_repeated": "the map, its edge repeated" if content.geometry.has_edge else "the map",
        "zero_inserted": f"1. insert {_zeros_text(zeros, 'between samples')}",
        "bordered": f"2. add {_zeros_text(border, 'on every side')}",
        "cropped": "3. crop: keep the broken frame" if cropped else "3. crop: here nothing is cropped",
        "result": "4. slide the kernel over it: the result",
    }[name]


def _zeros_text(zeros: list[int], where: str) -> str:
    """Return how many zeros, for rows and columns."""
    if zeros[0] != zeros[1]:
        return f"zeros {where}: {zeros[0]} and {zeros[1]}"
    return f"{zeros[0] or 'no'} zero{'s' * (zeros[0] != 1)} {where}"


def _stage_size(stage: Cells) -> str:
    size = size_text(stage.size)
    return f"{size}, shown from row {stage.start[0]}, column {stage.start[1]}" if any(stage.start) else size
