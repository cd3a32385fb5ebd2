"""The minimum of a smooth function within bounds, by quasi-Newton steps of limited memory (L-BFGS-B).

Reference: R. H. Byrd, P. Lu, J. Nocedal and C. Zhu, A limited memory algorithm for bound constrained optimization,
SIAM J. Sci. Comput. 16, 1995.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from scipy import optimize

from restore.checks import Array

Objective = Callable[[Array], tuple[float, Array]]  # x -> the value there, and the gradient


class _Together:
    """An objective asked for its value and, at the same place, for its gradient, which are computed together.

    SciPy does the same for `jac=True`, but compares places by NumPy: a fifth of a search with few bins.
    """

    def __init__(self, objective: Objective) -> None:
        self._objective = objective
        self._place = b""
        self._slope: Array

    def value(self, x: Array) -> float:
        value, self._slope = self._objective(x)
        self._place = x.tobytes()
        return value

    def gradient(self, x: Array) -> Array:
        if x.tobytes() != self._place:
            self.value(x)
        return self._slope


def minimum(
    objective: Objective,
    start: Array,
    bounds: Sequence[tuple[float | None, float | None]],
    options: Mapping[str, Any] | None = None,
) -> optimize.OptimizeResult:
    """Return what SciPy finds from a start, within a lower and an upper bound of each coordinate."""
    both = _Together(objective)
    return optimize.minimize(both.value, start, jac=both.gradient, method="L-BFGS-B", bounds=bounds, options=options)
