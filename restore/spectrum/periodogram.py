"""The windowed periodogram of a picture: its power per frequency, free of the jump between opposite sides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from scipy import fft

from restore.checks import Array
from restore.operators.fourier import mirrored

#: Longest edge of a tile; larger pictures are represented by tiles spread over them, so that the cost is bounded.
TILE = 512
#: Tiles per axis of a larger picture.
TILES = 3
#: Axes shorter than this keep all their samples: a window would leave nothing.
SHORTEST_WINDOW = 16


def periodogram(image: Array, ndim: int, weight: Array | None = None) -> tuple[Array, tuple[int, ...]]:
    """Return |DFT(w (g - mean))|^2 / sum(w^2) on the half spectrum, averaged over tiles and channels, and the tile's
    shape.

    w is a separable periodic Hann window, times a `weight` of the picture's samples; tiles count by sum(w^2). White
    noise of variance s^2 has the expectation s^2 at every frequency.
    """
    shape = tuple(min(n, TILE) for n in image.shape[:ndim])
    window = _window(shape, image.ndim)
    tiles = (np.asarray(tile, np.float64) for tile in _tiles(image, shape))
    if weight is None:
        mean = np.mean([_power(tile, window, ndim) for tile in tiles], axis=0)
    else:
        windows = [window * part for part in _tiles(weight, shape)]
        energies = [float(np.sum(w**2)) for w in windows]
        powers = [e * _power(tile, w, ndim) for tile, w, e in zip(tiles, windows, energies, strict=True) if e > 0]
        mean = np.sum(powers, axis=0) / sum(energies)
    return (mean if image.ndim == ndim else mean.mean(axis=-1)), shape


def window_share(area: Array, ndim: int) -> float:
    """Return the share of white noise's power in a periodogram that comes from an area of the picture, 1 in it."""
    shape = tuple(min(n, TILE) for n in area.shape[:ndim])
    power = _window(shape, area.ndim) ** 2
    return float(np.mean([np.mean(power * tile) for tile in _tiles(area, shape)]) / power.mean())


def window_smoothed(power: Array, shape: Sequence[int]) -> Array:
    """Return a half spectrum of |H|^2 as the Hann window sees it: convolved with (1/6, 2/3, 1/6) along every axis.

    The kernel is the window's own power response, exact for a flat signal. Without it the noise floor at a zero of H is
    overestimated, because the window lets the neighbours' power leak in.
    """
    smooth = power
    for axis, n in enumerate(shape):
        if n < SHORTEST_WINDOW:
            continue
        if axis < len(shape) - 1:
            before, after = np.roll(smooth, 1, axis), np.roll(smooth, -1, axis)
        else:  # the half spectrum continues by symmetry, mirrored in the other axes
            opposite = mirrored(smooth)
            before = np.concatenate([opposite[..., 1:2], smooth[..., :-1]], axis=-1)
            beyond = opposite[..., -2:-1] if n % 2 == 0 else opposite[..., -1:]
            after = np.concatenate([smooth[..., 1:], beyond], axis=-1)
        smooth = (before + 4 * smooth + after) / 6
    return smooth


def _window(shape: Sequence[int], ndim: int) -> Array:
    """Return the window of a tile, with as many axes as the picture has."""
    window = np.ones(())
    for n in shape:
        window = np.multiply.outer(window, _hann(n))
    return window.reshape(window.shape + (1,) * (ndim - len(shape)))


def _hann(n: int) -> Array:
    if n < SHORTEST_WINDOW:
        return np.ones(n)
    return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n) / n)


def _tiles(image: Array, shape: Sequence[int]) -> Iterator[Array]:
    starts = [_spread(size, tile) for size, tile in zip(image.shape, shape, strict=False)]
    for corner in np.ndindex(*[len(s) for s in starts]):
        yield image[tuple(slice(s[i], s[i] + t) for s, i, t in zip(starts, corner, shape, strict=True))]


def _spread(size: int, tile: int) -> list[int]:
    count = min(TILES, -(-size // tile))
    return [int(start) for start in np.linspace(0, size - tile, count)]


def _power(tile: Array, window: Array, ndim: int) -> Array:
    axes = tuple(range(ndim))
    mean = (window * tile).sum(axis=axes, keepdims=True) / window.sum()
    spectrum = fft.rfftn(window * (tile - mean), axes=axes)
    power: Array = (spectrum.real**2 + spectrum.imag**2) / (window**2).sum()
    return power
