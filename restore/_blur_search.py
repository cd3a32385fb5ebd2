"""The best blur of a family: where J of `SpectralModel` is smallest over its parameters, and how sharply."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize

from restore._blur_models import BlurModel, Parameters
from restore._checks import Array
from restore._spectral_fit import SpectralFit, SpectralModel

#: Sizes tried per family before the best is refined, and the relative precision of the refinement.
COARSE = 7
PRECISION = 2e-3
#: How many cells err together, so that errors of known pictures have the standard deviation that is told.
CORRELATED = 25.0
#: Relative step of the second difference that gives the curvature of J.
CURVATURE_STEP = 0.05


@dataclass(frozen=True)
class Candidate:
    """The best blur of one family."""

    model: BlurModel
    parameters: Parameters
    uncertainty: Parameters
    objective: float


def search_size(model: BlurModel, spectral: SpectralModel, sharp: SpectralFit) -> Candidate:
    """Search a family of one parameter: a coarse logarithmic scan, then a bounded search around its best."""
    cells = spectral.spectrum

    def fit(log_size: float, start: Array) -> SpectralFit:
        return spectral.fit(model.power(cells.u, cells.v, {model.size: float(np.exp(log_size))}), start)

    grid = np.linspace(np.log(model.smallest), np.log(model.largest), COARSE)
    fits = [fit(x, sharp.state) for x in grid]
    best = int(np.argmin([f.objective for f in fits]))
    start = fits[best].state  # one start for all evaluations, or the search would see a noisy function
    bounds = (grid[max(best - 1, 0)], grid[min(best + 1, COARSE - 1)])
    found = optimize.minimize_scalar(
        lambda x: fit(x, start).objective, bounds=bounds, method="bounded", options={"xatol": PRECISION}
    )
    size = float(np.exp(found.x))
    around = [fit(found.x + shift, start).objective for shift in (-CURVATURE_STEP, CURVATURE_STEP)]
    curvature = (sum(around) - 2 * float(found.fun)) / CURVATURE_STEP**2
    return Candidate(
        model, {model.size: size}, {model.size: size * relative_uncertainty(curvature)}, float(found.fun)
    )


def relative_uncertainty(curvature: float) -> float:
    """Return the standard deviation of a parameter from the second derivative of J.

    J counts the cells as independent; they are not, and `CORRELATED` makes up for it.
    """
    return float(min(1.0, np.sqrt(CORRELATED / max(curvature, 1e-9))))
