"""NumPy's ``.npy`` files: arrays of any real type, whose axes the caller names."""

from __future__ import annotations

import warnings
from os import PathLike
from pathlib import Path
from typing import BinaryIO

import numpy as np

from deconv.pictures.content import Content
from deconv.pictures.formats.format import Format
from deconv.pictures.picture import Picture, Samples, joined
from deconv.pictures.planes import as_stored, in_our_letters, plane_letters, plane_shape, take_plane
from deconv.pictures.request import Request


def read_npy(request: Request) -> Content:
    """Read an array; memory-mapped first, so that a header cannot ask for more than the file holds."""
    array = mapped(request.path)
    if array.dtype.kind not in "buif" or array.dtype.itemsize > 8:
        raise request.refuse(f"holds {array.dtype} values", "save real numbers: bool, integers or float16/32/64")
    if array.size == 0 or array.ndim < 2:
        raise request.refuse(f"holds an array of shape {array.shape}", "save an array of two axes or more, not empty")
    axes = axes_for(request, array.shape)
    return npy_content(request, array, axes, *take_plane(request, array, axes))


def npy_content(request: Request, array: Samples, axes: str, samples: Samples, planes: int) -> Content:
    """Return samples of an array's file with what it says of them."""
    return Content(
        format="NPY",
        array=samples,
        planes=planes,
        stored_axes=axes.upper(),
        plane_axes=plane_letters(axes),
        plane_shape=plane_shape(request, array.shape, axes),
        colour="C" in axes,
        byte_order=">" if array.dtype.str.startswith(">") else "=",
    )


def write_npy(file: BinaryIO, picture: Picture) -> None:
    """Write the samples in the axes and the order of bytes of their file, alpha as a last channel."""
    array = as_stored(joined(picture), picture)
    save_array(file, array.astype(array.dtype.newbyteorder(picture.byte_order), copy=False))


def mapped(path: str | PathLike[str]) -> Samples:
    """Return the array of a file without reading its data; a pipe, which would be waited for, is no such file."""
    if not Path(path).is_file():
        raise ValueError("not a regular file")
    with np.errstate(over="ignore"), warnings.catch_warnings():  # of a size that no file has
        warnings.simplefilter("ignore")  # of Python's own parser, which reads the header
        stored: Samples = np.lib.format.open_memmap(path, mode="r")
    return stored


def axes_of(path: str | PathLike[str]) -> int | None:
    """Return how many axes the array of a file has; None where it holds none, or a damaged one."""
    try:
        return mapped(path).ndim
    except Exception:  # a damaged header raises nearly anything
        return None


def save_array(file: BinaryIO, array: Samples) -> None:
    """Write an array; not by the file's number, from which NumPy would hear of a full disk without its reason."""
    np.lib.format.write_array(_Bytes(file), np.asanyarray(array), allow_pickle=False)


class _Bytes:
    """A file that can do nothing but take bytes."""

    def __init__(self, file: BinaryIO) -> None:
        self.write = file.write


def axes_for(request: Request, shape: tuple[int, ...]) -> str:
    """Return the axes of an array of some shape, in our letters; refuse where nobody names them."""
    if request.axes is not None:
        return in_our_letters(request.axes, shape)
    if len(shape) == 2:
        return "YX"
    lengths = " x ".join(map(str, shape))
    example = "YXC for colour, ZYX for planes" if len(shape) == 3 else "ZYXC"
    raise request.refuse(f"has {len(shape)} axes ({lengths})", f"name them with `axes`, e.g. {example}")


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
