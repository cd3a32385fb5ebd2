"""What a profile lacks of a PSF, as a table on a finer grid: the effective PSF of points that samples hold badly.

The light of point s in sample i is a_s sum over the finer samples j in i of h(j - c_s) + b_s: h has the width of a
finer sample in it and not that of a sample. h is the profile, averaged over finer samples, and a table r between whose
entries a cubic spline lies. Places and table are found in turn; what a little more light, another ground or place
would explain of a point is not the table's. A priori r is smooth over part of the PSF's width and of some share of the
profile; how large a share points tell that had no part in the table. So the wings, and what lies between the samples,
stay the profile's where the data are silent.

References: J. Anderson and I. R. King, Toward high-precision astrometry with WFPC2 I, PASP 112, 2000, p. 1360 (the
effective PSF, there with the sample's width in it; places and PSF in turn); P. B. Stetson, DAOPHOT, PASP 99, 1987, p.
191 (a profile and a table).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy import interpolate, ndimage

from restore.blur_identification.effective.core_fit import fit_core
from restore.blur_identification.effective.joint_fit import FARTHEST, JointFit, offsets, weights_of
from restore.blur_identification.effective.profile import Profile
from restore.checks import Array

#: How often places and table are found in turn, and the change of a place, in samples, that ends it.
TURNS, STILL = 8, 1e-4
#: The turn in which it is told again how large the table may be, now that the noise of the points is known.
JUDGED = 2
#: The table is smooth over this share of the PSF's width; deviations of it as shares of the profile and of its peak.
SMOOTH, SHARES, EVERYWHERE = 0.35, (0.0, 0.01, 0.03, 0.1, 0.3, 1.0), 0.2
#: Parts of the points that are foretold by the others, steps of conjugate gradients, and the residual they end at.
FOLDS, ITERATIONS, SOLVED = 4, 40, 1e-3
#: Shift of a table by which its slope is taken, in samples.
NUDGE = 1e-3


@dataclass(frozen=True, eq=False)
class EffectivePSF:
    """The PSF on the finer grid, of any unit, the points' fit to it, and the share of the profile that differs."""

    psf: Array
    fit: JointFit
    share: float


