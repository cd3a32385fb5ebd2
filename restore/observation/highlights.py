"""Clipped lights that shine far above the top code.

A clipped sample is unknown, but its neighbours are not: they hold the light that the blur spread. Of a light many times
as bright as the top code they hold so much that a restoration rings all around it, whatever the mask. There the whole
reach of the PSF is better taken as unknown; the light itself stays at the top code, which is all a file can show of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage

from restore.checks import InvalidValue

Array = NDArray[Any]
Bools = NDArray[np.bool_]

#: Samples at the largest value, and how many times as many as at any of the values just below, that make a pile there;
#: just below is this share of the largest one.
FEWEST, PILE, BELOW = 12, 4, 1 / 64
#: Restored brightness, in units of the top code, from which a light counts as far above it.
FAR = 2.5
#: The PSF reaches as far as it exceeds this share of its peak.
REACH = 0.25


def is_pile(count: int, below: Array) -> bool:
    """Return whether so many samples at the largest value pile up there, beside as many at the values below."""
    return bool(count >= max(FEWEST, PILE * below.max()))


def white_level_of(image: ArrayLike) -> float:
    """Return the level at which light was clipped: the largest value if samples pile up there, else infinity."""
    samples = np.asarray(image)
    if samples.dtype.kind != "f":
        return np.inf
    largest = float(np.max(samples, initial=0.0, where=np.isfinite(samples)))
    if largest == 0 or np.count_nonzero(samples == largest) < FEWEST:
        return np.inf
    counts = np.unique(samples[samples > largest * (1 - BELOW)], return_counts=True)[1]
    return largest if counts.size > 1 and is_pile(counts[-1], counts[:-1]) else np.inf


def settled_white_level(image: ArrayLike, white_level: float | None) -> float:
    """Return the level at which light was clipped as it was given, or as an image shows it."""
    if white_level is None:
        return white_level_of(image)
    if not white_level > 0:
        raise InvalidValue(f"white_level must be > 0, got {white_level}")
    return float(white_level)


def far_lights(clipped: Bools, restored: Array, psf: Array, *, channels: bool, top: float = 1.0) -> tuple[Bools, Bools]:
    """Return the reach of the lights that were restored as far above the top code, and the core of these lights.

    `clipped` and `restored` have the shape of the picture, channels last if there are any; planes come before rows.
    `top` is the light of the top code.
    """
    whole, core = np.zeros(clipped.shape, bool), np.zeros(clipped.shape, bool)
    spread = psf >= REACH * psf.max()
    for place in _planes(clipped.shape, channels):
        far = _far(clipped[place], restored[place], top)
        if far.any():
            whole[place] = ndimage.binary_dilation(far, structure=spread)
            core[place] = ndimage.binary_erosion(far, structure=spread)
    return whole, core


def reached(clipped: Bools, psf: Array) -> Bools:
    """Return where clipped light may have come to, within the half-width of the PSF; channels last if there are any."""
    if not clipped.any():
        return clipped
    size = psf.shape + (1,) * (clipped.ndim - psf.ndim)
    return np.asarray(ndimage.maximum_filter(clipped, size, mode="constant"))


def restored_around(
    restored: Callable[[Bools], Array],
    first: Array,
    mask: Bools,
    clipped: Bools,
    psf: Array,
    *,
    channels: bool,
    top: float = 1.0,
) -> tuple[Array, Bools]:
    """Restore again where the first result shows lights far above the top code; return the result and the mask used."""
    whole, core = far_lights(clipped & mask, first, psf, channels=channels, top=top)
    wider = mask | whole
    if not whole.any() or wider.all():
        return first, mask
    again = restored(wider)
    return np.where(core, np.maximum(again, top), again).astype(again.dtype, copy=False), wider


def _far(clipped: Bools, restored: Array, top: float) -> Bools:
    labels, count = ndimage.label(clipped, structure=np.ones((3, 3)))
    if not count:
        return np.zeros(clipped.shape, bool)
    inside = labels > 0
    which, peaks = labels[inside], np.full(count + 1, -np.inf)
    np.maximum.at(peaks, which, restored[inside])
    far = np.zeros(clipped.shape, bool)
    far[inside] = (peaks > FAR * top)[which]
    return far


def _planes(shape: tuple[int, ...], channels: bool) -> list[tuple[Any, ...]]:
    """Return the index of every plane of rows and columns."""
    if not channels:
        return [(*p, slice(None), slice(None)) for p in np.ndindex(shape[:-2])]
    return [(*p, slice(None), slice(None), c) for p in np.ndindex(shape[:-3]) for c in range(shape[-1])]
