"""The card as a sheet: the input and the sizes in one block, the angles in a second one, each with a detail below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from deconv.deblur.card import IN_USE, Variant
from deconv.deblur.work import Work
from deconv.figures.comparison import FOOT, GAP, HEAD, MARGIN
from deconv.figures.display import Scale, busiest, display, display_range, range_words, shrunk
from deconv.figures.panels import show, show_psf, tall_of
from deconv.figures.sheet import ACCENT, WIDTH, Sheet

Array = NDArray[Any]

COLUMNS = 4
#: Inches: one column, and below the last block.
ACROSS = (WIDTH - 2 * MARGIN - (COLUMNS - 1) * GAP) / COLUMNS
BELOW = 1.2
BEST = "#2e7d32"
#: A misfit is told from the best one from this difference on.
CLEAR = 2.0
LEGEND = (
    "misfit: how much worse this PSF explains the spectrum than the best one here; below 2 is a tie, "
    "which is usual for gaussians. It knows photographs, not stars or drawings.\n"
    "residual: what re-blurring leaves, in units of the noise; it may show a PSF that is too large, "
    "not one too small.\n"
    "By eye: ripples beside edges tell a wrong PSF, above all one too large; soft edges without ripples one too small."
)


@dataclass(frozen=True, eq=False)
class _Cells:
    """The places of the card: a picture and its detail in every column, on one display range."""

    sheet: Sheet
    range: tuple[float, float]
    shape: tuple[int, int]
    window: tuple[slice, slice]

    @classmethod
    def of(cls, sheet: Sheet, picture: Array) -> _Cells:
        """Return the places for pictures like this one."""
        return cls(sheet, display_range([picture]), picture.shape[:2], busiest(picture))

    def draw(self, column: int, top: float, image: Array, title: str, caption: str = "", colour: str = "black") -> None:
        """Draw a picture under its title, and its detail above a caption."""
        left = MARGIN + column * (ACROSS + GAP)
        whole, detail = heights(self.shape, self.window)
        axes = self.sheet.axes(left, top, ACROSS, whole)
        show(axes, shrunk(image), Scale(*self.range), extent=(0, self.shape[1], self.shape[0], 0))
        axes.set_title(title, fontsize=15, color=colour)
        rows, columns = self.window
        corner, size = (columns.start, rows.start), (columns.stop - columns.start, rows.stop - rows.start)
        axes.add_patch(Rectangle(corner, *size, fill=False, edgecolor=ACCENT, linewidth=2))
        axes = self.sheet.axes(left, top + whole + GAP, ACROSS, detail)
        show(axes, image[rows, columns], Scale(*self.range))
        axes.set_xlabel(caption, fontsize=14, color=colour)
        for spine in axes.spines.values():
            spine.set(edgecolor=ACCENT, linewidth=2)


def draw(path: Path, work: Work, variants: Sequence[Variant]) -> None:
    """Write the card."""
    before = display(work.light.picture)
    block = HEAD + sum(heights(before.shape[:2], busiest(before))) + GAP
    blocks = _blocks(variants)
    sheet = Sheet(len(blocks) * block + FOOT + BELOW, f"{Path(work.source).name}: how much hangs on the PSF?")
    cells = _Cells.of(sheet, before)
    facts = f"in use: {work.kernel.describe()}", range_words(cells.range)
    _write(sheet, 0.72, "; ".join(filter(None, facts)), 14)
    clear = sum(v.misfit < CLEAR for v in variants) == 1
    for i, row in enumerate(blocks):
        top = HEAD + 0.2 + i * block
        if i == 0:
            cells.draw(0, top, before, "input")
        else:
            edge = 0.8 * min(ACROSS, heights(cells.shape, cells.window)[0])
            show_psf(sheet.axes(MARGIN + (ACROSS - edge) / 2, top, edge, edge), work.kernel.psf)
        for column, variant in enumerate(row, 1):
            colour = BEST if variant.misfit < CLEAR else "black"
            cells.draw(column, top, variant.image, variant.title, _caption(variant, clear=clear), colour)
    _write(sheet, len(blocks) * block + 0.2 + FOOT + 0.5, LEGEND, 13)
    sheet.save(path)


def heights(shape: tuple[int, int], window: tuple[slice, slice]) -> tuple[float, float]:
    """Return the inches that a picture and its detail take."""
    rows, columns = window
    return tall_of(ACROSS, *shape), tall_of(ACROSS, rows.stop - rows.start, columns.stop - columns.start)


def _blocks(variants: Sequence[Variant]) -> list[list[Variant]]:
    """Return the variants of the size, and those of the angle about the one in use."""
    sizes = [v for v in variants if not v.name.startswith("angle")]
    angles = [v for v in variants if v.name.startswith("angle")]
    in_use = next(v for v in variants if v.name == IN_USE)
    return [sizes, [angles[0], in_use, *angles[1:]]] if angles else [sizes]


def _caption(variant: Variant, *, clear: bool) -> str:
    word = "" if variant.misfit >= CLEAR else " (best)" if clear else " (tie)"
    return f"misfit {variant.misfit:.1f}{word}, residual {variant.residual:.2f}"


def _write(sheet: Sheet, top: float, text: str, size: float) -> None:
    sheet.text(WIDTH / 2, top, text, fontsize=size, ha="center", va="center", linespacing=1.5)
