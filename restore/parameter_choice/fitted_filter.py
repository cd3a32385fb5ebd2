"""The Wiener gain of the spectrum that was fitted to the picture, or of the gradient prior where that is better."""

from __future__ import annotations

import numpy as np

from restore.observation.observation import Observation
from restore.operators.fourier import Gain
from restore.operators.penalty import Largest, Penalty, Sampled, regularized_inverse, roughness
from restore.parameter_choice.local_spectrum import refined_ratio
from restore.parameter_choice.rules import StrengthChoice, choose_regularization


def fitted_gain(observation: Observation) -> Gain:
    """Return the gain of `fitted_filter` alone."""
    return fitted_filter(observation)[0]


def fitted_filter(observation: Observation, smoothness: float = 1.0) -> tuple[Gain, StrengthChoice | None]:
    """Return the Wiener gain of the fitted spectrum; what is unsettled outside the frame counts as noise.

    Where the fit would not gain on the gradient prior, that prior takes its place, with the strength of another rule,
    which is returned with its gain. A padding word may contradict the blur by more than is counted so; there the ratio
    is raised further if generalized cross-validation of its scale asks for it. `smoothness` is a factor on all that.
    """
    fit = observation.fit
    if fit.rule != "whittle":
        penalty = roughness("gradient", observation.grid, observation.dtype)
        noise_var = fit.noise_var + observation.unsettled_var
        choice = choose_regularization(observation, penalty, rule=fit.rule, noise_var=noise_var)
        return believed_inverse(observation, penalty, smoothness * choice.value), choice
    ratio = refined_ratio(observation, fit)
    if not fit.is_white:
        raised = ratio.values * (1 + observation.unsettled_var / observation.noise_power)
        raised = np.minimum(raised, np.finfo(observation.dtype).max).astype(observation.dtype)
        return believed_inverse(observation, Sampled(raised), smoothness), None
    scale = 1 + observation.unsettled_var / fit.noise_var
    if observation.is_padded:
        scale = max(scale, choose_regularization(observation, ratio, rule="gcv", noise_var=None).value)
    return believed_inverse(observation, ratio, smoothness * scale), None


def believed_inverse(observation: Observation, penalty: Penalty, weight: float) -> Gain:
    """Return the gain of a penalty, no sharper than the filter that the data outside the frame were completed for."""
    least = observation.least_weight
    if least == 0:
        return regularized_inverse(observation.otf, penalty, weight)
    gradient = roughness("gradient", observation.grid, observation.dtype)
    return regularized_inverse(observation.otf, Largest((penalty, weight), (gradient, least)), 1.0)
