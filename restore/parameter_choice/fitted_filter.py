"""The Wiener gain of the spectrum that was fitted to the picture, or of the gradient prior where that is better."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from restore.observation.observation import Observation
from restore.operators.fourier import Gain, inverse
from restore.operators.penalty import Largest, Penalty, Sampled, Smooth, regularized_inverse, roughness
from restore.parameter_choice.local_spectrum import refined_ratio
from restore.parameter_choice.rules import StrengthChoice, choose_regularization

#: Standard deviation, in samples, of how far a filter for all parts of a picture remembers beyond what the blur asks.
MEMORY = 24.0


def fitted_gain(observation: Observation) -> Gain:
    """Return the gain of `fitted_filter` alone."""
    return fitted_filter(observation)[0]


def fitted_filter(observation: Observation, smoothness: float = 1.0) -> tuple[Gain, StrengthChoice | None]:
    """Return the Wiener gain of the fitted spectrum; what is unsettled outside the frame counts as noise.

    Where the fit would not gain on the gradient prior, that prior takes its place, with the strength of another rule,
    which is returned with its gain. A padding word may contradict the blur by more than is counted so; there the ratio
    is raised further if generalized cross-validation of its scale asks for it. `smoothness` is a factor on all that.
    """
    penalty, weight, choice = _fitted_penalty(observation)
    return believed_inverse(observation, penalty, smoothness * weight), choice


def fitted_charge(observation: Observation, smoothness: float = 1.0) -> tuple[Penalty, float, StrengthChoice | None]:
    """Return what the filter of `fitted_filter` charges each frequency beside |H|^2, and the weight of that."""
    penalty, weight, choice = _fitted_penalty(observation)
    return *_believed(observation, penalty, smoothness * weight), choice


def agreed_filter(observations: Sequence[Observation]) -> Smooth:
    """Return what one filter for several pictures of the same grid charges: the geometric mean of theirs.

    It changes less quickly over the frequencies than one for a picture alone, and so does not look far beyond its blur.
    """
    grid, tiny = observations[0].grid, np.finfo(np.float64).tiny
    believed = [_believed(o, *_fitted_penalty(o)[:2]) for o in observations]
    weights = [weight * penalty(slice(None)).astype(np.float64) for penalty, weight in believed]
    logarithm = np.mean([np.log(np.maximum(w, tiny)) for w in weights], axis=0)
    origin = (0,) * len(grid)
    nearest = [logarithm[tuple(int(a == axis and n > 1) for a, n in enumerate(grid))] for axis in range(len(grid))]
    logarithm[origin] = np.mean(nearest)
    kernel = inverse(logarithm.astype(complex), grid)
    for axis, n in enumerate(grid):
        radius = min(round(4 * MEMORY), (n - 1) // 2)
        distance = np.arange(-radius, radius + 1)
        fading = np.exp(-((distance / MEMORY) ** 2) / 2)
        kernel = np.take(kernel, distance, axis) * fading.reshape([-1 if a == axis else 1 for a in range(len(grid))])
    return Smooth(kernel, spares_the_mean=all(w[origin] == 0 for w in weights))


def _fitted_penalty(observation: Observation) -> tuple[Penalty, float, StrengthChoice | None]:
    """Return what the filter charges each frequency, the weight of that, and the choice of a rule where one chose."""
    fit = observation.fit
    if fit.agreed is not None:
        return fit.agreed.on(observation.grid, observation.dtype), 1.0, None
    if fit.rule != "whittle":
        penalty = roughness("gradient", observation.grid, observation.dtype)
        noise_var = fit.noise_var + observation.unsettled_var
        choice = choose_regularization(observation, penalty, rule=fit.rule, noise_var=noise_var)
        return penalty, choice.value, choice
    ratio = refined_ratio(observation, fit)
    if not fit.is_white:
        raised = ratio.values * (1 + observation.unsettled_var / observation.noise_power)
        raised = np.minimum(raised, np.finfo(observation.dtype).max).astype(observation.dtype)
        return Sampled(raised), 1.0, None
    scale = 1 + observation.unsettled_var / fit.noise_var
    if observation.is_padded:
        scale = max(scale, choose_regularization(observation, ratio, rule="gcv", noise_var=None).value)
    return ratio, scale, None


def believed_inverse(observation: Observation, penalty: Penalty, weight: float) -> Gain:
    """Return the gain of a penalty, no sharper than the filter that the data outside the frame were completed for."""
    return regularized_inverse(observation.otf, *_believed(observation, penalty, weight))


def _believed(observation: Observation, penalty: Penalty, weight: float) -> tuple[Penalty, float]:
    least = observation.least_weight
    if least == 0:
        return penalty, weight
    gradient = roughness("gradient", observation.grid, observation.dtype)
    return Largest((penalty, weight), (gradient, least)), 1.0
