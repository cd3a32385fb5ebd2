"""Masked samples: a first guess for what is unknown inside the frame."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import ndimage

from restore.checks import Array, InvalidValue, as_mask
from restore.observation.places import places_of
from restore.operators.across_channels import across_channels

#: Samples around what is hidden: there is the nearest known one.
MARGIN = 4


def without_masked(image: ArrayLike, mask: ArrayLike, channel_axis: int | None) -> tuple[Array, Array]:
    """Return the image with every masked sample replaced by its nearest known one, and the mask with channels last."""
    array = np.asarray(image)
    if array.size == 0:
        raise InvalidValue(f"image must hold samples, got shape {array.shape}")
    hidden = as_mask(mask, array.shape, channel_axis)
    if channel_axis is None:
        return _nearest_known(array, hidden[..., 0]), hidden
    return np.moveaxis(without_hidden(np.moveaxis(array, channel_axis, -1), hidden), -1, channel_axis), hidden


def without_hidden(picture: Array, hidden: Array) -> Array:
    """Return a picture with its channels last and every hidden sample replaced by the nearest known one."""
    channels = range(picture.shape[-1])
    return np.stack([_nearest_known(picture[..., c], hidden[..., c]) for c in channels], axis=-1)


def with_dead(hidden: Array | None, dead: Array | None, shape: tuple[int, ...]) -> Array | None:
    """Return what is hidden of a picture of that shape, channels last, with the dead areas hidden as well."""
    if dead is None:
        return hidden
    return np.broadcast_to(dead[..., None], shape) | (False if hidden is None else hidden)


def with_dead_as_given(restored: Array, dead: Array | None, image: ArrayLike, channel_axis: int | None) -> Array:
    """Return a restored image with what it was given where there is no picture, but for samples that are no number."""
    if dead is None:
        return restored
    where = dead if channel_axis is None else np.expand_dims(dead, channel_axis)
    return np.where(where & np.isfinite(image), image, restored)


def known_in_some(mask: Array | None) -> Array | None:
    """Return where a picture is known in one of its channels at least, None where it is everywhere."""
    return None if mask is None else across_channels(np.minimum, mask) == 0


def out_of_reach(mask: Array | None, psf: Array) -> Array | None:
    """Return 1 in places, of one channel, whose light no known sample shows: what is guessed there has no detail.

    None where there are no such places.
    """
    if mask is None or not mask[tuple(slice(None, None, (k + 1) // 2) for k in psf.shape)].all(axis=-1).any():
        return None  # every box as wide as the PSF, or half of it at the rim, holds one of these samples
    known = known_in_some(mask)
    assert known is not None
    far = ndimage.minimum_filter(~known, psf.shape, mode="nearest")
    return far[..., None].astype(mask.dtype) if far.any() else None


def _nearest_known(plane: Array, hidden: Array) -> Array:
    if hidden.all():
        raise InvalidValue("mask must leave some samples known, got all of them masked")
    if not hidden.any():
        return plane
    filled = plane.copy()
    for place in places_of(hidden, MARGIN):
        nearest = ndimage.distance_transform_edt(hidden[place], return_distances=False, return_indices=True)
        filled[place] = plane[place][tuple(nearest)]
    return filled
