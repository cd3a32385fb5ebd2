"""A picture without the noise that its rows or columns share, as it is restored."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from restore.checks import Array, channels_last
from restore.noise.banding import Banding, banding
from restore.noise.constant_areas import constant_areas
from restore.noise.constant_lines import constant_lines
from restore.observation.observation import Observation

#: What may become of noise that rows or columns share.
BANDING = ("auto", "keep")
#: From so many times the noise of single samples on it is taken off: horizontals of pictures without it come to 0.22,
#: and below it costs 0.3 dB.
LEAST = 0.5
#: Edge of the middle of a picture that tells whether all of it is looked at.
LOOKED_AT = 1024
#: Axes of a picture that has rows and columns.
PLANE = 2


def shared_noise(observation: Observation) -> tuple[list[Banding], Array | None]:
    """Return the noise that rows, and columns, of an observation of two axes share, and where no noise is.

    That is where samples are masked or, if any noise is shared in its middle, exactly equal in areas or lines.
    """
    picture, psf, hidden = observation.picture, observation.psf, observation.mask
    if psf.ndim != PLANE:
        return [], hidden
    middle = tuple(slice(max(n - LOOKED_AT, 0) // 2, (n + LOOKED_AT) // 2) for n in picture.shape[:-1])
    shares = banding(picture[middle], psf, None if hidden is None else hidden[middle])
    if strongest(shares) <= LEAST:
        return shares, hidden
    empty = noiseless(picture)
    if hidden is not None:
        empty |= hidden > 0
    return banding(picture, psf, empty if empty.any() else None), empty


def noiseless(picture: Array) -> Array:
    """Return where a picture, channels last, is exactly equal in areas or lines, by channel: no noise is there."""
    areas = np.stack([_even(plane) for plane in np.moveaxis(picture, -1, 0)], -1)
    return np.asarray(constant_lines(picture)[..., None] | areas)


def _even(plane: Array) -> Array:
    """Return where samples of one channel lie in an area of exactly equal ones."""
    area = constant_areas(plane)
    return np.zeros(plane.shape, bool) if area is None else area


def evened(image: ArrayLike, observation: Observation, shares: Sequence[Banding], hidden: Array | None) -> Array:
    """Return an image without noise that was found in its observation; what is hidden stays as it is."""
    samples = channels_last(np.asarray(image, observation.dtype), observation.channel_axis)
    even = samples
    for shared in shares:
        even = shared.taken_off(even, observation.unit)
    if hidden is not None:
        even = np.where(hidden > 0, samples, even)
    return observation.laid_out(even)


def strongest(shares: Sequence[Banding]) -> float:
    """Return the strength of the strongest, 0 of none."""
    return max((shared.strength for shared in shares), default=0.0)
