"""The first part of the figure of an enlargement: map and result on one range, and the settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from deconv.figures.display import busiest, shrunk
from deconv.figures.sheet import ACCENT, WIDTH, Sheet
from deconv.upsample.drawing.content import CHANNELS, Content
from deconv.upsample.drawing.facts import facts_text
from deconv.upsample.drawing.panels import MARGIN
from deconv.upsample.geometry import size_text

Array = NDArray[Any]

#: Inches: the column of facts, the tallest panel, a title above a panel, the least height of the part.
FACTS, TALL, TITLE, LEAST = 4.4, 4.6, 0.4, 3.6
#: Inches: what is left for map and result, with the scale beside them, and the space between them.
ACROSS, GAP = WIDTH - FACTS - 2 * MARGIN - 0.75, 0.3
#: Inches that a scale between map and result takes.
SCALE = 0.75
#: Below this share of the range of both, the range of one alone would hardly be seen in it.
APART = 0.1
#: From this size on a detail is drawn too, at least so many samples of the map high, this much of its width.
DETAILED, DETAIL, DETAIL_SHAPE = 160, 24, 0.75


class Display(NamedTuple):
    """A range, and the colours it is drawn in."""

    low: float
    high: float
    colours: str


def draw_maps(sheet: Sheet, content: Content) -> None:
    """Draw map and result on one range, a detail of large ones, and the facts on the right."""
    before, after = content.before, content.after
    displays = displays_of(before, after, is_picture=content.feature_map.picture is not None)
    facts = facts_text(content, [(display.low, display.high) for display in displays])
    sheet.text(WIDTH - FACTS - MARGIN + 0.35, TITLE, facts, family="monospace", fontsize=11.5, linespacing=1.5)
    if content.feature_map.is_colour and len(before) == len(after) == 3:
        pair = _Pair(sheet, (np.moveaxis(before, 0, -1), np.moveaxis(after, 0, -1)), displays)
        height = pair.draw(content)
    elif len(before) == len(after) == 1:
        height = _Pair(sheet, (before[0], after[0]), displays).draw(content)
    else:
        height = _draw_channels(sheet, (before, after), displays)
    sheet.top += max(height, LEAST)


def displays_of(before: Array, after: Array, *, is_picture: bool) -> tuple[Display, Display]:
    """Return the range that map and result share, or one for each where one of them would be a single colour."""
    ranges = [(float(a.min()), float(a.max())) for a in (before[:CHANNELS], after[:CHANNELS])]
    low, high = min(a for a, _ in ranges), max(b for _, b in ranges)
    if is_picture and low >= -0.2 and high <= 1.2:
        low, high = 0.0, 1.0
    elif any(0 < b - a < APART * (high - low) for a, b in ranges):
        return _display(*ranges[0], is_picture=is_picture), _display(*ranges[1], is_picture=is_picture)
    return (_display(low, high, is_picture=is_picture),) * 2


def _display(low: float, high: float, *, is_picture: bool) -> Display:
    colours = "gray" if is_picture else "viridis"
    return Display(low, high, colours) if high > low else Display(low - 0.5, low + 0.5, colours)


@dataclass(frozen=True, eq=False)
class _Pair:
    """Map and result beside each other, gray (H, W) or colour (H, W, 3)."""

    sheet: Sheet
    images: tuple[Array, Array]
    displays: tuple[Display, Display]

    @property
    def has_two_scales(self) -> bool:
        """Return whether map and result have ranges of their own, so that a scale stands beside each."""
        return self.displays[0] != self.displays[1]

    @property
    def gap(self) -> float:
        """Return the space between map and result in inches."""
        return GAP + SCALE * self.has_two_scales

    @property
    def across(self) -> float:
        """Return the width of a panel in inches."""
        return min((ACROSS - self.gap) / 2, max(TALL / self._shape, 0.4 * TALL))

    @property
    def tall(self) -> float:
        """Return the height of a panel in inches."""
        return min(max(self.across * self._shape, 0.25 * self.across), TALL)

    @property
    def _shape(self) -> float:
        return self.images[0].shape[0] / self.images[0].shape[1]

    def draw(self, content: Content) -> float:
        """Draw map | result and return the height taken; below them the same detail of both if they are large."""
        panels = [
            self._panel(i, TITLE, self.tall, image, f"{title}, {size_text(image.shape[:2])}")
            for i, (image, title) in enumerate(zip(self.images, ("map", "enlarged"), strict=True))
        ]
        if self.images[0].ndim == 2:
            for i in range(not self.has_two_scales, 2):
                left = MARGIN + self.across + i * (self.across + self.gap) + 0.15
                _draw_scale(self.sheet, panels[i], left, self.tall)
        height = TITLE + self.tall
        if max(self.images[1].shape[:2]) > DETAILED:
            height += self._draw_details(_windows(content, self.images[0]), panels, height + 0.12)
        return height + 0.35

    def _draw_details(self, windows: list[tuple[slice, slice]], panels: list[Axes], top: float) -> float:
        """Draw the same detail of map and result below them, frame it in both, and return the height taken."""
        tall = DETAIL_SHAPE * self.across
        for i, (image, (rows, columns)) in enumerate(zip(self.images, windows, strict=True)):
            detail = image[rows, columns]
            for spine in self._panel(i, top, tall, detail, "", DETAIL_SHAPE).spines.values():
                spine.set(edgecolor=ACCENT, linewidth=2)
            corner, size = (columns.start - 0.5, rows.start - 0.5), (detail.shape[1], detail.shape[0])
            panels[i].add_patch(Rectangle(corner, *size, fill=False, ec=ACCENT, lw=2))
        return tall + 0.12

    def _panel(self, i: int, top: float, tall: float, image: Array, title: str, shape: float | None = None) -> Axes:
        axes = self.sheet.axes(MARGIN + i * (self.across + self.gap), top, self.across, tall)
        return _show(axes, image, self.displays[i], title, tall / self.across if shape is None else shape)


def _windows(content: Content, image: Array) -> list[tuple[slice, slice]]:
    """Return the busiest window of the map and the same one of the result."""
    small = busiest(image, DETAIL)
    rows, columns = (
        slice(max(line.stride * w.start + line.shift, 0), line.stride * w.stop + line.shift)
        for w, line in zip(small, content.geometry.lines, strict=True)
    )
    return [small, (rows, columns)]


def _draw_channels(sheet: Sheet, both: tuple[Array, Array], displays: tuple[Display, Display]) -> float:
    """Draw the first channels of the map above those of the result and return the height taken."""
    gap, label = 0.15, 0.62
    most = min(max(len(maps) for maps in both), CHANNELS)
    across = ACROSS / max(most, 3) - gap
    height = 0.1
    for maps, what, display in zip(both, ("map", "enlarged"), displays, strict=True):
        count = min(len(maps), CHANNELS)
        which = "channel 0" if count == 1 else f"channels 0 to {count - 1}"
        sheet.text(MARGIN, height + 0.28, f"{what}, {size_text(maps.shape[1:])}: {which} of {len(maps)}", fontsize=15)
        tall = min(max(across * maps.shape[1] / maps.shape[2], 0.3 * across), 1.3 * across)
        for i in range(count):
            axes = sheet.axes(MARGIN + i * (across + gap), height + label, across, tall)
            _show(axes, maps[i], display, "", tall / across)
        _draw_scale(sheet, axes, MARGIN + most * (across + gap), tall, height + label)
        height += label + tall
    return height + 0.35


def _show(axes: Axes, image: Array, display: Display, title: str, shape: float) -> Axes:
    """Draw a map; its pixels stay square unless it is much longer than wide."""
    small = shrunk(image)
    extent = (-0.5, image.shape[1] - 0.5, image.shape[0] - 0.5, -0.5)
    if image.ndim == 3:
        small = np.clip((small - display.low) / (display.high - display.low), 0, 1)
    axes.imshow(
        small,
        cmap=display.colours,
        vmin=display.low,
        vmax=display.high,
        interpolation="nearest" if max(small.shape[:2]) <= 400 else "antialiased",
        extent=extent,
        aspect="equal" if 0.6 * shape <= image.shape[0] / image.shape[1] <= 3 * shape else "auto",
    )
    axes.set(xticks=[], yticks=[])
    axes.set_anchor("NW")
    axes.set_title(title, fontsize=16, loc="left")
    return axes


def _draw_scale(sheet: Sheet, axes: Axes, left: float, tall: float, top: float = TITLE) -> None:
    bar = sheet.figure.colorbar(axes.images[0], cax=sheet.axes(left, top, 0.16, tall))
    bar.ax.tick_params(labelsize=11)
