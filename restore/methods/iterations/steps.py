"""What the classical iterations share: a start, a step, and the count of the steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from restore.checks import Array, InvalidValue, as_count, as_positive
from restore.methods.method import Outcome, Settings, Strength
from restore.observation.observation import Observation
from restore.operators.fourier import Gain
from restore.operators.progress import Progress

#: The strength of an iteration that is stopped before it explains the noise.
ITERATIONS = Strength(
    argument="iterations",
    name="iterations",
    symbol="steps",
    meaning="number of iterations",
    larger="sharper and noisier",
)


@dataclass(frozen=True)
class IterationSettings(Settings):
    """How many steps of which length; None is the usual count."""

    iterations: int | None = None
    step: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.iterations is not None:
            as_count(self.iterations, "iterations")
        check_step(self.step)

    @property
    def rule(self) -> str:
        """Return whence the count is."""
        return "usual" if self.iterations is None else "given"


def repeated(step: Callable[[Array], Array], start: Array, count: int, progress: Progress) -> Array:
    """Return the estimate after `count` steps."""
    estimate = start
    for number in range(1, count + 1):
        estimate = step(estimate)
        progress(number / count)
    return estimate


def counted(observation: Observation, estimate: Array, count: int, rule: str) -> Outcome:
    """Return the outcome of a method whose strength is its count."""
    return Outcome(image=observation.framed(estimate), strength=float(count), rule=rule, iterations=count)


def adjoint(observation: Observation) -> Gain:
    """Return the gain conj(H) of C'."""
    return lambda columns: np.conj(observation.otf(columns))


def check_step(step: float) -> None:
    """Refuse a step at which an iteration runs away."""
    if as_positive(step, "step") >= 2:
        raise InvalidValue(f"step must lie in (0, 2), got {step}")
