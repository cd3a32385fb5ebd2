"""The real n-D Fourier pass of the package: transform, multiply, transform back, a few columns at a time.

Arrays carry their spatial axes first and, for colour, the channels last. The transform is real along the last spatial
axis, so a spectrum has n // 2 + 1 columns there. After that pass every column is on its own: it is transformed along
the other axes, multiplied and transformed back while it is in the processor's cache, and no full-size transfer
function or product is ever stored. That makes a filter about as fast as its two FFTs alone.

Only public `scipy.fft` functions are called: a user chooses threads by `scipy.fft.set_workers` and another library by
`scipy.fft.set_backend`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import DTypeLike
from scipy import fft

from restore.checks import Array
from restore.operators.across_channels import across_channels

#: Bytes of spectrum in one block of columns: it and the few arrays made beside it fit into a core's cache.
BLOCK_BYTES = 3 << 18
#: Rows that an FFT may take at once.
VECTOR = 16

#: A filter: its factors for a slice of columns of the half spectrum, channels excluded.
Gain = Callable[[slice], Array]
#: Fresh spectra for a slice of columns, made of the one that is handed in; that one may be used up.
Change = Callable[[slice, Array], Sequence[Array]]


def filtered(
    image: Array, ndim: int, gain: Gain, *, frame: tuple[slice, ...] | None = None, overwrite_x: bool = False
) -> Array:
    """Return the image whose half spectrum over the first `ndim` axes is multiplied by `gain`, or a frame of it.

    The frame is contiguous; the whole image is not: its rows lie in the memory of the spectrum, which with
    `overwrite_x` may be that of the image, where it has room.
    """
    if image.ndim > ndim and image.shape[-1] == 1:  # one channel is no inner loop
        return filtered(image[..., 0], ndim, gain, frame=frame, overwrite_x=overwrite_x)[..., None]

    def multiplied(columns: slice, block: Array) -> Sequence[Array]:
        factor = gain(columns)
        if image.ndim > ndim:  # one contiguous product instead of an inner loop over three channels
            factor = np.repeat(factor, image.shape[-1], axis=-1).reshape(*factor.shape, image.shape[-1])
        block *= factor
        return (block,)

    return changed(image, ndim, multiplied, frame=frame, overwrite_x=overwrite_x)[0]


def changed(
    image: Array,
    ndim: int,
    change: Change,
    *,
    answers: int = 1,
    frame: tuple[slice, ...] | None = None,
    overwrite_x: bool = False,
) -> list[Array]:
    """Return images whose half spectra over the first `ndim` axes are what `change` makes of that of `image`.

    With `overwrite_x` an image that has room for its spectrum may be used up: the first result has its memory.
    """
    rows = _row_spectra(image, ndim, overwrite_x=overwrite_x)
    others = range(ndim - 1)
    results = [rows, *(np.empty_like(rows) for _ in range(answers - 1))]
    blocks = column_blocks(rows, ndim)

    def work(columns: slice) -> None:
        at = (slice(None),) * (ndim - 1) + (columns,)
        for result, block in zip(results, change(columns, _transform(rows[at], others)), strict=True):
            for axis in others:
                block = fft.ifft(block, axis=axis, overwrite_x=True, workers=1)
            result[at] = block

    _for_each(blocks, work)
    return [_real_rows(result, image.shape[ndim - 1], ndim, frame) for result in results]


def with_room(shape: Sequence[int], dtype: DTypeLike, ndim: int | None = None) -> Array:
    """Return an empty array whose rows along the last of `ndim` axes, or of all, have room for their half spectra."""
    axis = (len(shape) if ndim is None else ndim) - 1
    half = (*shape[:axis], shape[axis] // 2 + 1, *shape[axis + 1 :])
    return _real_view(np.empty(half, np.result_type(dtype, np.complex64)), shape, axis)


def _row_spectra(image: Array, ndim: int, *, overwrite_x: bool) -> Array:
    """Return the half spectra of all rows, contiguous, in the memory of the image where that may and can be."""
    axis, room = ndim - 1, _room_of(image, ndim) if overwrite_x else None
    if room is None:
        return np.ascontiguousarray(fft.rfft(image, axis=axis))

    def work(rows: slice) -> None:
        room[rows] = fft.rfft(image[rows], axis=axis, workers=1)

    _for_each(_row_blocks(room, slice(0, len(room))), work)
    return room


def _thin_spectra(image: Array, ndim: int, one_in: int) -> Array:
    """Return one in so many columns of the half spectra of all rows."""
    axis = ndim - 1
    columns = (slice(None),) * axis + (slice(None, None, one_in),)
    if axis == 0:
        return np.ascontiguousarray(fft.rfft(image, axis=axis)[columns])
    count = -(-(image.shape[axis] // 2 + 1) // one_in)
    thin = np.empty((*image.shape[:axis], count, *image.shape[ndim:]), np.result_type(image.dtype, np.complex64))

    def work(rows: slice) -> None:
        thin[rows] = fft.rfft(image[rows], axis=axis, workers=1)[columns]

    _for_each(_row_blocks(image, slice(0, len(image))), work)
    return thin


def _room_of(image: Array, ndim: int) -> Array | None:
    """Return the memory of a half spectrum that an image lies in, None where it lies in none."""
    room, axis = image.base, ndim - 1
    if not isinstance(room, np.ndarray) or room.dtype.kind != "c" or axis == 0:
        return None
    half = (*image.shape[:axis], image.shape[axis] // 2 + 1, *image.shape[ndim:])
    fits = room.size == math.prod(half) and room.flags.c_contiguous and room.ctypes.data == image.ctypes.data
    room = room.reshape(half) if fits else room  # an axis of one channel more or less
    return room if fits and _real_view(room, image.shape, axis).strides == image.strides else None


def _for_each(parts: Iterable[slice], work: Callable[[slice], None]) -> None:
    """Do a work on all parts, in as many threads as `scipy.fft` uses, and none for a single part.

    A pool costs as much as the transforms of a picture of 100 x 100 samples, which is one part.
    """
    parts = list(parts)
    workers = min(fft.get_workers(), len(parts))
    if workers > 1:
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(work, parts))
    else:
        for part in parts:
            work(part)


def _real_rows(spectrum: Array, size: int, ndim: int, frame: tuple[slice, ...] | None = None) -> Array:
    """Return the real inverse of `size` along the last spatial axis, in the memory of the spectrum, which is used up.

    Of a frame alone it is a fresh array.
    """
    axis = ndim - 1
    if axis == 0:
        return fft.irfft(spectrum, n=size, axis=0)[(slice(None),) if frame is None else frame]
    shape = (*spectrum.shape[:axis], size, *spectrum.shape[ndim:])
    first, *others = (slice(0, n) for n in shape[:ndim]) if frame is None else frame
    target = _real_view(spectrum, shape, axis) if frame is None else _empty(spectrum, shape, frame)

    def work(rows: slice) -> None:
        block = fft.irfft(spectrum[(rows, *others[:-1])], n=size, axis=axis, workers=1)
        target[rows.start - first.start : rows.stop - first.start] = block[(slice(None),) * axis + (others[-1],)]

    _for_each(_row_blocks(spectrum, first), work)
    return target


def _real_view(spectrum: Array, shape: Sequence[int], axis: int) -> Array:
    """Return a real array of `shape` in the memory of its half spectrum along an axis, row by row."""
    item = spectrum.real.itemsize
    inner = [item * int(np.prod(shape[axis + 1 :])), item][: len(shape) - axis]
    return np.ndarray(shape, spectrum.real.dtype, spectrum, strides=(*spectrum.strides[:axis], *inner))


def _empty(spectrum: Array, shape: Sequence[int], frame: tuple[slice, ...]) -> Array:
    """Return an array for a frame of a real one of `shape`."""
    sides = [len(range(n)[side]) for n, side in zip(shape, frame, strict=False)]
    return np.empty((*sides, *shape[len(frame) :]), spectrum.real.dtype)


def spectrum_blocks(
    image: Array, ndim: int, *, one_in: int = 1, overwrite_x: bool = False
) -> Iterator[tuple[slice, Array]]:
    """Yield the half spectrum of `image` over its first `ndim` axes by slices of columns, of all or one in so many.

    With `overwrite_x` an image that has room for its spectrum may be used up.
    """
    rows = _row_spectra(image, ndim, overwrite_x=overwrite_x) if one_in == 1 else _thin_spectra(image, ndim, one_in)
    for some in column_blocks(rows, ndim):
        at = (slice(None),) * (ndim - 1) + (some,)
        columns = slice(some.start * one_in, min(some.stop * one_in, image.shape[ndim - 1] // 2 + 1), one_in)
        yield columns, _transform(rows[at], range(ndim - 1))


def power_blocks(image: Array, ndim: int, *, counted: bool = True, one_in: int = 1) -> Iterator[tuple[slice, Array]]:
    """Yield |X|^2 / N summed over channels by slices of columns, `counted` for both halves of the spectrum.

    Of all columns, or of one in so many.
    """
    shape = image.shape[:ndim]
    weights = (multiplicity(shape) if counted else np.ones(shape[-1] // 2 + 1)) / np.prod(shape)
    for columns, block in spectrum_blocks(image, ndim, one_in=one_in):
        power = across_channels(np.add, np.abs(block).astype(np.float64) ** 2)
        yield columns, power * weights[columns]


def inverse(spectrum: Array, shape: Sequence[int]) -> Array:
    """Return the real image of spatial `shape` in the memory of the spectrum, which is used up.

    Equals `scipy.fft.irfftn` at about half its cost: the complex passes run in place instead of in a fresh work array.
    """
    for axis in range(len(shape) - 1):
        spectrum = fft.ifft(spectrum, axis=axis, overwrite_x=True)
    return _real_rows(np.ascontiguousarray(spectrum), shape[-1], len(shape))


def multiplicity(shape: Sequence[int]) -> Array:
    """Return how many bins of the full spectrum each column of the half spectrum stands for: 1 or 2.

    Parseval on the half spectrum: sum |x|^2 = sum(multiplicity * |X|^2) / N.
    """
    n = shape[-1]
    weights = np.full(n // 2 + 1, 2.0)
    weights[0] = 1
    if n % 2 == 0:
        weights[-1] = 1
    return weights


def frequency_mean(values: Array, shape: Sequence[int]) -> float:
    """Return the mean over all frequencies of a grid of what a half spectrum holds."""
    return float(np.average(values, weights=np.broadcast_to(multiplicity(shape), values.shape)))


def frequencies(shape: Sequence[int]) -> list[Array]:
    """Return the radian frequency of every bin, one 1-D array per axis, shaped to broadcast over the half spectrum."""
    axes = [2 * np.pi * np.fft.fftfreq(n) for n in shape[:-1]] + [2 * np.pi * np.fft.rfftfreq(shape[-1])]
    return [w.reshape([-1 if i == axis else 1 for i in range(len(shape))]) for axis, w in enumerate(axes)]


def mirrored(half: Array) -> Array:
    """Return a half spectrum with the frequency of every axis but the last negated: H(-u, v) from H(u, v)."""
    for axis in range(half.ndim - 1):
        half = np.roll(np.flip(half, axis), 1, axis)
    return half


def _transform(block: Array, axes: Sequence[int]) -> Array:
    """Transform a view of the spectrum along `axes`; the first pass copies it, the others run in place."""
    if not axes:
        return block.copy()
    for i, axis in enumerate(axes):
        block = fft.fft(block, axis=axis, overwrite_x=i > 0, workers=1)
    return block


def column_blocks(rows: Array, ndim: int, *, one_in: int = 1) -> Iterator[slice]:
    """Return the columns of a half spectrum over the first `ndim` axes, as many at a time as suit the cache.

    All of them, or one in so many.
    """
    count = rows.shape[ndim - 1]
    step = one_in * max(1, BLOCK_BYTES * count // max(rows.nbytes, 1))
    return (slice(start, min(start + step, count), one_in) for start in range(0, count, step))


def _row_blocks(spectrum: Array, rows: slice) -> Iterator[slice]:
    """Return rows along the first axis, as many at a time as suit the cache, and the vector units of a processor."""
    step = max(1, BLOCK_BYTES * len(spectrum) // max(spectrum.nbytes, 1))
    step = step // VECTOR * VECTOR or step
    return (slice(start, min(start + step, rows.stop)) for start in range(rows.start, rows.stop, step))
