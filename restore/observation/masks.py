"""Masked samples: a first guess for what is unknown inside the frame."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import ndimage

from restore.checks import Array, as_axis


def without_masked(image: ArrayLike, mask: ArrayLike, channel_axis: int | None) -> tuple[Array, Array]:
    """Return the image with every masked sample replaced by its nearest known one, and the mask with channels last."""
    array, hidden = np.asarray(image), np.asarray(mask)
    if hidden.dtype != bool:
        raise TypeError(f"mask must be bool, True where samples are unknown, got {hidden.dtype}")
    if channel_axis is None:
        spatial, channels = array.shape, None
    else:
        axis = as_axis(channel_axis, array.ndim)
        spatial, channels = array.shape[:axis] + array.shape[axis + 1 :], array.shape[axis]
        hidden = np.moveaxis(hidden, axis, -1) if hidden.shape == array.shape else hidden[..., None]
    if hidden.shape not in (spatial, (*spatial, 1), (*spatial, channels)):
        raise ValueError(f"mask must have the shape {array.shape} of the image or {spatial}, got {np.shape(mask)}")
    if channels is None:
        return _filled(array, hidden), hidden
    hidden = np.broadcast_to(hidden, (*spatial, channels))
    planes = np.moveaxis(array, axis, -1)
    filled = np.stack([_filled(planes[..., c], hidden[..., c]) for c in range(channels)], axis=-1)
    return np.moveaxis(filled, -1, axis), hidden


def _filled(plane: Array, hidden: Array) -> Array:
    if hidden.all():
        raise ValueError("mask must leave some samples known, got all of them masked")
    if not hidden.any():
        return plane
    nearest = ndimage.distance_transform_edt(hidden, return_distances=False, return_indices=True)
    return plane[tuple(nearest)]
