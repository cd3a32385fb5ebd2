"""The other parts of the figure of an enlargement: the stages number by number, the kernel, its checkerboard."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from deconv.upsample import cells as cells
from deconv.upsample.cells import ACCENT, Notation, draw_cells, draw_values, frame_window, magnitudes
from deconv.upsample.sheet import MARGIN, WIDTH, Array, Content, Sheet, size_text
from deconv.upsample.stages import EDGE, INSERTED, RESULT, SAMPLE, Cells, Stages, overlap, stages, verdict, wrapped

#: Inches: a column of panels and the free space in it, the tallest panel, the largest cell, a title of two lines.
COLUMN, GAP, TALL, CELL, TITLE = 5.1, 0.5, 4.6, 0.46, 0.62
#: The two rows of panels, and the signs between them.
ROWS = {
    ("edge_repeated", "zero_inserted", "bordered"): ("\N{RIGHTWARDS ARROW}", "\N{RIGHTWARDS ARROW}"),
    ("cropped", "kernel", "result"): ("\N{ASTERISK OPERATOR}", "="),
}
#: Terms of a sum that are written out.
TERMS = 4


@dataclass(frozen=True)
class _Example:
    """One sample of the result, and the products that add up to it."""

    place: tuple[int, int]
    terms: tuple[tuple[float, float], ...]  # kernel, sample
    value: float


def draw_stages(sheet: Sheet, content: Content) -> None:
    """Draw the stages in the order of the computation, in cells of one size."""
    found = stages(content.done, content.geometry, content.channel)
    shapes = [stage.values.shape for stage in found.cells.values()]
    cell = min(CELL, (COLUMN - GAP) / max(s[1] for s in shapes), TALL / max(s[0] for s in shapes))
    notation = cells.notation_of(*(magnitudes(stage.values) for stage in found.cells.values()))
    example = _example(found, content)
    _heading(sheet, content, found, notation)
    for names, signs in ROWS.items():
        tall = 0.0
        for i, name in enumerate(names):
            left = MARGIN + i * COLUMN
            if name == "kernel":
                size = min(cell, (COLUMN - GAP) / max(found.turned.shape))
                same = np.array_equal(found.turned, found.turned[::-1, ::-1])
                title = "kernel, turned by 180 degrees" + " (looks the same)" * same
                tall = max(tall, _kernel_panel(sheet, content, found.turned, left, size, title))
                continue
            _stage_panel(sheet, content, name, found.cells[name], left, cell, notation, example)
            tall = max(tall, found.cells[name].values.shape[0] * cell)
        for i, sign in enumerate(signs):
            place = MARGIN + (i + 1) * COLUMN - GAP / 2
            sheet.text(place, TITLE + tall / 2 - 0.5, sign, fontsize=26, ha="center", color="#555555")
        sheet.top += TITLE + tall + 0.3
    if example is not None:
        sheet.text(MARGIN, -0.1, _sum(example, found, notation), fontsize=14, color=ACCENT)
        sheet.top += 0.4


def _heading(sheet: Sheet, content: Content, found: Stages, notation: Notation) -> None:
    """Write what the tables show, and the legend of the tints."""
    sheet.text(MARGIN, 0, "Step by step, with your numbers", fontsize=17, fontweight="bold")
    parts = []
    if len(content.before) > 1 and content.is_depthwise:
        parts.append(f"channel {content.channel}, enlarged by itself like all others")
    elif len(content.before) > 1:
        per_group = len(content.done.weight) // content.done.groups
        parts.append(f"what input channel 0 adds to output channel 0 (the result sums {per_group} such parts)")
    if not all(stage.is_whole for stage in found.cells.values()):
        parts.append("the top left corner of each stage; it goes on where the rim is broken")
    if notation.unit:
        parts.append(f"all numbers {notation.unit}")
    if np.iscomplexobj(content.done.result):
        parts.append("magnitudes of complex numbers")
    notes = wrapped(("; ".join(parts),), 150)
    sheet.text(MARGIN, 0.38, notes, fontsize=13, color="#444444", linespacing=1.4)
    sheet.top += (0.34 + 0.28 * notes.count("\n")) * bool(parts)
    kinds = sorted({int(k) for stage in found.cells.values() for k in np.unique(stage.kinds)} | {SAMPLE, RESULT})
    order = sorted(kinds, key=lambda kind: (SAMPLE, EDGE, INSERTED, 0, RESULT).index(kind))
    patches = [Patch(fc=cells.TINTS[k], ec=cells.GRID, label=cells.NAMES[k]) for k in order]
    legend = sheet.axes(MARGIN, 0.38, WIDTH - 2 * MARGIN, 0.3)
    legend.set_axis_off()
    legend.legend(handles=patches, loc="center left", ncols=len(patches), frameon=False, fontsize=13, borderpad=0,
                  borderaxespad=0, handlelength=1.2, handleheight=1.2)  # fmt: skip
    sheet.top += 0.86


def _stage_panel(
    sheet: Sheet,
    content: Content,
    name: str,
    stage: Cells,
    left: float,
    cell: float,
    notation: Notation,
    example: _Example | None,
) -> None:
    rows, columns = stage.values.shape
    _title(sheet, left, _stage_title(content, name), _stage_size(stage))
    axes = sheet.axes(left, TITLE, columns * cell, rows * cell)
    draw_cells(axes, stage, notation, cell)
    if example is not None and name == "result":
        frame_window(axes, example.place, (1, 1))
    if example is not None and name == "cropped":
        reach = [line.reach for line in content.geometry.lines]
        frame_window(axes, example.place, (reach[0], reach[1]))
    if name == "bordered":
        _mark_crop(axes, content, stage)


def _stage_title(content: Content, name: str) -> str:
    lines = content.geometry.lines
    zeros = [line.stride - 1 for line in lines]
    border = [line.reach - 1 for line in lines]
    cropped = any(line.begin or line.end for line in lines)
    return {
        "edge_repeated": "the map, its edge repeated" if content.geometry.has_edge else "the map",
        "zero_inserted": f"1. insert {_both(zeros, 'between samples')}",
        "bordered": f"2. add {_both(border, 'on every side')}",
        "cropped": "3. crop: keep the broken frame" if cropped else "3. crop: here nothing is cropped",
        "result": "4. slide the kernel over it: the result",
    }[name]


def _both(zeros: list[int], where: str) -> str:
    """Return how many zeros, for rows and columns."""
    if zeros[0] != zeros[1]:
        return f"zeros {where}: {zeros[0]} and {zeros[1]}"
    return f"{zeros[0] or 'no'} zero{'s' * (zeros[0] != 1)} {where}"


def _stage_size(stage: Cells) -> str:
    shown = size_text(stage.size)
    return f"{shown}, shown from row {stage.start[0]}, column {stage.start[1]}" if any(stage.start) else shown


def _title(sheet: Sheet, left: float, title: str, size: str) -> None:
    sheet.text(left, 0.02, title, fontsize=14)
    sheet.text(left, 0.3, size, fontsize=13, color="#444444")


def _mark_crop(axes: Axes, content: Content, stage: Cells) -> None:
    """Draw a broken line round what the crop leaves."""
    starts, stops = [], []
    for line, first, shown in zip(content.geometry.lines, stage.start, stage.values.shape, strict=True):
        starts.append(max(line.begin - first, -1))
        stops.append(min(line.sizes["bordered"] - line.end - first, shown + 1))
    size = stops[0] - starts[0], stops[1] - starts[1]
    frame_window(axes, (starts[0], starts[1]), size, "black", broken=True)


def _example(found: Stages, content: Content) -> _Example | None:
    """Choose the sample of the result to which most samples contribute, near the middle, whose window is drawn."""
    if np.iscomplexobj(found.turned) or np.iscomplexobj(content.done.map):
        return None
    one, two = content.geometry.lines
    cropped, result = found.cells["cropped"], found.cells["result"].values
    places = {}
    for i in range(min(cropped.values.shape[0] - one.reach + 1, result.shape[0])):
        for j in range(min(cropped.values.shape[1] - two.reach + 1, result.shape[1])):
            window = slice(i, i + one.reach, one.dilation), slice(j, j + two.reach, two.dilation)
            used = (cropped.kinds[window] >= EDGE) & (found.turned != 0)
            products = zip(found.turned[used].tolist(), cropped.values[window][used].tolist(), strict=True)
            places[i, j] = _Example((i, j), tuple(products), float(result[i, j]))
    if not places:
        return None
    middle = [n / 2 for n in cropped.values.shape]

    def rank(found: _Example) -> tuple[int, int, float]:
        row, column = found.place
        off = abs(row + one.reach / 2 - middle[0]) + abs(column + two.reach / 2 - middle[1])
        return min(len({sample for _, sample in found.terms if sample}), TERMS), min(len(found.terms), TERMS), -off

    return max(places.values(), key=rank)


def _sum(example: _Example, found: Stages, notation: Notation) -> str:
    kernel = cells.kernel_notation(found.turned)
    largest = sorted(example.terms, key=lambda term: -abs(term[0] * term[1]))
    terms = [f"{kernel.text(k)}\N{MIDDLE DOT}{v * notation.scale:.4g}" for k, v in largest[:TERMS]]
    more = f" + ... ({len(example.terms)} products)" if len(example.terms) > TERMS else ""
    total = " + ".join(terms).replace("+ -", "- ") + more or "0"
    total = f"({total}) {kernel.unit}" if kernel.unit else total
    row, column = example.place
    return f"Red frames: y[{row}, {column}] = {total} = {example.value * notation.scale:.4g}"


def _dilated(content: Content) -> str:
    steps = content.done.dilation
    return "" if max(steps) == 1 else f", taps {' and '.join(map(str, dict.fromkeys(steps)))} apart"


def _kernel_panel(sheet: Sheet, content: Content, kernel: Array, left: float, cell: float, title: str) -> float:
    """Draw a kernel and return its height in inches."""
    notation = cells.kernel_notation(magnitudes(kernel))
    rows, columns = kernel.shape
    _title(
        sheet,
        left,
        title,
        f"{size_text(kernel.shape)}{', all ' * bool(notation.unit)}{notation.unit}{_dilated(content)}",
    )
    axes = sheet.axes(left, TITLE, columns * cell, rows * cell)
    draw_values(axes, kernel, notation, cell)
    return rows * cell


def draw_kernel(sheet: Sheet, content: Content) -> None:
    """Draw the kernel, how many of its copies reach each sample, and what it makes of a map of ones."""
    counts, ones = overlap(content.done, content.geometry)
    sheet.top += 0.15
    sheet.text(MARGIN, 0, "Is there a checkerboard?", fontsize=17, fontweight="bold")
    head, *why = verdict(content.done)
    text = wrapped((f"{head} {' '.join(why)}",), 150)
    sheet.text(MARGIN, 0.4, text, fontsize=13, color="#444444", linespacing=1.4)
    sheet.top += 0.85 + 0.28 * text.count("\n")
    kernel = content.done.weight[content.channel, 0]
    tall = _kernel_panel(sheet, content, kernel, MARGIN, min(CELL, (COLUMN - GAP) / max(kernel.shape)), "the kernel")
    tables = {"kernel copies that reach each sample": counts, "what a map of ones becomes": ones}
    for i, (title, table) in enumerate(tables.items(), start=1):
        left = MARGIN + i * COLUMN
        corner = table.shape != tuple(line.sizes["result"] for line in content.geometry.lines)
        _title(sheet, left, title, f"top left {size_text(table.shape)} of the result" if corner else "")
        size = min(CELL, (COLUMN - GAP) / max(table.shape))
        axes = sheet.axes(left, TITLE, table.shape[1] * size, table.shape[0] * size)
        draw_values(axes, table, cells.notation_of(magnitudes(table)), size)
        tall = max(tall, table.shape[0] * size)
    sheet.top += TITLE + tall + 0.35
