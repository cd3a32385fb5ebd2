"""The core of a bright point: exp(-q^p) with q = sum_k ((x_k - c_k) / s_k)^2, where it is brighter than a fifth.

p = 1 is a Gaussian; a little more or less fits the cores of diffraction and of seeing alike, and what lies outside,
rings and wings, has no say. Its full width at half maximum along an axis is 2 s (log 2)^(1 / 2p).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize

from restore.checks import Array

#: Share of the peak above which samples belong to the core, and how much p may depart from 1.
CORE, LOWEST_POWER, HIGHEST_POWER = 0.15, 0.5, 2.0


@dataclass(frozen=True, eq=False)
class Core:
    """Where a point lies, its peak above the ground, and its full widths at half maximum, in samples."""

    center: Array
    peak: float
    fwhm: Array


def fit_core(box: Array, level: float) -> Core | None:
    """Return the core of the point in the middle of a box over a ground of that level; None where there is none."""
    light = box - level
    middle = np.array([n // 2 for n in box.shape], float)
    peak = float(light[tuple(middle.astype(int))])
    if peak <= 0:
        return None
    start = np.concatenate([middle, np.log(_half_widths(light, peak)), [1.0, 0.0]])
    # Twice: the samples of the core are those where the fit is bright, for where they are is noise.
    theta = _fitted(light, peak, start)
    theta = None if theta is None else _fitted(light, peak, theta)
    if theta is None:
        return None
    scale = np.exp(theta[box.ndim : 2 * box.ndim])
    return Core(
        center=theta[: box.ndim],
        peak=float(np.exp(theta[-1]) * peak),
        fwhm=2 * scale * np.log(2) ** (0.5 / theta[-2]),
    )


def _fitted(light: Array, peak: float, start: Array) -> Array | None:
    """Return centre, log widths, p and log peak, fitted to the samples that are bright by those to start from."""
    n, places = light.ndim, np.indices(light.shape).reshape(light.ndim, -1).T

    def squares(theta: Array, x: Array) -> Array:
        return np.asarray((((x - theta[:n]) / np.exp(theta[n : 2 * n])) ** 2).sum(axis=1))

    near = squares(start, places) ** start[-2] < -np.log(CORE)
    near |= (np.abs(places - np.rint(start[:n])) <= 1).all(axis=1)  # of a narrow one, all that touches the middle
    if near.sum() < 2 * n + 2:
        return None
    x, values = places[near], light.ravel()[near] / peak

    def residual(theta: Array) -> Array:
        return np.asarray(np.exp(theta[-1] - squares(theta, x) ** theta[-2]) - values)

    reach = np.concatenate([np.full(n, 2.0), np.full(n, np.log(4)), [0.0, 2.0]])
    low, high = start - reach, start + reach
    low[-2], high[-2] = LOWEST_POWER, HIGHEST_POWER
    return np.asarray(optimize.least_squares(residual, np.clip(start, low, high), bounds=(low, high)).x)


def _half_widths(light: Array, peak: float) -> Array:
    """Return first guesses of s along every axis, from where a line through the peak falls to a half."""
    middle = tuple(n // 2 for n in light.shape)
    widths = []
    for axis in range(light.ndim):
        line = light[(*middle[:axis], slice(None), *middle[axis + 1 :])]
        above = line > peak / 2
        first = middle[axis] - int(np.argmin(above[middle[axis] :: -1])) if not above[: middle[axis] + 1].all() else 0
        last = (
            middle[axis] + int(np.argmin(above[middle[axis] :]))
            if not above[middle[axis] :].all()
            else light.shape[axis]
        )
        widths.append(max(last - first - 1, 1) / (2 * np.sqrt(np.log(2))))
    return np.array(widths)
