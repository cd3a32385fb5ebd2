"""The figure of the circle: g three ways, the weights before and after training, and the three filters in one panel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from deconv.contrast.learning.circle import NAMES, Circle
from deconv.contrast.slide import COMMON, RESTORE, TRANSPOSE
from deconv.figures.display import psf_square
from deconv.figures.sheet import WIDTH, Sheet

Array = NDArray[Any]

#: Colour of the trained layer, which belongs to both meanings.
LEARNED = "#6d3fa0"
TITLES = {
    "sharp": ("f, sharp", COMMON),
    "blurred": ("g = C f + noise", COMMON),
    "transposed": ("C'g: the layer untrained", TRANSPOSE),
    "learned": ("the layer trained", LEARNED),
    "wiener": ("Wiener restoration", RESTORE),
}
#: Inches: the rim, the space between panels, a title above a panel, the height of the second row, the edge of a kernel.
MARGIN, GAP, TITLE, ROW, EDGE = 0.4, 0.2, 0.75, 3.6, 2.9


def draw(path: Path, circle: Circle, pictures: dict[str, Array]) -> None:
    """Write the figure; `pictures` are those of `NAMES` as a screen shows them."""
    sheet = Sheet(title="Trained to restore, the layer of deep learning becomes the Wiener filter")
    sheet.top = 0.6
    _draw_pictures(sheet, circle, pictures)
    _draw_weights(sheet, circle)
    _draw_responses(sheet, circle)
    sheet.top += TITLE + ROW + 0.6
    sheet.text(MARGIN, 0, words_of(circle), fontsize=13, color="#444444", linespacing=1.5)
    sheet.top += 1.2
    sheet.save(path)


def _draw_pictures(sheet: Sheet, circle: Circle, pictures: dict[str, Array]) -> None:
    across = (WIDTH - 2 * MARGIN - 4 * GAP) / len(NAMES)
    rows, columns = circle.sharp.shape[:2]
    tall = min(across * rows / columns, 1.4 * across)
    for i, name in enumerate(NAMES):
        title, colour = TITLES[name]
        left = MARGIN + i * (across + GAP)
        score = "" if name == "sharp" else f"{circle.psnr[name]:.2f} dB"
        sheet.text(left, 0.08, title, fontsize=15, color=colour, fontweight="bold")
        sheet.text(left, 0.4, score, fontsize=14, color=colour)
        axes = sheet.axes(left, TITLE, across, tall)
        axes.imshow(pictures[name], cmap="gray", vmin=0, vmax=1, interpolation="antialiased")
        axes.set(xticks=[], yticks=[])
    sheet.top += TITLE + tall + 0.25


def _draw_weights(sheet: Sheet, circle: Circle) -> None:
    """Draw the kernel of C' and the learned weights, both as they are thrown."""
    learned = circle.layer.weight[0, 0]
    limit = float(np.abs(learned).max())
    kernels = {"its weights untrained: h turned": circle.kernel, "its weights trained": learned}
    for i, (title, kernel) in enumerate(kernels.items()):
        left = MARGIN + i * (EDGE + 3 * GAP)
        sheet.text(left, 0.3, title, fontsize=14, color=(TRANSPOSE, LEARNED)[i])
        axes = sheet.axes(left, TITLE, EDGE, EDGE)
        top = float(np.abs(kernel).max()) if i == 0 else limit
        axes.imshow(psf_square(kernel), cmap="RdBu", vmin=-top, vmax=top, interpolation="nearest")
        axes.set(xticks=[], yticks=[])
        sheet.text(left, TITLE + EDGE + 0.1, "blue adds, red subtracts", fontsize=12, color="#777777")


def _draw_responses(sheet: Sheet, circle: Circle) -> None:
    """Draw the gains along the axis that the blur damps most."""
    left = MARGIN + 2 * EDGE + 6 * GAP + 0.9
    sheet.text(left, 0.3, "what each does to coarse and fine detail", fontsize=14)
    axes = sheet.axes(left, TITLE, WIDTH - left - MARGIN, ROW - 0.35)
    direction, gains = circle.responses.cut()
    frequency = np.linspace(0, 0.5, len(gains["wiener"]))
    axes.plot(frequency, gains["wiener"], color=RESTORE, linewidth=8, alpha=0.35, label="Wiener filter of the training")
    axes.plot(frequency, gains["learned"], color=LEARNED, linewidth=2.5, label=f"trained layer, {circle.taps} taps")
    axes.plot(
        frequency, gains["transpose"], color=TRANSPOSE, linewidth=2.5, ls=(0, (4, 2)), label="transpose C': conj(H)"
    )
    _scale(axes, direction, max(float(gain.max()) for gain in gains.values()))


def _scale(axes: Axes, direction: str, highest: float) -> None:
    axes.set(xlim=(0, 0.5), ylim=(0, 1.15 * highest))
    axes.axhline(1, color=COMMON, linewidth=1)
    axes.set_xlabel(f"{direction} detail, cycles per pixel", fontsize=13)
    axes.set_ylabel("gain", fontsize=13)
    axes.tick_params(labelsize=12)
    axes.grid(color="#ececec")
    axes.legend(fontsize=12, loc="upper right", framealpha=0.9)


def words_of(circle: Circle) -> str:
    """Return in three lines what was done and what came out."""
    count = len(circle.files)
    where = f"{count} other picture{'s' * (count != 1)}" if circle.is_fair else "this picture, for there was no other"
    return (
        "Untrained and trained are one transposed convolution of stride 1 with other weights. Untrained it is C', the "
        f"numerator conj(H). Trained on {where},\n"
        f"blurred and noisy as g is, it comes within {circle.responses.deviation:.1%} of the largest gain (root mean "
        "square) of conj(H) / (|H|\N{SUPERSCRIPT TWO} + S_noise / S_mean): training adds\n"
        "the denominator, and so the layer restores. The Wiener restoration beside it looks at the spectrum of g."
    )
