"""The kinds of arrays that a large picture and its result may be: samples at hand, or a graph of tasks."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from restore.checks import Array, InvalidType, InvalidValue, as_axis, as_image, channels_last, laid_out, spatial_shape
from restore.operators.progress import Progress, Stages
from restore.tiles.job import at_once
from restore.tiles.plan import Box, Plan, slices
from restore.tiles.work import Tiles


class Readable(Protocol):
    """A picture that is read a box at a time, channels last."""

    @property
    def is_lazy(self) -> bool:
        """Return whether samples are computed when they are asked for, of which none is looked at before."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Return the shape of the spatial axes."""

    @property
    def channels(self) -> int:
        """Return the number of channels, 1 of a gray picture."""

    @property
    def dtype(self) -> np.dtype[Any]:
        """Return the type of the samples."""

    def read(self, box: Box) -> Any:
        """Return the samples of a box, or what will be them."""

    def hidden(self, box: Box) -> Any:
        """Return which samples of a box are unknown, channels last, all of them or one; None where all are known."""

    def call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Return what a function returns, or what will be it."""

    def now(self, value: Any) -> Any:
        """Return a value that is needed now."""


class Picture(Readable, Protocol):
    """A picture that is restored in its own kind."""

    def restored_at_once(self, whole: Callable[[Array], Array]) -> Any:
        """Return the picture, restored by a function of all of it."""

    def restored_by(self, tiles: Tiles, plan: Plan, progress: Progress) -> Any:
        """Return the picture that tiles make up."""


def picture_of(array: Any, channel_axis: int | None, mask: Any = None) -> Picture:
    """Return a picture of the kind of an array; refuse types that `deconvolve` refuses."""
    if hasattr(array, "__dask_graph__"):
        if mask is not None:
            raise InvalidValue("mask must be left out for a dask array: fill what is unknown in first")
        return DaskPicture(array, channel_axis)
    return ArrayPicture(as_array(array), channel_axis, mask)


def as_array(array: Any) -> Any:
    """Return what has a shape, a type and slices, made of what has not."""
    return array if hasattr(array, "shape") and hasattr(array, "dtype") else np.asarray(array)


class _Base:
    """Where the axes of an array lie."""

    def __init__(self, array: Any, channel_axis: int | None) -> None:
        as_image(np.ones((1,) * len(array.shape), array.dtype))  # the type alone
        if 0 in array.shape:
            raise InvalidValue(f"image must hold samples, got shape {tuple(array.shape)}")
        self.array, self.dtype = array, np.dtype(array.dtype).newbyteorder("=")
        self.axis = None if channel_axis is None else as_axis(channel_axis, len(array.shape))
        self.shape = tuple(int(n) for n in spatial_shape(array.shape, self.axis))
        self.channels = 1 if self.axis is None else int(array.shape[self.axis])

    def at(self, box: Box) -> tuple[slice, ...]:
        """Return a box, and all channels of it, as slices of the array."""
        at = list(slices(box))
        if self.axis is not None:
            at.insert(self.axis, slice(None))
        return tuple(at)

    def read(self, box: Box) -> Any:
        """Return the samples of a box, channels last; or what will be them."""
        return channels_last(self.array[self.at(box)], self.axis)

    def hidden(self, box: Box) -> Any:  # noqa: ARG002
        """Return that all samples of a box are known."""
        return None

    def laid_out(self, core: Any) -> Any:
        """Return samples with channels last as the array has them."""
        return laid_out(core, self.axis)


class ArrayPicture(_Base):
    """A picture whose samples are at hand, if only in a file."""

    is_lazy = False

    def __init__(self, array: Any, channel_axis: int | None, mask: Any = None) -> None:
        super().__init__(array, channel_axis)
        self.mask = mask
        if mask is None:
            return
        if np.dtype(mask.dtype) != bool:
            raise InvalidType(f"mask must be bool, True where samples are unknown, got {mask.dtype}")
        if tuple(mask.shape) not in (tuple(array.shape), self.shape):
            raise InvalidValue(
                f"mask must have the shape {tuple(array.shape)} of the image or {self.shape}, got {tuple(mask.shape)}"
            )

    def hidden(self, box: Box) -> Any:
        """Return which samples of a box are unknown."""
        if self.mask is None:
            return None
        if tuple(self.mask.shape) == self.shape:
            return np.asarray(self.mask[slices(box)])[..., None]
        return channels_last(np.asarray(self.mask[self.at(box)]), self.axis)

    def read(self, box: Box) -> Array:
        """Return the samples of a box, channels last."""
        return channels_last(np.asarray(self.array[self.at(box)], self.dtype), self.axis)

    def call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call a function."""
        return at_once(function, *arguments)

    def now(self, value: Any) -> Any:
        """Return a value."""
        return value

    def restored_at_once(self, whole: Callable[[Array], Array]) -> Array:
        """Return the picture, restored by a function of all of it."""
        return whole(np.asarray(self.array))

    def restored_by(self, tiles: Tiles, plan: Plan, progress: Progress) -> Array:
        """Return the picture, restored tile after tile."""
        restored = np.empty(self.array.shape, self.dtype)
        total = math.prod(plan.counts)
        stages = Stages(dict.fromkeys(range(1, total + 1), 1.0))
        for number, index in enumerate(plan.indices(), 1):
            with stages.stage(number):
                restored[self.at(plan.core(index))] = self.laid_out(tiles.tile(index))
            progress(number / total)
        return restored


class DaskPicture(_Base):
    """A picture that is computed when it is asked for."""

    is_lazy = True

    def __init__(self, array: Any, channel_axis: int | None) -> None:
        if any(math.isnan(n) for n in array.shape):
            raise InvalidValue("array must know the sizes of its chunks: call its compute_chunk_sizes() first")
        super().__init__(array, channel_axis)

    def call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Return what a function will return."""
        from dask.delayed import delayed

        return delayed(function, pure=True, traverse=True)(*arguments)

    def now(self, value: Any) -> Any:
        """Compute a value."""
        return value.compute()

    def restored_at_once(self, whole: Callable[[Array], Array]) -> Any:
        """Return the picture that one task will restore."""
        task = self.call(whole, self.array)
        return _task_array(task, self.array.shape, self.dtype).rechunk(self.array.chunks)

    def restored_by(self, tiles: Tiles, plan: Plan, progress: Progress) -> Any:  # noqa: ARG002
        """Return the picture that a task a tile will restore, in the chunks of the array."""
        cores = np.empty(plan.counts, object)
        for index in itertools.product(*map(range, plan.counts)):
            shape = tuple(end - start for start, end in plan.core(index))
            task = tiles.tile(index)
            cores[index] = _task_array(task, (*shape, self.channels), self.dtype)
        return self.laid_out(_side_by_side(cores)).rechunk(self.array.chunks)


def _side_by_side(cores: Array) -> Any:
    """Return the tiles of a grid as one dask array."""
    import dask.array as da

    for axis in reversed(range(cores.ndim)):
        rows = np.empty(cores.shape[:-1], object)
        for index in np.ndindex(rows.shape):
            rows[index] = da.concatenate(list(cores[index]), axis=axis)  # type: ignore[no-untyped-call]
        cores = rows
    return cores[()]


def _task_array(task: Any, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Any:
    import dask.array as da

    return da.from_delayed(task, shape, meta=np.empty((0,) * len(shape), dtype))  # type: ignore[no-untyped-call]
