"""What speaks against taking a spot for the picture of one point, although something fits it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from scipy import ndimage

from restore.blur_identification.measured.point_fit import Spot
from restore.checks import Array

#: A PSF with more than this share of its light in one sample is no wider than a sample.
CONCENTRATED = 0.9
#: A parameter that is certain to less than this share of itself was held by the end of its range.
HELD = 1e-9
#: A second peak is one of this share of the first, and of so many deviations of the noise that the smoothing leaves.
SECOND, STANDING_OUT = 0.15, 8.0
#: The smoothing, a Gaussian of one sample, and what it leaves of white noise: 1 / (2 sqrt(pi)).
SMOOTHING, LEFT = 1.0, 0.282


def objections(spot: Spot, psf: Array, parameters: Mapping[str, float], errors: Mapping[str, float]) -> Iterator[str]:
    """Yield in words what is odd about a measured spot, the PSF that was made of it, and its parameters."""
    if psf.max() > CONCENTRATED * psf.sum():
        yield "it is no wider than a sample, as a hot pixel is"
    for name, value in parameters.items():
        if errors[name] < HELD * abs(value):
            yield f"its {name} is the end of what is fitted"
    if _peaks(spot) > 1:
        yield "it has two peaks, as two points have"


def _peaks(spot: Spot) -> int:
    """Return how many places of a spot are brighter than all around them."""
    smooth = ndimage.gaussian_filter(spot.light, SMOOTHING)
    least = max(SECOND * float(smooth.max()), STANDING_OUT * LEFT * spot.noise)
    highest = (smooth == ndimage.maximum_filter(smooth, 5)) & (smooth > least)
    return int(ndimage.label(highest, np.ones((3, 3)))[1])
