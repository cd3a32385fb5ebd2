"""Areas that hold no picture: letterbox bars, the ground around a round or a registered one, boxes painted over it.

Their samples are exactly equal, and at their edge they jump as no blur lets light jump. Equal samples alone say little:
a drawing on white paper has them too, or a sky without noise, and the blur runs out into them. What the blur could not
have left is told by `restore.observation.unexplained_edges`. A point on a dark ground has the edge of the PSF itself,
which may be hard: only places wider than the PSF are looked at.

JPEG rings at such an edge. So samples that follow on the area within one of its blocks, and differ no more than noise
does, belong to it. A bar narrower than a block has no sample left that is equal to another: along the whole of a side,
outermost rows that differ no more than noise does are looked at too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import product

import numpy as np
from scipy import ndimage

from restore.checks import Array
from restore.noise.constant_areas import EDGE, EDGE_OF_STACK, constant_areas, large_parts
from restore.noise.jpeg_codes import LUMA
from restore.noise.white import noise_level, type_rounding
from restore.observation.boundary import Frame, grown, within
from restore.observation.masks import with_dead
from restore.observation.places import places_of
from restore.observation.saturation import are_drawn
from restore.observation.unexplained_edges import largest_differences, unexplained_areas
from restore.operators.across_channels import across_channels
from restore.operators.progress import advance
from restore.operators.threads import on_one_thread

#: Samples of a compressed picture count as equal where their range in a square is no more than so many.
QUIET = 0.25
#: Samples are the brightest there can be where this share of those nearly as bright are exactly so.
PILE = 0.25
#: Squares along an axis of a tile that is looked at closely.
QUIET_TILE = 32
#: Samples of a JPEG's block that ring beside the area, and by how many standard deviations they may differ from it.
BLOCK, SAME = 7, 4.0
#: Share of what follows along the rim that may lie as far inside as that goes: all of a band has a seventh there.
DEEP = 0.09
#: Rows of a narrow bar, fewer than a block has of colours at half the resolution, and the share of a row's samples that
#: may not differ by more: ringing is not Gaussian.
WIDEST, EVEN = 15, 0.95
#: Beyond this share of the picture, equal samples are what it is made of. (Drawings of 60 to 99 % have no edge that
#: the blur could not leave, and photographs on a ground of 60 to 95 % lost up to 26 dB when it was taken for light.)
MOST = 0.97


@on_one_thread
def dead_areas(
    picture: Array, psf: Array, hidden: Array | None = None, extra_noise_var: float = 0.0, *, most: float = MOST
) -> Array | None:
    """Return where a picture with its channels last holds no picture, None where it does everywhere.

    `hidden` samples are unknown already; `extra_noise_var` counts as noise beside what the picture shows. Where more
    than the share `most` of the samples are equal to their neighbours, that is what the picture is made of. Within a
    frame of such areas there may be another one: a line around the picture, too narrow to be told inside.
    """
    dead = None if psf.size == 1 else _at_once(picture, psf, hidden, extra_noise_var, most)
    if dead is None or dead.all():
        return dead
    inside = ndimage.find_objects((~dead).astype(np.uint8))[0]
    if dead[inside].size < dead.size:
        others = with_dead(None if hidden is None else hidden[inside], dead[inside], picture[inside].shape)
        further = dead_areas(picture[inside], psf, others, extra_noise_var, most=most)
        dead[inside] |= False if further is None else further
    return dead


def _at_once(picture: Array, psf: Array, hidden: Array | None, extra_noise_var: float, most: float) -> Array | None:
    """Return what is told at once."""
    known = None if hidden is None else ~across_channels(np.logical_or, hidden)
    areas, is_compressed = _equal_in_all_channels(picture, known), extra_noise_var > 0
    if areas is None and not is_compressed:
        return None
    sigma = (noise_level(picture, hidden).variance + extra_noise_var + type_rounding(picture)) ** 0.5
    if is_compressed:
        areas = _nearly_equal(_with_even_top(picture, SAME * sigma), known, QUIET * sigma)
    if areas is not None and areas.mean() > most:
        return None
    advance(0.4)
    labels, count = np.zeros(picture.shape[:-1], np.int32), 0
    if areas is not None:
        labels, count = _labelled(picture, areas, SAME * sigma)
    bars = np.zeros_like(labels)
    if is_compressed:
        bars = np.where(labels == 0, _narrow_bars(picture, known, SAME * sigma), 0)
        labels, count = np.where(bars > 0, bars + count, labels), count + bars.max()
    if count == 0:
        return None
    advance(0.6)
    unexplained = unexplained_areas(picture, psf, labels, count, sigma, known)
    if not unexplained.any():
        return None
    advance(0.9)
    drawn = are_drawn(labels, count, is_compressed=is_compressed)
    dead = _without_lights(unexplained, drawn, picture, labels, SAME * sigma)[labels]
    if is_compressed and (wide := dead & (bars == 0)).any():
        dead |= _with_ringing(wide.astype(np.int32), picture, SAME * sigma, along_the_rim=True) > 0
    if is_compressed and picture.shape[-1] > 1:
        dead = ndimage.binary_dilation(dead)  # colours at half the resolution run over by a sample
    return np.asarray(dead) if dead.any() else None


def are_mostly_equal(parts: Iterable[Array]) -> bool:
    """Return whether equal samples are what a picture is made of, by parts of one size, channels last."""
    shares = [0.0 if (areas := _equal_in_all_channels(part, None)) is None else float(areas.mean()) for part in parts]
    return float(np.mean(shares)) > MOST


def hard_edges(picture: Array, psf: Array) -> Array:
    """Return the samples beside which a picture, channels last, jumps as no blurred light of its range can.

    What a JPEG lost there is not what it lost of the picture.
    """
    shape = picture.shape[:-1]
    steepest = [psf.sum(axis=tuple(a for a in range(psf.ndim) if a != axis)).max() for axis in range(psf.ndim)]
    return _steps(picture, np.ones(shape, bool), np.ptp(picture) * np.array(steepest))


def _without_lights(unexplained: Array, drawn: Array, picture: Array, labels: Array, margin: float) -> Array:
    """Return for each labelled area whether it is dead: unexplained and no light, or drawn at the level of such a one.

    The picture beside one of two bars may be as bright as they are, and leave no jump.
    """
    levels, lights = np.full((2, len(drawn), picture.shape[-1]), np.nan)
    for label, place in enumerate(ndimage.find_objects(labels, len(drawn) - 1), 1):
        if place is not None:
            samples = picture[place][labels[place] == label]
            levels[label], lights[label] = np.median(samples, axis=0), samples.max(axis=0)
    brightest = picture.max(axis=tuple(range(labels.ndim)))
    dead = unexplained & (drawn | (lights < brightest).any(axis=-1))
    alike = (np.abs(levels[:, None] - levels[dead]) <= margin).all(axis=-1).any(axis=-1)
    return np.asarray(dead | (drawn & alike))


def _equal_in_all_channels(picture: Array, known: Array | None) -> Array | None:
    areas = known
    for c in range(picture.shape[-1]):
        area = constant_areas(picture[..., c])
        if area is None:
            return None
        areas = area if areas is None else areas & area
    return None if areas is None else large_parts(areas)


def _nearly_equal(picture: Array, known: Array | None, margin: float) -> Array | None:
    """Return the large areas whose samples differ by no more in any small square."""
    edge = EDGE if picture.ndim < 4 else EDGE_OF_STACK
    if not (_of_squares(picture, edge, np.max) - _of_squares(picture, edge, np.min) <= margin).all(axis=-1).any():
        return None  # at a small part of the price
    size = (edge,) * (picture.ndim - 1) + (1,)
    areas, rim = np.zeros(picture.shape[:-1], bool), [2 * (edge // 2)] * (picture.ndim - 1)
    for tile in _quiet_tiles(picture, edge, margin):
        window = grown(tile, rim, areas.shape)
        quiet = across_channels(np.logical_and, largest_differences(picture[window], size) <= margin)
        areas[tile] = ndimage.binary_dilation(quiet, np.ones(size[:-1], bool))[within(tile, window)]
    return large_parts(areas if known is None else areas & known)


def _with_even_top(picture: Array, margin: float) -> Array:
    """Return a picture with what is nearly as bright as the brightest samples raised to them, where those pile up.

    White rings as all else does, but what rings beyond it was cut off.
    """
    raised = picture.copy()
    for plane in np.moveaxis(raised, -1, 0):
        top = plane.max()
        near = plane >= top - margin
        if np.count_nonzero(plane == top) >= PILE * np.count_nonzero(near):
            plane[near] = top
    return raised


def _quiet_tiles(picture: Array, edge: int, margin: float) -> Iterator[Frame]:
    """Yield where squares may be whose samples differ by no more: each has an inner square of an even division.

    At the rim the outermost samples go on.
    """
    rim, step = edge // 2, (edge + 1) // 2
    shape = picture.shape[:-1]
    widths = [(rim, rim + -(n + 2 * rim) % step) for n in shape]
    quiet: Array = np.ones((), bool)
    for channel in range(picture.shape[-1]):
        plane = np.pad(picture[..., channel], widths, "edge")[..., None]
        quiet = quiet & (_of_squares(plane, step, np.max) - _of_squares(plane, step, np.min) <= margin)[..., 0]
    near = ndimage.maximum_filter(quiet, 2 * edge + 1)
    starts = [np.arange(0, n, QUIET_TILE) for n in near.shape]
    some = near
    for axis, start in enumerate(starts):
        some = np.logical_or.reduceat(some, start, axis=axis)
    for corner in np.argwhere(some):
        firsts = [step * QUIET_TILE * int(c) for c in corner]
        tile = tuple(slice(f, min(f + step * QUIET_TILE, n)) for f, n in zip(firsts, shape, strict=True))
        if all(side.start < side.stop for side in tile):
            yield tile


def _of_squares(picture: Array, edge: int, rule: Callable[..., Array]) -> Array:
    """Return what a rule makes of every square of an even division."""
    for axis in range(picture.ndim - 1):
        moved = np.moveaxis(picture, axis, 0)
        step = min(edge, len(moved))
        whole = moved[: len(moved) // step * step]
        picture = np.moveaxis(rule(whole.reshape(-1, step, *whole.shape[1:]), axis=1), 0, axis)
    return picture


def _labelled(picture: Array, areas: Array, margin: float) -> tuple[Array, int]:
    """Return the areas numbered, and how many; where other levels meet, such as of a bar and a sky, they are two."""
    places, whole = places_of(areas, 2 * BLOCK), areas.copy()
    for place in places:
        whole[place] &= ~_steps(picture[place], areas[place], margin)
    labels, count = ndimage.label(whole)
    for place in places:
        labels[place] = _with_ringing(labels[place], picture[place], margin)
    return labels, count


def _with_ringing(labels: Array, picture: Array, margin: float, *, along_the_rim: bool = False) -> Array:
    """Return labelled areas with the samples that follow on them and differ from their nearest sample by no more.

    As far as a block goes; or anywhere as near to the rim of the picture, since the end of a wedge is narrower than a
    block for long. A picture as bright as the area is as wide as that, and no wedge.
    """
    nearest = ndimage.distance_transform_edt(labels == 0, return_distances=False, return_indices=True)
    near = ndimage.maximum_filter(labels > 0, 2 * BLOCK + 1)  # blocks are square
    where = near
    if along_the_rim:
        where = np.ones_like(near)
        where[(slice(BLOCK, -BLOCK),) * labels.ndim] = False
    alike = across_channels(np.logical_and, np.abs(picture - picture[tuple(nearest)]) <= margin) & where
    alike = ndimage.grey_closing(alike | (labels > 0), (3,) * labels.ndim, mode="nearest")  # single ones ring more
    reached = ndimage.binary_propagation(labels > 0, mask=alike)
    ends, count = ndimage.label(reached & ~near)
    if count:
        deepest = where & ~ndimage.binary_erosion(where, border_value=1)
        reached &= ~np.append(False, ndimage.mean(deepest, ends, np.arange(1, count + 1)) > DEEP)[ends]
    return np.where(reached, labels[tuple(nearest)], 0)


def _steps(picture: Array, areas: Array, margins: Array | float) -> Array:
    """Return the samples of areas beside which one of an area differs by more than the margin, that of the axis."""
    steps = np.zeros_like(areas)
    for axis, margin in enumerate(np.broadcast_to(margins, areas.ndim)):
        values, inside, steep = (np.moveaxis(array, axis, 0) for array in (picture, areas, steps))
        jumps = across_channels(np.logical_or, np.abs(np.diff(values, axis=0)) > margin) & inside[1:] & inside[:-1]
        steep[1:] |= jumps
        steep[:-1] |= jumps
    return steps


def _narrow_bars(picture: Array, known: Array | None, margin: float) -> Array:
    """Return the outermost rows, no more than a narrow bar has, that are as even as one, numbered by their side.

    By the luminance: colours at half the resolution ring farther and more. A corner is of the side of the nearer level.
    """
    bars = np.zeros(picture.shape[:-1], np.int32)
    nearest = np.full(bars.shape, np.inf)
    for side, (axis, direction) in enumerate(product(range(bars.ndim), (1, -1)), 1):
        ends, best, samples = (np.moveaxis(a, axis, 0)[::direction][: WIDEST + 1] for a in (bars, nearest, picture))
        rows = samples @ np.array(LUMA, picture.dtype) if samples.shape[-1] == 3 else samples.mean(axis=-1)
        across = tuple(range(1, bars.ndim))
        away = np.abs(rows - np.median(rows[:1], axis=across, keepdims=True))
        even = (away <= margin).mean(axis=across) >= EVEN
        away[0 if even.all() else int(np.argmin(even)) :] = np.inf
        nearer = away < best
        ends[nearer], best[nearer] = side, away[nearer]
    return bars if known is None else np.where(known, bars, 0)
