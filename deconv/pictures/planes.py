"""The axes of an array by their letters, and the planes that are asked for out of it."""

from __future__ import annotations

import numpy as np

from deconv.pictures.picture import Picture, Samples
from deconv.pictures.request import Request


def plane_shape(request: Request, shape: tuple[int, ...], axes: str) -> tuple[int, ...]:
    """Return the lengths of the axes other than Y, X and C, after checking that `axes` describes `shape`."""
    if len(axes) != len(shape) or len(set(axes)) != len(axes) or not set("YX") <= set(axes):
        raise request.refuse(
            f"has {len(shape)} axes of lengths {'x'.join(map(str, shape))}, which {axes!r} does not describe",
            f'give one letter for each with `axes`, Y and X among them, e.g. "{_example(len(shape))}"',
        )
    return tuple(length for length, axis in zip(shape, axes, strict=True) if axis not in "YXC")


def in_our_letters(axes: str, shape: tuple[int, ...], stated: str = "") -> str:
    """Return axes as the caller named them, with channels that are planes as ``c``.

    Channels that lie before the rows are planes, as a microscope writes them; but three without other planes are
    colours, unless the axes that the file has `stated` are channels too.
    """
    axes = axes.upper()
    place, rows = axes.find("C"), axes.find("Y")
    are_colours = len(axes) == len(shape) == 3 == shape[place] and "C" not in stated
    return axes.replace("C", "c") if 0 <= place < rows and not are_colours else axes


def plane_letters(axes: str) -> str:
    """Return what the planes lie along."""
    return "".join(axis for axis in axes if axis not in "YXC").upper()


def as_stored(array: Samples, picture: Picture) -> Samples:
    """Return planes, rows, columns and channels in the axes that the file had, as far as they are known."""
    planes = picture.plane_axes or "I" * bool(picture.planes)
    letters = [*planes, *("YXC" if picture.channel_axis is not None or picture.alpha is not None else "YX")]
    if len(picture.plane_shape) > 1:
        array = array.reshape(*picture.plane_shape, *array.shape[1:])
    stored = [axis for axis in picture.stored_axes.replace("S", "C") if axis in letters]
    if sorted(stored) != sorted(letters) or len(letters) != array.ndim:
        return array
    return np.ascontiguousarray(array.transpose([letters.index(axis) for axis in stored]))


def arranged(array: Samples, axes: str) -> Samples:
    """Bring axes into the order planes (all in one), Y, X, C; the planes only where `axes` names some."""
    planes = [axis for axis in axes if axis not in "YXC"]
    order = [*planes, "Y", "X", *(["C"] if "C" in axes else [])]
    array = array.transpose([axes.index(axis) for axis in order])
    return array.reshape((-1, *array.shape[len(planes) :])) if planes else array


def take_plane(request: Request, array: Samples, axes: str) -> tuple[Samples, int]:
    """Copy the requested planes into memory, in the order of `arranged`; and their number, 0 for a single.

    `array` may be memory-mapped or in a store: the limit on pixels is checked, and the plane cut out, before any is
    read.
    """
    lengths = plane_shape(request, array.shape, axes)
    count = int(np.prod(lengths, dtype=object)) if lengths else 1
    plane = request.plane(count)
    pixels = array.shape[axes.index("Y")] * array.shape[axes.index("X")]
    request.check_pixels(pixels * (count if plane == "all" else 1))
    if plane == "all":
        return native(arranged(np.asarray(array), axes)), count
    position = iter(np.unravel_index(plane, lengths)) if lengths else iter(())
    index = tuple(slice(None) if axis in "YXC" else int(next(position)) for axis in axes)
    rest = "".join(axis for axis in axes if axis in "YXC")
    return native(arranged(array[index], rest)), 0


def native(array: Samples) -> Samples:
    """Copy in C order and the byte order of this machine."""
    return np.array(array, dtype=array.dtype.newbyteorder("="), order="C", copy=True, subok=False)


def _example(ndim: int) -> str:
    return {2: "YX", 3: 'YXC" or "ZYX'}.get(ndim, "TZYXC"[-ndim:])
