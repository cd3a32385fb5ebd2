"""Zarr: arrays in chunks, alone, in a group, or the largest of an OME pyramid; written in shards of one tile each.

Two writers of one shard lose each other's samples without a word, so a tile is one shard or several whole ones.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from deconv.pictures.formats.ome_zarr.codec import (
    CHUNK,
    CHUNK_OF_DEPTH,
    Place,
    chunks_of,
    complete,
    new_array,
    place_of,
)
from deconv.pictures.formats.ome_zarr.store import array_at, stored_at
from deconv.pictures.picture import Picture, Samples
from deconv.pictures.planes import plane_shape
from deconv.pictures.reading import picture_of
from deconv.pictures.request import Request
from deconv.pictures.tiled.layout import Layout
from deconv.pictures.tiled.source import nothing_of

#: Bytes from which on a tile is several shards.
LARGEST_SHARD = 1 << 28


@dataclass(frozen=True, eq=False)
class ZarrSource:
    """An array of a store."""

    header: Picture
    path: Path
    array: str
    layout: Layout

    def read(self, planes: Sequence[int], rows: slice, columns: slice) -> Samples:
        """Return a part of some planes."""
        return self.layout.read(array_at(self.path, self.array), planes, rows, columns)


@dataclass(eq=False)
class ZarrSink:
    """A new store of one array, of which a tile has so many samples along every axis."""

    path: Path
    place: Place
    dtype: str
    is_shared: bool = True
    multiple: tuple[int, ...] = field(default_factory=lambda: (CHUNK_OF_DEPTH, CHUNK["Y"], CHUNK["X"]))

    @classmethod
    def of(cls, path: Path, header: Picture) -> ZarrSink:
        """Return a store at a path for a picture like this."""
        return cls(path, place_of(header), str(header.dtype))

    @property
    def layout(self) -> Layout:
        """Return where the planes, rows and columns lie."""
        place = self.place
        is_clear = len(set(place.axes)) == len(place.axes)
        return Layout(place.axes, place.shape, counted=place.counted if is_clear else "")

    def create(self, tile: Mapping[str, int]) -> None:
        """Make the store for tiles of so many samples along these axes, one along other planes."""
        new_array(self.path, self.place, self.dtype, *self._shards(tile))

    def write(self, planes: Sequence[int], rows: slice, columns: slice, samples: Samples) -> None:
        """Write a part: whole shards."""
        self.layout.write(array_at(self.path, self.place.array, "r+"), planes, rows, columns, samples)

    def resume(self, notes: Sequence[Any]) -> None:
        """Go on: every part has its shards."""

    def finish(self, notes: Sequence[Any]) -> None:  # noqa: ARG002
        """Make smaller pictures of the whole one, and copy what lies on its samples."""
        complete(self.path, self.place)

    def _shards(self, tile: Mapping[str, int]) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return the shape of chunks, and of shards that share a tile out."""
        axes = list(zip(self.place.axes, self.place.shape, strict=True))
        edges = [n if axis == "C" else tile.get(axis, 1) for axis, n in axes]
        chunks = chunks_of(self.place.axes, edges)
        counts = [-(-edge // chunk) for edge, chunk in zip(edges, chunks, strict=True)]
        size = np.dtype(self.dtype).itemsize * math.prod(chunks)
        while size * math.prod(counts) > LARGEST_SHARD and any(count % 2 == 0 for count in counts):
            longest = max(range(len(counts)), key=lambda i: counts[i] if counts[i] % 2 == 0 else 0)
            counts[longest] //= 2
        return chunks, tuple(chunk * count for chunk, count in zip(chunks, counts, strict=True))


def open_zarr(request: Request) -> ZarrSource:
    """Return the array of a store: its only one, or the largest of an OME pyramid."""
    stored = stored_at(request)
    array, axes = stored.array, stored.axes
    lengths = plane_shape(request, array.shape, axes)
    count = int(np.prod(lengths, dtype=object)) if lengths else 1
    plane = request.plane(count) if lengths else 0
    layout = Layout(axes, tuple(array.shape), None if plane == "all" or not lengths else plane)
    planes = count if lengths and plane == "all" else 0
    shape = [layout.size(axis) for axis in ("Y", "X", "C")[: 2 + ("C" in axes)]]
    nothing = nothing_of([*([planes] if planes else []), *shape], np.dtype(array.dtype).newbyteorder("="))
    header = picture_of(request, stored.content(request, nothing, planes))
    return ZarrSource(header, request.path, stored.name, layout)
