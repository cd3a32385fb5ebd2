"""One channel of a picture, with what its file says of that channel."""

from __future__ import annotations

from dataclasses import replace

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
    samples = np.ascontiguousarray(picture.samples[..., channel])
    stored = picture.stored_axes.replace("C", "").replace("S", "")
    return replace(picture, samples=samples, channel_axis=None, stored_axes=stored)


def _plane_channel(picture: Picture, channel: int) -> Picture:
    place = picture.plane_axes.index("C")
    parts = [
        None if part is None else _taken(part, picture, place, channel) for part in (picture.samples, picture.alpha)
    ]
    samples, alpha = parts
    assert samples is not None
    axes = picture.plane_axes.replace("C", "")
    lengths = tuple(n for i, n in enumerate(picture.plane_shape) if i != place)
    planes = int(np.prod(lengths))
    is_stack = planes > 1
    arrangement = picture.arrangement
    if not is_stack:
        samples, alpha = samples[0], None if alpha is None else alpha[0]
    if arrangement is not None and picture.keeps_arrangement:
        arrangement = arrangement.of_channel(channel, samples.shape)
    return replace(
        picture,
        samples=samples,
        alpha=alpha,
        planes=planes if is_stack else 0,
        plane_axes=axes if is_stack else "",
        plane_shape=lengths if is_stack else (),
        stored_axes=picture.stored_axes.replace("C", ""),
        arrangement=arrangement,
    )


def _taken(array: Samples, picture: Picture, place: int, channel: int) -> Samples:
    """Return the planes of one channel, in their order."""
    planes = array.reshape(*picture.plane_shape, *array.shape[1:]).take(channel, axis=place)
    return planes.reshape(-1, *array.shape[1:])
