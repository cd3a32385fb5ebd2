"""Zarr: arrays in chunks, alone, in a group, or the largest of an OME pyramid; written in shards of one tile each.

Two writers of one shard lose each other's samples without a word, so a tile is one shard or several whole ones.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from deconv.pictures.content import Content
from deconv.pictures.picture import Picture, PictureError, Samples
from deconv.pictures.planes import in_our_letters, plane_letters, plane_shape
from deconv.pictures.reading import picture_of
from deconv.pictures.request import Request
from deconv.pictures.tiled.layout import Layout
from deconv.pictures.tiled.source import nothing_of

#: Edges of a chunk along rows, columns and depth, and bytes from which on a tile is several shards.
CHUNK, CHUNK_OF_DEPTH, LARGEST_SHARD = {"Y": 256, "X": 256}, 32, 1 << 28


@dataclass(frozen=True, eq=False)
class ZarrSource:
    """An array of a store."""

    header: Picture
    path: Path
    array: str
    layout: Layout
    ome: Mapping[str, Any] | None = None
    names: tuple[str | None, ...] | None = None

    def read(self, planes: Sequence[int], rows: slice, columns: slice) -> Samples:
        """Return a part of some planes."""
        return self.layout.read(_array(self.path, self.array), planes, rows, columns)


@dataclass(eq=False)
class ZarrSink:
    """A new store of one array, of which a tile has so many samples along every axis."""

    path: Path
    layout: Layout
    dtype: str
    array: str = ""
    ome: Mapping[str, Any] | None = None
    names: tuple[str | None, ...] | None = None
    is_shared: bool = True
    multiple: tuple[int, ...] = (CHUNK_OF_DEPTH, CHUNK["Y"], CHUNK["X"])

    def create(self, tile: Mapping[str, int]) -> None:
        """Make the store for tiles of so many samples along these axes, one along other planes."""
        zarr = library(self.path)
        chunks, shards = self._shards(tile)
        if self.array:
            zarr.create_group(str(self.path), zarr_format=3, attributes={"ome": self.ome} if self.ome else {})
        zarr.create_array(
            str(self.path),
            name=self.array or None,
            shape=self.layout.shape,
            dtype=self.dtype,
            chunks=chunks,
            shards=shards,
            dimension_names=self.names,
            zarr_format=3,
            fill_value=0,
        )

    def write(self, planes: Sequence[int], rows: slice, columns: slice, samples: Samples) -> None:
        """Write a part: whole shards."""
        self.layout.write(_array(self.path, self.array, "r+"), planes, rows, columns, samples)

    def resume(self, notes: Sequence[Any]) -> None:
        """Go on: every part has its shards."""

    def finish(self, notes: Sequence[Any]) -> None:
        """Finish: nothing is left to be written."""

    def _shards(self, tile: Mapping[str, int]) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return the shape of chunks, and of shards that share a tile out."""
        axes = list(zip(self.layout.axes, self.layout.shape, strict=True))
        edges = [n if axis == "C" else tile.get(axis, 1) for axis, n in axes]
        chunks = [
            min(n, n if axis == "C" else CHUNK.get(axis, CHUNK_OF_DEPTH))
            for (axis, _), n in zip(axes, edges, strict=True)
        ]
        counts = [-(-edge // chunk) for edge, chunk in zip(edges, chunks, strict=True)]
        size = np.dtype(self.dtype).itemsize * math.prod(chunks)
        while size * math.prod(counts) > LARGEST_SHARD and any(count % 2 == 0 for count in counts):
            longest = max(range(len(counts)), key=lambda i: counts[i] if counts[i] % 2 == 0 else 0)
            counts[longest] //= 2
        return tuple(chunks), tuple(chunk * count for chunk, count in zip(chunks, counts, strict=True))


def library(path: Path) -> Any:
    """Return zarr, or refuse."""
    try:
        import zarr
    except ImportError:
        raise PictureError(path, "is a Zarr store", "install deconv[big], which reads and writes them") from None
    return zarr


def open_zarr(request: Request) -> ZarrSource:
    """Return the array of a store: its only one, or the largest of an OME pyramid."""
    zarr, path = library(request.path), request.path
    root = zarr.open(str(path), mode="r")
    name, ome = ("", None) if hasattr(root, "shape") else _in_group(root, request)
    array = root if not name else root[name]
    axes, names = _axes(array, ome, request)
    _check(array, request)
    lengths = plane_shape(request, array.shape, axes)
    count = int(np.prod(lengths, dtype=object)) if lengths else 1
    plane = request.plane(count) if lengths else 0
    layout = Layout(axes, tuple(array.shape), None if plane == "all" or not lengths else plane)
    planes = count if lengths and plane == "all" else 0
    shape = [layout.size(axis) for axis in ("Y", "X", "C")[: 2 + ("C" in axes)]]
    content = Content(
        format="ZARR",
        array=nothing_of([*([planes] if planes else []), *shape], np.dtype(array.dtype).newbyteorder("=")),
        planes=planes,
        stored_axes=axes.upper(),
        plane_axes=plane_letters(axes),
        plane_shape=lengths,
        colour="C" in axes,
        notes=("of the pyramid the largest picture is restored",)
        if ome and len(ome["multiscales"][0]["datasets"]) > 1
        else (),
    )
    return ZarrSource(picture_of(request, content), path, name, layout, ome, names)


def _in_group(group: Any, request: Request) -> tuple[str, Mapping[str, Any] | None]:
    """Return the name of the array of a group, and what OME says of it."""
    attributes = dict(group.attrs)
    ome = attributes.get("ome", attributes)
    if ome.get("multiscales"):
        return str(ome["multiscales"][0]["datasets"][0]["path"]), {"multiscales": ome["multiscales"]}
    names = [name for name, _ in group.arrays()]
    if len(names) != 1:
        what = f"is a group of {len(names)} arrays"
        raise request.refuse(what, f"name one: {', '.join(f'{request.path}/{name}' for name in sorted(names)[:3])}")
    return names[0], None


def _axes(array: Any, ome: Mapping[str, Any] | None, request: Request) -> tuple[str, tuple[str | None, ...] | None]:
    """Return the axes in our letters, and their names in the file."""
    names = getattr(array.metadata, "dimension_names", None)
    names = None if names is None else tuple(names)
    if request.axes is not None:
        return in_our_letters(request.axes, array.shape), names
    stated = [axis["name"] for axis in ome["multiscales"][0].get("axes", [])] if ome else list(names or [])
    if len(stated) == array.ndim and all(isinstance(name, str) and len(name) == 1 for name in stated):
        return in_our_letters("".join(stated), array.shape), names
    if array.ndim == 2:
        return "YX", names
    lengths = " x ".join(map(str, array.shape))
    raise request.refuse(
        f"has {array.ndim} axes ({lengths})", "name them with `axes`, e.g. YXC for colour, ZYX for planes"
    )


def _check(array: Any, request: Request) -> None:
    dtype = np.dtype(array.dtype)
    if dtype.kind not in "uif" or dtype.itemsize > 8:
        raise request.refuse(f"holds {dtype} values", "save integers or float16/32/64")
    if 0 in array.shape or array.ndim < 2:
        raise request.refuse(
            f"holds an array of shape {tuple(array.shape)}", "save an array of two axes or more, not empty"
        )


def ome_of(source: ZarrSource) -> Mapping[str, Any] | None:
    """Return what OME says of the picture alone, without the smaller ones of its pyramid, in version 0.5."""
    if source.ome is None:
        return None
    first = dict(source.ome["multiscales"][0])
    first.pop("version", None)
    dataset = {**first["datasets"][0], "path": "0"}
    return {"version": "0.5", "multiscales": [{**first, "datasets": [dataset]}]}


def _array(path: Path, name: str, mode: str = "r") -> Any:
    return library(path).open_array(str(path / name), mode=mode)
