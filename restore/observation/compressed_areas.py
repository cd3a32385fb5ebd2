"""What compression left in a picture, read beside its areas without a picture.

At the edge of a bar a JPEG keeps coefficients of all frequencies, and with them it seems to hold far more error than it
does where there is a picture.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from restore.checks import Array, as_image, as_mask, as_psf
from restore.observation.dead_areas import dead_areas


def variance_beside_areas(
    variance_of: Callable[[Array | None], float],
    image: ArrayLike,
    psf: ArrayLike,
    *,
    mask: ArrayLike | None = None,
    channel_axis: int | None = None,
) -> float:
    """Return the variance of what compression left beside what is masked and what holds no picture.

    `variance_of` reads it off the samples that are not hidden, a bool array of the image's spatial shape, or off all.
    """
    whole = variance_of(None)
    if whole == 0:
        return whole
    picture = as_image(image, channel_axis=channel_axis)
    picture = picture[..., None] if channel_axis is None else picture
    hidden = None if mask is None else as_mask(mask, np.shape(image), channel_axis)
    dead = dead_areas(picture, as_psf(psf, picture.shape[:-1]), hidden, whole)
    if hidden is not None:
        masked = np.asarray(hidden.any(axis=-1))
        dead = masked if dead is None else dead | masked
    return whole if dead is None else variance_of(dead)
