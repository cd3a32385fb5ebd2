"""OME-Zarr through zarr: read as a whole, and written as a group with one array in chunks, by version 0.5."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from deconv.pictures.content import Content
from deconv.pictures.formats.format import Format
from deconv.pictures.formats.ome_zarr.pyramid import fill_smaller
from deconv.pictures.formats.ome_zarr.store import DTYPES, array_at, is_zarr, library, stored_at
from deconv.pictures.picture import Picture, PictureError, Samples, joined
from deconv.pictures.planes import take_plane
from deconv.pictures.request import Request
from deconv.pictures.stacks.ome_zarr import ORDER, OMEZarr, ome_zarr_from

#: Edges of a chunk along rows and columns, and along other axes.
CHUNK, CHUNK_OF_DEPTH = {"Y": 256, "X": 256}, 32


@dataclass(frozen=True, eq=False)
class Place:
    """Where the samples of a picture go in a new store.

    Attributes
    ----------
    axes : str
        A letter for each axis of the array: T, ``c`` for channels that are planes, Z, Y, X, ``C`` for colours.
    counted : str
        The axes of planes in the order in which the picture counts them.
    shape : tuple of int
        The lengths of the axes.
    document : OMEZarr or None
        What is said of them; None for colours and planes of no stated kind, of which OME has no words.
    """

    axes: str
    counted: str
    shape: tuple[int, ...]
    document: OMEZarr | None

    @property
    def array(self) -> str:
        """Return the name of the array in the store."""
        return self.document.arrays[0] if self.document is not None else ""

    @property
    def names(self) -> tuple[str, ...] | None:
        """Return the names of the axes."""
        if self.document is not None:
            return tuple(str(axis["name"]) for axis in self.document.ome["multiscales"][0]["axes"])
        return tuple(self.axes.lower()) if len(set(self.axes.lower())) == len(self.axes) else None

    @property
    def attributes(self) -> Mapping[str, Any]:
        """Return the attributes of the group."""
        return {} if self.document is None else {**self.document.beside, "ome": self.document.ome}


def place_of(picture: Picture, window: tuple[float, float] | None = None) -> Place:
    """Return where a picture goes; of a plane or stack in gray OME speaks, channels shown from the window's ends."""
    planes = picture.plane_axes if picture.planes else ""
    lengths = dict(zip(planes, picture.plane_shape, strict=True)) if picture.planes else {}
    planes = planes or "I" * bool(picture.planes)
    lengths = lengths or dict.fromkeys(planes, picture.planes)
    lengths |= {"Y": picture.height, "X": picture.width}
    depth = picture.channels + (picture.alpha is not None)
    if depth > 1 or picture.channel_axis is not None:
        counted = planes.replace("C", "c")
        shape = picture.plane_shape or (picture.planes,) * len(planes)
        return Place(f"{counted}YXC", counted, (*shape, picture.height, picture.width, depth), None)
    own = picture.document if isinstance(picture.document, OMEZarr) else None
    if own is not None and {*planes, *"YX"} <= set(own.axes):
        document: OMEZarr | None = own
    elif set(planes) <= set("TCZ") and len(set(planes)) == len(planes):
        axes = "".join(sorted([*planes, *"YX"], key=ORDER.index))
        name = Path("picture" if picture.path is None else picture.path).name.partition(".")[0]
        document = ome_zarr_from(picture.calibration, axes, picture.dtype, window, name)
    else:
        document = None
    axes = f"{planes}YX" if document is None else document.axes
    counted = planes + "".join(letter for letter in axes if letter not in (*planes, *"YX"))
    shape = tuple(lengths.get(letter, 1) for letter in axes)
    document = None if document is None else document.of_shape(shape)
    if document is None and picture.plane_shape:  # planes of one letter each, or of the same
        shape = (*picture.plane_shape, picture.height, picture.width)
    return Place(axes.replace("C", "c"), counted.replace("C", "c"), shape, document)


def read_zarr(request: Request) -> Content:
    """Read one plane of a store, or all."""
    stored = stored_at(request)
    return stored.content(request, *take_plane(request, stored.array, stored.axes))


def write_zarr(path: Path, picture: Picture) -> None:
    """Write a store in the place of an empty file or of a store."""
    window = (float(np.nanmin(picture.samples)), float(np.nanmax(picture.samples)))
    place = place_of(picture, window if np.isfinite(window).all() else None)
    chunks = chunks_of(place.axes, place.shape)
    _make_room(path)
    new_array(path, place, picture.dtype, chunks)[...] = _as_placed(joined(picture), place)
    complete(path, place)


def _make_room(path: Path) -> None:
    if path.is_dir() and not is_zarr(path):
        raise PictureError(path, "is a folder", "name another `output`")
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def chunks_of(axes: str, shape: Sequence[int]) -> tuple[int, ...]:
    """Return the shape of the chunks of an array, whole colours in each."""
    edges = [n if axis == "C" else CHUNK.get(axis, CHUNK_OF_DEPTH) for axis, n in zip(axes, shape, strict=True)]
    return tuple(map(min, zip(shape, edges, strict=True)))


def complete(path: Path, place: Place) -> None:
    """Put beside the array of a store what is made of it, and what lies on its samples: smaller pictures and labels."""
    document = place.document
    if document is None:
        return
    larger = array_at(path, place.array)
    for name, shape, factors in zip(document.arrays[1:], document.shapes[1:], document.factors, strict=True):
        larger = _made_smaller(path / name, larger, shape, chunks_of(place.axes, shape), factors)
    if document.labels is not None:
        shutil.copytree(document.labels, path / "labels", dirs_exist_ok=True)


def _made_smaller(
    path: Path, larger: Any, shape: tuple[int, ...], chunks: tuple[int, ...], factors: Sequence[float]
) -> Any:
    smaller = library(path).create_array(
        str(path),
        shape=shape,
        dtype=larger.dtype,
        chunks=chunks,
        dimension_names=larger.metadata.dimension_names,
        zarr_format=3,
        fill_value=0,
        overwrite=True,
    )
    fill_smaller(larger, smaller, factors)
    return smaller


def new_array(
    path: Path, place: Place, dtype: Any, chunks: tuple[int, ...], shards: tuple[int, ...] | None = None
) -> Any:
    """Make a store of one array, and return it."""
    zarr = library(path)
    if place.array:
        zarr.create_group(str(path), zarr_format=3, attributes=dict(place.attributes))
    return zarr.create_array(
        str(path),
        name=place.array or None,
        shape=place.shape,
        dtype=dtype,
        chunks=chunks,
        shards=shards,
        dimension_names=place.names,
        zarr_format=3,
        fill_value=0,
    )


def _as_placed(array: Samples, place: Place) -> Samples:
    """Return planes, rows, columns and colours in the axes of a place."""
    lengths = dict(zip(place.axes, place.shape, strict=True)) if len(set(place.axes)) == len(place.axes) else {}
    if not lengths:  # letters that come twice, in the order of the picture
        return array.reshape(place.shape)
    order = [*place.counted, *"YX", *("C" if "C" in place.axes else "")]
    spread = array.reshape([lengths[letter] for letter in order])
    return np.ascontiguousarray(spread.transpose([order.index(letter) for letter in place.axes]))


ZARR = Format(
    name="ZARR",
    label="OME-Zarr",
    suffixes=(".zarr",),
    signature=rb"(?!)",
    read=read_zarr,
    write_folder=write_zarr,
    dtypes=DTYPES,
    colours=None,
    planes=True,
    axes=True,
    keeps=frozenset({"ome_zarr", "scales", "labels"}),
    stores_light=lambda _: True,
)
