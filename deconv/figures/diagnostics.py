"""The row of a figure that says why: what the blur passes, what the filter makes of it, and what is left over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from deconv.figures.comparison import MARGIN
from deconv.figures.sheet import ACCENT, WIDTH, Sheet
from restore import Diagnosis, Restoration, StrengthChoice

Array = NDArray[Any]

#: Inches: the height of the row with its titles, the space between charts and at their left for labels.
HEIGHT, SPACE, HEAD, FOOT = 4.3, 0.95, 0.55, 0.75
#: The share of the residual's samples that its gray scale covers.
COVERED = 0.995
#: What the blur does, what the restoration does, and both together.
BLUR, RESTORATION, TOGETHER = "#555555", ACCENT, "#1d7874"


@dataclass(frozen=True)
class Chart:
    """One chart: what it shows in a sentence, and how it is drawn on axes of any size."""

    meaning: str
    draw: Callable[[Axes], None]


class Diagnostics:
    """The row of all charts of one restoration, drawn below the pictures."""

    height = HEIGHT

    def __init__(self, restoration: Restoration, diagnosis: Diagnosis) -> None:
        self._charts = charts(restoration, diagnosis)

    def draw(self, sheet: Sheet, top: float) -> None:
        """Draw the row with its upper edge at `top` inches."""
        across = (WIDTH - 2 * MARGIN) / len(self._charts)
        for i, chart in enumerate(self._charts):
            left = MARGIN + i * across + SPACE
            chart.draw(sheet.axes(left, top + HEAD, across - SPACE, HEIGHT - HEAD - FOOT))


def charts(restoration: Restoration, diagnosis: Diagnosis) -> list[Chart]:
    """Return the charts of one restoration."""
    sigma, choice = restoration.noise_sigma, restoration.choice
    row = [
        Chart(
            "How much of each frequency the blur lets through; of a linear filter also how much it gives back, and "
            "both together: at 1 a frequency is restored in full, far below it is given up.",
            partial(_draw_gain, diagnosis),
        ),
        Chart(
            "What is left when the restored picture is blurred again and taken from the input: it should look like "
            "noise; edges in it speak against the PSF or the strength.",
            partial(_draw_residual, diagnosis, sigma),
        ),
        Chart(
            "How strong that rest is at each frequency: near the dotted line it is the noise, far above it the "
            "restoration leaves something of the picture unexplained.",
            partial(_draw_spectrum, diagnosis, sigma),
        ),
    ]
    if restoration.contradictions is not None:
        row.append(
            Chart(
                "Which samples contradict the PSF, dark, and which clipped ones are brighter than they say, pale: what "
                "the rest predicts took their place. Outlines of things among them speak against the PSF.",
                partial(_draw_contradictions, restoration),
            )
        )
    if choice is not None:
        row.append(
            Chart(
                "What the rule saw at every strength that it tried, and the strength that it chose, the upright line.",
                partial(_draw_choice, choice),
            )
        )
    return row


def _draw_gain(diagnosis: Diagnosis, axes: Axes) -> None:
    otf, gain = diagnosis.transfer, diagnosis.gain
    radius, power = by_radius(otf)
    axes.semilogy(radius, np.maximum(power, 1e-6), color=BLUR, label="blur |H|")
    if gain.size:
        axes.semilogy(radius, np.maximum(by_radius(gain)[1], 1e-6), color=RESTORATION, label="filter |F / G|")
        both = by_radius(np.abs(otf) * gain)[1]
        axes.semilogy(radius, np.maximum(both, 1e-6), color=TOGETHER, linestyle="--", label="together")
    axes.set_ylim(bottom=max(axes.get_ylim()[0], 1e-4))
    axes.legend(fontsize=11, frameon=False)
    _label(axes, "what passes", "frequency (cycles per pixel)")


def _draw_residual(diagnosis: Diagnosis, sigma: float, axes: Axes) -> None:
    residual = diagnosis.residual
    plane = residual[residual.shape[0] // 2] if residual.ndim == 4 else residual
    gray = plane.mean(axis=-1)
    reach = float(np.quantile(np.abs(gray), COVERED)) or 1.0
    axes.imshow(gray, cmap="gray", vmin=-reach, vmax=reach, interpolation="nearest")
    axes.set(xticks=[], yticks=[])
    _label(axes, "residual g - h * f", f"rms {diagnosis.residual_sigma:.2g}, noise {sigma:.2g}")


def _draw_spectrum(diagnosis: Diagnosis, sigma: float, axes: Axes) -> None:
    radius, power = by_radius(diagnosis.residual_spectrum)
    axes.semilogy(radius[1:], np.maximum(power[1:], 1e-300), color=RESTORATION, label="residual")
    axes.axhline(sigma**2, color=BLUR, linestyle=":", label="white noise")
    axes.legend(fontsize=11, frameon=False)
    _label(axes, f"its power, whiteness {diagnosis.whiteness:.2f}", "frequency (cycles per pixel)")


def _draw_contradictions(restoration: Restoration, axes: Axes) -> None:
    outliers, ndim = restoration.contradictions, restoration.psf.ndim
    assert outliers is not None
    wrong, brighter = (
        where.any(axis=-1) if where.ndim > ndim else where for where in (outliers.wrong, outliers.brighter)
    )
    shade = np.where(wrong, 2, np.where(brighter, 1, 0))
    plane = shade[shade.shape[0] // 2] if shade.ndim == 3 else shade
    axes.imshow(plane, cmap="Reds", vmin=0, vmax=2, interpolation="nearest")
    axes.set(xticks=[], yticks=[])
    _label(axes, "outliers", f"{outliers.share:.2%} contradict the PSF")


def _draw_choice(choice: StrengthChoice, axes: Axes) -> None:
    criterion = choice.criterion - min(0.0, float(choice.criterion.min()))
    axes.loglog(choice.candidates, np.maximum(criterion, 1e-300), color=BLUR)
    axes.axvline(choice.value, color=RESTORATION, label=f"{choice.value:.2g}")
    axes.legend(fontsize=11, frameon=False)
    _label(axes, f"rule {choice.rule}", "strength")


def by_radius(half: Array) -> tuple[Array, Array]:
    """Return radii in cycles per pixel and the mean of a 2-D half spectrum over rings; other spectra as they come."""
    values = np.asarray(half, float)
    if values.ndim != 2:
        line = values.reshape(-1, values.shape[-1]).mean(axis=0)
        return np.linspace(0, 0.5, line.size), line
    rows, columns = values.shape
    down = np.abs(np.fft.fftfreq(rows))[:, None]
    across = np.linspace(0, 0.5, columns)
    rings = (
        np.rint(np.hypot(down, across) * 2 * (columns - 1)).astype(int).ravel() if columns > 1 else np.zeros(rows, int)
    )
    count = np.bincount(rings)
    mean = np.bincount(rings, values.ravel()) / np.maximum(count, 1)
    used = (count > 0) & (np.arange(count.size) < max(columns, 1))
    return np.arange(count.size)[used] / (2 * max(columns - 1, 1)), mean[used]


def _label(axes: Axes, title: str, below: str) -> None:
    axes.set_title(title, fontsize=15)
    axes.set_xlabel(below, fontsize=13)
    axes.tick_params(labelsize=11)
