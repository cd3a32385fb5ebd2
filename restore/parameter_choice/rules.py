"""Rules that choose the regularization of constrained least squares, one object each.

Their table stands in `restore.parameter_choice`. A rule searches the histogram of `ratio_histogram`; one that shall be
exact ends on the full spectrum.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

import numpy as np
from scipy import optimize

from restore.checks import Array, InvalidValue, one_of
from restore.observation.observation import Observation
from restore.operators.penalty import Penalty
from restore.operators.threads import on_one_thread
from restore.operators.unit import Unit
from restore.parameter_choice.expected_error import ExpectedError, expected_error
from restore.parameter_choice.ratio_histogram import RatioHistogram, ratio_histogram, residual_energy
from restore.spectrum.noise_law import NoiseLaw

#: Search range of lambda and candidates per decade.
LOWEST, HIGHEST, PER_DECADE = 1e-10, 1e9, 10
CANDIDATES = np.logspace(np.log10(LOWEST), np.log10(HIGHEST), round(PER_DECADE * np.log10(HIGHEST / LOWEST)) + 1)
TINY = np.finfo(float).tiny
#: Of degrees of freedom, by which is divided even where none is left.
LEAST_SQUARE = 1e-200


@dataclass(frozen=True, eq=False)
class StrengthChoice:
    """What a rule chose, and the curve it saw.

    Attributes
    ----------
    value : float
        Lambda.
    rule : str
        The rule that chose it.
    noise_var : float or None
        Variance per sample that the rule compared the residual with; None for the rules that need no noise: "gcv",
        "whiteness" and "l_curve".
    candidates : array
        Values of lambda that were tried.
    criterion : array
        At each candidate, what the rule minimises; for the rules that solve an equation, the residual energy relative
        to its target.
    feasible : (float, float)
        Residual energies per sample that any lambda can reach.
    at_edge : bool
        Whether the target lies outside that range, or the minimum at an end of the search.
    evaluations : int
        How often the criterion was computed.
    """

    value: float
    rule: str
    noise_var: float | None
    candidates: Array
    criterion: Array
    feasible: tuple[float, float]
    at_edge: bool
    evaluations: int

    def outside(self, unit: Unit) -> StrengthChoice:
        """Return the same in the unit of the picture as it was given."""
        low, high = self.feasible
        return replace(
            self,
            noise_var=unit.outside(self.noise_var, 2),
            criterion=unit.outside(self.criterion, 2 if RULES[self.rule].is_energy else 0),
            feasible=(unit.outside(low, 2), unit.outside(high, 2)),
        )


@dataclass(frozen=True, eq=False)
class Problem:
    """What a rule looks at: the observation with its penalty, and the variance of the noise."""

    observation: Observation
    penalty: Penalty
    histogram: RatioHistogram
    noise_var: float

    @cached_property
    def expected_error(self) -> ExpectedError:
        """Return what the fitted laws expect of any strength."""
        return expected_error(self.observation, self.penalty)

    @cached_property
    def residuals(self) -> Array:
        """Return phi at every candidate."""
        return np.array([float(self.histogram.residual(w)) for w in CANDIDATES])


@dataclass(frozen=True, eq=False)
class Result:
    """A strength, the criterion at every candidate, whether it lies at an end, and how often it was computed."""

    value: float
    criterion: Array
    at_edge: bool
    evaluations: int


class Rule(Protocol):
    """A way to choose lambda."""

    @property
    def needs_noise(self) -> bool:
        """Return whether the residual is compared with the noise."""

    @property
    def is_energy(self) -> bool:
        """Return whether the criterion is one, in image units squared; else it has none."""

    def choose(self, problem: Problem) -> Result:
        """Return the strength that the rule asks for."""


@dataclass(frozen=True)
class Minimum:
    """Lambda with the least value of a criterion, a function of problem and lambda."""

    criterion: Callable[[Problem, float], float]
    needs_noise: bool = False
    is_energy: bool = True

    def choose(self, problem: Problem) -> Result:
        """Search the candidates, then between the neighbours of the best."""
        criterion = np.array([self.criterion(problem, w) for w in CANDIDATES])
        best, count = int(np.argmin(criterion)), len(CANDIDATES)
        if best in (0, count - 1):
            return Result(float(CANDIDATES[best]), criterion, True, count)

        def objective(log_weight: float) -> float:
            return self.criterion(problem, float(np.exp(log_weight)))

        ends = np.log(CANDIDATES[[best - 1, best + 1]])
        minimum = optimize.minimize_scalar(objective, bounds=ends, method="bounded", options={"xatol": 1e-4})
        return Result(float(np.exp(minimum.x)), criterion, False, count + int(minimum.nfev))


@dataclass(frozen=True)
class Corner:
    """The L-curve: lambda where log phi against log |p * f|^2 bends most."""

    needs_noise: bool = False
    is_energy: bool = False

    def choose(self, problem: Problem) -> Result:
        """Return the candidate with the largest curvature."""
        rough = np.array([problem.histogram.roughness(w) for w in CANDIDATES])
        criterion = -_curvature(*(np.log(np.maximum(energy, TINY)) for energy in (problem.residuals, rough)))
        best, count = int(np.argmin(criterion)), len(CANDIDATES)
        return Result(float(CANDIDATES[best]), criterion, best in (0, count - 1), count)


@dataclass(frozen=True)
class Root:
    """Lambda at which phi reaches a target, a function of histogram, lambda and noise variance.

    `polish` takes the problem and the root on the histogram, and returns a better one with the number of further
    residuals.
    """

    target: Callable[[RatioHistogram, float, float], float]
    polish: Callable[[Problem, float], tuple[float, int]] | None = None
    needs_noise: bool = True
    is_energy: bool = False

    def choose(self, problem: Problem) -> Result:
        """Bracket the root by the candidates, solve on the histogram, polish on the full spectrum."""
        targets = np.array([self._target(problem, w) for w in CANDIDATES])
        with np.errstate(over="ignore"):
            criterion = np.minimum(problem.residuals / np.maximum(targets, TINY), np.finfo(float).max)
        below, count = np.flatnonzero(problem.residuals - targets < 0), len(CANDIDATES)
        # The last crossing: where H vanishes phi and T sigma^2 start out equal but for chance, and may cross at once.
        crossing = int(below[-1]) + 1 if below.size else 0
        if crossing in (0, count):
            return Result(float(CANDIDATES[0 if crossing == 0 else -1]), criterion, True, count)

        def excess(log_weight: float) -> float:
            weight = np.exp(log_weight)
            return float(problem.histogram.residual(weight)) - self._target(problem, weight)

        ends = np.log(CANDIDATES[[crossing - 1, crossing]])
        log_weight, report = optimize.brentq(excess, *ends, full_output=True)
        value, more = float(np.exp(log_weight)), 0
        if self.polish is not None:
            value, more = self.polish(problem, value)
        return Result(value, criterion, False, count + int(report.function_calls) + more)

    def _target(self, problem: Problem, weight: float) -> float:
        return self.target(problem.histogram, weight, problem.noise_var)


@dataclass(frozen=True)
class Increments:
    """The root of phi = N sigma^2 as textbooks draw it, by increments: for teaching."""

    needs_noise: bool = True
    is_energy: bool = False

    def choose(self, problem: Problem) -> Result:
        """Walk on the full spectrum, once the candidates have shown that there is a root."""
        root = Root(_all_samples).choose(problem)
        if root.at_edge:
            return root
        target = _all_samples(problem.histogram, root.value, problem.noise_var)
        value, steps = increment_search(lambda w: _exact_residual(problem, w)[0], target)
        return Result(value, root.criterion, False, steps)


def _exact_residual(problem: Problem, weight: float) -> tuple[float, float]:
    return residual_energy(problem.observation, problem.penalty, weight)


def _newton(problem: Problem, weight: float) -> tuple[float, int]:
    """Return the root of phi = N sigma^2 after two Newton steps in log lambda on the full spectrum."""
    target = _all_samples(problem.histogram, weight, problem.noise_var)
    log_weight = np.log(weight)
    for _ in range(2):
        phi, slope = _exact_residual(problem, float(np.exp(log_weight)))
        log_weight -= (phi - target) / slope
    return float(np.exp(log_weight)), 2


def _all_samples(histogram: RatioHistogram, _: float, noise_var: float) -> float:
    """Return N sigma^2."""
    return noise_var * histogram.samples


def _free_samples(histogram: RatioHistogram, weight: float, noise_var: float) -> float:
    """Return T sigma^2."""
    return noise_var * max(float(histogram.degrees_of_freedom(weight)), TINY)


def _predictive_risk(problem: Problem, weight: float) -> float:
    free = _free_samples(problem.histogram, weight, 1.0)
    return float(problem.histogram.residual(weight)) + 2 * problem.noise_var * (problem.histogram.samples - free)


def _cross_validation(problem: Problem, weight: float) -> float:
    free = float(problem.histogram.degrees_of_freedom(weight))
    return float(problem.histogram.residual(weight)) / max(free**2, LEAST_SQUARE)


def _unevenness(problem: Problem, weight: float) -> float:
    return problem.histogram.whiteness(weight)


def _expected_error(problem: Problem, weight: float) -> float:
    return problem.expected_error.at(weight)


RULES: dict[str, Rule] = {
    "upre": Minimum(_predictive_risk, needs_noise=True),
    "gcv": Minimum(_cross_validation),
    "expected_error": Minimum(_expected_error),
    "discrepancy": Root(_all_samples, _newton),
    "corrected_discrepancy": Root(_free_samples),
    "textbook": Increments(),
    "whiteness": Minimum(_unevenness, is_energy=False),
    "l_curve": Corner(),
}


def choose_regularization(
    observation: Observation, penalty: Penalty, *, rule: str, noise_var: float | None
) -> StrengthChoice:
    """Apply `rule` to an observation; `noise_var` is the variance per sample, for the rules that compare with it."""
    return choices(observation, penalty, (rule,), noise_var)[0]


@on_one_thread
def choices(
    observation: Observation,
    penalty: Penalty,
    rules: Sequence[str],
    noise_var: float | None,
    noise: NoiseLaw | None = None,
) -> list[StrengthChoice]:
    """Apply several rules at the cost of one; `noise` says how the variance lies over the frequencies, None evenly."""
    for rule in rules:
        one_of(rule, tuple(RULES), "rule")
        if RULES[rule].needs_noise and noise_var is None:
            raise InvalidValue(f"rule {rule!r} needs noise_var; use 'gcv' where the noise is not known")
    histogram = ratio_histogram(observation, penalty, noise)
    problem = Problem(observation, penalty, histogram, 0.0 if noise_var is None else noise_var)
    phi = problem.residuals
    feasible = (float(phi[0] / histogram.samples), float(phi[-1] / histogram.samples))
    return [_choice(problem, rule, noise_var, feasible) for rule in rules]


def _choice(problem: Problem, rule: str, noise_var: float | None, feasible: tuple[float, float]) -> StrengthChoice:
    result = RULES[rule].choose(problem)
    return StrengthChoice(
        value=result.value,
        rule=rule,
        noise_var=noise_var if RULES[rule].needs_noise else None,
        candidates=CANDIDATES.copy(),
        criterion=result.criterion,
        feasible=feasible,
        at_edge=result.at_edge,
        evaluations=result.evaluations,
    )


def _curvature(x: Array, y: Array) -> Array:
    """Return the curvature of a plane curve given at equal steps; 0 where it stands still."""
    dx, dy = np.gradient(x), np.gradient(y)
    speed = np.hypot(dx, dy)
    bend = dx * np.gradient(dy) - np.gradient(dx) * dy
    return np.divide(bend, speed**3, out=np.zeros_like(speed), where=speed > 1e-6)


def increment_search(
    residual: Callable[[float], float], target: float, *, start: float = 1e-5, accuracy: float = 0.01
) -> tuple[float, int]:
    """Return lambda and the number of residuals computed, the way textbooks draw it by hand.

    Raise lambda while the residual energy is below the target, lower it while it is above, stop within `accuracy` of
    the target. The step is a tenth of lambda, halved at each change of direction: with the truly fixed step of the
    drawing the search takes thousands of residuals.
    """
    value, step, direction, steps = start, 0.1, 0, 0
    while True:
        miss, steps = residual(value) / target - 1, steps + 1
        if abs(miss) <= accuracy or steps >= 10_000:
            return value, steps
        turn = -1 if miss > 0 else 1
        step = step / 2 if direction == -turn else step
        direction = turn
        value *= (1 + step) ** turn
