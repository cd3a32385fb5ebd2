"""How far around a sample its restored value depends on the data: as far as the *inverse* filter goes.

A PSF of a few samples has an inverse of hundreds where little is charged for dividing by nearly nothing. What the
method makes of a single bright sample shows it. Of that answer k the part beyond the halo,

    sum over |x| > halo of |k(x)|,

times the error of what is assumed there bounds the error in the core. A harmonic membrane stands beyond the halo; it
misses the data by a few hundredths of their range, and of unlike signs: on photographs, with disks, Gaussians and
motions, the difference in the core was 0.0003 to 0.02 times what lies beyond. How much may, a method's `Tiling` says.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from restore.checks import Array, InvalidValue
from restore.observation.observation import Observation, observe
from restore.observation.whole import Whole
from restore.parameter_choice.fitted_filter import fitted_gain
from restore.tiles.job import Job

#: First and last edge of the grid that the answer is computed on, by the number of axes; a halo is at most a quarter.
GRIDS = {1: (1024, 65536), 2: (256, 4096)}
GRIDS_OF_STACKS = (64, 256)
#: How far the membrane beyond a halo is off the data, as a share of their range.
MISFIT = 0.05


def reach(job: Job, settings: Any, whole: Whole | None = None) -> tuple[int, ...]:
    """Return the halo that the tiles of a job need along every axis, or refuse."""
    size, last = GRIDS.get(len(job.shape), GRIDS_OF_STACKS)
    size = max(size, int(2 ** np.ceil(np.log2(2 * max(job.psf.shape)))))
    while True:
        halo = tuple(_halo(profile, job.tiling.beyond) for profile in _profiles(_answer(job, settings, whole, size)))
        if max(halo) <= size // 4:
            return halo
        if size >= last:
            raise InvalidValue(
                f"method {job.name!r} with this strength reaches farther than {size // 4} samples, too far for tiles: "
                "choose a larger strength, or allow the memory for the whole picture"
            )
        size *= 2


def reach_of_residual(job: Job, whole: Whole, most: int) -> tuple[int, ...]:
    """Return the halo, at most so wide, beyond which data change the residual of the fitted filter by less than noise.

    Of a narrower one the residual is larger, which shows where to look closely, and no more.
    """
    point, observation = _point(job, max(4 * most, 2 * max(job.psf.shape)), whole)
    gain = fitted_gain(observation)
    answer = observation.filtered(lambda columns: observation.otf(columns) * gain(columns)) / point.max()
    beyond = float(np.sqrt(observation.fit.noise_var)) / (MISFIT * observation.span)
    return tuple(min(_halo(profile, beyond), most) for profile in _profiles(np.abs(answer)))


def _answer(job: Job, settings: Any, whole: Whole | None, size: int) -> Array:
    """Return the magnitude of what a sample of height 1 is turned into, on a periodic grid about its middle."""
    point, observation = _point(job, size, whole)
    if job.tiling.reach is None:
        answer = job.method.solve(observation, settings, lambda _: None).image
    else:
        answer = job.tiling.reach(observation, settings)
    return np.abs(np.asarray(answer).reshape(point.shape))


def _point(job: Job, size: int, whole: Whole | None) -> tuple[Array, Observation]:
    """Return a sample of height 1 in the middle of a periodic grid, and the same as an observation."""
    point = np.zeros((size,) * len(job.shape))
    point[(size // 2,) * len(job.shape)] = 1 if whole is None else whole.unit.outside(1.0)
    return point, observe(point, job.psf, "periodic", whole=whole)


def _profiles(answer: Array) -> list[Array]:
    """Return, per axis, how much of an answer lies so many samples from its middle on either side, or more."""
    profiles = []
    for axis in range(answer.ndim):
        along = answer.sum(axis=tuple(a for a in range(answer.ndim) if a != axis))
        middle = along.size // 2
        sides = along[middle:].copy()
        sides[1:] += along[middle - 1 : 0 : -1]
        profiles.append(np.cumsum(sides[::-1])[::-1])
    return profiles


def _halo(profile: Array, allowed: float) -> int:
    """Return the least halo beyond which no more than what is allowed lies; a length that suits disk and cache."""
    within = np.flatnonzero(profile <= allowed)
    least = int(within[0]) if within.size else profile.size
    return 8 * -(-least // 8)
