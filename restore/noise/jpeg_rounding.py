"""The error that JPEG's rounding left in a picture, as a variance that a restoration's strength must count."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import fft

from restore.checks import Array
from restore.noise.jpeg_loss import LUMA

#: A coefficient of the 8 x 8 blocks counts when this share of the blocks keeps it: where all are rounded to 0 there is
#: nothing left for a restoration to lift, and no error either.
KEPT = 0.005
#: Blocks along each axis that are looked at, at most.
BLOCKS = 128
#: One in so many samples tells the slope of the transfer curve, by differences over twice this step.
THINNED, STEP = 97, 1e-3


def rounding_variance(encoded: Array, table: Array, decode: Callable[[Array], Array] | None = None) -> float:
    """Return the variance, in the light that is computed with, to count for a JPEG's rounding.

    A coefficient rounded to steps of q is wrong by q^2 / 12. `encoded` holds the samples of the file as 0..1, channels
    last, `table` its luminance quantization table. The slope of the transfer curve `decode`, from encoded samples to
    light, carries the mean over the coefficients that the file keeps to light.
    """
    counted = _kept_share(_luma(encoded), table.astype(float)) >= KEPT
    counted[0, 0] = True
    variance = float(np.mean(table.astype(float)[counted] ** 2)) / 12 / 255**2
    if decode is None:
        return variance
    samples = encoded.ravel()[::THINNED].astype(float)
    slope = (decode(samples + STEP) - decode(samples - STEP)) / (2 * STEP)
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
