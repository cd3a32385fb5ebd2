"""The error that JPEG's rounding left in a picture, as a variance that a restoration's strength must count."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import fft

from restore.checks import Array
from restore.noise.jpeg_codes import luma_of

#: A coefficient of the 8 x 8 blocks counts when this share of the blocks keeps it: where all are rounded to 0 there is
#: nothing left for a restoration to lift, and no error either.
KEPT = 0.005
#: Blocks along each axis that are looked at, at most; and the least share of them that tells of the others.
BLOCKS, ENOUGH = 128, 0.05
#: One in so many samples tells the slope of the transfer curve, by differences over twice this step.
THINNED, STEP = 97, 1e-3


def rounding_variance(
    encoded: Array,
    table: Array,
    decode: Callable[[Array], Array] | None = None,
    hidden: Array | None = None,
) -> float:
    """Return the variance, in the light that is computed with, to count for a JPEG's rounding.

    A coefficient rounded to steps of q is wrong by q^2 / 12. `encoded` holds the samples of the file as 0..1, channels
    last, `table` its luminance quantization table. The slope of the transfer curve `decode`, from encoded samples to
    light, carries the mean over the coefficients that the file keeps to light. Blocks with `hidden` samples, a
    bool array without channels, are not looked at: at the edge of a bar all coefficients are kept.
    """
    known = None if hidden is None else ~hidden
    counted = _kept_share(encoded, table.astype(float), known) >= KEPT
    counted[0, 0] = True
    variance = float(np.mean(table.astype(float)[counted] ** 2)) / 12 / 255**2
    if decode is None:
        return variance
    samples = encoded.ravel()[::THINNED].astype(float)
    if known is not None:
        places = np.arange(0, encoded.size, THINNED) // (encoded.size // known.size)
        shown = known.ravel()[places]
        samples = samples[shown] if shown.any() else samples
    slope = (decode(samples + STEP) - decode(samples - STEP)) / (2 * STEP)
    return variance * float(np.mean(slope**2))


def _kept_share(encoded: Array, table: Array, known: Array | None) -> Array:
    """Return the share of blocks in which each coefficient of the luminance was not rounded to 0."""
    if min(encoded.shape[:2]) < 8:
        return np.ones((8, 8))
    blocks = 255 * _in_blocks(encoded)
    if encoded.ndim > 2:
        blocks = luma_of(blocks[..., :3])
    if known is not None:
        whole = _in_blocks(known).all(axis=(2, 3))
        blocks = blocks[whole] if whole.mean() >= ENOUGH else blocks
    is_kept = np.abs(fft.dctn(blocks, axes=(-2, -1), norm="ortho")) >= table / 2
    return np.asarray(is_kept.reshape(-1, 8, 8).mean(axis=0))


def _in_blocks(plane: Array) -> Array:
    """Return blocks spread over a plane: blocks down and across, their rows and columns, and channels if any."""
    rows, columns = (n // 8 for n in plane.shape[:2])
    blocks = plane[: 8 * rows, : 8 * columns].reshape(rows, 8, columns, 8, *plane.shape[2:]).swapaxes(1, 2)
    return blocks[:: -(-rows // BLOCKS), :: -(-columns // BLOCKS)]
