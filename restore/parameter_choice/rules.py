"""Rules that choose the regularization of constrained least squares; see `restore.parameter_choice` for their table.

All of phi, T and their derivatives depend on a frequency only through |P|^2 / |H|^2, so the search runs on a fine
histogram of the logarithm of that ratio and its cost does not grow with the picture.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize

from restore.checks import Array, one_of
from restore.observation.observation import Observation
from restore.operators.fourier import multiplicity
from restore.operators.penalty import Penalty
from restore.threads import on_one_thread

RULES = ("upre", "gcv", "discrepancy", "corrected_discrepancy", "textbook", "whiteness", "l_curve")
#: Rules that compare the residual with the noise.
NEEDS_NOISE = frozenset(RULES) - {"gcv", "whiteness", "l_curve"}

#: Search range of lambda and candidates per decade.
LOWEST, HIGHEST, PER_DECADE = 1e-10, 1e9, 10
#: Histogram of log(|P|^2 / |H|^2): its range covers every ratio that float64 leaves distinct from 0 and infinity.
LOG_RATIO_RANGE, BINS = (-60.0, 60.0), 1 << 16


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
        Variance per sample that the rule compared the residual with; None for "gcv".
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


@dataclass(frozen=True, eq=False)
class _Spectrum:
    """Energy and number of the frequencies by x = log(|P|^2 / |H|^2), and the noise's share of the grid."""

    log_ratio: Array
    energy: Array
    squares: Array  # of the energy of single frequencies
    count: Array
    free: float  # frequencies with P = 0: never smoothed
    lost_energy: float  # frequencies with H = 0: wholly given up
    lost_squares: float
    lost_count: float
    noisy: float

    def given_up(self, weight: float | Array) -> Array:
        """Return q for a lambda, or one row of q per lambda."""
        q: Array = 1 / (1 + np.exp(-(self.log_ratio + np.log(weight)[..., None])))
        return q

    def residual(self, weight: float | Array) -> Array:
        """Return phi."""
        phi: Array = self.given_up(weight) ** 2 @ self.energy + self.lost_energy
        return phi

    def freedom(self, weight: float | Array) -> Array:
        """Return T, counted in noisy samples."""
        left: Array = (self.given_up(weight) @ self.count + self.lost_count) * self.noisy
        return left

    def roughness(self, weight: float) -> float:
        """Return |p * f|^2 = sum of q (1 - q) |G|^2 / (N lambda)."""
        q = self.given_up(weight)
        return float((q * (1 - q)) @ self.energy / weight)

    def minimised(self, rule: str, weight: float, variance: float) -> float:
        """Return what a rule minimises, for one lambda."""
        phi = float(self.residual(weight))
        if rule == "whiteness":
            return float((self.given_up(weight) ** 4 @ self.squares + self.lost_squares) / phi**2)
        left = max(float(self.freedom(weight)), np.finfo(float).tiny)
        return phi + 2 * variance * (self.samples - left) if rule == "upre" else phi / left**2

    @property
    def samples(self) -> float:
        return float((self.count.sum() + self.lost_count + self.free) * self.noisy)


def choose_regularization(
    observation: Observation, penalty: Penalty, *, rule: str, noise_var: float | None
) -> StrengthChoice:
    """Apply `rule` to an observation; `noise_var` is the variance per sample, for the rules that compare with it."""
    return choices(observation, penalty, (rule,), noise_var)[0]


@on_one_thread
def choices(
    observation: Observation, penalty: Penalty, rules: Sequence[str], noise_var: float | None
) -> list[StrengthChoice]:
    """Apply several rules at the cost of one."""
    for rule in rules:
        one_of(rule, RULES, "rule")
        if rule in NEEDS_NOISE and noise_var is None:
            raise ValueError(f"rule {rule!r} needs noise_var; use 'gcv' where the noise is not known")
    spectrum = _collect(observation, penalty)
    return [_choice(observation, penalty, spectrum, rule, noise_var if rule in NEEDS_NOISE else None) for rule in rules]


def _choice(
    observation: Observation, penalty: Penalty, spectrum: _Spectrum, rule: str, noise_var: float | None
) -> StrengthChoice:
    candidates = np.logspace(np.log10(LOWEST), np.log10(HIGHEST), round(PER_DECADE * np.log10(HIGHEST / LOWEST)) + 1)
    phi, left = _curves(spectrum, candidates)
    variance = 0.0 if noise_var is None else noise_var
    if rule == "l_curve":
        criterion = -_curvature(np.log(phi), np.log([spectrum.roughness(w) for w in candidates]))
        best = int(np.argmin(criterion))
        value, at_edge, steps = float(candidates[best]), best in (0, len(candidates) - 1), len(candidates)
    elif rule in ("upre", "gcv", "whiteness"):
        criterion = np.array([spectrum.minimised(rule, w, variance) for w in candidates])
        value, at_edge, steps = _minimum(spectrum, candidates, criterion, rule, variance)
    else:
        target = variance * (left if rule == "corrected_discrepancy" else spectrum.samples)
        criterion = phi / np.maximum(target, np.finfo(float).tiny)
        value, at_edge, steps = _root(observation, penalty, spectrum, candidates, phi - target, rule, variance)
    reachable = (float(phi[0] / spectrum.samples), float(phi[-1] / spectrum.samples))
    return StrengthChoice(value, rule, noise_var, candidates, criterion, reachable, at_edge, steps)