@dataclass(frozen=True, eq=False)
class Grid:
    """A grid finer by `step` with odd edges around a point, and the profile on it."""

    shape: tuple[int, ...]
    step: int
    profile: Profile

    def base(self, shift: Array | float = 0.0) -> Array:
        """Return the profile's light in the finer samples, in light of a sample, moved by finer samples."""
        finer = replace(self.profile, widths=self.profile.widths * self.step)
        moves = np.broadcast_to(shift, (len(self.shape),))
        places = [p - move for p, move in zip(self._places, moves, strict=True)]
        return finer.means(places) / self.step ** len(self.shape)

    def moved(self, table: Array, shift: Array) -> Array:
        """Return a table moved by finer samples."""
        for axis, (places, move) in enumerate(zip(self._places, shift, strict=True)):
            inside = (np.abs(places - move) <= places[-1]).astype(float)
            matrix = _spline(places)(np.clip(places - move, places[0], places[-1])) * inside[:, None]
            table = np.moveaxis(np.tensordot(matrix, table, (1, axis)), 0, axis)
        return table

    def matrices(self, edges: tuple[int, ...], centers: Array) -> list[Array]:
        """Return by axis what takes a table to the samples of every point, (points, samples, entries)."""
        return [self._along(axis, n, centers[:, axis]) for axis, n in enumerate(edges)]

    def _along(self, axis: int, n: int, centers: Array) -> Array:
        places, parts = self._places[axis], np.arange(self.step) - (self.step - 1) / 2
        at = self.step * (np.arange(n) - n // 2 - centers[:, None])[..., None] + parts
        inside = np.abs(at) <= places[-1]
        return np.asarray((_spline(places)(np.clip(at, places[0], places[-1])) * inside[..., None]).sum(axis=2))

    @cached_property
    def _places(self) -> list[Array]:
        return [np.arange(n) - n // 2.0 for n in self.shape]

    @cached_property
    def _spread(self) -> Array:
        """Return the deviations of a table whose share is 1, for white noise that is smoothed."""
        base = self.base()
        return (base + EVERYWHERE * base.max()) * np.prod([2 * np.sqrt(np.pi) * s for s in self._smooth]) ** 0.5

    @cached_property
    def _smooth(self) -> list[float]:
        return [max(SMOOTH * self.step * width, 0.5) for width in self.profile.widths]

    def believed(self, noise: Array) -> Array:
        """Return a table of share 1 as likely as white noise."""
        return np.asarray(ndimage.gaussian_filter(self._spread * noise, self._smooth, mode="constant"))

    def doubted(self, table: Array) -> Array:
        """Return the transpose of `believed`."""
        return self._spread * ndimage.gaussian_filter(table, self._smooth, mode="constant")


def _spline(places: Array) -> interpolate.BSpline:
    """Return the splines that are 1 at one place and 0 at the others."""
    return interpolate.make_interp_spline(places, np.eye(places.size), k=min(3, places.size - 1))


def effective_psf(boxes: Array, sigma: float, fits: list[JointFit], shape: tuple[int, ...], step: int) -> EffectivePSF:
    """Return the PSF of points on a grid finer by a factor, of odd edges.

    Of the profiles fitted to them it is made of the one that foretells best. The samples that the first fit leaves out
    have no say.
    """
    known = np.where(fits[0].weights > 0, sigma**-2.0, 0.0)
    fit, grid = _likeliest(boxes, [replace(fit, weights=known) for fit in fits], shape, step)
    table, share = np.zeros(shape), 0.0
    for turn in range(TURNS):
        points = _Points.of(boxes, fit, grid, table)
        if turn in (0, JUDGED):
            share = points.best_share()[0]
        before, table = fit.centers, points.table(share)
        fit = _placed(boxes, sigma, fit, grid, table)
        if turn > JUDGED and np.abs(fit.centers - before).max() < STILL:
            break
    psf, shift = grid.base() + table, np.zeros(len(shape))
    for _ in range(3):  # the core goes to the middle
        shift = shift - _off_middle(psf)
        psf = grid.base(shift) + grid.moved(table, shift)
    return EffectivePSF(psf, replace(fit, centers=fit.centers - shift / step), share)


def _likeliest(boxes: Array, fits: list[JointFit], shape: tuple[int, ...], step: int) -> tuple[JointFit, Grid]:
    """Return the fit, and its grid, that foretells points best with a table of what it lacks."""
    best, least = None, np.inf
    for fit in fits:
        grid = Grid(shape, step, fit.profile)
        points = _Points.of(boxes, fit, grid, np.zeros(shape))
        misfit = points.best_share()[1]
        if best is None or misfit < least:
            best, least = (fit, grid), misfit
    assert best is not None
    return best


def _off_middle(psf: Array) -> Array:
    """Return how far the core of a PSF lies from the middle."""
    core = fit_core(psf, 0.0)
    middle = np.array([n // 2 for n in psf.shape])
    return np.zeros(psf.ndim) if core is None else np.clip(core.center - middle, -1, 1)


def _model(edges: tuple[int, ...], fit: JointFit, grid: Grid, table: Array) -> tuple[Array, Array]:
    """Return the points of light 1, (points, samples...), and their slopes by centre, (points, axes, samples...)."""
    means, slopes = [], []
    for center in fit.centers:
        mean, slope, *_ = grid.profile.slopes(offsets(edges, center))
        means.append(mean)
        slopes.append(slope)
    values, by_center = np.array(means), np.array(slopes)
    if table.any():
        values = values + _on_samples(grid.matrices(edges, fit.centers), table)
        for axis in range(len(edges)):
            nudge = NUDGE * np.eye(len(edges))[axis]
            ends = [_on_samples(grid.matrices(edges, fit.centers + s * nudge), table) for s in (1, -1)]
            by_center[:, axis] += (ends[0] - ends[1]) / (2 * NUDGE)
    return values, by_center


def _placed(boxes: Array, sigma: float, fit: JointFit, grid: Grid, table: Array) -> JointFit:
    """Return places, light and ground of all points for a table, and the samples' weights."""
    for _ in range(3):
        means, slopes = _model(boxes.shape[1:], fit, grid, table)
        axes = (len(boxes), *[1] * (boxes.ndim - 1))
        residual = boxes - fit.light.reshape(axes) * means - fit.level.reshape(axes)
        steps = []
        for light, mean, slope, rest, weights in zip(fit.light, means, slopes, residual, fit.weights, strict=True):
            columns = np.stack([*(light * slope), mean, np.ones_like(mean)]).reshape(len(slope) + 2, -1)
            root = np.sqrt(weights).ravel()
            steps.append(np.linalg.lstsq((columns * root).T, rest.ravel() * root, rcond=None)[0])
        step = np.array(steps)
        fit = replace(
            fit,
            centers=np.clip(fit.centers + np.clip(step[:, :-2], -0.3, 0.3), -FARTHEST, FARTHEST),
            light=fit.light + step[:, -2],
            level=fit.level + step[:, -1],
            residual=residual,
        )
    model = boxes - residual - fit.level.reshape(axes)
    return replace(fit, weights=weights_of(residual, model, sigma))


@dataclass(frozen=True, eq=False)
class _Points:
    """What the profile leaves of points, in deviations of the noise, without what place, light and ground explain."""

    grid: Grid
    matrices: list[Array]
    scale: Array  # light over noise of every sample
    own: Array  # orthogonal, (points, samples, numbers): what a point's own numbers explain
    rest: Array

    @classmethod
    def of(cls, boxes: Array, fit: JointFit, grid: Grid, table: Array) -> _Points:
        """Return points around a fit and the table that it has."""
        edges, count = boxes.shape[1:], len(boxes)
        means, slopes = _model(edges, fit, grid, table)
        base = means if not table.any() else _model(edges, fit, grid, np.zeros_like(table))[0]
        axes = (count, *[1] * len(edges))
        root = np.sqrt(fit.weights)
        columns = np.concatenate([slopes, means[:, None], np.ones_like(means)[:, None]], axis=1) * root[:, None]
        own = np.linalg.qr(columns.reshape(count, len(edges) + 2, -1).swapaxes(1, 2))[0]
        scale = fit.light.reshape(axes) * root
        left = root * (boxes - fit.level.reshape(axes)) - scale * base
        points = cls(grid, grid.matrices(edges, fit.centers), scale, own, left)
        return replace(points, rest=points.without_own(left))

    def without_own(self, values: Array) -> Array:
        """Return what the points' own numbers do not explain."""
        flat = values.reshape(len(values), -1, 1)
        return np.asarray((flat - self.own @ (self.own.swapaxes(1, 2) @ flat)).reshape(values.shape))

    def of_table(self, table: Array) -> Array:
        """Return what a table makes of the points."""
        return self.without_own(self.scale * _on_samples(self.matrices, table))

    def to_table(self, values: Array) -> Array:
        """Return the transpose of `of_table`."""
        return _on_table(self.matrices, self.scale * self.without_own(values))

    def some(self, chosen: Array) -> _Points:
        """Return some of the points."""
        matrices = [matrix[chosen] for matrix in self.matrices]
        return _Points(self.grid, matrices, self.scale[chosen], self.own[chosen], self.rest[chosen])

    def table(self, share: float) -> Array:
        """Return the likeliest table, by conjugate gradients."""

        def forward(noise: Array) -> Array:
            return share * self.grid.believed(noise)

        if share == 0:
            return np.zeros(self.grid.shape)
        rest = share * self.grid.doubted(self.to_table(self.rest))
        noise, direction, energy = np.zeros_like(rest), rest, float((rest**2).sum())
        first = energy
        for _ in range(ITERATIONS):
            if energy <= SOLVED**2 * first:
                break
            image = direction + share * self.grid.doubted(self.to_table(self.of_table(forward(direction))))
            step = energy / float((direction * image).sum())
            noise, rest = noise + step * direction, rest - step * image
            energy, last = float((rest**2).sum()), energy
            direction = rest + energy / last * direction
        return forward(noise)

    def best_share(self) -> tuple[float, float]:
        """Return the share whose tables foretell points best, and how badly they do; larger ones only get worse."""
        best, least = SHARES[0], np.inf
        for share in SHARES:
            misfit = self.foretold(share)
            if misfit > least:
                break
            best, least = share, misfit
        return best, least

    def foretold(self, share: float) -> float:
        """Return how badly a table of that share, made of some of the points, foretells the others."""
        if share == 0:
            return float((self.rest**2).sum())
        part, total = np.arange(len(self.rest)) % FOLDS, 0.0
        for fold in range(FOLDS):
            others = self.some(part == fold)
            table = self.some(part != fold).table(share)
            total += float(((others.rest - others.of_table(table)) ** 2).sum())
        return total


def _on_samples(matrices: list[Array], table: Array) -> Array:
    """Return what a table is on the samples of every point."""
    letters, into = "ijk"[: table.ndim], "abc"[: table.ndim]
    terms = ",".join(f"s{b}{a}" for a, b in zip(letters, into, strict=True))
    return np.asarray(np.einsum(f"{letters},{terms}->s{into}", table, *matrices, optimize="greedy"))


def _on_table(matrices: list[Array], values: Array) -> Array:
    """Return the transpose of `_on_samples`."""
    letters, into = "ijk"[: len(matrices)], "abc"[: len(matrices)]
    terms = ",".join(f"s{b}{a}" for a, b in zip(letters, into, strict=True))
    return np.asarray(np.einsum(f"s{into},{terms}->{letters}", values, *matrices, optimize="greedy"))
