"""What each method of the front door does with an observation, and which arguments are its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from restore.checks import Array, as_count
from restore.methods.counts.richardson_lucy import MOST_ITERATIONS, Lucy, restored_by_counts
from restore.methods.differences.difference_prior import Iterated
from restore.methods.differences.hyper_laplacian import restored_by_hyper_laplacian
from restore.methods.differences.total_variation import restored_by_total_variation
from restore.methods.iterations.linear_iterations import (
    COUNT,
    FEW,
    restored_by_landweber,
    restored_by_tikhonov_miller,
    restored_by_van_cittert,
)
from restore.methods.linear.constrained_least_squares import least_squares_strength
from restore.methods.linear.wiener import fitted_filter, given_gain, inverse_gain
from restore.methods.patches.nonlocal_patches import restored_by_groups
from restore.noise.white import estimate_noise
from restore.observation.observation import Observation, regularized_inverse
from restore.operators.fourier import Gain
from restore.operators.penalty import roughness
from restore.parameter_choice.rules import StrengthChoice

#: Called after every iteration with the share of the work that is done, up to 1.
Progress = Callable[[float], object]
NOTHING: Array = np.empty(0)


@dataclass(frozen=True)
class Asked:
    """The arguments that belong to single methods; None where the data decide."""

    nsr: float | ArrayLike | None = None
    regularization: float | None = None
    noise_var: float | None = None
    operator: str | ArrayLike = "laplacian"
    rule: str | None = None
    strength: float | None = None
    iterations: int | None = None
    gain: float | None = None
    read_noise: float = 0.0
    callback: Progress | None = None


@dataclass(frozen=True, eq=False)
class Outcome:
    """A restored picture and how it was found; the gain if a linear filter found it."""

    image: Array
    parameter: float
    rule: str
    noise_sigma: float
    iterations: int = 0
    choice: StrengthChoice | None = None
    gain: Gain | None = None


@dataclass(frozen=True, eq=False)
class Method:
    """How a method works and the names of its own arguments."""

    work: Callable[[Observation, Asked], Outcome]
    own: frozenset[str]


def _wiener(seen: Observation, asked: Asked) -> Outcome:
    if asked.nsr is not None:
        gain = given_gain(seen, asked.nsr)
        return Outcome(seen.filtered(gain), float(np.mean(np.asarray(asked.nsr))), "given", _noise(seen), gain=gain)
    (gain, choice), fit = fitted_filter(seen), seen.fit
    ratio = fit.noise_var / fit.signal_var if choice is None else choice.value
    return Outcome(seen.filtered(gain), ratio, fit.rule, _fitted(seen), choice=choice, gain=gain)


def _cls(seen: Observation, asked: Asked) -> Outcome:
    found = _strength(seen, asked)
    gain = regularized_inverse(seen.otf, roughness(asked.operator, seen.grid, seen.dtype), found.parameter)
    return replace(found, image=seen.filtered(gain), gain=gain)


def _strength(seen: Observation, asked: Asked) -> Outcome:
    """Return the multiplier of the roughness and how it was found, without a picture yet."""
    if asked.regularization is not None:
        return Outcome(NOTHING, float(asked.regularization), "given", _noise(seen))
    choice = least_squares_strength(seen, roughness(asked.operator, seen.grid, seen.dtype), asked.rule, asked.noise_var)
    sigma = _fitted(seen) if asked.noise_var is None else float(np.sqrt(asked.noise_var))
    return Outcome(NOTHING, choice.value, choice.rule, sigma, choice=choice)


def _inverse(seen: Observation, _: Asked) -> Outcome:
    gain = inverse_gain(seen)
    return Outcome(seen.filtered(gain), 0.0, "given", _noise(seen), gain=gain)


def _differences(work: Callable[..., Iterated], seen: Observation, asked: Asked) -> Outcome:
    found = work(seen, asked.strength, callback=asked.callback)
    return Outcome(found.image, found.strength, found.rule, _fitted(seen), found.iterations)


def _groups(seen: Observation, asked: Asked, *, fast: bool) -> Outcome:
    image, iterations, variance = restored_by_groups(seen, asked.noise_var, fast=fast, callback=asked.callback)
    rule = "whittle" if asked.noise_var is None else "given"
    return Outcome(image, float(np.sqrt(variance)), rule, float(np.sqrt(variance)), iterations)


def _counts(seen: Observation, asked: Asked) -> Outcome:
    total = MOST_ITERATIONS if asked.iterations is None else as_count(asked.iterations, "iterations")

    def watched(count: int, _: Array) -> None:
        if asked.callback is not None:
            asked.callback(count / total)

    wanted = Lucy(iterations=asked.iterations, gain=asked.gain, read_noise=asked.read_noise)
    image, iterations, rule = restored_by_counts(seen, wanted, watched)
    return Outcome(image, float(iterations), rule, _noise(seen), iterations)


def _steps(work: Callable[..., Array], usual: int, seen: Observation, asked: Asked) -> Outcome:
    count = usual if asked.iterations is None else as_count(asked.iterations, "iterations")
    rule = "usual" if asked.iterations is None else "given"
    return Outcome(work(seen, count, callback=asked.callback), float(count), rule, _noise(seen), count)


def _tikhonov_miller(seen: Observation, asked: Asked) -> Outcome:
    found = _strength(seen, asked)
    count = COUNT if asked.iterations is None else as_count(asked.iterations, "iterations")
    image = restored_by_tikhonov_miller(seen, found.parameter, count, asked.operator, asked.callback)
    return replace(found, image=image, iterations=count)


def _fitted(seen: Observation) -> float:
    return float(np.sqrt(seen.fit.noise_var))


def _noise(seen: Observation) -> float:
    axis = None if seen.channel_axis is None else -1
    return float(np.sqrt(np.mean(np.square(estimate_noise(seen.picture, channel_axis=axis)))))


METHODS: Mapping[str, Method] = {
    "wiener": Method(_wiener, frozenset({"nsr"})),
    "cls": Method(_cls, frozenset({"regularization", "noise_var", "operator", "rule"})),
    "inverse": Method(_inverse, frozenset()),
    "hyper_laplacian": Method(partial(_differences, restored_by_hyper_laplacian), frozenset({"strength", "callback"})),
    "total_variation": Method(partial(_differences, restored_by_total_variation), frozenset({"strength", "callback"})),
    "nonlocal": Method(partial(_groups, fast=False), frozenset({"noise_var", "callback"})),
    "nonlocal_fast": Method(partial(_groups, fast=True), frozenset({"noise_var", "callback"})),
    "landweber": Method(partial(_steps, restored_by_landweber, COUNT), frozenset({"iterations", "callback"})),
    "van_cittert": Method(partial(_steps, restored_by_van_cittert, FEW), frozenset({"iterations", "callback"})),
    "tikhonov_miller": Method(
        _tikhonov_miller,
        frozenset({"regularization", "noise_var", "operator", "rule", "iterations", "callback"}),
    ),
    "richardson_lucy": Method(_counts, frozenset({"iterations", "gain", "read_noise", "callback"})),
}
