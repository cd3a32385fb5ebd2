"""A stage as a picture: cells tinted by where each came from, with the numbers written in."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

from deconv.figures.cells import draw_rim, draw_tinted
from deconv.figures.notation import Notation
from deconv.upsample.geometry import INSERTED
from deconv.upsample.stages import Cells

#: Tint of a cell by its kind: border, inserted zero, repeated edge, sample, result.
TINTS = ("#e4e4e4", "#ffffff", "#dcc9ef", "#a5cbea", "#b3e0cf")
NAMES = ("zero of the border", "zero inserted", "edge repeated", "sample of the map", "result")


def draw_cells(axes: Axes, cells: Cells, notation: Notation, cell: float) -> None:
    """Draw a stage in cells of `cell` inches; its rim is broken where it goes on."""
    tints = np.array([to_rgb(tint) for tint in TINTS])[cells.kinds]
    draw_tinted(axes, cells.values, tints, cells.kinds > INSERTED, notation, cell)
    corner = zip(cells.start, cells.values.shape, cells.size, strict=True)
    beyond = [start + count < size for start, count, size in corner]
    draw_rim(axes, {"top": cells.start[0] > 0, "left": cells.start[1] > 0, "bottom": beyond[0], "right": beyond[1]})
