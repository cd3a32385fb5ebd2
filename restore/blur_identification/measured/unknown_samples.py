"""A picture of points whose unknown samples hold what is around them, for what looks for points to pass over them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import ndimage

from restore.checks import Array, InvalidValue, as_image, as_mask

#: Width of the Gaussian by which known samples around an unknown one are weighed, in samples, and the least of their
#: weights: where there is less, the ground is taken.
AROUND, LEAST = 1.0, 1e-3


def without_unknown(image: ArrayLike, mask: ArrayLike | None) -> tuple[Array, Array | None]:
    """Return an image in float64 with something in the place of its unknown samples, and which these are."""
    if mask is None:
        return as_image(image).astype(np.float64), None
    hidden = as_mask(mask, np.shape(image), None)[..., 0]
    if hidden.all():
        raise InvalidValue("mask must leave samples known, got one that is True everywhere")
    known_alone = np.where(hidden, 0, image)
    array = as_image(known_alone).astype(np.float64)
    weights = ndimage.gaussian_filter((~hidden).astype(np.float64), AROUND)
    means = ndimage.gaussian_filter(array, AROUND) / np.maximum(weights, LEAST)
    ground = np.median(array[~hidden])
    return np.where(hidden, np.where(weights > LEAST, means, ground), array), hidden
