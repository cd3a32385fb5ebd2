"""NumPy's ``.npy`` files: arrays of any real type, whose axes the user names."""

from __future__ import annotations

from typing import BinaryIO

import numpy as np

from deconv.pictures.picture import Picture, joined
from deconv.pictures.stored import Stored, Wanted, take_plane


def read_npy(wanted: Wanted) -> Stored:
    """Read an array; memory-mapped first, so that a header cannot ask for more than the file holds."""
    array = np.load(wanted.path, mmap_mode="r", allow_pickle=False)
    if array.dtype.kind not in "buif" or array.dtype.itemsize > 8:
        raise wanted.refuse(f"holds {array.dtype} values", "save real numbers: bool, integers or float16/32/64")
    if array.size == 0 or array.ndim < 2:
        raise wanted.refuse(f"holds an array of shape {array.shape}", "save an array of two axes or more, not empty")
    axes = _axes(wanted, array.shape)
    samples, planes = take_plane(wanted, array, axes)
    notes = [f"axes {axes} put into the order of planes, rows, columns, channels"] if _reordered(axes) else []
    return Stored("NPY", samples, planes, colour="C" in axes, notes=notes)


def write_npy(file: BinaryIO, picture: Picture) -> None:
    """Write the samples, alpha as a last channel."""
    np.save(file, joined(picture), allow_pickle=False)


def _axes(wanted: Wanted, shape: tuple[int, ...]) -> str:
    if wanted.axes is not None:
        return wanted.axes.upper()
    if len(shape) == 2:
        return "YX"
    lengths = " x ".join(map(str, shape))
    example = "YXC for colour, ZYX for planes" if len(shape) == 3 else "ZYXC"
    raise wanted.refuse(f"has {len(shape)} axes ({lengths})", f"name them with --axes, e.g. {example}")


def _reordered(axes: str) -> bool:
    tail = "YXC" if "C" in axes else "YX"
    return not axes.endswith(tail)
