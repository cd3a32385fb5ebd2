"""The channels of a picture turned so that they hardly go with one another: of a photograph, luminance and colours.

Channels of a photograph show the same edges, so that their sum stands far above the noise and their differences drown
in it: one strength for both smooths the first too much and the others too little. With V the orthonormal eigenvectors
of the covariance of the picture's differences, the components V g have

    V (h * f + noise) = h * (V f) + V noise,

the same blur, white noise of the same variance where it was white, and to first order nothing in common.

Reference: B. R. Hunt and O. Kübler, Karhunen-Loeve multispectral image restoration, part I: theory, IEEE Trans.
Acoust., Speech, Signal Process. 32, 1984.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from restore.checks import Array
from restore.observation.decorrelation import decorrelating
from restore.observation.observation import Observation
from restore.operators.across_channels import across_channels

#: Noise that the spectrum does not show, such as JPEG's, lies in luminance above all, alike in the channels: in the
#: first component it would count as often as there are channels. Of factors from 0.5 to 3, the best on photographs.
IN_THE_FIRST = 2.0


def components(*observations: Observation) -> Array:
    """Return V, a row per component that holds anything, the one with the largest differences first."""
    return decorrelating(*(observation.picture for observation in observations))


def turned(observation: Observation, rows: Array) -> Observation:
    """Return components of a picture, channels last; unknown in all of them is what is unknown of any channel."""
    data = observation.data @ rows.T
    if observation.unweighted is not None:  # what a fit is made of
        before = turned(observation.unweighted, rows)
        return replace(before, data=data, otf=observation.otf, unweighted=before)
    mask = observation.mask
    if mask is not None:
        mask = np.repeat(across_channels(np.maximum, mask)[..., None], len(rows), axis=-1)
    picture = observation.picture @ rows.T
    return replace(observation, picture=picture, data=data, mask=mask, channel_axis=picture.ndim - 1)


def main_and_others(observation: Observation) -> Iterator[tuple[Array, Observation]]:
    """Yield the first component and all others as two observations, each behind its rows of V; a gray picture is one.

    What is asked of the others together, such as the length of a gradient over them, does not depend on how they are
    turned among themselves.
    """
    rows = components(observation)
    if observation.channels == 1:
        yield rows, observation
        return
    wrong = observation.__dict__.get("contradicted_vars", [])
    for (some, louder), own in zip(groups(rows), (wrong[:1], wrong[1:]), strict=False):  # there may be no others
        part = counted(observation, some, louder)
        if observation.mask is None and len(wrong) > 1:  # they were completed one by one
            part.__dict__["contradicted_var"] = sum(own) / len(own)
        yield some, part


def groups(rows: Array) -> list[tuple[Array, float]]:
    """Return the first component and all others, each behind how much its hidden noise counts."""
    return [(some, louder) for some, louder in ((rows[:1], IN_THE_FIRST), (rows[1:], 1.0)) if len(some)]


def counted(observation: Observation, rows: Array, louder: float) -> Observation:
    """Return components of a picture whose hidden noise counts so many times."""
    return _louder(turned(observation, rows), louder)


def _louder(observation: Observation, factor: float) -> Observation:
    before = None if observation.unweighted is None else _louder(observation.unweighted, factor)
    return replace(observation, extra_noise_var=factor * observation.extra_noise_var, unweighted=before)
