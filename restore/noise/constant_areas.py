"""Where samples are exactly equal over an area: no detector with noise leaves that, and noise cannot be read off it.

Letterbox bars, the ground of a round or a registered picture, painted-over boxes, clipped light, drawings.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from restore.checks import Array
from restore.operators.across_channels import across_channels

#: Edge of the least square, or cube, of equal samples, in one and two dimensions and in more; the rim of a picture is
#: taken to go on. Least number of samples of an area.
EDGE, EDGE_OF_STACK = 5, 3
LEAST_AREA = 64


def constant_areas(plane: Array) -> Array | None:
    """Return where samples of one channel lie in an area of exactly equal ones, None where there is none."""
    edge = EDGE if plane.ndim < 3 else EDGE_OF_STACK
    even: Array | None = None
    for axis in range(plane.ndim):
        squares = _whole_squares(_equal_neighbours(plane, axis), axis, edge)
        even = squares if even is None else even & squares
        if not even.any():
            return None
    assert even is not None
    for axis in range(plane.ndim):
        even = _over_window(even, axis, edge, np.logical_or)
    return large_parts(even)


def may_have_constant_areas(picture: Array) -> bool:
    """Return whether a picture, channels last, may have areas that are constant in every channel; cheap.

    It has where as many samples as a square is wide are equal along some axis, in one of a few rows that no square
    lies between.
    """
    ndim = picture.ndim - 1
    edge = EDGE if ndim < 3 else EDGE_OF_STACK
    for axis in range(ndim):
        step = tuple(slice(None, None, 1 if a == axis else (edge + 1) // 2) for a in range(ndim))
        rows = np.moveaxis(picture[step], axis, 0)
        equal = across_channels(np.logical_and, rows[1:] == rows[:-1])
        if _over_window(equal, 0, min(edge, len(rows)) - 1, np.logical_and).any():
            return True
    return False


def large_parts(area: Array) -> Array | None:
    """Return the connected parts of an area that are large enough, None without any."""
    if np.count_nonzero(area) < LEAST_AREA:
        return None
    labels, count = ndimage.label(area)
    large = np.bincount(labels.ravel(), minlength=count + 1) >= LEAST_AREA
    large[0] = False
    return large[labels] if large.any() else None


def _equal_neighbours(plane: Array, axis: int) -> Array:
    """Return whether the next sample along an axis is equal."""
    moved = np.moveaxis(plane, axis, 0)
    return np.moveaxis(moved[1:] == moved[:-1], 0, axis)


def _whole_squares(equal: Array, axis: int, edge: int) -> Array:
    """Return the squares, by their first sample, in which all pairs along an axis are equal.

    They may begin and end up to `edge` - 1 samples outside, where the outermost samples go on.
    """
    whole = equal
    for other in range(equal.ndim):
        rim = [(edge - 1,) * 2 if a == other else (0, 0) for a in range(equal.ndim)]
        whole = (
            np.pad(whole, rim, mode="constant", constant_values=True) if other == axis else np.pad(whole, rim, "edge")
        )
        whole = _over_window(whole, other, edge - (other == axis), np.logical_and)
    return whole


def _over_window(values: Array, axis: int, size: int, both: np.ufunc) -> Array:
    """Return `both` over all windows of `size` samples along an axis."""
    moved, reach = np.moveaxis(values, axis, 0), 1
    while reach < size:
        step = min(reach, size - reach)
        moved, reach = both(moved[: len(moved) - step], moved[step:]), reach + step
    return np.moveaxis(moved, 0, axis)
