"""The codes and the 8 x 8 blocks that a JPEG was made of, taken from the samples it was decoded to."""

from __future__ import annotations

import numpy as np
from scipy import fft

from restore.checks import Array

EDGE = 8
CODES = 256
#: Bands of two rows of blocks, spread over the picture, that hold about as many samples per channel as this.
BAND = 2 * EDGE
SAMPLES = 512 * 512
#: Luma of the codes (ITU-R BT.601), which is what JPEG quantizes.
LUMA = (0.299, 0.587, 0.114)


def bands(region: Array) -> Array:
    """Return bands of `BAND` rows as a stack, few enough to be quick."""
    height = min(BAND, len(region))
    count = max(1, min(len(region) // height, SAMPLES // (height * region.shape[1])))
    starts = np.linspace(0, len(region) // height - 1, count).astype(int) * height
    return np.stack([region[start : start + height] for start in starts])


def luma_of(codes: Array) -> Array:
    """Return the luma of codes with channels last: of three that of red, green and blue, else their mean."""
    if codes.shape[-1] != len(LUMA):
        return np.asarray(codes.mean(axis=-1))
    return np.asarray(codes @ np.array(LUMA, np.result_type(codes, np.float32)))


def blocks(stack: Array, corner: tuple[int, int]) -> Array:
    """Return the whole blocks of a stack of bands from the corner on, one after the other."""
    part = stack[:, corner[0] :, corner[1] :]
    rows, columns = (n // EDGE for n in part.shape[1:])
    part = part[:, : rows * EDGE, : columns * EDGE].reshape(len(stack), rows, EDGE, columns, EDGE)
    return part.swapaxes(2, 3).reshape(-1, EDGE, EDGE)


def coefficients(some: Array) -> Array:
    """Return the cosine coefficients of blocks."""
    return np.asarray(fft.dctn(some, axes=(1, 2), norm="ortho"))
