"""The first part of the figure of an enlargement: map and result on one range, and the settings."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from deconv.figures.comparison import busiest, shrunk
from deconv.upsample.cells import ACCENT
from deconv.upsample.sheet import CHANNELS, MARGIN, WIDTH, Array, Content, Sheet, size_text
from deconv.upsample.stages import pair_text, wrapped

#: Inches: the column of facts, the tallest panel, a title above a panel, the least height of the part.
FACTS, TALL, TITLE, LEAST = 4.4, 4.6, 0.4, 3.6
#: From this size on a detail is drawn too, at least so many samples of the map high.
DETAILED, DETAIL = 160, 24


class Display(NamedTuple):
    """The range that map and result share, and the colours it is drawn in."""

    low: float
    high: float
    colours: str


def draw_maps(sheet: Sheet, content: Content) -> None:
    """Draw map and result on one range, a detail of large ones, and the facts on the right."""
    before, after = content.before, content.after
    limits = _range(content, before, after)
    _facts(sheet, content, limits)
    if content.given.is_colour and len(before) == len(after) == 3:
        height = _side_by_side(sheet, content, (np.moveaxis(before, 0, -1), np.moveaxis(after, 0, -1)), limits)
    elif len(before) == len(after) == 1:
        height = _side_by_side(sheet, content, (before[0], after[0]), limits)
    else:
        height = _channels(sheet, (before, after), limits)
    sheet.top += max(height, LEAST)


def _range(content: Content, before: Array, after: Array) -> Display:
    """Return one display range for all that is drawn."""
    both = [before[:CHANNELS], after[:CHANNELS]]
    low, high = min(float(a.min()) for a in both), max(float(a.max()) for a in both)
    if content.given.picture is not None and low >= -0.2 and high <= 1.2:
        low, high = 0.0, 1.0
    if not high > low:
        low, high = low - 0.5, low + 0.5
    return Display(low, high, "viridis" if content.given.picture is None else "gray")


def _facts(sheet: Sheet, content: Content, limits: Display) -> None:
    done, geometry = content.done, content.geometry
    repeated = size_text(geometry.sizes.get("edge_repeated", ()))
    outside = f"edge repeated to {repeated}, cropped again" if repeated else "zeros"
    channels = f"{len(content.before)} -> {len(content.after)}, {done.groups} group{'s' * (done.groups > 1)}"
    lines = {
        "kernel": f"{content.kernel}, {size_text(done.weight.shape[2:])} taps",
        "stride": pair_text(done.stride),
        "crop": geometry.crop_text(),
        "dilation": "" if max(done.dilation) == 1 else pair_text(done.dilation),
        "outside": outside,
        "channels": "" if channels == "1 -> 1, 1 group" else channels,
        "batch": f"first of {len(done.map)} maps shown" if done.map.ndim == 4 and len(done.map) > 1 else "",
        "display": f"{limits.low:.4g} to {limits.high:.4g} for both" + " (magnitudes)" * np.iscomplexobj(done.map),
    }
    formulas = [line.partition(": ")[2] for line in done.explanation.splitlines()[-2:]]
    lines |= {"rows": formulas[0], "columns": formulas[1]}
    hang = "\n" + " " * 10
    text = "\n".join(f"{key:<10s}" + wrapped((value,), 32).replace("\n", hang) for key, value in lines.items() if value)
    sheet.text(WIDTH - FACTS - MARGIN + 0.35, TITLE, text, family="monospace", fontsize=11.5, linespacing=1.5)


def _side_by_side(sheet: Sheet, content: Content, images: tuple[Array, Array], limits: Display) -> float:
    """Draw map | result and return the height taken; below them the same detail of both if they are large."""
    gap = 0.3
    across = (WIDTH - FACTS - 2 * MARGIN - 0.75 - gap) / 2
    long = images[0].shape[0] / images[0].shape[1]
    across = min(across, max(TALL / long, 0.4 * TALL))
    tall = min(max(across * long, 0.25 * across), TALL)
    sizes = [size_text(image.shape[:2]) for image in images]
    panels = []
    for i, (image, title) in enumerate(zip(images, ("map", "enlarged"), strict=True)):
        axes = sheet.axes(MARGIN + i * (across + gap), TITLE, across, tall)
        panels.append(_show(axes, image, limits, f"{title}, {sizes[i]}", tall / across))
    if images[0].ndim == 2:
        _scale(sheet, panels[1], MARGIN + 2 * across + gap + 0.15, tall)
    height = TITLE + tall
    if max(images[1].shape[:2]) > DETAILED:
        height += _details(sheet, content, images, limits, panels, (across, gap, height + 0.12))
    return height + 0.35


def _details(
    sheet: Sheet,
    content: Content,
    images: tuple[Array, Array],
    limits: Display,
    panels: list[Axes],
    place: tuple[float, float, float],
) -> float:
    """Draw the same detail of map and result below them, and frame it in both."""
    across, gap, top = place
    small = busiest(images[0], DETAIL)
    one, two = (
        slice(max(line.stride * w.start + line.shift, 0), line.stride * w.stop + line.shift)
        for w, line in zip(small, content.geometry.lines, strict=True)
    )
    tall = 0.75 * across
    for i, (image, (rows, columns)) in enumerate(zip(images, (small, (one, two)), strict=True)):
        detail = image[rows, columns]
        axes = sheet.axes(MARGIN + i * (across + gap), top, across, tall)
        _show(axes, detail, limits, "", 0.75)
        for spine in axes.spines.values():
            spine.set(edgecolor=ACCENT, linewidth=2)
        box = Rectangle(
            (columns.start - 0.5, rows.start - 0.5), detail.shape[1], detail.shape[0], fill=False, ec=ACCENT, lw=2
        )
        panels[i].add_patch(box)
    return tall + 0.12


def _channels(sheet: Sheet, both: tuple[Array, Array], limits: Display) -> float:
    """Draw the first channels of the map above those of the result and return the height taken."""
    gap, label = 0.15, 0.62
    most = min(max(len(maps) for maps in both), CHANNELS)
    across = (WIDTH - FACTS - 2 * MARGIN - 0.75) / max(most, 3) - gap
    height = 0.1
    for maps, what in zip(both, ("map", "enlarged"), strict=True):
        shown = min(len(maps), CHANNELS)
        which = "channel 0" if shown == 1 else f"channels 0 to {shown - 1}"
        sheet.text(MARGIN, height + 0.28, f"{what}, {size_text(maps.shape[1:])}: {which} of {len(maps)}", fontsize=15)
        tall = min(max(across * maps.shape[1] / maps.shape[2], 0.3 * across), 1.3 * across)
        for i in range(shown):
            axes = sheet.axes(MARGIN + i * (across + gap), height + label, across, tall)
            _show(axes, maps[i], limits, "", tall / across)
        _scale(sheet, axes, MARGIN + most * (across + gap), tall, height + label)
        height += label + tall
    return height + 0.35


def _show(axes: Axes, image: Array, limits: Display, title: str, shape: float) -> Axes:
    """Draw a map; its pixels stay square unless it is much longer than wide."""
    small = shrunk(image)
    extent = (-0.5, image.shape[1] - 0.5, image.shape[0] - 0.5, -0.5)
    if image.ndim == 3:
        small = np.clip((small - limits.low) / (limits.high - limits.low), 0, 1)
    axes.imshow(
        small,
        cmap=limits.colours,
        vmin=limits.low,
        vmax=limits.high,
        interpolation="nearest" if max(small.shape[:2]) <= 400 else "antialiased",
        extent=extent,
        aspect="equal" if 0.6 * shape <= image.shape[0] / image.shape[1] <= 3 * shape else "auto",
    )
    axes.set(xticks=[], yticks=[])
    axes.set_anchor("NW")
    axes.set_title(title, fontsize=16, loc="left")
    return axes


def _scale(sheet: Sheet, axes: Axes, left: float, tall: float, top: float = TITLE) -> None:
    bar = sheet.figure.colorbar(axes.images[0], cax=sheet.axes(left, top, 0.16, tall))
    bar.ax.tick_params(labelsize=11)
