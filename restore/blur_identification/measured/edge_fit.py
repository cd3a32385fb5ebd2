"""A straight edge in a box of the picture: its place, its oversampled profile, and the blur that explains it.

The slanted-edge method of ISO 12233: an edge that is not parallel to the pixels is crossed at every phase of the
sampling, so that all pixels together, put in order by their distance from it, sample its profile (the edge spread
function) finely. Its derivative is the line spread function, the PSF summed along the edge.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage, optimize

from restore.blur_identification.measured.point_fit import robust_covariance
from restore.checks import Array, InvalidValue
from restore.noise.white import noise_variance
from restore.psf.family import FAMILIES, EdgeModel

#: Bins per pixel of the oversampled profile.
OVERSAMPLING = 4
#: Share of the box's variance that an edge explains, at least; alignment of its gradients, 0 (none) to 1.
LEAST_SHARE = 0.4
ALIGNED = 0.3
#: Misfit beyond the noise, as a share of the step, from which the box holds something else than one edge.
FOREIGN = 0.08
#: The noise is estimated in small boxes; its variance may be larger by this factor.
NOISE_MARGIN = 1.5
#: A straight edge wanders by no more than this many pixels, or this share of its blur.
WANDER = (0.3, 0.15)
#: The flat ground on each side of the edge, in deviations of the blur, without which it is cut.
GROUND = 2.5
#: Pixels that enter the fit.
MOST_PIXELS = 40_000


@dataclass(frozen=True)
class EdgeFit:
    """One family at its best: size and its deviation, the edge x cos a + y sin a = offset, and what is left over."""

    family: str
    size: float
    uncertainty: float
    normal: float
    offset: float
    step: float
    rms: float
    noise: float

    @property
    def parameters(self) -> dict[str, float]:
        """Return the size under its name."""
        return {FAMILIES[self.family].size: self.size}


def edge_models() -> dict[str, EdgeModel]:
    """Return the families with an edge form by name, in the order in which they are tried."""
    return {name: family.edge for name, family in FAMILIES.items() if family.edge is not None}


def find_edge(samples: Array) -> tuple[float, float, float]:
    """Return the normal's angle, the offset and the deviation of the blur of the edge in a box, or refuse the box.

    x and y count from the middle of the box; the normal points from dark to bright, y downwards.
    """
    angle = _gradient_angle(samples)
    steep = abs(np.sin(angle)) > abs(np.cos(angle))
    lines = samples.T if steep else samples
    slope, place = _line_through(lines, np.sign(np.sin(angle) if steep else np.cos(angle)))
    across = np.array([-slope, 1.0] if steep else [1.0, -slope])  # x, y: x = place + slope y, or the other way round
    if across @ [np.cos(angle), np.sin(angle)] < 0:
        across, place = -across, -place
    normal, offset = float(np.arctan2(across[1], across[0])), place / float(np.hypot(1, slope))
    y, x = _grids(samples.shape)
    distance = x * np.cos(normal) + y * np.sin(normal) - offset
    return normal, offset, _profile_deviation(distance.ravel(), samples.ravel())


def fit_edge(samples: Array, family: str, start: tuple[float, float, float]) -> EdgeFit:
    """Fit angle, offset and size of the blur, and linearly the step, the ground and its slope, by least squares."""
    model = edge_models()[family]
    normal, offset, deviation = start
    thin = max(1, -(-samples.size // MOST_PIXELS))
    y, x = (grid.ravel()[::thin] for grid in _grids(samples.shape))
    data = samples.ravel()[::thin]
    scale = max(samples.shape) / 2

    def design(theta: Array) -> Array:
        d = x * np.cos(theta[0]) + y * np.sin(theta[0]) - theta[1]
        return np.column_stack([model.profile(d, float(np.exp(theta[2]))), np.ones_like(d), d / scale])

    def residual(theta: Array) -> Array:
        basis = design(theta)
        return basis @ np.linalg.lstsq(basis, data, rcond=None)[0] - data

    size = max(model.per_deviation * deviation, 0.3)
    solution = optimize.least_squares(
        residual,
        [normal, offset, np.log(size)],
        bounds=([-np.inf, -np.inf, np.log(0.1)], [np.inf, np.inf, np.log(2 * scale)]),
        x_scale=[1 / scale, 1.0, 0.3],
        diff_step=1e-4,
        max_nfev=60,
    )
    theta, remainder = solution.x, solution.fun
    basis = design(theta)
    linear = np.linalg.lstsq(basis, data, rcond=None)[0]
    columns = [basis]
    for i, step in enumerate((1e-3 / scale, 1e-3, 1e-3)):
        move = np.zeros(3)
        move[i] = step
        columns.append(((design(theta + move) - design(theta - move)) @ linear)[:, None] / (2 * step))
    covariance = robust_covariance(np.column_stack(columns), remainder)
    size = float(np.exp(theta[2]))
    fit = EdgeFit(
        family=family,
        size=size,
        uncertainty=size * float(np.sqrt(max(covariance[5, 5], 0))),
        normal=float(theta[0]),
        offset=float(theta[1]),
        step=float(abs(linear[0])),
        rms=float(np.sqrt(np.mean(remainder**2))),
        noise=float(np.sqrt(noise_variance(samples))),
    )
    share = 1 - fit.rms**2 / max(float(data.var()), 1e-300)
    if not (share > LEAST_SHARE and fit.step > 0):
        raise InvalidValue(f"box must hold an edge, got one that explains {max(share, 0):.0%} of its contrast: move it")
    return fit


def refuse_unfit(samples: Array, fit: EdgeFit) -> None:
    """Refuse what spoils the measurement: an edge cut by the box, a crooked one, other things in the box."""
    excess = np.sqrt(max(fit.rms**2 - NOISE_MARGIN * fit.noise**2, 0)) / fit.step
    if excess > FOREIGN:
        raise InvalidValue(
            f"box must hold one straight edge between even grounds, got one that leaves {excess:.0%} of its step "
            "unexplained: narrow the box, or take another edge"
        )
    y, x = _grids(samples.shape)
    d = x * np.cos(fit.normal) + y * np.sin(fit.normal) - fit.offset
    deviation = fit.size / edge_models()[fit.family].per_deviation
    shortfall = GROUND * deviation - min(-float(d.min()), float(d.max()))
    if shortfall > 0:
        raise InvalidValue(
            f"box must reach further to both sides of the edge, got {shortfall:.1f} pixels too few: widen the box"
        )
    wander, uncertainty = _wander(samples, fit, d, -x * np.sin(fit.normal) + y * np.cos(fit.normal))
    if wander > max(WANDER[0], WANDER[1] * deviation, 4 * uncertainty):
        raise InvalidValue(
            f"box must hold a straight edge, got one that wanders by {wander:.1f} pixels: shorten the box"
        )


def _wander(samples: Array, fit: EdgeFit, d: Array, along: Array) -> tuple[float, float]:
    """Return the largest shift of an eighth of the edge off the line, and the deviation that noise gives it."""
    model = edge_models()[fit.family]
    profile = model.profile(d, fit.size)
    slope = (model.profile(d + 0.05, fit.size) - model.profile(d - 0.05, fit.size)) / 0.1
    near = slope > 0.05 * slope.max()
    basis = np.column_stack([profile.ravel(), np.ones(samples.size), d.ravel()])
    linear = np.linalg.lstsq(basis, samples.ravel(), rcond=None)[0]
    remainder, step = samples - (basis @ linear).reshape(samples.shape), float(linear[0])
    edges = np.quantile(along[near], np.linspace(0, 1, 9))
    part = np.clip(np.searchsorted(edges, along[near]) - 1, 0, 7)
    weight = np.bincount(part, slope[near] ** 2, 8)
    weight = np.maximum(weight, 1e-6 * weight.max())
    shifts = np.bincount(part, (slope * remainder)[near], 8) / (weight * step)
    uncertainty = fit.rms / (np.sqrt(weight) * abs(step))
    return float(np.abs(shifts - np.median(shifts)).max()), float(np.median(uncertainty))


def _gradient_angle(samples: Array) -> float:
    """Return the direction of the gradients from dark to bright, y downwards; refuse where there is none."""
    smooth = max(1.0, min(samples.shape) / 16)
    gy, gx = (ndimage.gaussian_filter(samples, smooth, order=o, mode="nearest") for o in ((1, 0), (0, 1)))
    doubled = np.sum((gx + 1j * gy) ** 2)
    power = float(np.sum(gx**2 + gy**2))
    if not np.ptp(samples) > 0 or abs(doubled) < ALIGNED * power:
        raise InvalidValue("box must hold one straight edge, got gradients in all directions: move or narrow the box")
    axis = np.angle(doubled) / 2
    return float(axis + np.pi * (np.sum(gx * np.cos(axis) + gy * np.sin(axis)) < 0))


def _line_through(lines: Array, sign: float) -> tuple[float, float]:
    """Return slope and place of the line through the centroids of each row's derivative (ISO 12233), in two passes."""
    rows, columns = (np.arange(n) - (n - 1) / 2 for n in lines.shape)
    gradient = sign * ndimage.gaussian_filter1d(lines, 1.0, axis=1, order=1, mode="nearest")
    mean = np.maximum(ndimage.gaussian_filter1d(gradient, len(rows) / 6, axis=0, mode="nearest"), 0)
    centers = columns[np.argmax(mean, axis=1)]
    width = max(len(columns) / 3, 4.0)
    slope, place = 0.0, 0.0
    for _ in range(4):
        window = np.clip(1 - np.abs(columns - centers[:, None]) / width, 0, None)
        weight = window * gradient
        total = weight.sum(axis=1)
        good = total > max(0.25 * float(np.median(total)), 1e-9 * float(np.abs(gradient).max()))
        if good.sum() < max(5, rows.size // 2):
            raise InvalidValue("box must hold one straight edge, got one that fewer than half of its lines cross")
        centroids = (weight * columns).sum(axis=1)[good] / total[good]
        slope, place = _robust_line(rows[good], centroids)
        centers = place + slope * rows
    return slope, place


def _robust_line(x: Array, y: Array) -> tuple[float, float]:
    slope, place = np.polyfit(x, y, 1)
    for _ in range(3):
        away = np.abs(y - place - slope * x)
        keep = away <= 3 * 1.4826 * np.median(away) + 1e-9
        slope, place = np.polyfit(x[keep], y[keep], 1)
    return float(slope), float(place)


def _profile_deviation(distance: Array, values: Array) -> float:
    """Return the deviation of the line spread function: the derivative of the profile in bins of a quarter pixel."""
    bins = np.rint(distance * OVERSAMPLING).astype(int)
    bins -= bins.min()
    counts = np.bincount(bins)
    full = np.flatnonzero(counts > 0)
    profile = np.bincount(bins, values)[full] / counts[full]
    place = full / OVERSAMPLING + float(distance.min())
    smooth = ndimage.gaussian_filter1d(profile, 2.0, mode="nearest")
    spread = np.maximum(np.gradient(smooth, place), 0)
    spread = np.where(spread > 0.15 * spread.max(), spread, 0)
    if not spread.sum() > 0:
        raise InvalidValue("box must hold one straight edge, got none that rises across it")
    center = (spread * place).sum() / spread.sum()
    inside = np.abs(place - center) < 3 * np.sqrt((spread * (place - center) ** 2).sum() / spread.sum()) + 1
    return float(np.sqrt((spread * (place - center) ** 2)[inside].sum() / spread[inside].sum()))


def _grids(shape: tuple[int, ...]) -> tuple[Array, Array]:
    y, x = np.meshgrid(*(np.arange(n) - (n - 1) / 2 for n in shape), indexing="ij")
    return y, x
