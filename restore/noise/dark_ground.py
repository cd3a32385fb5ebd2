"""Counted light on dark ground: how bright the ground is, and whether a picture is mostly that.

Where most of a picture is dark its noise says nothing of the light in the rest, and a method that takes all noise for
the same either smears the light or leaves the noise. Stars and beads are such pictures; photographs are not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from restore.checks import Array
from restore.noise.photon import estimate_poisson_gauss

#: Edge of the boxes whose mean is looked at, and the share of them that is darker than the ground is said to be.
BOX, DARKEST = 5, 0.01
#: Dark is what rises above the ground by less than this share of the brightest light, or than so many standard
#: deviations of the noise there; of a dark picture it is at least so much.
DIM, REACH, MOSTLY = 0.1, 1.5, 0.5
#: Standard deviations of its noise within which an even ground lies.
EVEN = 6.0
#: The share of samples below 0 from which these are noise of a ground that was taken off, and what half of the noise
#: lies below, in its standard deviations.
BELOW_ZERO, MEDIAN = 0.02, 0.6745
#: Counts are not further below 0 than so many of these.
LOWEST = 6.0
#: The share of the brightest samples that is left out, and how much more the noise varies there where light is counted.
BRIGHTEST, COUNTED = 1e-3, 2.0


def background_level(picture: Array) -> Array:
    """Return the light of the darkest places per channel, channels last: the constant that all of a picture has."""
    box = [min(BOX, n) for n in picture.shape[:-1]]
    means = ndimage.uniform_filter(np.asarray(picture, np.float64), [*box, 1], mode="reflect")
    axes = tuple(range(picture.ndim - 1))
    return np.maximum(np.quantile(means, DARKEST, axis=axes, keepdims=True), 0)


def noise_below_zero(picture: Array, hidden: Array | None = None) -> float:
    """Return the standard deviation of the noise that samples below 0 show, 0 where few are there.

    `hidden` is True where samples are unknown. Of the noise of a ground at 0 half lies below, and half of that within
    0.67 standard deviations; of a brighter ground less, and the number is smaller then.
    """
    known = picture if hidden is None else picture[~hidden]
    below = known[known < 0]
    return float(np.median(-below)) / MEDIAN if below.size > BELOW_ZERO * known.size else 0.0


def dark_share(picture: Array, level: float, least: float = 0.0) -> float:
    """Return the share of samples that rise above `level` by less than a tenth of the brightest light, or `least`."""
    top = float(np.quantile(picture, 1 - BRIGHTEST)) - level
    return float(np.mean(picture - level <= max(DIM * top, least)))


def even_share(picture: Array, noise_sigma: float) -> float:
    """Return the share of samples that are dark and the same but for their noise, as the sky between stars is.

    Photographs have shades in their dark.
    """
    level, top = np.quantile(picture, [0.5, 1 - BRIGHTEST])
    reach = EVEN * noise_sigma
    return float(np.mean(np.abs(picture - level) <= reach)) if top - level > reach else 0.0


@dataclass(frozen=True)
class DarkGround:
    """The share of a picture that is dark, and the share whose light is the same but for noise."""

    share: float
    even: float

    @property
    def words(self) -> str:
        """Return why a method for counted light was taken."""
        return f"{self.share:.0%} of it is dark ground, and the noise grows with the light, as that of counts does"


def dark_ground(picture: Array) -> DarkGround | None:
    """Return the ground of a picture of one channel, which is last; None for one that is not counted or not dark."""
    level = float(background_level(picture).max())
    top = float(np.quantile(picture, 1 - BRIGHTEST)) - level
    # The offset of a camera is no light: noise is read by what is above the ground.
    gain, read_noise = (float(np.max(v)) for v in estimate_poisson_gauss(picture[..., 0] - picture.dtype.type(level)))
    dark = read_noise**2  # the variance of the noise there
    if picture.min() < -LOWEST * np.sqrt(dark) or gain * top + dark <= COUNTED * dark:
        return None
    share = dark_share(picture, level, REACH * np.sqrt(dark))
    if share < MOSTLY:
        return None
    return DarkGround(share=share, even=even_share(picture, np.sqrt(dark)))
