"""Edges that the blur could not have left: what the filter that holds a restoration to the data leaves of their jumps.

    r = g - A g,    A = |H|^2 / (|H|^2 + lambda |D|^2).

Of a hard edge across an axis, whatever the picture beside it, the mean of 1 - A over the frequencies of the axis is
left: a half under a wide blur, and hardly a tenth under one of less than a pixel, which leaves hard edges itself. Of an
edge that the blur has left it is less, and next to nothing where that is wide.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from scipy import fft, ndimage

from restore.checks import Array
from restore.observation.boundary import extend, grown, within
from restore.operators.fourier import filtered
from restore.operators.otf import OTF
from restore.operators.penalty import roughness

#: Lambda, and the share of the jumps (of their energy) that must be left at most for an area to be dead: less where a
#: hard edge leaves less, as long as that is so many times what is left of a blurred one. Samples that this is told by.
WEIGHT, LEFT, APART, LINE = 1e-3, 0.15, 2.0, 256
#: A jump counts from so many standard deviations of the noise on, and an area with so many of them. They must be this
#: share of what the picture does within the reach of the PSF: one that was cut off runs out with a little step.
JUMP, FEWEST, STEP = 6.0, 12, 0.2
#: What the noise itself leaves of such a jump, in variances: it lifted the picture's slopes over the limit.
LIFTED = 8.0


def unexplained_areas(
    picture: Array, psf: Array, labels: Array, count: int, sigma: float, known: Array | None
) -> Array:
    """Return for each labelled area, the ground 0 included, whether its jumps are none that the blur could leave."""
    left = _left_by_the_blur(picture, psf)
    wide = _wider_than(psf, labels == 0)
    if known is not None:
        wide &= known
    around = _ranges_beside(picture, labels, psf.shape)
    limits = [_least_left(psf.sum(axis=tuple(a for a in range(psf.ndim) if a != axis))) for axis in range(psf.ndim)]
    sums = np.zeros((5, count + 1))
    for axis, area, jump, rest, contrast in _edges(labels, wide, picture, left, around):
        strong = np.abs(jump) > JUMP * sigma
        which = np.broadcast_to(area[:, None], jump.shape)[strong]
        energies = jump[strong] ** 2
        parts = [energies, limits[axis] * energies, (jump * rest)[strong], contrast[strong] ** 2]
        sums[:4] += [np.bincount(which, part, count + 1) for part in parts]
        sums[4] += np.bincount(area[strong.any(axis=-1)], minlength=count + 1)
    energy, least, unexplained, contrasts, number = sums
    left = unexplained - LIFTED * sigma**2 * number
    return np.asarray((number >= FEWEST) & (left > least) & (energy > STEP**2 * contrasts))


def _least_left(profile: Array) -> float:
    """Return the share of a jump across an axis that must be left, of a PSF summed over the other axes.

    Half way between what is left of a hard edge and of a blurred one, wherever that rises by a good part.
    """
    size = max(LINE, 4 * len(profile))
    otf = OTF(profile, (size,), np.dtype(np.float64))
    response, given_up = otf.full(), _given_up(otf)
    hard, rise, rest = (fft.irfft(part, size) for part in (given_up, response, given_up * response))
    soft = float(np.max(rest[rise > STEP] / rise[rise > STEP], initial=0.0))
    return min(LEFT, float(hard[0] + soft) / 2) if hard[0] > APART * soft else LEFT


def _edges(
    labels: Array, wide: Array, picture: Array, left: Array, around: Array
) -> Iterator[tuple[int, Array, Array, Array, Array]]:
    """Yield an axis, the areas at an edge across it, how picture and rest jump there, and the contrast beside."""
    for axis in range(labels.ndim):
        for direction in (1, -1):
            order = slice(None, None, direction)
            inside, outside = (np.moveaxis(labels, axis, 0)[order][part] for part in (slice(-1), slice(1, None)))
            edge = (inside > 0) & (outside == 0) & np.moveaxis(wide, axis, 0)[order][1:]
            ordered = [np.moveaxis(values, axis, 0)[order] for values in (picture, left)]
            jump, rest = (values[1:][edge] - values[:-1][edge] for values in ordered)
            yield axis, inside[edge], jump, rest, np.moveaxis(around, axis, 0)[order][1:][edge]


def _left_by_the_blur(picture: Array, psf: Array) -> Array:
    """Return g - A g."""
    data, frame = extend(picture, psf, "unknown")
    given_up = _given_up(OTF(psf, data.shape[:-1], picture.dtype))
    return np.asarray(filtered(data, psf.ndim, lambda columns: given_up[..., columns], frame=frame))


def _given_up(otf: OTF) -> Array:
    """Return 1 - A on the half spectrum of the grid."""
    response = otf.full()
    penalty = WEIGHT * roughness("gradient", otf.shape, response.real.dtype)(slice(None))
    return np.asarray(penalty / np.maximum(np.abs(response) ** 2 + penalty, np.finfo(penalty.dtype).tiny))


def _wider_than(psf: Array, ground: Array) -> Array:
    """Return the ground without parts that a point or a line may have left: no wider than the PSF."""
    size = [2 * (k // 2) + 3 for k in psf.shape]
    eroded = ndimage.minimum_filter(ground, size, mode="nearest")
    return np.asarray(ndimage.maximum_filter(eroded, size, mode="nearest"))


def largest_differences(picture: Array, size: Sequence[int]) -> Array:
    """Return the largest difference between the samples of a box around each one."""
    highest, lowest = (rule(picture, size, mode="nearest") for rule in (ndimage.maximum_filter, ndimage.minimum_filter))
    return np.asarray(highest - lowest)


def _ranges_beside(picture: Array, labels: Array, size: Sequence[int]) -> Array:
    """Return the ranges in boxes around the samples of labelled areas and those beside them, 0 far from any."""
    shape, ranges = labels.shape, np.zeros_like(picture)
    near = [grown(place, [1] * len(size), shape) for place in ndimage.find_objects(labels) if place is not None]
    wide = [grown(place, size, shape) for place in near]
    if sum(np.prod([side.stop - side.start for side in place]) for place in wide) > np.prod(shape):
        return largest_differences(picture, (*size, 1))
    for place, window in zip(near, wide, strict=True):
        ranges[place] = np.maximum(
            ranges[place], largest_differences(picture[window], (*size, 1))[within(place, window)]
        )
    return ranges
