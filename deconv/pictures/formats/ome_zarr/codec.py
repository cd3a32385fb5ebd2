"""OME-Zarr through zarr: read as a whole, and written as a group with one array in chunks, by version 0.5."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from deconv.pictures.content import Content
from deconv.pictures.formats.format import Format
from deconv.pictures.formats.ome_zarr.store import DTYPES, is_zarr, library, stored_at
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
        return "0" if self.document is not None else ""

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
    chunks = tuple(
        min(n, n if axis == "C" else CHUNK.get(axis, CHUNK_OF_DEPTH))
        for axis, n in zip(place.axes, place.shape, strict=True)
    )
    _make_room(path)
    new_array(path, place, picture.dtype, chunks)[...] = _as_placed(joined(picture), place)


def _make_room(path: Path) -> None:
    if path.is_dir() and not is_zarr(path):
        raise PictureError(path, "is a folder", "name another `output`")
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


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
    keeps=frozenset({"ome_zarr", "scales"}),
    stores_light=lambda _: True,
)
