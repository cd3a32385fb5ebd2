"""One estimate out of three: linear, of least variation, of sparse differences."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from restore.checks import Array
from restore.methods.aggregation.half_size import HalfSize, half_size
from restore.methods.aggregation.weight import refuted, textured
from restore.methods.differences import hyper_laplacian, total_variation
from restore.methods.differences.channels import Channel, channels, completed_by, settled, stacked_frames
from restore.methods.differences.total_variation import TotalVariationSettings
from restore.observation.observation import Observation
from restore.operators.differences import slabs
from restore.operators.fourier import filtered
from restore.operators.progress import Progress, part_of
from restore.parameter_choice.evidence import LEAST_SLOPE, LinearEstimate

#: Total variation need not end near its limit here: it is one of two, and the other one is nearer. At 3e-3 borders
#: under long motions beside little noise are not found, 0.05 to 0.1 dB.
VARIATION = TotalVariationSettings(tolerance=2e-3)
#: On grids of so many samples it ends where it changes by this share of the error that the linear filter expects of
#: itself: after 6 to 8 iterations in the place of 12 to 40. In 3 megapixels of photographs, four blurs, noise of 0.01
#: and 0.003, that costs 0.01 dB on average, 0.02 at most; beside less noise it goes on as above, until it is as meant.
LARGE, OF_THE_ERROR = 1 << 21, 0.035
#: Share of the work that it is beside sparse differences; and where both begin and end in that of the whole estimate.
VARIED, BEGUN, ENDED = 0.7, 0.25, 0.8


@dataclass(frozen=True)
class Balance:
    """Strengths of total variation and sparse differences, iterations of the first, and the linear one's weight."""

    variation: float
    iterations: int
    sparse: float
    weight: float


@dataclass(frozen=True, eq=False)
class Basis:
    """What an estimate was made of: the linear one, the channels of its frame, and what completes the data of them.

    `doubt`, from 0 to 1, is how much speaks against all estimates but the linear one.
    """

    linear: LinearEstimate
    flat: Callable[[], list[Array]]
    complete: Callable[[], list[Channel]]
    doubt: float

    @property
    def completed(self) -> Array:
        """Return the data on the grid, channels last."""
        return np.stack([part.data for part in self.complete()], axis=-1)


@dataclass(frozen=True, eq=False)
class WeighedEstimate:
    """The frame of the estimate, channels last, and what it was weighed by.

    `noise_var` is the variance of the noise that was reckoned with, by the `rule` of its fit, and `balance` what the
    estimate was made with for the noise that was found. Whoever mixes no other estimate in can do without its `basis`.
    """

    values: Array
    noise_var: float
    rule: str
    iterations: int
    balance: Balance
    basis: Basis | None

    def mixed_with(self, other: Array) -> Array:
        """Return the mean with another estimate, as far as nothing speaks against one but the linear one."""
        basis = self.basis
        assert basis is not None
        by_channels = list(np.moveaxis(other, -1, 0))
        weight = (1 - max(basis.doubt, refuted(basis.linear, basis.flat(), by_channels))) / 2
        return np.asarray(self.values + weight * (other - self.values))


def weighed_estimate(
    linear: LinearEstimate, louder: float, progress: Progress, balance: Balance | None = None
) -> WeighedEstimate:
    """Return (1 - a) (t + s) / 2 + a w, or w alone where noise and detail look alike; in a balance that was found."""
    fit = linear.observation.fit
    if fit.rule == "gcv" and (fit.is_open or linear.observation.least_weight == 0):
        parts = channels(linear.observation)
        flat = stacked_frames(linear.observation, _filtered(parts, linear, louder))
        basis = Basis(linear, lambda: list(np.moveaxis(flat, -1, 0)), partial(list, parts), 1.0)
        return WeighedEstimate(flat, louder * linear.noise_var, "gcv", 0, Balance(0.0, 0, 0.0, 1.0), basis)
    return _weighed(linear, louder, progress, balance)


