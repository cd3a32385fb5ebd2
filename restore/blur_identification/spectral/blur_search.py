"""The best blur of a family: a fast linear scan over its parameters, then J of `SpectralModel` from the best few.

The scan takes what the fit without blur leaves over, and asks which log |H|^2 looks most like it once the part that a
change of the picture's own spectrum could imitate is taken out of both. As |H|^2 is a profile along one coordinate s of
the frequency plane, all sums run over bins of s: for motion this is the Radon transform of the left-over.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from restore.blur_identification.spectral.blur_models import BlurModel, Parameters
from restore.blur_identification.spectral.spectral_fit import SpectralFit, SpectralModel
from restore.checks import Array

#: Candidates of the scan: sizes, angles, and bins of s up to the largest frequency there is.
SIZES = 60
ANGLES = 90
BINS = 192
LARGEST_FREQUENCY = 0.71
#: What is added to |H|^2 in the scan's logarithm, for noise that fills the zeros: two guesses.
NOISE_LEVELS = (0.003, 0.05)
#: Left-overs are cut at this many log units in the scan.
CUT = 4.0
#: How many local maxima of the scan are tried by the fit, how many sizes over the whole range besides, since noise and
#: texture can lead the scan astray, and how many of both are refined.
TRIED = 4
SPREAD = 5
REFINED = 2
#: Neighbouring cells err together and no picture has exactly a usual spectrum: variances are this much larger than J's
#: curvature says (found from the errors on pictures with known blur), and no relative one is smaller than the second.
#: Two blurs whose J differ by less than CORRELATED are about as likely.
CORRELATED = 45.0
LEAST_VARIANCE = 0.004**2


@dataclass(frozen=True, eq=False)
class Candidate:
    """The best blur of one family, with one standard deviation of each parameter; under white noise or `coloured`."""

    model: BlurModel
    parameters: dict[str, float]
    uncertainty: dict[str, float]
    objective: float
    coloured: bool

    @property
    def size(self) -> float:
        """Value of the first parameter."""
        return self.parameters[self.model.size]

    @property
    def vagueness(self) -> float:
        """Relative uncertainty of the size."""
        return self.uncertainty[self.model.size] / self.size


def search(
    model: BlurModel, spectral: SpectralModel, sharp: SpectralFit, constants: Parameters, largest: float
) -> Candidate:
    """Return the blur of the family with the least J; the parameters in `constants` stay, sizes end at `largest`."""
    cells, form = spectral.spectrum, model.spectrum
    least = float(np.log(form.smallest))
    most = float(np.log(max(min(form.largest, largest / form.extent), 2 * form.smallest)))
    bounds = (np.full(len(model.parameters), -np.inf), np.full(len(model.parameters), np.inf))
    free = np.array([name not in constants for name in model.parameters])
    if free[0]:
        bounds[0][0], bounds[1][0] = least, most
    constant = model.theta(constants)

    def log_power(theta: Array) -> Array:
        return model.log_power(cells.u, cells.v, theta)

    sizes = constant[:1] if not free[0] else np.linspace(least, most, SIZES)
    angles = constant[1:] if not free[-1] else np.arange(ANGLES) * np.pi / ANGLES
    starts = _scan(model, spectral, sharp, sizes, angles if model.has_angle else np.zeros(1))
    if free[0]:
        starts += [np.append(x, starts[0][1:]) for x in np.linspace(least, most, SPREAD)]
    rough = [spectral.fit(log_power, theta, np.zeros_like(free), bounds) for theta in starts]
    rough.sort(key=lambda f: f.objective)
    fits = [spectral.fit(log_power, f.theta, free, bounds, f.state) for f in rough[:REFINED]]
    return _candidate(model, min(fits, key=lambda f: f.objective), free, constants, coloured=spectral.coloured)


def _candidate(model: BlurModel, fit: SpectralFit, free: Array, constants: Parameters, *, coloured: bool) -> Candidate:
    variance = np.where(free, CORRELATED * np.diag(fit.covariance) + LEAST_VARIANCE, 0)
    spread = np.minimum(np.sqrt(variance), 1.0)
    units = [float(np.exp(fit.theta[0])), *np.rad2deg(np.ones(fit.theta.size - 1))]
    parameters = {**model.parameters_at(fit.theta), **constants}
    uncertainty = dict(zip(model.parameters, (float(x) for x in spread * units), strict=True))
    return Candidate(
        model=model,
        parameters=parameters,
        uncertainty=uncertainty,
        objective=fit.objective,
        coloured=coloured,
    )


def _scan(model: BlurModel, spectral: SpectralModel, sharp: SpectralFit, sizes: Array, angles: Array) -> list[Array]:
    """Return the most promising theta, best first."""
    cells = spectral.spectrum
    expected, _, _ = spectral.expected(sharp.state, np.zeros_like(cells.u))
    residual = np.clip(cells.level - expected, -CUT, CUT)
    weight = spectral.weights(residual)
    # An orthonormal basis of what the picture's own spectrum can do, to be taken out.
    root = np.sqrt(weight)[:, None]
    nuisance = np.linalg.qr(root * spectral.basis.T)[0] / root
    residual = residual - nuisance @ (nuisance.T @ (weight * residual))
    scores = np.array(
        [_scores(model, model.coordinate(cells.u, cells.v, a), sizes, residual, weight, nuisance) for a in angles]
    )
    peaks = _local_maxima(scores)
    return [np.array([sizes[j], angles[i]][: len(model.parameters)]) for i, j in peaks[:TRIED]]


def _scores(model: BlurModel, s: Array, sizes: Array, residual: Array, weight: Array, nuisance: Array) -> Array:
    """Return the signed squared correlation of left-over and log |H|^2 per size, the best over the noise levels."""
    index = np.rint(np.abs(s) * (BINS / LARGEST_FREQUENCY)).astype(int)
    bins, index = np.unique(index, return_inverse=True)
    power = model.spectrum.profile(np.exp(sizes)[:, None] * bins * (LARGEST_FREQUENCY / BINS))
    total = np.bincount(index, weights=weight)
    sums = np.bincount(index, weights=weight * residual)
    projections = np.column_stack([np.bincount(index, weights=weight * column) for column in nuisance.T])
    best = np.full(sizes.size, -np.inf)
    for noise in NOISE_LEVELS:
        template = np.log(power + noise)
        energy = (template**2) @ total - ((template @ projections) ** 2).sum(axis=1)
        match = template @ sums
        best = np.maximum(best, np.sign(match) * match**2 / np.maximum(energy, 1e-9))
    return best


def _local_maxima(scores: Array) -> list[tuple[int, int]]:
    """Return the indices of the maxima over the eight neighbours, highest first; the angle wraps round."""
    padded = np.pad(scores, ((1, 1), (0, 0)), mode="wrap")
    padded = np.pad(padded, ((0, 0), (1, 1)), constant_values=-np.inf)
    rows, columns = scores.shape
    around = [padded[i : i + rows, j : j + columns] for i in range(3) for j in range(3)]
    peaks = np.argwhere(scores >= np.max(around, axis=0))
    order = np.argsort([-scores[i, j] for i, j in peaks])
    return [(int(i), int(j)) for i, j in peaks[order]]
