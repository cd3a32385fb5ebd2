"""The figure of the contrast: one picture through both meanings, and what each does to detail of every fineness."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

import restore
from deconv.contrast.meanings import Meanings
from deconv.contrast.slide import COMMON, RESTORE, SMALL, TEXT, TRANSPOSE, WORD, Box, Slide, fitted

Array = NDArray[Any]

#: The pictures that are drawn, by their names in `Meanings`.
NAMES = ("sharp", "blurred", "restored", "transposed", "small", "enlarged")
#: Inches: left edges of the columns of pictures and their width, tops of the two rows and their height.
COLUMNS, ACROSS = (0.25, 4.5, 8.25, 12.1), 3.5
ROWS, TALL = (1.88, 5.63), 2.2
#: The bands behind the rows: their left edge and size, how far above the pictures they begin.
BAND_LEFT, BAND_SIZE, BAND_RISE = 4.25, (11.5, 3.67), 0.84
#: Where the lines from g to both bands part.
FORK = 4.02
#: Lowest gain that is drawn, and what the top of the panel is at least.
LEAST, TOP = 4e-3, 5.0


@dataclass(frozen=True)
class Shown:
    """The pictures of `Meanings` as a screen shows them, 0 to 1, their PSNR in dB, and the set-up in words."""

    pictures: dict[str, Array]
    psnr: dict[str, float]
    setup: str


def draw(path: Path, made: Meanings, shown: Shown) -> None:
    """Write the figure."""
    slide = Slide(
        '"Deconvolution": one word, two operations',
        "Blurring is a matrix C:  g = C f + noise.   One operation undoes C, the other applies its transpose C'.",
    )
    headers = {
        RESTORE: "Signal processing RESTORES: which sharp picture became g?",
        TRANSPOSE: "Deep learning ENLARGES: a small map becomes a larger one",
    }
    for top, (colour, header) in zip(ROWS, headers.items(), strict=True):
        slide.band((BAND_LEFT, top - BAND_RISE, *BAND_SIZE), colour, header)
    places = _draw_pictures(slide, made, shown)
    _draw_blur(slide, made, places)
    _draw_gains(slide, made)
    slide.write(COLUMNS[0], 8.73, shown.setup, fontsize=SMALL, color=COMMON, parse_math=False, linespacing=1.35)
    slide.save(path)


def _draw_pictures(slide: Slide, made: Meanings, shown: Shown) -> dict[str, Box]:
    """Draw every picture at one scale, its formula above, what it is below; return where they lie."""
    psnr, stride, size = shown.psnr, made.stride, _size(made.enlarged)
    panels = {
        "sharp": (0, 0, "f, the sharp picture", "", "", COMMON),
        "blurred": (0, 1, "g = C f + noise", f"PSNR {_decibels(psnr['blurred'])}", "(how close to f)", COMMON),
        "restored": (1, 0, "", "undoes the blur", _change(psnr, "restored"), RESTORE),
        "transposed": (1, 1, "$C'g$, same kernel, stride 1", "blurs once more", _change(psnr, "transposed"), TRANSPOSE),
        "small": (
            2,
            1,
            "x, a small map",
            f"g at 1/{stride} of its size",
            f"{_size(made.small)} pixels",
            TRANSPOSE,
        ),
        "enlarged": (
            3,
            1,
            f"$C_{{{stride}}}'x$, stride {stride}: {size}",
            "larger, not sharper",
            _change(psnr, "enlarged"),
            TRANSPOSE,
        ),
    }
    scale = min(ACROSS / made.sharp.shape[1], TALL / made.sharp.shape[0])
    places = {}
    for name, (column, row, title, word, change, colour) in panels.items():
        box = COLUMNS[column], ROWS[row], ACROSS, TALL
        middle, below = box[0] + ACROSS / 2, box[1] + TALL
        places[name] = fitted(getattr(made, name).shape, box, scale)
        slide.picture(shown.pictures[name], places[name], colour)
        slide.write(middle, box[1] - 0.22, title, ha="center", color=colour, fontsize=WORD)
        slide.write(middle, below + 0.2, word, ha="center", color=colour, fontsize=WORD, fontweight="bold")
        slide.write(middle, below + 0.46, change, ha="center", color=colour)
    joint, middle = COLUMNS[1] + ACROSS / 2 + 0.7, ROWS[0] - 0.22
    slide.write(joint, middle, r"$(C'C + \lambda L'L)^{-1}$", ha="right", color=RESTORE, fontsize=WORD)
    slide.write(joint + 0.05, middle, "$C'g$", color=TRANSPOSE, fontsize=WORD)
    return places


def _size(image: Array) -> str:
    return f"{image.shape[1]} x {image.shape[0]}"


def _change(psnr: dict[str, float], name: str) -> str:
    """Return the PSNR and how much closer to f that is than g."""
    gain = psnr[name] - psnr["blurred"]
    if not np.isfinite(gain):
        return _decibels(psnr[name])
    return f"{_decibels(psnr[name])}, {abs(gain):.1f} {'closer to' if gain >= 0 else 'farther from'} f"


def _decibels(psnr: float) -> str:
    return f"{psnr:.1f} dB" if np.isfinite(psnr) else "infinite"


def _draw_blur(slide: Slide, made: Meanings, places: dict[str, Box]) -> None:
    """Draw the way from f to g, past the kernel, and the lines from g into both bands."""
    top, bottom = ROWS[0] + TALL + 0.12, ROWS[1] - 0.45
    edge = bottom - top
    for line, words in enumerate(("blur with C,", "add noise")):
        slide.write(COLUMNS[0] + 1.25, top + edge / 2 + 0.3 * line - 0.15, words, ha="right", color=COMMON)
    slide.arrow((COLUMNS[0] + 1.45, top), (COLUMNS[0] + 1.45, bottom))
    box = COLUMNS[0] + 1.75, top, edge, edge
    slide.picture(_square(made.psf), box, COMMON, cmap="magma", vmax=made.psf.max())
    slide.write(box[0] + edge + 0.1, top + edge / 2, "kernel", color=COMMON)

    left, above, width, height = places["blurred"]
    start, (one, two) = (left + width + 0.06, above + height / 2), (top + TALL / 2 for top in ROWS)
    slide.arrow(start, (places["transposed"][0] - 0.06, two))
    slide.line((FORK, two), (FORK, one))
    slide.arrow((FORK - 0.02, one), (places["restored"][0] - 0.06, one))
    x, y = places["small"], places["enlarged"]
    slide.arrow((x[0] + x[2] + 0.1, two), (y[0] - 0.06, two), TRANSPOSE)


def _square(psf: Array) -> Array:
    """Return the kernel with zeros round it to a square."""
    short = [max(*psf.shape, 5) - n for n in psf.shape]
    return np.pad(psf, [(n // 2, n - n // 2) for n in short])


def _draw_gains(slide: Slide, made: Meanings) -> None:
    """Draw, along the axis that the blur damps most, what blur, transpose and restoration do to each frequency."""
    direction, frequency, transfer, gain = _cut(made)
    left, top = COLUMNS[2] + 0.65, ROWS[0]
    slide.write(COLUMNS[2] + 0.1, top - 0.22, "What each does to coarse and fine detail", fontsize=WORD, color=RESTORE)
    axes = slide.axes(left, top, 3.25, TALL)
    axes.plot(frequency, np.abs(transfer), color="#b5b5b5", linewidth=8, solid_capstyle="butt")
    axes.plot(frequency, np.abs(transfer), color=TRANSPOSE, linewidth=2.5, linestyle=(0, (3, 1.5)))
    axes.plot(frequency, np.abs(gain), color=RESTORE, linewidth=3.5)
    _scale_gains(axes, direction, float(np.abs(gain).max()))
    place = left + 3.45
    slide.write(place, top + 0.12, "restoration", fontsize=WORD, fontweight="bold", color=RESTORE)
    slide.write(place + 0.75, top + 0.46, "conj(H)", ha="center", color=TRANSPOSE)
    slide.rule(place, top + 0.63, 1.5, RESTORE)
    slide.write(place + 0.75, top + 0.82, r"$|H|^2 + \lambda\,|P|^2$", ha="center", color=RESTORE)
    slide.write(place, top + 1.3, "transpose C'", fontsize=WORD, fontweight="bold", color=TRANSPOSE)
    slide.write(place, top + 1.58, "conj(H): the numerator", color=TRANSPOSE)
    slide.write(place, top + 2.06, "blur C", fontsize=WORD, fontweight="bold", color="#7a7a7a")
    slide.write(place, top + 2.34, "|H|: the same curve", color="#7a7a7a")


def _scale_gains(axes: Axes, direction: str, highest: float) -> None:
    """Say what the axes mean; the line of 1 parts what becomes stronger from what becomes weaker."""
    top = max(TOP, 2 * highest)
    axes.set(xlim=(-0.18, 0.5), yscale="log", ylim=(LEAST, top))  # on the left a strip for words
    axes.axhspan(LEAST, 1, color="#f1f1f1", zorder=0)
    axes.axhline(1, color=COMMON, linewidth=1.2, zorder=1)
    axes.set_xticks([0, 0.25, 0.48], ["coarse", f"{direction} detail", "fine"], fontsize=TEXT - 2)
    largest = int(np.log10(top))
    powers = [n for n in range(-2, largest + 1) if n % (1 + largest // 3) == 0]
    axes.set_yticks([10.0**n for n in powers], [_times(n) for n in powers], fontsize=TEXT - 2)
    axes.minorticks_off()
    axes.tick_params(length=0)
    for height, word, side in ((1.15, "stronger", "bottom"), (0.8, "weaker", "top")):
        axes.text(-0.172, height, word, va=side, style="italic", color="#6a6a6a", fontsize=TEXT - 2)


def _times(power: int) -> str:
    return f"\N{MULTIPLICATION SIGN}{10.0**power:g}" if power < 4 else rf"$\times 10^{power}$"


def _cut(made: Meanings) -> tuple[str, Array, Array, Array]:
    """Return direction, frequencies, H and the restoring filter, horizontally or vertically: where H damps more."""
    shape = made.sharp.shape[:2]
    transfer = restore.psf_to_otf(made.psf, shape)
    point = np.zeros(shape)
    point[0, 0] = 1  # its spectrum is 1, so that of its restoration is the filter
    found = restore.constrained_least_squares(point, made.psf, regularization=made.regularization, boundary="periodic")
    gain = np.fft.rfft2(found)
    half = shape[0] // 2 + 1
    cuts = {
        "horizontal": (np.fft.rfftfreq(shape[1]), transfer[0], gain[0]),
        "vertical": (np.fft.rfftfreq(shape[0]), transfer[:half, 0], gain[:half, 0]),
    }
    return min(((word, *cut) for word, cut in cuts.items()), key=lambda cut: float(np.abs(cut[2]).mean()))
