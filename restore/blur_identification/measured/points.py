"""Bright points in a picture or a volume: where they are, and which of them tell nothing of the PSF, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import ndimage

from restore.blur_identification.effective.core_fit import Core, fit_core
from restore.checks import Array, InvalidValue

#: Standard deviations of the noise that a point rises above the ground, after smoothing by `SMOOTH` samples.
RISE, SMOOTH = 6.0, 1.0
#: The same as a share of the brightest point: the rings of that one are no points.
LEAST = 0.005
#: Peak over noise below which a point is too faint to be averaged, and the share of its peak that a neighbour may have.
FAINT, NEIGHBOUR = 8.0, 0.1
#: A median absolute deviation in standard deviations, and how many of these a width may be off the others'.
MAD, ODD = 1.4826, 4.0
#: Least relative tolerance of a width.
TOLERANCE = 0.1
#: Share of a box around a point, to each side, that is its core: the width at half maximum.
CORE = 0.4
#: What is said of a point in whose box another one shines.
CROWDED = "with a neighbour"
#: Most points that are looked at, the brightest.
MOST = 500


@dataclass(frozen=True, eq=False)
class Point:
    """A point: its brightest sample, what lies around it, its core, and why it is of no use ("" where it is)."""

    place: tuple[int, ...]
    height: float
    box: Array | None
    level: float
    core: Core | None
    objection: str = ""

    @property
    def peak(self) -> float:
        """Return its peak above the ground around it."""
        return self.height - self.level if self.core is None else self.core.peak


def ground_of(image: Array) -> tuple[float, float]:
    """Return the level and the noise of the ground, from samples that are clipped at three deviations until none is."""
    samples = image.ravel()
    for _ in range(20):
        level = float(np.median(samples))
        sigma = MAD * float(np.median(np.abs(samples - level)))
        inside = samples[np.abs(samples - level) <= 3 * sigma]
        if inside.size in (0, samples.size):
            break
        samples = inside
    return level, max(sigma, float(np.finfo(float).tiny))


def bright_places(image: Array, level: float, sigma: float) -> list[tuple[int, ...]]:
    """Return the places of local maxima that rise above the ground, the brightest first."""
    smooth = ndimage.gaussian_filter(image, SMOOTH)
    noise = sigma * (1 / (2 * SMOOTH * np.sqrt(np.pi))) ** (image.ndim / 2)
    rise = max(RISE * noise, LEAST * float(smooth.max() - level))
    tops = (smooth == ndimage.maximum_filter(smooth, size=5)) & (smooth > level + rise)
    places = np.argwhere(tops)
    order = np.argsort(-smooth[tops], kind="stable")[:MOST]
    return [tuple(int(i) for i in places[number]) for number in order]


def half_sizes(image: Array, places: Sequence[tuple[int, ...]], level: float) -> tuple[int, ...]:
    """Return how far a point is cut out to each side: two and a half times the widths that most bright points have."""
    widths = []
    for place in places[:20]:
        wide = cut(image, place, tuple(min(12, (n - 1) // 2) for n in image.shape))
        core = None if wide is None else fit_core(wide, level)
        widths += [] if core is None else [core.fwhm]
    usual = np.median(widths, axis=0) if widths else np.full(image.ndim, 3.0)
    return tuple(min(int(np.ceil(2.5 * width)), (n - 1) // 2) for width, n in zip(usual, image.shape, strict=True))


def cut(image: Array, place: tuple[int, ...], half: tuple[int, ...]) -> Array | None:
    """Return the box around a place, None where it reaches beyond the frame."""
    if any(not h <= p < n - h for p, h, n in zip(place, half, image.shape, strict=True)):
        return None
    return image[tuple(slice(p - h, p + h + 1) for p, h in zip(place, half, strict=True))]


def judged(points: list[Point]) -> list[Point]:
    """Return every point with what speaks against it beside the others, for points that samples hold."""
    points = list(map(_if_wide, points))
    widths = np.array([p.core.fwhm for p in points if not p.objection and p.core is not None])
    if len(widths) < 3:
        return points
    usual, allowed = usual_widths(widths)
    return [_of_odd_width(point, usual, allowed) for point in points]


def _if_wide(point: Point) -> Point:
    """Return a point, with an objection where its samples show no width of it."""
    is_narrow = point.core is None and point.objection in ("", CROWDED)
    return replace(point, objection="too narrow for its samples") if is_narrow else point


def looked_at(
    image: Array,
    places: list[tuple[int, ...]],
    half: tuple[int, ...],
    ground: tuple[float, float],
    top: float,
    hidden: Array | None = None,
) -> list[Point]:
    """Return every point with what speaks against it by itself, however narrow it is.

    The ground has a level and a noise; `hidden` is True where samples are unknown.
    """
    points = [_point(image, place, half) for place in places]
    if hidden is not None:
        core = tuple(max(1, round(CORE * h)) for h in half)
        points = [_if_known(point, cut(hidden, point.place, core)) for point in points]
    return [_with_objection(point, points, half, ground, top) for point in points]


def _if_known(point: Point, hidden: Array | None) -> Point:
    """Return a point, with an objection where samples of its core are unknown."""
    return replace(point, objection="unknown in part") if hidden is not None and hidden.any() else point


def _point(image: Array, place: tuple[int, ...], half: tuple[int, ...]) -> Point:
    box, height = cut(image, place, half), float(image[place])
    if box is None:
        return Point(place=place, height=height, box=None, level=0.0, core=None)
    level = _level_around(image, place, half)
    return Point(place=place, height=height, box=box, level=level, core=fit_core(box, level))


def _level_around(image: Array, place: tuple[int, ...], half: tuple[int, ...]) -> float:
    """Return the ground around a box, as wide as half of it: the rim of the box itself has wings of the point."""
    slices = [slice(max(p - h - h // 2 - 1, 0), p + h + h // 2 + 2) for p, h in zip(place, half, strict=True)]
    around = np.ones([len(range(*s.indices(n))) for s, n in zip(slices, image.shape, strict=True)], bool)
    inside = [slice(p - h - s.start, p + h + 1 - s.start) for p, h, s in zip(place, half, slices, strict=True)]
    around[tuple(inside)] = False
    return float(np.median(image[tuple(slices)][around]))


def _with_objection(
    point: Point, points: list[Point], half: tuple[int, ...], ground: tuple[float, float], top: float
) -> Point:
    level, sigma = ground
    if point.objection:
        return point
    if point.height - (level if point.box is None else point.level) < FAINT * sigma:
        reason = "too faint"
    elif point.box is None:
        reason = "too near the edge"
    elif float(point.box.max()) >= top:
        reason = "clipped"
    elif any(_disturbs(other, point, half) for other in points if other is not point):
        reason = CROWDED
    else:
        reason = ""
    return replace(point, objection=reason)


def _disturbs(other: Point, point: Point, half: tuple[int, ...]) -> bool:
    """Return whether another point shines into the box of this one."""
    is_near = all(abs(a - b) <= 2 * h for a, b, h in zip(other.place, point.place, half, strict=True))
    return is_near and other.height - point.level > NEIGHBOUR * point.peak


def _of_odd_width(point: Point, usual: Array, allowed: Array) -> Point:
    if point.objection or point.core is None:
        return point
    return replace(point, objection=odd_width(point.core.fwhm, usual, allowed))


def odd_width(widths: Array, usual: Array, allowed: Array) -> str:
    """Return what is odd about a point's widths, nothing where they are usual."""
    if (np.abs(widths - usual) <= allowed).all():
        return ""
    return f"{'wider' if (widths - usual > allowed).any() else 'narrower'} than the others"


def usual_widths(widths: Array) -> tuple[Array, Array]:
    """Return the widths that most points have, (points, axes), and how far one may be off them."""
    usual = np.median(widths, axis=0)
    return usual, np.maximum(ODD * MAD * np.median(np.abs(widths - usual), axis=0), TOLERANCE * usual)


def insist(points: list[Point], least: int) -> None:
    """Refuse fewer good points than `least`, and say what was wrong with the others."""
    least, count = max(least, 1), sum(not point.objection for point in points)
    if count >= least:
        return
    reasons = [point.objection for point in points if point.objection]
    words = ", ".join(f"{reasons.count(reason)} {reason}" for reason in dict.fromkeys(reasons))
    raise InvalidValue(
        f"image must show {least} or more good points, got {count} of {len(points)}" + f" ({words})" * bool(words)
    )
