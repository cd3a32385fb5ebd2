"""Pictures that are in memory as they are stored, where only their restoration would not be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from deconv.pictures.picture import Picture, Samples
from deconv.pictures.tiled.source import nothing_of


@dataclass(frozen=True, eq=False)
class MemorySource:
    """A picture in memory."""

    picture: Picture

    @property
    def header(self) -> Picture:
        """Return the picture with samples that take no memory."""
        picture = self.picture
        alpha = None if picture.alpha is None else nothing_of(picture.alpha.shape, picture.dtype)
        return replace(picture, samples=nothing_of(picture.samples.shape, picture.dtype), alpha=alpha)

    def read(self, planes: Sequence[int], rows: slice, columns: slice) -> Samples:
        """Return a part of some planes."""
        return _layers(self.picture, self.picture.samples, planes, rows, columns, self.picture.alpha)


@dataclass(eq=False)
class MemorySink:
    """A picture that comes to be in memory."""

    picture: Picture
    is_shared: bool = False
    multiple: tuple[int, ...] = (1, 1, 1)

    @classmethod
    def of(cls, header: Picture, alpha: Samples | None) -> MemorySink:
        """Return a place for the samples of a picture, whose alpha is at hand."""
        return cls(replace(header, samples=np.empty(header.samples.shape, header.dtype), alpha=alpha))

    def create(self, tile: Mapping[str, int]) -> None:
        """Make the picture: its place is there."""

    def write(self, planes: Sequence[int], rows: slice, columns: slice, samples: Samples) -> None:
        """Put a part where it belongs."""
        picture = self.picture
        colour = samples if picture.alpha is None else samples[..., :-1]
        for number, plane in zip(planes, colour, strict=True):
            whole = picture.samples[number] if picture.planes else picture.samples
            whole[rows, columns] = plane if picture.channel_axis is not None else plane[..., 0]

    def resume(self, notes: Sequence[Any]) -> None:
        """Go on: there is nothing to go on with."""

    def finish(self, notes: Sequence[Any]) -> None:
        """Finish: nothing is left to be written."""


def _layers(
    picture: Picture, samples: Samples, planes: Sequence[int], rows: slice, columns: slice, alpha: Samples | None
) -> Samples:
    where = [(int(plane), rows, columns) if picture.planes else (rows, columns) for plane in planes]
    colour = np.stack([samples[at] for at in where])
    colour = colour if picture.channel_axis is not None else colour[..., None]
    return colour if alpha is None else np.concatenate([colour, np.stack([alpha[at] for at in where])[..., None]], -1)
