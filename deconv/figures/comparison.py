"""Side-by-side figures: panels of one display range, a zoomed row below, a PSF and the numbers beside.

Drawn on matplotlib's Agg canvas without pyplot, so that nothing global changes and no display is needed.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray
from scipy import ndimage

from deconv import pictures
from deconv.pictures import Picture

Array = NDArray[Any]

#: Inches and dots per inch of a figure: 1600 pixels wide, readable when shown at 1200.
WIDTH, DPI = 16.0, 100
#: Inches: the column with PSF and numbers, the rim, the space between panels, above and below them.
SIDE, MARGIN, GAP, HEAD, FOOT = 3.9, 0.2, 0.14, 1.05, 0.5
#: Longest edge, in pixels, that a panel is drawn from.
PANEL_PIXELS = 900
#: Share of the shorter edge that the zoomed detail shows, and its least size in pixels.
DETAIL_SHARE, DETAIL_LEAST = 5, 48
ACCENT = "#d1495b"
MARK = "#2a9df4"


@dataclass(frozen=True)
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
    tall = _tall(across, height, width), _tall(across, rows.stop - rows.start, columns.stop - columns.start)
    upper = max(HEAD + tall[0] + GAP + tall[1] + FOOT, HEAD + 0.72 * SIDE + 4.2)
    sheet = Sheet(upper + (below.height if below else 0), title)
    for i, panel in enumerate(panels):
        left = MARGIN + i * (across + GAP)
        whole = sheet.axes(left, HEAD, across, tall[0])
        _show(whole, shrunk(panel.image), low, high, extent=(0, width, height, 0))
        whole.set_title(panel.title, fontsize=17)
        box = (columns.start, rows.start), columns.stop - columns.start, rows.stop - rows.start
        whole.add_patch(Rectangle(*box, fill=False, edgecolor=ACCENT, linewidth=2))
        if panel.box is not None:
            whole.add_patch(Rectangle(panel.box[:2], *panel.box[2:], fill=False, edgecolor=MARK, linewidth=2))
        detail = sheet.axes(left, HEAD + tall[0] + GAP, across, tall[1])
        _show(detail, panel.image[rows, columns], low, high)
        detail.set_xlabel(panel.caption, fontsize=15)
        for spine in detail.spines.values():
            spine.set(edgecolor=ACCENT, linewidth=2)
    side, edge = WIDTH - SIDE + 2 * GAP, 0.72 * SIDE
    _show_psf(sheet.axes(side, HEAD, edge, edge), psf)
    _tell(sheet.axes(side, HEAD + edge + 0.6, edge, 1.0), facts)
    if below:
        below.draw(sheet, upper)
    sheet.figure.savefig(path, format="png", metadata={"Software": None})


class Sheet:
    """A figure on which axes are placed in inches from the top left corner."""

    def __init__(self, height: float, title: str) -> None:
        self._height = height
        self.figure = Figure(figsize=(WIDTH, self._height), dpi=DPI)
        FigureCanvasAgg(self.figure)
        self.figure.text(0.5, 1 - 0.33 / self._height, title, fontsize=19, fontweight="bold", ha="center", va="center")

    def axes(self, left: float, top: float, width: float, height: float) -> Axes:
        """Return new axes."""
        bottom = self._height - top - height
        return self.figure.add_axes((left / WIDTH, bottom / self._height, width / WIDTH, height / self._height))


def _tall(across: float, height: int, width: int) -> float:
    """Return the height in inches of a picture drawn `across` inches wide, kept from extremes."""
    return min(max(across * height / width, 0.3 * across), 1.5 * across)


def display(picture: Picture) -> Array:
    """Return a picture as a screen shows it: its stored samples, codes scaled to 0..1; the first plane of several.

    NaN samples are black, and channels that are no colours become their mean.
    """
    values: Array = np.nan_to_num(pictures.to_float(picture, light="linear"))
    plane = values[0] if picture.planes else values
    return plane.mean(axis=-1) if plane.ndim == 3 and plane.shape[-1] not in (3, 4) else plane


def display_range(images: Sequence[Array]) -> tuple[float, float]:
    """Return one range for all pictures: 0 to 1, wider where the first picture (the data) is."""
    first = images[0]
    low, high = float(first.min()), float(first.max())
    if low >= -0.05 and high <= 1.05:
        return 0.0, 1.0
    low, high = (float(v) for v in np.quantile(first, [0.001, 0.999]))
    return (low, high) if high > low else (low - 0.5, low + 0.5)


def shrunk(image: Array, longest: int = PANEL_PIXELS) -> Array:
    """Return the picture averaged over blocks until its longest edge is no larger than a panel can show."""
    factor = -(-max(image.shape[:2]) // longest)
    if factor <= 1:
        return image
    rows, columns = (n // factor for n in image.shape[:2])
    if min(rows, columns) == 0:
        return image
    blocks = image[: rows * factor, : columns * factor]
    return blocks.reshape(rows, factor, columns, factor, *image.shape[2:]).mean(axis=(1, 3))


def _show(
    axes: Axes, image: Array, low: float, high: float, extent: tuple[float, float, float, float] | None = None
) -> None:
    shown = np.clip((image - low) / (high - low), 0, 1)
    interpolation = "nearest" if max(image.shape[:2]) <= 400 else "antialiased"
    axes.imshow(shown, cmap="gray", vmin=0, vmax=1, interpolation=interpolation, extent=extent)
    axes.set(xticks=[], yticks=[], aspect="auto" if extent is None else "equal")
    axes.set_anchor("N")


def _show_psf(axes: Axes, psf: Array) -> None:
    plane = psf if psf.ndim == 2 else psf[psf.shape[0] // 2] if psf.ndim == 3 else np.atleast_2d(psf)
    size = max(*plane.shape, 5)
    square = np.zeros((size + (size + plane.shape[0]) % 2, size + (size + plane.shape[1]) % 2))
    corner = [(s - k) // 2 for s, k in zip(square.shape, plane.shape, strict=True)]
    square[corner[0] : corner[0] + plane.shape[0], corner[1] : corner[1] + plane.shape[1]] = plane
    axes.imshow(square, cmap="magma", interpolation="nearest", vmin=0)
    axes.set(xticks=[], yticks=[])
    axes.set_anchor("N")
    axes.set_title("PSF", fontsize=16)
    axes.set_xlabel(" x ".join(map(str, psf.shape)) + " px", fontsize=14)


def _tell(axes: Axes, facts: Sequence[tuple[str, str]]) -> None:
    axes.set_axis_off()
    hang = "\n" + " " * 9
    lines = "\n".join(f"{name:<9s}" + hang.join(textwrap.wrap(text, 21)) for name, text in facts)
    axes.text(0, 1, lines, transform=axes.transAxes, va="top", family="monospace", fontsize=13, linespacing=1.4)


def busiest(image: Array, least: int = DETAIL_LEAST) -> tuple[slice, slice]:
    """Return the window of the steepest texture: where blur and ringing show."""
    gray = image if image.ndim == 2 else image.mean(axis=-1)
    step = max(1, min(gray.shape) // 512)
    gray = np.clip(gray[::step, ::step], *display_range([gray]))
    size = max(least, min(image.shape[:2]) // DETAIL_SHARE)
    height, width = min(3 * size // 4, image.shape[0]), min(size, image.shape[1])
    if min(gray.shape) < 2:
        return slice(0, height), slice(0, width)
    steepness = np.hypot(*np.gradient(gray))
    window = [max(1, n // step) for n in (height, width)]
    score = ndimage.uniform_filter(steepness, window, mode="constant")
    inner = [slice(w // 2, max(n - w // 2, w // 2 + 1)) for w, n in zip(window, gray.shape, strict=True)]
    peak = np.unravel_index(int(np.argmax(score[tuple(inner)])), score[tuple(inner)].shape)
    corners = [
        min(max((int(p) + i.start - w // 2) * step, 0), n - s)
        for p, i, w, n, s in zip(peak, inner, window, image.shape, (height, width), strict=False)
    ]
    return slice(corners[0], corners[0] + height), slice(corners[1], corners[1] + width)
