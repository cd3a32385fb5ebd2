"""The window of a large picture that has most texture, by sums over windows from one summed-area table.

Reference: F. C. Crow, Summed-area tables for texture mapping, SIGGRAPH 1984.
"""

from __future__ import annotations

import numpy as np

from restore.checks import Array


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
