"""What a panel shows of a stack: the largest of a volume from three sides, a scale bar, and what is left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray

from deconv.figures.display import first_volume
from deconv.pictures import Picture

Array = NDArray[Any]

#: Share of a picture's width that a scale bar takes at most.
LONGEST_BAR = 0.3
#: A view from the side takes at most this share of the longer edge: slices far apart are drawn closer, and it is said.
MOST_DEPTH = 1.0
OUTLINE = withStroke(linewidth=3, foreground="black")


@dataclass(frozen=True, eq=False)
class Sides:
    """A volume from the front, along Y, ``(Z, W)``, and from the side, along X, ``(H, Z)``.

    `thickness` is how many columns a slice takes.
    """

    front: Array
    side: Array
    thickness: float

    @property
    def depth(self) -> float:
        """Return how many columns all slices take."""
        return len(self.front) * self.thickness


def sides_of(picture: Picture) -> Sides | None:
    """Return a volume from two sides, its slices as thick as the file says; None of what is no volume."""
    volume = first_volume(picture)
    if volume is None or len(volume) < 2:
        return None
    spacing = picture.calibration.spacing
    thickness = spacing["Z"] / spacing["X"] if {"Z", "X"} <= set(spacing) else 1.0
    most = MOST_DEPTH * max(volume.shape[1:3]) / len(volume)
    return Sides(front=volume.max(axis=1), side=np.swapaxes(volume.max(axis=2), 0, 1), thickness=min(thickness, most))


def step_of(picture: Picture) -> float | None:
    """Return how many micrometres a column is wide, None where the file does not say it."""
    return picture.calibration.spacing.get("X")


def shown_words(picture: Picture, along: str = "each axis") -> str:
    """Say which part of a stack is shown, nothing where all of it is; of a volume the largest along something."""
    if not picture.planes:
        return ""
    lengths = [(axis, n) for axis, n in zip(picture.plane_axes, picture.plane_shape, strict=True) if n > 1]
    words = {"C": "channels", "T": "times"}
    first = [f"first of {n} {words.get(axis, 'planes')}" for axis, n in lengths if axis != "Z"]
    spacing = picture.calibration.spacing
    is_volume = any(axis == "Z" for axis, _ in lengths)
    parts = [*([f"largest along {along}"] if is_volume else []), *first]
    return ", ".join(
        [*parts, *(["slices as thick as columns"] if is_volume and "Z" not in spacing and along != "Z" else [])]
    )


def draw_bar(axes: Axes, columns: int, step: float) -> None:
    """Draw a bar of a round length in the lower left corner of a picture so many columns wide."""
    length, words = bar_of(columns * step)
    share = length / (columns * step)
    line = axes.plot([0.04, 0.04 + share], [0.06, 0.06], transform=axes.transAxes, color="white", linewidth=4)[0]
    line.set(solid_capstyle="butt", path_effects=[withStroke(linewidth=7, foreground="black")], zorder=6)
    style: dict[str, Any] = {"color": "white", "fontsize": 14, "ha": "left", "va": "bottom", "zorder": 6}
    axes.text(0.04, 0.08, words, transform=axes.transAxes, path_effects=[OUTLINE], **style)


def name_axes(axes: Axes, words: str) -> None:
    """Write which axes a view has into its upper left corner."""
    place: dict[str, Any] = {"ha": "left", "va": "top", "zorder": 6, "xycoords": "axes fraction"}
    axes.annotate(
        words, (0, 1), (5, -4), textcoords="offset points", color="white", fontsize=13, path_effects=[OUTLINE], **place
    )


def bar_of(width: float) -> tuple[float, str]:
    """Return a round length, in micrometres, of at most a share of a width, and how it is written.

    >>> bar_of(64 * 0.1)
    (1.0, '1 µm')
    >>> bar_of(0.9), bar_of(20_000)[1]
    ((0.2, '200 nm'), '5 mm')
    """
    most = LONGEST_BAR * width
    decade = 10.0 ** np.floor(np.log10(most) + 1e-9)
    length = float(max(factor for factor in (1, 2, 5) if factor * decade <= most * (1 + 1e-9)) * decade)
    unit, factor = ("nm", 1e3) if length < 1 else ("\N{MICRO SIGN}m", 1.0) if length < 1e3 else ("mm", 1e-3)
    return length, f"{length * factor:g} {unit}"
