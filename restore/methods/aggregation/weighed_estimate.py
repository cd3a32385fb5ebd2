"""One estimate out of three: linear, of least variation, of sparse differences."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from restore.checks import Array
from restore.methods.aggregation.half_size import half_size
from restore.methods.aggregation.weight import refuted, textured
from restore.methods.differences import hyper_laplacian, total_variation
from restore.methods.differences.channels import Channel, channels, completed_by, settled, stacked_frames
from restore.methods.differences.total_variation import TotalVariationSettings
from restore.observation.observation import Observation
from restore.operators.differences import slabs
from restore.operators.fourier import filtered
from restore.operators.progress import Progress, part_of
from restore.parameter_choice.evidence import LinearEstimate
from restore.parameter_choice.fitted_filter import fitted_filter

#: Total variation need not end near its limit here: it is one of two, and the other one is nearer. At 3e-3 borders
#: under long motions beside little noise are not found, 0.05 to 0.1 dB.
VARIATION = TotalVariationSettings(tolerance=2e-3)
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
    """What an estimate was made of: the linear one, its frame `flat`, and what completes the data of its channels.

    `doubt`, from 0 to 1, is how much speaks against all estimates but the linear one.
    """

    linear: LinearEstimate
    flat: Array
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
        weight = (1 - max(basis.doubt, refuted(basis.linear, basis.flat, other))) / 2
        return np.asarray(self.values + weight * (other - self.values))


def weighed_estimate(
    linear: LinearEstimate, louder: float, progress: Progress, balance: Balance | None = None
) -> WeighedEstimate:
    """Return (1 - a) (t + s) / 2 + a w, or w alone where noise and detail look alike; in a balance that was found."""
    fit = linear.observation.fit
    if fit.rule == "gcv" and (fit.is_open or linear.observation.least_weight == 0):
        parts = channels(linear.observation)
        flat = stacked_frames(linear.observation, _filtered(parts, linear, louder))
        basis = Basis(linear, flat, partial(list, parts), 1.0)
        return WeighedEstimate(flat, louder * linear.noise_var, "gcv", 0, Balance(0.0, 0, 0.0, 1.0), basis)
    return _weighed(linear, louder, progress, balance)


def _weighed(linear: LinearEstimate, louder: float, progress: Progress, balance: Balance | None) -> WeighedEstimate:
    observation, settings, progress = linear.observation, VARIATION, part_of(progress, BEGUN, ENDED)
    if balance is None:
        strengths = total_variation.strength_of(linear), hyper_laplacian.strength_of(linear)
    else:
        strengths = balance.variation, balance.sparse
        settings = replace(VARIATION, tolerance=0.0, max_iterations=balance.iterations)
    half = half_size(linear) if balance is None else None  # parts of a picture are sampled alike at full size alone
    if half is None:
        priors = Priors(louder * strengths[0], louder * strengths[1], settings)
        both, parts, iterations = priors.estimated(observation, linear.planes, progress)
        flat_planes = _filtered(parts, linear, louder)
    else:
        parts, iterations = settled(observation), hyper_laplacian.STEPS
        flat_planes = linear.planes if louder == 1 else _filtered(parts, linear, louder)
        both = half.in_place_of_the_coarse(flat_planes, half.sparse(louder * strengths[1], progress))
    flat, values = stacked_frames(observation, flat_planes), stacked_frames(observation, both)
    linear.__dict__.pop("planes", None)  # of large pictures every array counts
    del flat_planes
    doubt, weight = 0.0, 0.0 if balance is None else balance.weight
    if balance is None:
        doubt = refuted(linear, flat, values)
        weight = max(doubt, textured(linear, both))
    if weight > 0:
        for rows in slabs(values):
            values[rows] += weight * (flat[rows] - values[rows])
    own = Balance(strengths[0], iterations, strengths[1], weight)
    basis = Basis(linear, flat, partial(list, parts), doubt)
    return WeighedEstimate(values, louder * linear.noise_var, observation.fit.rule, iterations, own, basis)


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
        sparse = hyper_laplacian.with_sparse_differences(
            observation, parts, self.sparse, progress=part_of(progress, VARIED, 1)
        )
        return [(t + s) / 2 for t, s in zip(varied, sparse, strict=True)], parts, iterations


def _filtered(parts: list[Channel], linear: LinearEstimate, louder: float) -> list[Array]:
    """Return the linear estimate of every channel, as of noise that is louder than the one that was found."""
    gain = linear.gain if louder == 1 else fitted_filter(linear.observation, louder)[0]
    return [filtered(part.data, part.data.ndim, gain) for part in parts]
