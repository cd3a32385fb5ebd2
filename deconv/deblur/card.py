"""The PSF sensitivity card: the restoration beside those with a smaller, a larger and a turned PSF, with scores."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matplotlib.patches import Rectangle
from numpy.typing import NDArray

import restore
from deconv.figures.comparison import (
    ACCENT,
    FOOT,
    GAP,
    HEAD,
    MARGIN,
    WIDTH,
    Sheet,
    _show,
    _show_psf,
    _tall,
    busiest,
    display,
    display_range,
    shrunk,
)
from deconv.inputs.linear_light import LightPicture
from deconv.inputs.psf import FAMILIES, Kernel
from deconv.options import UsageError
from restore.psf.family import FAMILIES as PSF_FAMILIES

Array = NDArray[Any]

COLUMNS = 4
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


@dataclass(frozen=True)
class Variant:
    """One PSF of the card, what it makes of the picture and its scores."""

    name: str
    title: str
    image: Array
    misfit: float
    residual: float

    def record(self) -> dict[str, Any]:
        """Return the variant's part of the JSON report."""
        return {"psf": self.name, "misfit": self.misfit, "residual": self.residual}


def refuse_unfit(light: LightPicture, kernel: Kernel) -> None:
    """Refuse what a card cannot show."""
    if light.picture.planes:
        raise UsageError("--card shows one plane (choose it with --frame N)")
    if kernel.psf.ndim != 2:
        raise UsageError("--card needs a 2-D PSF")


def try_variants(light: LightPicture, kernel: Kernel, mask: Array | None, options: dict[str, Any]) -> list[Variant]:
    """Restore with the PSF in use and its neighbours, as the picture itself is restored."""
    family = kernel.family if kernel.family in FAMILIES else None
    psfs = restore.psf_variants(kernel.psf, family=family, parameters=kernel.parameters if family else None)
    trials = restore.psf_sensitivity(light.image, list(psfs.values()), mask=mask, **options)
    return [
        Variant(
            name,
            _title(name, kernel, family),
            display(light.stored(trial.restoration.image)),
            trial.misfit,
            trial.residual,
        )
        for name, trial in zip(psfs, trials, strict=True)
    ]


def draw(path: Path, source: str, light: LightPicture, kernel: Kernel, variants: list[Variant]) -> None:
    """Write the card: the input and the sizes in one block, the angles in a second one."""
    before = display(light.picture)
    low, high = display_range([before])
    rows, columns = busiest(before)
    height, width = before.shape[:2]
    across = (WIDTH - 2 * MARGIN - (COLUMNS - 1) * GAP) / COLUMNS
    tall = _tall(across, height, width), _tall(across, rows.stop - rows.start, columns.stop - columns.start)
    block = HEAD + sum(tall) + GAP
    named = {variant.name: variant for variant in variants}
    in_use = named["in use"]
    blocks = [[v for name, v in named.items() if not name.startswith("angle")]]
    angles = [v for name, v in named.items() if name.startswith("angle")]
    if angles:
        blocks.append([angles[0], in_use, angles[1]])
    sheet = Sheet(len(blocks) * block + FOOT + 1.2, f"{Path(source).name}: how much hangs on the PSF?")
    place = _figure_text(sheet)
    place(0.72, f"in use: {kernel.describe()}", 14)

    def cell(column: int, top: float, image: Array, title: str, caption: str, colour: str) -> None:
        left = MARGIN + column * (across + GAP)
        whole = sheet.axes(left, top, across, tall[0])
        _show(whole, shrunk(image), low, high, extent=(0, width, height, 0))
        whole.set_title(title, fontsize=15, color=colour)
        corner = columns.start, rows.start
        size = columns.stop - columns.start, rows.stop - rows.start
        whole.add_patch(Rectangle(corner, *size, fill=False, edgecolor=ACCENT, linewidth=2))
        detail = sheet.axes(left, top + tall[0] + GAP, across, tall[1])
        _show(detail, image[rows, columns], low, high)
        detail.set_xlabel(caption, fontsize=14, color=colour)
        for spine in detail.spines.values():
            spine.set(edgecolor=ACCENT, linewidth=2)

    clear = sum(v.misfit < CLEAR for v in variants) == 1
    for i, row in enumerate(blocks):
        top = HEAD + 0.2 + i * block
        if i == 0:
            cell(0, top, before, "input", "", "black")
        else:
            edge = 0.8 * min(across, tall[0])
            _show_psf(sheet.axes(MARGIN + (across - edge) / 2, top, edge, edge), kernel.psf)
        for column, variant in enumerate(row, 1):
            colour = BEST if variant.misfit < CLEAR else "black"
            word = "" if variant.misfit >= CLEAR else " (best)" if clear else " (tie)"
            caption = f"misfit {variant.misfit:.1f}{word}, residual {variant.residual:.2f}"
            cell(column, top, variant.image, variant.title, caption, colour)
    place(len(blocks) * block + 0.2 + FOOT + 0.5, LEGEND, 13)
    sheet.figure.savefig(path, format="png", metadata={"Software": None})


def _figure_text(sheet: Sheet) -> Callable[[float, str, float], None]:
    tall = float(sheet.figure.get_size_inches()[1])

    def place(top: float, text: str, size: float) -> None:
        sheet.figure.text(0.5, 1 - top / tall, text, fontsize=size, ha="center", va="center", linespacing=1.5)

    return place


def _title(name: str, kernel: Kernel, family: str | None) -> str:
    """Return what a person calls the variant: its parameter and how far it is from the one in use."""
    if family is None:
        return name.replace("-", chr(0x2212))
    if name == "in use":
        sizes = [record.size for record in PSF_FAMILIES.values()]
        values = [f"{n} {v:.4g}" for n, v in kernel.parameters.items() if n in (*sizes, "angle")]
        return f"in use: {', '.join(values)}"
    word, change = name.split(" ", 1)
    if word == "angle":
        value = kernel.parameters.get("angle", 0.0) + float(change.split()[0])
        return f"angle {value % 180:.4g} deg ({change.replace('-', chr(0x2212))})"
    parameter = next(iter(kernel.parameters))
    value = kernel.parameters[parameter] * (1 + float(change.split()[0]) / 100)
    return f"{parameter} {value:.4g} px ({change.replace('-', chr(0x2212))})"
