"""The code at which a camera cut light off: the top code of the file, or a lower one at which samples pile up.

Twelve bits in a file of sixteen, a sensor's white level, the range of video: light ends below the top code. Natural
samples thin out towards the largest one; cut-off ones are all equal, which noise leaves of nothing else.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from restore.noise.white import noise_level
from restore.observation.highlights import BELOW, is_pile

#: How many codes below the largest one are looked at, at least.
FEWEST_BELOW = 4
#: The noise must exceed the variance of rounding by this factor: samples without noise are equal anyhow.
NOISY = 2.0


def white_level(samples: NDArray[Any], channel_axis: int | None) -> int:
    """Return the least code of clipped light in samples of whole numbers, planes first; the top code without a sign."""
    top, largest = int(np.iinfo(samples.dtype).max), int(samples.max())
    if samples.dtype.itemsize > 2 or largest in (0, top) or not _piles_up(samples, largest):
        return top
    axes = 2 if channel_axis is None else 3
    plane = samples[(samples.shape[0] // 2,) * (samples.ndim - axes)].astype(np.float32)
    level = noise_level(plane if channel_axis is not None else plane[..., None])
    return largest if level.variance > NOISY * float(np.mean(level.rounding)) else top


def _piles_up(samples: NDArray[Any], largest: int) -> bool:
    if samples.min() < 0:
        return False
    counts = np.bincount(samples.ravel(), minlength=largest + 1)
    below = counts[max(0, largest - max(FEWEST_BELOW, round(BELOW * largest))) : largest]
    return is_pile(counts[largest], below)
