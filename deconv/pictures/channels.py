"""One channel of a picture, with what its file says of that channel."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from deconv.pictures.picture import Picture, PictureError, Samples


def one_channel(picture: Picture, channel: int) -> Picture:
    """Return a picture of one of the channels, counted from 0: planes of a stack, or colours.

    Parameters
    ----------
    picture : Picture
        As read.
    channel : int
        Which one.

    Returns
    -------
    Picture
        Without an axis of channels.

    Raises
    ------
    PictureError
        The picture has no such channel.
    """
    count = dict(zip(picture.plane_axes, picture.plane_shape, strict=True)).get("C", picture.channels)
    if not 0 <= channel < count:
        channels = "one channel" if count == 1 else f"{count} channels"
        raise PictureError(
            picture.path or "picture",
            f"has {channels}, no channel {channel}",
            f"use `channel=N`, N from 0 to {count - 1}",
        )
    if "C" in picture.plane_axes:
        return _plane_channel(picture, channel)
    if picture.channel_axis is None:
        return picture
    stored = picture.stored_axes.replace("C", "").replace("S", "")
    colours: dict[str, Any] = {
        name: np.ascontiguousarray(array[..., channel]) for name, array in _arrays(picture) if name != "alpha"
    }
    return replace(picture, **colours, channel_axis=None, stored_axes=stored)


def _arrays(picture: Picture) -> list[tuple[str, Any]]:
    """Return what a picture holds for every sample, by name."""
    arrays = {name: getattr(picture, name) for name in ("samples", "alpha", "unknown", "weights")}
    return [(name, array) for name, array in arrays.items() if array is not None]


def _plane_channel(picture: Picture, channel: int) -> Picture:
    place = picture.plane_axes.index("C")
    lengths = tuple(n for i, n in enumerate(picture.plane_shape) if i != place)
    planes = int(np.prod(lengths))
    taken: dict[str, Any] = {name: _taken(array, picture, place, channel) for name, array in _arrays(picture)}
    if planes == 1:
        taken = {name: array[0] for name, array in taken.items()}
    arrangement = picture.arrangement
    if arrangement is not None and picture.keeps_arrangement:
        arrangement = arrangement.of_channel(channel, taken["samples"].shape)
    return replace(
        picture,
        **taken,
        planes=planes if planes > 1 else 0,
        plane_axes=picture.plane_axes.replace("C", "") if planes > 1 else "",
        plane_shape=lengths if planes > 1 else (),
        stored_axes=picture.stored_axes.replace("C", "").replace("c", ""),
        arrangement=arrangement,
        document=None if picture.document is None else picture.document.of_channel(channel),
    )


def _taken(array: Samples, picture: Picture, place: int, channel: int) -> Samples:
    """Return the planes of one channel, in their order."""
    planes = array.reshape(*picture.plane_shape, *array.shape[1:]).take(channel, axis=place)
    return planes.reshape(-1, *array.shape[1:])