def residual_energy(observation: Observation, penalty: Penalty, weight: float) -> tuple[float, float]:
    """Return phi(lambda) and its derivative by log lambda, summed exactly over all frequencies: one FFT."""
    phi = slope = 0.0
    for columns, power in observation.power_blocks():
        passed, charge = _passed_and_charged(observation, penalty, columns)
        total = passed + weight * charge
        q = np.divide(weight * charge, total, out=np.zeros(total.shape), where=total > 0)
        phi += float((q**2 * power).sum())
        slope += float((2 * q**2 * (1 - q) * power).sum())
    return phi, slope


def _passed_and_charged(observation: Observation, penalty: Penalty, columns: slice) -> tuple[Array, Array]:
    passed = np.abs(observation.otf(columns)).astype(np.float64) ** 2
    return passed, np.broadcast_to(penalty(columns), passed.shape).astype(np.float64)


def _collect(observation: Observation, penalty: Penalty) -> _Spectrum:
    low, high = LOG_RATIO_RANGE
    energy, squares, count, moment = (np.zeros(BINS) for _ in range(4))
    free = lost_energy = lost_squares = lost_count = 0.0
    for columns, power in observation.power_blocks():
        passed, charge = _passed_and_charged(observation, penalty, columns)
        number = np.broadcast_to(multiplicity(observation.grid)[columns], passed.shape)
        unpaid, blocked = charge == 0, (passed == 0) & (charge > 0)
        free += float(number[unpaid].sum())
        lost_energy += float(power[blocked].sum())
        lost_squares += float((power[blocked] ** 2 / number[blocked]).sum())
        lost_count += float(number[blocked].sum())
        both = ~(unpaid | blocked)
        ratio = np.clip(np.log(charge[both] / passed[both]), low, high)
        index = np.minimum(((ratio - low) * (BINS / (high - low))).astype(np.int64), BINS - 1)
        energy += np.bincount(index, power[both], BINS)
        squares += np.bincount(index, power[both] ** 2 / number[both], BINS)
        count += np.bincount(index, number[both], BINS)
        moment += np.bincount(index, number[both] * ratio, BINS)
    used = count > 0
    channels = observation.channels
    return _Spectrum(
        log_ratio=moment[used] / count[used],
        energy=energy[used],
        squares=squares[used],
        count=count[used] * channels,
        free=free * channels,
        lost_energy=lost_energy,
        lost_squares=lost_squares,
        lost_count=lost_count * channels,
        noisy=observation.observed_share,
    )


def _curves(spectrum: _Spectrum, candidates: Array) -> tuple[Array, Array]:
    phi = np.array([float(spectrum.residual(w)) for w in candidates])
    left = np.array([float(spectrum.freedom(w)) for w in candidates])
    return phi, np.maximum(left, np.finfo(float).tiny)


def _minimum(
    spectrum: _Spectrum, candidates: Array, criterion: Array, rule: str, variance: float
) -> tuple[float, bool, int]:
    best = int(np.argmin(criterion))
    if best in (0, len(candidates) - 1):
        return float(candidates[best]), True, len(candidates)

    def objective(log_weight: float) -> float:
        return spectrum.minimised(rule, float(np.exp(log_weight)), variance)

    ends = np.log(candidates[[best - 1, best + 1]])
    found = optimize.minimize_scalar(objective, bounds=ends, method="bounded", options={"xatol": 1e-4})
    return float(np.exp(found.x)), False, len(candidates) + int(found.nfev)


def _curvature(x: Array, y: Array) -> Array:
    """Return the curvature of a plane curve given at equal steps; 0 where it stands still."""
    dx, dy = np.gradient(x), np.gradient(y)
    speed = np.hypot(dx, dy)
    bend = dx * np.gradient(dy) - np.gradient(dx) * dy
    return np.divide(bend, speed**3, out=np.zeros_like(speed), where=speed > 1e-6)


def _root(
    observation: Observation,
    penalty: Penalty,
    spectrum: _Spectrum,
    candidates: Array,
    excess: Array,
    rule: str,
    variance: float,
) -> tuple[float, bool, int]:
    """Solve phi = target: bracketed on the histogram, then polished by Newton steps on the full spectrum."""
    # The last crossing: where H vanishes phi and T sigma^2 start out equal but for chance, and may cross at once.
    crossing = int(np.flatnonzero(excess < 0)[-1]) + 1 if np.any(excess < 0) else 0
    if crossing in (0, len(candidates)):
        return float(candidates[0 if crossing == 0 else -1]), True, len(candidates)
    target = variance * spectrum.samples
    if rule == "textbook":
        value, steps = increment_search(lambda w: residual_energy(observation, penalty, w)[0], target)
        return value, False, steps

    def miss(log_weight: float) -> float:
        weight = np.exp(log_weight)
        goal = variance * float(spectrum.freedom(weight)) if rule == "corrected_discrepancy" else target
        return float(spectrum.residual(weight)) - goal

    log_weight, report = optimize.brentq(miss, *np.log(candidates[[crossing - 1, crossing]]), full_output=True)
    steps = len(candidates) + int(report.function_calls)
    if rule == "discrepancy":
        for _ in range(2):
            phi, slope = residual_energy(observation, penalty, float(np.exp(log_weight)))
            log_weight, steps = log_weight - (phi - target) / slope, steps + 1
    return float(np.exp(log_weight)), False, steps


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
