"""The blur of a grid of PSFs on the grid of an observation."""

from __future__ import annotations

import numpy as np

from restore.checks import Array, channels_last
from restore.observation.observation import Observation
from restore.observation.unknown import Unknown
from restore.operators.filter_flow import FilterFlow
from restore.psf.varying import PsfGrid, filter_flow


def flow_on(varying: PsfGrid, observation: Observation) -> FilterFlow:
    """Return the blur on the grid of an observation, in whose frame the places of the PSFs are.

    Beyond the frame the grid goes on at both sides to where it closes, and the outermost PSFs with it.
    """
    starts = [side.indices(n)[0] for side, n in zip(observation.frame, observation.grid, strict=True)]
    return filter_flow(varying, observation.grid, starts, observation.dtype)


def blurred_by(varying: PsfGrid, observation: Observation, image: Array) -> Array:
    """Return what a restored image, in the layout of the observed one, becomes by the blur: the frame, channels last.

    What lies outside of the frame is taken as its other side.
    """
    light = channels_last(image, observation.channel_axis)
    flow = filter_flow(varying, light.shape[:-1], (0,) * varying.ndim, light.dtype)
    return flow.forward(light)


def known_share(unknown: Unknown, data: Array) -> Array:
    """Return 1 where data on the grid count and 0 where they are unknown; what a padding word put there counts."""
    ones = np.ones_like(data)
    return ones if unknown.nothing else np.asarray(1 - unknown.restrict(ones))
