"""The figure of an averaged PSF: cuts through its middle, profiles with their widths, and what was left out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes

from deconv.figures.sheet import ACCENT, WIDTH, Sheet
from deconv.psf.grid import PSFGrid
from deconv.psf.words import fitted, rejections, widths
from restore import PSFAverage
from restore.checks import Array

#: Brightness of a cut is its root, so that rings are seen beside the peak.
ROOT = 0.5
#: Inches: the rim, the space between panels, the heads above them, the longest edge of a cut, the height of a profile.
MARGIN, GAP, HEAD, EDGE, PROFILE = 0.9, 1.1, 1.1, 4.2, 3.0


@dataclass(frozen=True, eq=False)
class _Voxels:
    """A PSF with the names of its axes, their unit and how far apart its samples are."""

    psf: Array
    axes: str
    unit: str
    steps: tuple[float, ...]

    def line(self, axis: int) -> tuple[Array, Array]:
        """Return places along an axis through the middle and the PSF there, as shares of its peak."""
        values = self.psf[tuple(slice(None) if a == axis else n // 2 for a, n in enumerate(self.psf.shape))]
        return (np.arange(values.size) - values.size // 2) * self.steps[axis], values / self.psf.max()

    def cut(self, down: int, across: int) -> Array:
        """Return the plane of two axes through the middle."""
        plane = tuple(slice(None) if a in (down, across) else n // 2 for a, n in enumerate(self.psf.shape))
        return np.asarray(self.psf[plane])


def draw(path: Path, average: PSFAverage, grid: PSFGrid, name: str) -> None:
    """Write the figure; lengths are micrometres or pixels of the picture."""
    ndim = average.psf.ndim
    steps, unit = grid.lengths(ndim)
    voxels = _Voxels(average.psf, "zyx"[-ndim:], unit, steps)
    is_volume = ndim == 3
    tall = HEAD + EDGE + HEAD + (PROFILE + HEAD) * is_volume
    finer = f", on a grid finer by {grid.subsampling}" if grid.subsampling > 1 else ""
    sheet = Sheet(tall, f"{name}: the PSF of {len(average.places)} points{finer}")
    said = [fitted(average)] if average.parameters else []
    sheet.text(WIDTH / 2, 0.62, "; ".join([*said, rejections(average)]), fontsize=13, ha="center", color="#444444")
    width = (WIDTH - 2 * MARGIN - 2 * GAP) / 3
    cuts = [(1, 2), (0, 2), (0, 1)] if is_volume else [(0, 1)]
    for column, (down, across) in enumerate(cuts):
        _draw_cut(sheet, voxels, down, across, MARGIN + column * (width + GAP), width)
    beside, below = (0, HEAD + EDGE) if is_volume else (1, 0)  # the profiles of a plane stand beside its only cut
    for column, (axis, words) in enumerate(widths(average, grid).items(), beside):
        panel = sheet.axes(MARGIN + column * (width + GAP), HEAD + below, width, PROFILE if is_volume else EDGE)
        _draw_profile(panel, voxels, voxels.axes.index(axis))
        panel.set_title(f"width at half maximum: {words}", fontsize=12)
    sheet.save(path)


def _draw_cut(sheet: Sheet, voxels: _Voxels, down: int, across: int, left: float, width: float) -> None:
    image = voxels.cut(down, across)
    tall, wide = (n * voxels.steps[axis] for n, axis in zip(image.shape, (down, across), strict=True))
    scale = min(width / wide, EDGE / tall)
    panel = sheet.axes(left + (width - wide * scale) / 2, HEAD, wide * scale, tall * scale)
    share = np.maximum(image / voxels.psf.max(), 0) ** ROOT
    panel.imshow(share, cmap="inferno", vmin=0, vmax=1, extent=(-wide / 2, wide / 2, tall / 2, -tall / 2))
    panel.set_xlabel(f"{voxels.axes[across]} / {voxels.unit}", fontsize=12)
    panel.set_ylabel(f"{voxels.axes[down]} / {voxels.unit}", fontsize=12)


def _draw_profile(panel: Axes, voxels: _Voxels, axis: int) -> None:
    panel.plot(*voxels.line(axis), "o-", markersize=4, color="#333333")
    panel.axhline(0.5, color=ACCENT, linewidth=1)
    panel.set_ylim(-0.05, 1.05)
    panel.set_xlabel(f"{voxels.axes[axis]} / {voxels.unit}", fontsize=12)
