"""NumPy's ``.npy`` files: arrays of any real type, whose axes the caller names."""

from __future__ import annotations

from typing import BinaryIO

import numpy as np

from deconv.pictures.content import Content
from deconv.pictures.formats.format import Format
from deconv.pictures.picture import Picture, joined
from deconv.pictures.planes import plane_shape, take_plane
from deconv.pictures.request import Request


def read_npy(request: Request) -> Content:
    """Read an array; memory-mapped first, so that a header cannot ask for more than the file holds."""
    array = np.load(request.path, mmap_mode="r", allow_pickle=False)
    if array.dtype.kind not in "buif" or array.dtype.itemsize > 8:
        raise request.refuse(f"holds {array.dtype} values", "save real numbers: bool, integers or float16/32/64")
    if array.size == 0 or array.ndim < 2:
        raise request.refuse(f"holds an array of shape {array.shape}", "save an array of two axes or more, not empty")
    axes = _axes(request, array.shape)
    samples, planes = take_plane(request, array, axes)
    notes = (f"axes {axes} put into the order of planes, rows, columns, channels",) if _reordered(axes) else ()
    return Content(
        format="NPY",
        array=samples,
        planes=planes,
        plane_axes="".join(axis for axis in axes if axis not in "YXC"),
        plane_shape=plane_shape(request, array.shape, axes),
        colour="C" in axes,
        notes=notes,
    )


def write_npy(file: BinaryIO, picture: Picture) -> None:
    """Write the samples, alpha as a last channel."""
    np.save(file, joined(picture), allow_pickle=False)


def _axes(request: Request, shape: tuple[int, ...]) -> str:
    if request.axes is not None:
        return request.axes.upper()
    if len(shape) == 2:
        return "YX"
    lengths = " x ".join(map(str, shape))
    example = "YXC for colour, ZYX for planes" if len(shape) == 3 else "ZYXC"
    raise request.refuse(f"has {len(shape)} axes ({lengths})", f"name them with `axes`, e.g. {example}")


def _reordered(axes: str) -> bool:
    tail = "YXC" if "C" in axes else "YX"
    return not axes.endswith(tail)


NPY = Format(
    name="NPY",
    label=".npy",
    suffixes=(".npy",),
    signature=rb"\x93NUMPY",
    read=read_npy,
    write=write_npy,
    dtypes=None,
    colours=None,
    planes=True,
    axes=True,
    keeps=frozenset(),
    stores_light=lambda _: True,
)
