"""A second look for wrong samples, where a restoration came out as no picture at all and left nothing over.

To a fit the wrong samples of a picture that has hardly any noise are detail. The filter that follows from it is as weak
as that noise, and explains each of them by waves through the whole picture. One that smooths more leaves them over.
"""

from __future__ import annotations

from restore.checks import Array
from restore.diagnosis.residual import residual_of_filter
from restore.diagnosis.undershoot import undershoot
from restore.observation.observation import Observation
from restore.operators.penalty import regularized_inverse, roughness

#: Share of the restored samples darker than light can be from which they are no picture; of those meant here it is 0.4.
IMPOSSIBLE = 0.1
#: Weight of the gradient. At 1e-3 85 to 100 % of the impulses in noiseless photographs are suspect, under blurs of
#: three families, and 0.5 % of the samples where there is none; at 1e-5 a third to all of them.
WEIGHT = 1e-3


def is_impossible(observation: Observation, image: Array) -> bool:
    """Return whether so much of a restored image is darker than light can be that it is none."""
    return undershoot(observation, image) > IMPOSSIBLE


def residual_of_smoothing(observation: Observation) -> Array:
    """Return what a filter leaves of a picture that smooths more than its noise asks for."""
    penalty = roughness("gradient", observation.grid, observation.dtype)
    return residual_of_filter(observation, regularized_inverse(observation.otf, penalty, WEIGHT))
