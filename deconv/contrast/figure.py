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
from deconv.contrast.rendering import Rendering
from deconv.contrast.slide import COMMON, RESTORE, SMALL, TEXT, TRANSPOSE, WORD, Box, Slide, fitted

Array = NDArray[Any]

#: Inches: left edges of the columns of pictures and their width, tops of the two rows and their height.
COLUMNS, ACROSS = (0.25, 4.5, 8.25, 12.1), 3.5
ROWS, TALL = (1.88, 5.63), 2.2
#: The bands behind the rows: their left edge and size, how far above the pictures they begin.
BAND_LEFT, BAND_SIZE, BAND_RISE = 4.25, (11.5, 3.67), 0.84
#: Where the lines from g to both bands part.
FORK = 4.02
#: Lowest gain that is drawn, and what the top of the panel is at least.
LEAST, TOP = 4e-3, 5.0


def draw(path: Path, meanings: Meanings, rendering: Rendering) -> None:
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
    places = _draw_pictures(slide, meanings, rendering)
    _draw_blur(slide, meanings)
    _draw_ways(slide, places)
    _draw_gains(slide, meanings)
    slide.write(COLUMNS[0], 8.73, rendering.setup, fontsize=SMALL, color=COMMON, parse_math=False, linespacing=1.35)
    slide.save(path)


@dataclass(frozen=True)
class _Panel:
    """The column and row of a picture, the formula above it and two lines below it."""

    place: tuple[int, int]
    title: str
    words: tuple[str, str] = ("", "")

    @property
    def box(self) -> Box:
        """Return the place that the picture may take."""
        return COLUMNS[self.place[0]], ROWS[self.place[1]], ACROSS, TALL

    @property
    def colour(self) -> str:
        """Return the colour of the meaning: in the first column is what both share."""
        return COMMON if self.place[0] == 0 else (RESTORE, TRANSPOSE)[self.place[1]]


def _panels(meanings: Meanings, psnr: dict[str, float]) -> dict[str, _Panel]:
    stride, size = meanings.stride, _size(meanings.enlarged)
    small = f"g at 1/{stride} of its size", f"{_size(meanings.small)} pixels"
    return {
        "sharp": _Panel((0, 0), "f, the sharp picture"),
        "blurred": _Panel((0, 1), "g = C f + noise", (f"PSNR {_decibels(psnr['blurred'])}", "(how close to f)")),
        "restored": _Panel((1, 0), "", ("undoes the blur", _change(psnr, "restored"))),
        "transposed": _Panel((1, 1), "$C'g$, same kernel, stride 1", ("blurs once more", _change(psnr, "transposed"))),
        "small": _Panel((2, 1), "x, a small map", small),
        "enlarged": _Panel(
            (3, 1), f"$C_{{{stride}}}'x$, stride {stride}: {size}", ("larger, not sharper", _change(psnr, "enlarged"))
        ),
    }


def _draw_pictures(slide: Slide, meanings: Meanings, rendering: Rendering) -> dict[str, Box]:
    """Draw every picture at one scale, its formula above, what it is below; return where they lie."""
    scale = min(ACROSS / meanings.sharp.shape[1], TALL / meanings.sharp.shape[0])
    places = {}
    for name, panel in _panels(meanings, rendering.psnr).items():
        places[name] = fitted(getattr(meanings, name).shape, panel.box, scale)
        slide.picture(rendering.pictures[name], places[name], panel.colour)
        _write_panel(slide, panel)
    joint, middle = COLUMNS[1] + ACROSS / 2 + 0.7, ROWS[0] - 0.22
    slide.write(joint, middle, r"$(C'C + \lambda L'L)^{-1}$", ha="right", color=RESTORE, fontsize=WORD)
    slide.write(joint + 0.05, middle, "$C'g$", color=TRANSPOSE, fontsize=WORD)
    return places


def _write_panel(slide: Slide, panel: _Panel) -> None:
    left, top, across, tall = panel.box
    middle, below = left + across / 2, top + tall
    slide.write(middle, top - 0.22, panel.title, ha="center", color=panel.colour, fontsize=WORD)
    first, second = panel.words
    slide.write(middle, below + 0.2, first, ha="center", color=panel.colour, fontsize=WORD, fontweight="bold")
    slide.write(middle, below + 0.46, second, ha="center", color=panel.colour)


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


