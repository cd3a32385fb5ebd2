"""The window of a large picture that has most texture, by sums over windows from one summed-area table.

Reference: F. C. Crow, Summed-area tables for texture mapping, SIGGRAPH 1984.
"""

from __future__ import annotations

import numpy as np

from restore.checks import Array
from restore.operators.differences import gradient

#: Of larger pictures, the square of this edge with most texture is looked at; and the distance of those compared.
LONGEST, STRIDE = 512, 16


def most_textured(texture: Array, longest: int, *, step: int = 1) -> tuple[slice, slice]:
    """Return the window with the largest sum of `texture`: rows and columns, `longest` samples each or all there are.

    Windows begin at every `step`-th row and column.
    """
    table = np.pad(texture.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    height, width = (min(longest, n) for n in texture.shape)
    sums = table[height:, width:] - table[:-height, width:] - table[height:, :-width] + table[:-height, :-width]
    sums = sums[::step, ::step]
    row, column = (step * int(i) for i in np.unravel_index(np.argmax(sums), sums.shape))
    return slice(row, row + height), slice(column, column + width)


def textured_part(plane: Array) -> tuple[slice, slice]:
    """Return the part of a large plane whose gradients are strongest in sum."""
    if max(plane.shape) <= LONGEST:
        return slice(None), slice(None)
    return most_textured(np.hypot(*gradient(plane)), LONGEST, step=STRIDE)
