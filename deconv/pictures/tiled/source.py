"""A picture that is read a part at a time, and what all of its parts share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

import numpy as np

from deconv.pictures.picture import Picture, Samples


class Source(Protocol):
    """A picture of which any part may be read; it may be sent to another process, which reads for itself.

    `header` is the picture with all that its file says, and with samples that take no memory: zeros.
    """

    @property
    def header(self) -> Picture:
        """Return the picture without its samples."""

    def read(self, planes: Sequence[int], rows: slice, columns: slice) -> Samples:
        """Return a part of some planes, ``(planes, rows, columns, channels)`` with alpha behind the channels."""


class Sink(Protocol):
    """A picture that is written a part at a time; it may be sent to another process if it is `shared`."""

    is_shared: bool
    multiple: tuple[int, ...]  # edges along Z, Y and X of what must be written as a whole

    def create(self, tile: Mapping[str, int]) -> None:
        """Make the file, for tiles of so many samples along these axes."""

    def write(self, planes: Sequence[int], rows: slice, columns: slice, samples: Samples) -> Any:
        """Write a part, laid out as `Source` reads it; return what `finish` has to know of it, fit for JSON."""

    def resume(self, notes: Sequence[Any]) -> None:
        """Go on behind the parts of which these notes were returned."""

    def finish(self, notes: Sequence[Any]) -> None:
        """Write what is written last."""


def nothing_of(shape: Sequence[int], dtype: Any) -> Samples:
    """Return zeros that take no memory."""
    return np.broadcast_to(np.zeros((), dtype), tuple(shape))


def block_of(header: Picture, samples: Samples) -> Picture:
    """Return a part as `Source` reads it as a picture with planes."""
    alpha = None if header.alpha is None else samples[..., -1]
    colour = samples if alpha is None else samples[..., :-1]
    return replace(
        header,
        samples=colour if header.channel_axis is not None else colour[..., 0],
        alpha=alpha,
        planes=len(samples),
        plane_axes="I",
        plane_shape=(len(samples),),
    )


def samples_of(block: Picture) -> Samples:
    """Return a picture with planes as `Sink` writes it, the inverse of `block_of`."""
    colour = block.samples if block.channel_axis is not None else block.samples[..., None]
    return colour if block.alpha is None else np.concatenate([colour, block.alpha[..., None]], axis=-1)


def depth_of(header: Picture) -> int:
    """Return how many samples of a pixel a file holds, alpha among them."""
    return header.channels + (header.alpha is not None)
