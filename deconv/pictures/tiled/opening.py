"""Files and stores that can be read a part at a time, told apart by their content; and what is written in that way."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

import numpy as np

from deconv.pictures.formats.npy import axes_for, mapped, npy_content
from deconv.pictures.formats.ome_zarr.store import is_zarr
from deconv.pictures.metadata import quietly
from deconv.pictures.picture import Picture, PictureError
from deconv.pictures.planes import plane_shape
from deconv.pictures.reading import picture_of, recognized, settled, translated
from deconv.pictures.request import Frame, Request
from deconv.pictures.tiled.arrays import ArraySink, ArraySource
from deconv.pictures.tiled.layout import Layout
from deconv.pictures.tiled.source import Sink, Source, depth_of, nothing_of
from deconv.pictures.tiled.tiff_sink import TiffSink
from deconv.pictures.tiled.tiff_source import open_tiff
from deconv.pictures.tiled.zarr_store import ZarrSink, ZarrSource, open_zarr

#: Suffixes of what is written a part at a time.
TIFF_SUFFIXES, ZARR_SUFFIX, ARRAY_SUFFIX = (".tif", ".tiff"), ".zarr", ".npy"
#: More pixels than any file holds: what is read in parts has no limit.
NO_LIMIT = 1 << 62


def open_source(path: str | PathLike[str], *, frame: Frame = None, axes: str | None = None) -> Source | None:
    """Return a picture that is read in parts: a TIFF, an array or a Zarr store; None of what is read as a whole.

    Parameters
    ----------
    path, frame, axes
        As for `read`.

    Raises
    ------
    PictureError
        As `read`; also a store without zarr to read it.
    """
    request = Request(path=Path(path), frame=frame, axes=axes, max_pixels=NO_LIMIT)
    try:
        if request.path.is_dir() and is_zarr(request.path):
            return open_zarr(_all_planes(request))
        record = recognized(request)
        with quietly():
            return {"TIFF": open_tiff, "NPY": _open_array}.get(record.name, _none)(settled(request, record))
    except PictureError:
        raise
    except Exception as error:
        raise translated(request, error) from error


def _all_planes(request: Request) -> Request:
    frame = "all" if request.frame == "stack" else request.frame
    return Request(path=request.path, frame=frame, axes=request.axes, max_pixels=request.max_pixels)


def _none(_: Request) -> None:
    return None


def _open_array(request: Request) -> Source | None:
    array = mapped(request.path)
    if array.dtype.kind not in "uif" or array.size == 0 or array.ndim < 2 or not array.flags.c_contiguous:
        return None
    axes = axes_for(request, array.shape)
    lengths = plane_shape(request, array.shape, axes)
    plane = request.plane(int(np.prod(lengths, dtype=object))) if lengths else "all"
    layout = Layout(axes, array.shape, None if plane == "all" else plane)
    planes = int(np.prod(lengths)) if lengths and plane == "all" else 0
    shape = [layout.size(axis) for axis in ("Y", "X", "C")[: 2 + ("C" in axes)]]
    nothing = nothing_of([*([planes] if planes else []), *shape], array.dtype.newbyteorder("="))
    header = picture_of(request, npy_content(request, array, axes, nothing, planes))
    return ArraySource(header, request.path, layout, array.dtype.str, array.offset)  # type: ignore[attr-defined]


def can_write_in_parts(path: Path) -> bool:
    """Return whether a result of this name is written a part at a time."""
    return path.suffix.lower() in (*TIFF_SUFFIXES, ZARR_SUFFIX, ARRAY_SUFFIX)


def sink_for(path: Path, target: Path, header: Picture, source: Source) -> Sink:
    """Return what writes to `path`, which will be called `target`, a picture like `header` read from `source`."""
    suffix = target.suffix.lower()
    if suffix in TIFF_SUFFIXES:
        return TiffSink(path, header)
    if suffix == ARRAY_SUFFIX:
        same = getattr(source, "layout", None)
        layout = same if same is not None and same.plane is None else _layout_of(header)
        return ArraySink(path, layout, str(header.dtype))
    return ZarrSink.of(path, header)


def open_result(sink: Sink, header: Picture) -> Source:
    """Return what reads a result that was written, for its figure; it is like `header`."""
    if isinstance(sink, TiffSink):
        source = open_source(sink.path, frame="stack")
        assert source is not None, "what was written in tiles is read in tiles"
        return source
    if isinstance(sink, ArraySink):
        array = mapped(sink.path)
        return ArraySource(header, sink.path, sink.layout, sink.dtype, array.offset)  # type: ignore[attr-defined]
    assert isinstance(sink, ZarrSink)
    return ZarrSource(header, sink.path, sink.place.array, sink.layout)


def _layout_of(header: Picture) -> Layout:
    """Return planes, rows, columns and channels in this order."""
    many = bool(header.planes)
    depth = depth_of(header)
    letters = [*(header.plane_axes if many else ""), "Y", "X", *(["C"] if depth > 1 else [])]
    axes = "".join(
        letter.lower() if i < len(letters) - 1 and letter == "C" else letter for i, letter in enumerate(letters)
    )
    lengths = [*(header.plane_shape if many else ()), header.height, header.width, *([depth] if depth > 1 else [])]
    return Layout(axes, tuple(lengths))
