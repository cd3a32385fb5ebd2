"""The row of a figure that says why: what the blur passes, what the filter makes of it, and what is left over."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from deconv.figures.comparison import ACCENT, MARGIN, WIDTH, Sheet
from restore import Diagnosis, Restoration

Array = NDArray[Any]

#: Inches: the height of the row with its titles, the space between charts and at their left for labels.
HEIGHT, SPACE, HEAD, FOOT = 4.3, 0.95, 0.55, 0.75
#: The share of the residual's samples that its gray scale covers.
COVERED = 0.995


class Diagnostics:
    """Charts of one restoration, drawn below the pictures."""

    height = HEIGHT

    def __init__(self, found: Restoration, diagnosis: Diagnosis) -> None:
        self._found, self._diagnosis = found, diagnosis

    def draw(self, sheet: Sheet, top: float) -> None:
        """Draw the row with its upper edge at `top` inches."""
        charts = [self._draw_gain, self._draw_residual, self._draw_spectrum]
        if self._found.choice is not None:
            charts.append(self._draw_choice)
        across = (WIDTH - 2 * MARGIN) / len(charts)
        for i, chart in enumerate(charts):
            left = MARGIN + i * across + SPACE
            chart(sheet.axes(left, top + HEAD, across - SPACE, HEIGHT - HEAD - FOOT))

    def _draw_gain(self, axes: Axes) -> None:
        transfer, gain = self._diagnosis.transfer, self._diagnosis.gain
        radius, passed = by_radius(transfer)
        axes.semilogy(radius, np.maximum(passed, 1e-6), color="#555555", label="blur |H|")
        if gain.size:
            axes.semilogy(radius, np.maximum(by_radius(gain)[1], 1e-6), color=ACCENT, label="filter |F / G|")
            both = by_radius(np.abs(transfer) * gain)[1]
            axes.semilogy(radius, np.maximum(both, 1e-6), color="#1d7874", linestyle="--", label="together")
        axes.set_ylim(bottom=max(axes.get_ylim()[0], 1e-4))
        axes.legend(fontsize=11, frameon=False)
        _label(axes, "what passes", "frequency (cycles per pixel)")

    def _draw_residual(self, axes: Axes) -> None:
        left = self._diagnosis.residual
        plane = left[left.shape[0] // 2] if left.ndim == 4 else left
        gray = plane.mean(axis=-1)
        reach = float(np.quantile(np.abs(gray), COVERED)) or 1.0
        axes.imshow(gray, cmap="gray", vmin=-reach, vmax=reach, interpolation="nearest")
        axes.set(xticks=[], yticks=[])
        seen = f"rms {self._diagnosis.residual_sigma:.2g}, noise {self._found.noise_sigma:.2g}"
        _label(axes, "residual g - h * f", seen)

    def _draw_spectrum(self, axes: Axes) -> None:
        radius, power = by_radius(self._diagnosis.residual_spectrum)
        axes.semilogy(radius[1:], np.maximum(power[1:], 1e-300), color=ACCENT, label="residual")
        axes.axhline(self._found.noise_sigma**2, color="#555555", linestyle=":", label="white noise")
        axes.legend(fontsize=11, frameon=False)
        _label(axes, f"its power, whiteness {self._diagnosis.whiteness:.2f}", "frequency (cycles per pixel)")

    def _draw_choice(self, axes: Axes) -> None:
        choice = self._found.choice
        assert choice is not None
        criterion = choice.criterion - min(0.0, float(choice.criterion.min()))
        axes.loglog(choice.candidates, np.maximum(criterion, 1e-300), color="#555555")
        axes.axvline(choice.value, color=ACCENT, label=f"{choice.value:.2g}")
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
    kept = (count > 0) & (np.arange(count.size) < max(columns, 1))
    return np.arange(count.size)[kept] / (2 * max(columns - 1, 1)), mean[kept]


def _label(axes: Axes, title: str, below: str) -> None:
    axes.set_title(title, fontsize=15)
    axes.set_xlabel(below, fontsize=13)
    axes.tick_params(labelsize=11)
