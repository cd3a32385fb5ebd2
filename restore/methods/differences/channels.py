"""What the priors on differences share: a picture's channels on the grid, one by one, and put together again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from restore.checks import Array
from restore.observation.observation import Observation
from restore.observation.unknown import Unknown
from restore.operators.fourier import filtered, spectrum_blocks


@dataclass(frozen=True, eq=False)
class Channel:
    """The data of one channel on the grid, and where they are unknown."""

    data: Array
    unknown: Unknown


def channels(observation: Observation) -> list[Channel]:
    """Return the channels of a picture on its grid; a gray one has one."""
    planes = _planes(observation.data)
    masks = [None] * len(planes) if observation.mask is None else _planes(observation.mask)
    unknown = observation.unknown
    return [
        Channel(data, Unknown(unknown.frame, unknown.around, mask)) for data, mask in zip(planes, masks, strict=True)
    ]


def settled(observation: Observation) -> list[Channel]:
    """Return the channels; what their observation was completed by passes for known."""
    return [Channel(part.data, Unknown(part.unknown.frame, False)) for part in channels(observation)]


def completed_by(observation: Observation, planes: list[Array]) -> list[Channel]:
    """Return the channels with what the blur of an estimate predicts where they are unknown; it passes for known."""
    otf, parts = observation.otf, []
    for part, plane in zip(channels(observation), planes, strict=True):
        data = part.data.copy()
        if not part.unknown.nothing:
            predicted = part.unknown.restrict(filtered(plane, plane.ndim, otf))
            data += predicted - part.unknown.restrict(part.data.copy())
        parts.append(Channel(data, Unknown(part.unknown.frame, False)))
    return parts


def correlated(data: Array, otf: Array, out: Array | None = None, *, overwrite_x: bool = False) -> Array:
    """Return the half spectrum conj(H) G of the data of one channel correlated with the PSF, in an array if given.

    With `overwrite_x` data that have room for their spectrum may be used up.
    """
    product = np.empty_like(otf) if out is None else out
    for columns, block in spectrum_blocks(data, data.ndim, overwrite_x=overwrite_x):
        np.multiply(np.conj(otf[..., columns]), block, out=product[..., columns])
    return product


def mean_square(values: Sequence[Array]) -> Array:
    """Return the mean square over the channels, sample by sample: what the same place in all of them is charged by."""
    total = np.square(values[0])
    for v in values[1:]:
        total += v**2
    if len(values) > 1:
        total /= len(values)
    return total


def assembled(observation: Observation, planes: list[Array]) -> Array:
    """Return the frames of all channels laid out like the observed picture."""
    return observation.laid_out(stacked_frames(observation, planes))


def stacked_frames(observation: Observation, planes: Iterable[Array]) -> Array:
    """Return the frames of all channels, channels last."""
    frames = np.empty((*observation.image_shape, observation.channels), observation.dtype)
    for c, plane in enumerate(planes):
        frames[..., c] = plane[observation.frame]
    return frames


def _planes(values: Array) -> list[Array]:
    return [np.ascontiguousarray(values[..., c]) for c in range(values.shape[-1])]
