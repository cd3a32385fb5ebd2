"""The error that JPEG left in a picture, for the strength of a restoration."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from deconv import pictures
from deconv.pictures import Picture

Array = NDArray[Any]

#: A coefficient of the 8 x 8 blocks counts when this share of the blocks keeps it: where all are rounded to 0 there is
#: nothing left for a restoration to lift, and no error either.
KEPT = 0.005
#: Luma of encoded samples (ITU-R BT.601, as JFIF has it).
LUMA = (0.299, 0.587, 0.114)
#: Blocks along each axis that are looked at, at most.
BLOCKS = 128


def compression_variance(picture: Picture, light: str) -> float:
    """Return the variance, in the light that is computed with, to count for a JPEG's rounding; 0 for other files.

    A coefficient rounded to steps of q is wrong by q^2 / 12. The slope of the transfer curve carries the mean over the
    coefficients that the file keeps to light.
    """
    if picture.jpeg_table is None:
        return 0.0
    encoded: Array = pictures.to_float(picture, light="linear")
    table = picture.jpeg_table.astype(float)
    kept = _kept_share(_luma(encoded), table) >= KEPT
    kept[0, 0] = True
    variance = float(np.mean(table[kept] ** 2)) / 12 / 255**2
    if light != "srgb":
        return variance
    samples = encoded.ravel()[::97].astype(float)
    slope = (pictures.srgb_to_linear(samples + 1e-3) - pictures.srgb_to_linear(samples - 1e-3)) / 2e-3
    return variance * float(np.mean(slope**2))


def _luma(encoded: Array) -> Array:
    return encoded if encoded.ndim == 2 else encoded[..., :3] @ np.array(LUMA, encoded.dtype)


def _kept_share(luma: Array, table: Array) -> Array:
    """Return the share of blocks in which each coefficient was not rounded to 0."""
    rows, columns = (n // 8 for n in luma.shape)
    if min(rows, columns) == 0:
        return np.ones((8, 8))
    blocks = (255 * luma[: 8 * rows, : 8 * columns]).reshape(rows, 8, columns, 8).swapaxes(1, 2)
    blocks = blocks[:: -(-rows // BLOCKS), :: -(-columns // BLOCKS)]
    return np.asarray((np.abs(fft.dctn(blocks, axes=(2, 3), norm="ortho")) >= table / 2).mean(axis=(0, 1)))
