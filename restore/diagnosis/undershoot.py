"""Darker than can be: the sign of a restoration that divides by a blur which was not there.

Blurring averages, so a sharp picture may well be darker in places than the blurred one. But light has an end at 0, and
fine detail is rare; a PSF that is wrong, or noise that was underrated, throws waves through the whole picture whose
troughs lie far below the darkest sample. Measured by the range of the restored picture: a star is so much brighter than
its ring that the ring may be.
"""

from __future__ import annotations

import numpy as np

from restore.checks import Array, channels_last
from restore.observation.observation import Observation
from restore.operators.some_lines import some_lines

#: How far below the darkest sample, and below 0, counts: a share of the restored range, and standard deviations of the
#: noise.
MARGIN, DEVIATIONS = 0.05, 3.0


def undershoot(observation: Observation, image: Array) -> float:
    """Return the share of restored samples that are darker than the darkest one and 0 by more than a margin.

    Of a large picture it is that of some lines.
    """
    low = min(float(observation.picture.min()), 0.0)
    dark = some_lines(channels_last(image, observation.channel_axis))
    dark = dark < floor_of(low, float(image.max()), observation.fit.sigma)
    if observation.mask is None:
        return float(np.mean(dark))
    known = some_lines(observation.mask) == 0  # what stands where nothing is known proves nothing
    return float(np.mean(dark[np.broadcast_to(known, dark.shape)]))


def floor_of(low: float, high: float, noise_sigma: float) -> float:
    """Return what no restored light lies below, beside a darkest sample, at most 0, and a largest restored one."""
    return low - MARGIN * (high - low) - DEVIATIONS * noise_sigma
