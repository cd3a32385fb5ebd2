"""What JPEG does to a spectrum: lines of the 8 x 8 blocks, and a floor where quantization has emptied the frequencies.

References: ITU-T Recommendation T.81, 1992, annex K.1 (the usual table) and section A.3.4 (quantization); the scaling
of the table by a quality is that of the Independent JPEG Group's library.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import ndimage

from restore.checks import Array, InvalidValue

#: The luminance table of annex K, and the scale that belongs to quality 80, taken where the table of a file is unknown.
USUAL_TABLE = np.array(
    [
        [16, 11, 10, 16, 24, 40, 51, 61],
        [12, 12, 14, 19, 26, 58, 60, 55],
        [14, 13, 16, 24, 40, 57, 69, 56],
        [14, 17, 22, 29, 51, 87, 80, 62],
        [18, 22, 37, 56, 68, 109, 103, 77],
        [24, 35, 55, 64, 81, 104, 113, 92],
        [49, 64, 78, 87, 103, 121, 120, 101],
        [72, 92, 95, 98, 112, 100, 103, 99],
    ],
    dtype=float,
)
USUAL_SCALE = 0.4
#: Power that counts as lost, in units of the variance which quantization in steps of the table has.
FLOOR = 2.0
#: Lines of the blocks: half their width, and below which frequency they do no harm.
LINE = 0.006
LOWEST_LINE = 0.06
#: Blocks are seen when the third difference across their edges exceeds its usual size by this share, and by this many
#: standard errors, along both axes.
EDGE_EXCESS = 0.1
EDGE_CERTAINTY = 5.0


def quantization_table(jpeg: bool | ArrayLike | None, plane: Array) -> Array | None:
    """Return the luminance table of the picture's JPEG, or None if it was none; `jpeg` None asks the picture."""
    if isinstance(jpeg, (bool, np.bool_)) or jpeg is None:
        stored = has_blocks(plane) if jpeg is None else bool(jpeg)
        return USUAL_SCALE * USUAL_TABLE if stored else None
    table = np.asarray(jpeg, dtype=np.float64)
    if table.shape != (8, 8) or not (np.isfinite(table).all() and (table > 0).all()):
        raise InvalidValue(f"jpeg must be True, False, None or an 8 x 8 table of steps > 0, got shape {table.shape}")
    return table


def has_blocks(plane: Array) -> bool:
    """Return whether every eighth column edge and row edge is rougher than the others."""
    return all(_edge_excess(p) for p in (plane, plane.T))


def floor_at(table: Array, rounding: float, u: Array, v: Array) -> Array:
    """Return the power that counts as lost at u and v; `rounding` is the variance of rounding to codes.

    Entry k of the table belongs to k / 16 cycles per pixel.
    """
    places = [np.clip(16 * np.abs(v), 0, 7), np.clip(16 * np.abs(u), 0, 7)]
    steps: Array = ndimage.map_coordinates(table, places, order=1)
    return FLOOR * rounding * steps**2


def on_line(frequency: Array) -> Array:
    """Return which frequencies along an axis lie on a harmonic of the blocks."""
    distance = np.abs(frequency - np.rint(frequency * 8) / 8)
    near: Array = (distance <= LINE) & (np.abs(frequency) > LOWEST_LINE)
    return near


def _edge_excess(plane: Array) -> bool:
    rough = np.abs(np.diff(plane, 3, axis=1)).mean(axis=0)
    periods = rough[: rough.size // 8 * 8].reshape(-1, 8)
    if len(periods) < 4 or not periods.all():
        return False
    logs = np.log(periods)
    logs -= np.median(logs, axis=1, keepdims=True)
    mean = logs.mean(axis=0)
    error = logs.std(axis=0).mean() / np.sqrt(len(logs))
    return bool(mean.max() > max(EDGE_EXCESS, EDGE_CERTAINTY * error))