def _draw_blur(slide: Slide, meanings: Meanings) -> None:
    """Draw the way from f to g, past the kernel."""
    top, bottom = ROWS[0] + TALL + 0.12, ROWS[1] - 0.45
    edge = bottom - top
    for line, words in enumerate(("blur with C,", "add noise")):
        slide.write(COLUMNS[0] + 1.25, top + edge / 2 + 0.3 * line - 0.15, words, ha="right", color=COMMON)
    slide.arrow((COLUMNS[0] + 1.45, top), (COLUMNS[0] + 1.45, bottom))
    box = COLUMNS[0] + 1.75, top, edge, edge
    slide.picture(_square(meanings.psf), box, COMMON, cmap="magma", vmax=meanings.psf.max())
    slide.write(box[0] + edge + 0.1, top + edge / 2, "kernel", color=COMMON)


def _draw_ways(slide: Slide, places: dict[str, Box]) -> None:
    """Draw the lines from g into both bands, and from the small map to the enlarged one."""
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


def _draw_gains(slide: Slide, meanings: Meanings) -> None:
    """Draw, along the axis that the blur damps most, what blur, transpose and restoration do to each frequency."""
    cut = _steepest_cut(meanings)
    left, top = COLUMNS[2] + 0.65, ROWS[0]
    slide.write(COLUMNS[2] + 0.1, top - 0.22, "What each does to coarse and fine detail", fontsize=WORD, color=RESTORE)
    axes = slide.axes(left, top, 3.25, TALL)
    axes.plot(cut.frequency, np.abs(cut.otf), color="#b5b5b5", linewidth=8, solid_capstyle="butt")
    axes.plot(cut.frequency, np.abs(cut.otf), color=TRANSPOSE, linewidth=2.5, linestyle=(0, (3, 1.5)))
    axes.plot(cut.frequency, np.abs(cut.gain), color=RESTORE, linewidth=3.5)
    _scale_gains(axes, cut.direction, float(np.abs(cut.gain).max()))
    _write_formulas(slide, left + 3.45, top)


def _write_formulas(slide: Slide, left: float, top: float) -> None:
    """Write what the curves are."""
    slide.write(left, top + 0.12, "restoration", fontsize=WORD, fontweight="bold", color=RESTORE)
    slide.write(left + 0.75, top + 0.46, "conj(H)", ha="center", color=TRANSPOSE)
    slide.rule(left, top + 0.63, 1.5, RESTORE)
    slide.write(left + 0.75, top + 0.82, r"$|H|^2 + \lambda\,|P|^2$", ha="center", color=RESTORE)
    slide.write(left, top + 1.3, "transpose C'", fontsize=WORD, fontweight="bold", color=TRANSPOSE)
    slide.write(left, top + 1.58, "conj(H): the numerator", color=TRANSPOSE)
    slide.write(left, top + 2.06, "blur C", fontsize=WORD, fontweight="bold", color="#7a7a7a")
    slide.write(left, top + 2.34, "|H|: the same curve", color="#7a7a7a")


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


@dataclass(frozen=True, eq=False)
class _Cut:
    """H and the restoring filter along one direction."""

    direction: str
    frequency: Array
    otf: Array
    gain: Array


def _steepest_cut(meanings: Meanings) -> _Cut:
    """Return the cut, horizontal or vertical, on which H damps more."""
    rows, columns = meanings.sharp.shape[:2]
    otf, gain = restore.psf_to_otf(meanings.psf, (rows, columns)), _gain(meanings)
    half = rows // 2 + 1
    cuts = (
        _Cut(direction="horizontal", frequency=np.fft.rfftfreq(columns), otf=otf[0], gain=gain[0]),
        _Cut(direction="vertical", frequency=np.fft.rfftfreq(rows), otf=otf[:half, 0], gain=gain[:half, 0]),
    )
    return min(cuts, key=lambda cut: float(np.abs(cut.otf).mean()))


def _gain(meanings: Meanings) -> Array:
    """Return the restoring filter over frequency."""
    point = np.zeros(meanings.sharp.shape[:2])
    point[0, 0] = 1  # its spectrum is 1, so that of its restoration is the filter
    response = restore.constrained_least_squares(
        point, meanings.psf, regularization=meanings.regularization, boundary="periodic"
    )
    return np.fft.rfft2(response)