def _weighed(linear: LinearEstimate, louder: float, progress: Progress, balance: Balance | None) -> WeighedEstimate:
    settings, progress = VARIATION, part_of(progress, BEGUN, ENDED)
    half = half_size(linear) if balance is None else None  # parts of a picture are sampled alike at full size alone
    used = linear if half is None else half
    if balance is None:
        strengths = total_variation.strength_of(used), hyper_laplacian.strength_of(used)
        settings = _variation(linear) if half is None else settings
    else:
        strengths = balance.variation, balance.sparse
        settings = replace(VARIATION, tolerance=0.0, max_iterations=balance.iterations)
    priors = Priors(louder * strengths[0], louder * strengths[1], settings)
    if half is None:
        both, parts, iterations = priors.estimated(linear.observation, linear.planes, progress)
        flat = _filtered(parts, linear, louder)
    else:
        parts, iterations = settled(half.observation), hyper_laplacian.STEPS
        both = priors.sparse_alone(half.observation, parts, progress)
        flat = half.planes if louder == 1 else _filtered(parts, half, louder)
    linear.__dict__.pop("planes", None)  # of large pictures every array counts
    doubt, weight = 0.0, 0.0 if balance is None else balance.weight
    whole = both if half is None else half.at_full_size(both)
    if balance is None:
        frame = used.observation.frame
        doubt = refuted(used, *([plane[frame] for plane in planes] for planes in (flat, both)))
        weight = max(doubt, textured(linear, whole))
    if weight > 0:
        for plane, other in zip(both, flat, strict=True):
            for rows in slabs(plane):
                plane[rows] += weight * (other[rows] - plane[rows])
        whole = both if half is None else half.at_full_size(both)
    step = 1.0 if half is None else half.step
    own = Balance(strengths[0] * step, iterations, strengths[1] * step**hyper_laplacian.EXPONENT, weight)
    values = stacked_frames(linear.observation, whole)
    basis = _basis(linear, half, flat, parts, doubt)
    return WeighedEstimate(values, louder * linear.noise_var, linear.observation.fit.rule, iterations, own, basis)


def _variation(linear: LinearEstimate) -> TotalVariationSettings:
    """Return how far total variation goes beside the others."""
    observation = linear.observation
    if math.prod(observation.grid) < LARGE or linear.is_astray:
        return VARIATION
    error = linear.error_var() ** 0.5 / max(total_variation.deviation(observation.picture), LEAST_SLOPE)
    return replace(VARIATION, tolerance=max(VARIATION.tolerance, OF_THE_ERROR * error))


def _basis(
    linear: LinearEstimate, half: HalfSize | None, flat: list[Array], parts: list[Channel], doubt: float
) -> Basis:
    def framed() -> list[Array]:
        planes = flat if half is None else half.at_full_size(flat)
        return [plane[linear.observation.frame] for plane in planes]

    complete = partial(list, parts) if half is None else partial(settled, linear.observation)
    return Basis(linear, framed, complete, doubt)


@dataclass(frozen=True)
class Priors:
    """The strengths of total variation and sparse differences, and how the first converges."""

    variation: float
    sparse: float
    settings: TotalVariationSettings

    def estimated(
        self, observation: Observation, start: list[Array], progress: Progress
    ) -> tuple[list[Array], list[Channel], int]:
        """Return the mean of both estimates, the data that the first one completed, and its iterations."""
        varied, iterations = total_variation.with_least_variation(
            observation, start, self.variation, self.settings, part_of(progress, 0, VARIED)
        )
        parts = completed_by(observation, varied)
        sparse = self.sparse_alone(observation, parts, part_of(progress, VARIED, 1))
        for t, s in zip(varied, sparse, strict=True):
            t += s
            t /= 2
        return varied, parts, iterations

    def sparse_alone(self, observation: Observation, parts: list[Channel], progress: Progress) -> list[Array]:
        """Return the estimate of sparse differences."""
        return hyper_laplacian.with_sparse_differences(observation, parts, self.sparse, progress=progress)


def _filtered(parts: list[Channel], linear: LinearEstimate, louder: float) -> list[Array]:
    """Return the linear estimate of every channel, as of noise that is louder than the one that was found."""
    gain = linear.gain_beside(louder)
    return [filtered(part.data, part.data.ndim, gain) for part in parts]
