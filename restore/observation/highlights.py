"""Clipped lights that shine far above the top code.

A clipped sample is unknown, but its neighbours are not: they hold the light that the blur spread. Of a light many times
as bright as the top code they hold so much that a restoration rings all around it, whatever the mask. There the whole
reach of the PSF is better taken as unknown; the light itself stays at the top code, which is all a file can show of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Array = NDArray[Any]
Bools = NDArray[np.bool_]

#: Restored brightness, in units of the top code, from which a light counts as far above it.
FAR = 2.5
#: The PSF reaches as far as it exceeds this share of its peak.
REACH = 0.25


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
    peaks = np.asarray(ndimage.maximum(restored, labels, np.arange(count + 1)))
    return np.asarray((labels > 0) & (peaks > FAR * top)[labels])


def _planes(shape: tuple[int, ...], channels: bool) -> list[tuple[Any, ...]]:
    """Return the index of every plane of rows and columns."""
    if not channels:
        return [(*p, slice(None), slice(None)) for p in np.ndindex(shape[:-2])]
    return [(*p, slice(None), slice(None), c) for p in np.ndindex(shape[:-3]) for c in range(shape[-1])]
