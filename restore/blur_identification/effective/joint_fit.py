"""One profile for many points: a width and wings for all, a place, an amount of light and a ground for each.

Least squares by the noise of every sample, whose variance is that of the ground and a share of the light, found from
what the fit leaves. The numbers of a point are eliminated from the normal equations, which grow with their count only
linearly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from restore.blur_identification.effective.profile import SHARPEST, WIDEST, Profile
from restore.checks import Array

#: Steps of a fit at most, and the relative change of the misfit at which it ends.
STEPS, STILL = 25, 1e-7
#: Samples further off than so many deviations, or that share of the light there, are no part of a point.
OFF, OFF_SHARE = 5.0, 0.15
#: The u of seeing.
USUAL = 0.3
#: How often samples and their noise are judged anew.
ROUNDS = 3
#: Widths from which a fit begins.
STARTS = (1.0, 2.0, 4.0, 8.0)
#: How far a place may move from the middle of its box, in samples, and the narrowest and widest profile, beside a box.
FARTHEST, NARROWEST, BROADEST = 1.5, 0.15, 2.0


@dataclass(frozen=True, eq=False)
class Form:
    """Which profiles are tried: one width or one along every axis, and wings that are free or not."""

    ndim: int
    is_round: bool = False
    u: float | None = None
    has_rings: bool = False
    doubt: float = 0.0  # standard deviation of u around the usual one before anything was seen, 0 where all are alike
    tolerance: float = 0.0  # share of a point's height by which it may differ from the profile

    def profile(self, theta: Array) -> Profile:
        """Return the profile of the logarithms of its widths, and u."""
        widths = np.exp(theta[: 1 if self.is_round else self.ndim])
        u = self.u if self.u is not None else float(theta[-1])
        return Profile(np.broadcast_to(widths, (self.ndim,)), u, self.has_rings)

    def start(self, width: float) -> Array:
        """Return where a fit begins."""
        return np.array([np.log(width)] * (1 if self.is_round else self.ndim) + ([USUAL] if self.u is None else []))

    def belief(self, theta: Array) -> tuple[Array, Array]:
        """Return the weights of what was believed before, and how far off it the numbers are."""
        weights = np.zeros(theta.size)
        if self.u is None and self.doubt > 0:
            weights[-1] = self.doubt**-2
        return weights, USUAL - theta

    def columns(self, by_width: Array, by_u: Array) -> Array:
        """Return the derivatives by what is free."""
        widths = by_width.sum(axis=0, keepdims=True) if self.is_round else by_width
        return widths if self.u is not None else np.concatenate([widths, by_u[None]])

    def limited(self, theta: Array, edge: int) -> Array:
        """Return numbers that a box of this edge can tell."""
        low, high = np.full(theta.size, np.log(NARROWEST)), np.full(theta.size, np.log(BROADEST * edge))
        if self.u is None:
            low[-1], high[-1] = SHARPEST, WIDEST
        return np.clip(theta, low, high)


@dataclass(frozen=True, eq=False)
class JointFit:
    """The profile, with the covariance of its numbers, and of every point place, light and ground.

    `light` is the peak that the profile would have without the samples' own width; `weights` are 1 / variance of the
    samples, 0 of those that are left out.
    """

    form: Form
    theta: Array
    covariance: Array
    centers: Array  # from the middle of the box, (points, axes)
    light: Array
    level: Array
    weights: Array
    residual: Array

    @property
    def profile(self) -> Profile:
        """Return the profile of all points."""
        return self.form.profile(self.theta)


def offsets(shape: tuple[int, ...], center: Array) -> list[Array]:
    """Return the distances of the samples of a box from a centre, by axis."""
    return [np.arange(n) - n // 2 - c for n, c in zip(shape, center, strict=True)]


def fit_jointly(boxes: Array, sigma: float, form: Form, rounds: int = ROUNDS) -> JointFit:
    """Return the likeliest profile of points, each near the middle of its box, over noise of that deviation.

    In the first of the rounds all samples are alike, and none is left out.
    """
    noise = np.hypot(sigma, form.tolerance * _heights(boxes))
    weights = np.broadcast_to(noise**-2.0, boxes.shape)
    starts = [(form.start(width), *_solved(boxes, weights, form, form.start(width))) for width in STARTS]
    theta, local, _ = min(starts, key=lambda start: start[2])
    for _ in range(rounds):
        theta, local, information, residual = _likeliest(boxes, weights, form, theta, local)
        model = boxes - residual - local[:, -1].reshape(-1, *[1] * (boxes.ndim - 1))
        weights = weights_of(residual, model, noise)
    freedom = int(np.count_nonzero(weights)) - theta.size - local.size
    scale = max(float(np.sum(weights * residual**2)) / max(freedom, 1), 1.0)
    return JointFit(
        form=form,
        theta=theta,
        covariance=np.linalg.pinv(information) * scale,
        centers=local[:, :-2],
        light=local[:, -2],
        level=local[:, -1],
        weights=weights,
        residual=residual,
    )


def _heights(boxes: Array) -> Array:
    axes = tuple(range(1, boxes.ndim))
    return np.asarray(boxes.max(axis=axes, keepdims=True) - np.median(boxes, axis=axes, keepdims=True))


def weights_of(residual: Array, model: Array, sigma: Array | float) -> Array:
    """Return 1 / variance of every sample, 0 where it is no part of a point; counted light has noise of its own."""
    bright = np.maximum(model, 0)
    gain = 0.0
    for _ in range(4):  # variance = sigma^2 + gain light, by what is left
        variance = sigma**2 + gain * bright
        excess = np.minimum(residual**2, OFF**2 * np.maximum(variance, (OFF_SHARE * bright) ** 2)) - sigma**2
        gain = max(float((bright * excess / variance**2).sum() / max((bright**2 / variance**2).sum(), 1e-300)), 0.0)
    variance = sigma**2 + gain * bright
    is_off = residual**2 > OFF**2 * variance + (OFF_SHARE * bright) ** 2
    return np.where(is_off, 0.0, 1 / variance)


def own_widths(fit: JointFit) -> tuple[Array, Array]:
    """Return every point's own widths by axis, relative to the profile's, and the mean square of what is left of it.

    A step of the fit with the widths free for each point alone; the mean counts samples near the centre, in variances.
    """
    relative, misfit = [], []
    for center, light, weights, residual in zip(fit.centers, fit.light, fit.weights, fit.residual, strict=True):
        away = offsets(residual.shape, center)
        means, by_center, by_width, _ = fit.profile.slopes(away)
        local = np.stack([*(light * by_center), means, np.ones_like(means)]).reshape(len(center) + 2, -1)
        columns = np.concatenate([(light * by_width).reshape(len(center), -1), local]) * np.sqrt(weights).ravel()
        step = np.linalg.lstsq(columns.T, (residual * np.sqrt(weights)).ravel(), rcond=None)[0]
        relative.append(1 + np.clip(step[: len(center)], -0.9, 9.0))
        near = _near(away, np.maximum(fit.profile.widths, 1.0))
        misfit.append(
            float((weights * residual**2)[near].sum() + OFF**2 * np.count_nonzero(weights[near] == 0)) / near.sum()
        )
    return np.array(relative), np.array(misfit)


def _near(away: list[Array], widths: Array) -> Array:
    distance = np.zeros(())
    for a, width in zip(away, widths, strict=True):
        distance = np.add.outer(distance, (a / width) ** 2)
    return distance <= 1


def _local_start(boxes: Array) -> Array:
    """Return the centroids of the samples around the middle, and room for light and ground."""
    axes = tuple(range(1, boxes.ndim))
    level = np.median(boxes, axis=axes, keepdims=True)
    middle = tuple(slice(n // 2 - 1, n // 2 + 2) for n in boxes.shape[1:])
    near = np.maximum((boxes - level)[:, *middle], 0)
    total = np.maximum(near.sum(axis=axes), 1e-300)
    grids = np.indices(near.shape[1:]) - 1
    centers = [(near * g).sum(axis=axes) / total for g in grids]
    return np.column_stack([*centers, total, level.ravel()])


def _solved(boxes: Array, weights: Array, form: Form, theta: Array) -> tuple[Array, float]:
    """Return the light and the ground of all points for a profile, and the misfit."""
    local, misfit, profile = _local_start(boxes), 0.0, form.profile(theta)
    for row, box, weight in zip(local, boxes, weights, strict=True):
        basis = np.column_stack([profile.means(offsets(box.shape, row[:-2])).ravel(), np.ones(box.size)])
        root = np.sqrt(weight).ravel()
        row[-2:] = np.linalg.lstsq(basis * root[:, None], box.ravel() * root, rcond=None)[0]
        misfit += float((weight.ravel() * (box.ravel() - basis @ row[-2:]) ** 2).sum())
    return local, misfit


def _likeliest(
    boxes: Array, weights: Array, form: Form, theta: Array, local: Array
) -> tuple[Array, Array, Array, Array]:
    """Return profile and local numbers of the least misfit, the information on the profile, and what is left.

    The method of Levenberg and Marquardt.
    """
    damping, equations = 1e-3, _Equations.of(boxes, weights, form, theta, local)
    for _ in range(STEPS):
        step, local_step = equations.step(damping)
        new_theta = form.limited(theta + step, max(boxes.shape[1:]))
        new_local = local + local_step
        new_local[:, :-2] = np.clip(new_local[:, :-2], -FARTHEST, FARTHEST)
        tried = _Equations.of(boxes, weights, form, new_theta, new_local)
        if tried.misfit > equations.misfit:
            damping *= 10
            if damping > 1e8:
                break
            continue
        is_still = equations.misfit - tried.misfit <= STILL * equations.misfit
        theta, local, equations, damping = new_theta, new_local, tried, max(damping / 10, 1e-9)
        if is_still:
            break
    return theta, local, equations.information(0.0)[0], equations.residual


@dataclass(frozen=True, eq=False)
class _Equations:
    """The normal equations, of the profile (A, a), of every point (C, c), and between them (B), and the misfit."""

    A: Array
    a: Array
    B: Array
    C: Array
    c: Array
    residual: Array
    misfit: float

    @classmethod
    def of(cls, boxes: Array, weights: Array, form: Form, theta: Array, local: Array) -> _Equations:
        """Return the equations around numbers."""
        profile, residual = form.profile(theta), np.empty_like(boxes)
        parts = []
        for i, (box, weight, row) in enumerate(zip(boxes, weights, local, strict=True)):
            means, by_center, by_width, by_u = profile.slopes(offsets(box.shape, row[:-2]))
            residual[i] = box - row[-2] * means - row[-1]
            shared = (row[-2] * form.columns(by_width, by_u)).reshape(theta.size, -1)
            own = np.stack([*(row[-2] * by_center), means, np.ones_like(means)]).reshape(local.shape[1], -1)
            w, r = weight.ravel(), residual[i].ravel()
            parts.append((shared * w @ shared.T, shared @ (w * r), shared * w @ own.T, own * w @ own.T, own @ (w * r)))
        A, a, B, C, c = (np.stack(part) for part in zip(*parts, strict=True))
        belief, off = form.belief(theta)
        misfit = float((weights * residual**2).sum() + (belief * off**2).sum())
        return cls(A.sum(axis=0) + np.diag(belief), a.sum(axis=0) + belief * off, B, C, c, residual, misfit)

    def information(self, damping: float) -> tuple[Array, Array]:
        """Return the matrix of the profile without the points' own numbers, and the inverses of theirs."""
        diagonal = np.einsum("sii->si", self.C)
        least = 1e-12 * diagonal.max(axis=1, keepdims=True) + 1e-300
        extra = np.einsum("si,ij->sij", damping * diagonal + least, np.eye(diagonal.shape[1]))
        inverses = np.linalg.inv(self.C + extra)
        return self.A + damping * np.diag(np.diag(self.A)) - np.einsum(
            "sij,sjk,slk->il", self.B, inverses, self.B
        ), inverses

    def step(self, damping: float) -> tuple[Array, Array]:
        """Return the changes of the profile's numbers and of the points'."""
        matrix, inverses = self.information(damping)
        rhs = self.a - np.einsum("sij,sjk,sk->i", self.B, inverses, self.c)
        shared = np.linalg.lstsq(matrix, rhs, rcond=None)[0]
        return shared, np.einsum("sij,sj->si", inverses, self.c - np.einsum("sij,i->sj", self.B, shared))
