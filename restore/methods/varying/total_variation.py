"""Total variation under a blur that changes over the picture: the same splitting, divided by conjugate gradients."""

from __future__ import annotations

from functools import partial

import numpy as np

from restore.checks import Array
from restore.methods.differences import total_variation
from restore.methods.differences.channels import Channel
from restore.methods.differences.total_variation import TotalVariationSettings
from restore.methods.method import Outcome
from restore.methods.varying.least_squares import by_frequency, normal_operator, step_length
from restore.methods.varying.varying_blur import flow_on, known_share
from restore.observation.observation import Observation
from restore.operators.differences import adjoint_differences, differences, mean_square_difference
from restore.operators.filter_flow import Blur
from restore.operators.progress import Progress, silent
from restore.psf.varying import PsfGrid

#: After so many steps what the operator makes of f is worked out anew, for rounding adds up.
REFRESHED = 50


def solve(
    varying: PsfGrid, observation: Observation, settings: TotalVariationSettings, progress: Progress = silent
) -> Outcome:
    """Iterate from the Wiener estimate of one PSF for all, which tells the strength too."""
    part = partial(VaryingPart, flow_on(varying, observation))
    return total_variation.solve(observation, settings, progress, part)


class VaryingPart:
    """One channel of the splitting: f nearer to the known data and to the differences that it is drawn to.

    Each division takes one step of conjugate gradients from where the last one ended; with two or four the picture
    settles no earlier, at the same. What the operator makes of f is carried along.
    """

    def __init__(self, blur: Blur, channel: Channel, start: Array, otf: Array) -> None:  # noqa: ARG002
        self.estimate, self.multipliers = start, [np.zeros_like(start) for _ in start.shape]
        self.spare: Array | None = None
        self._blur, self._steps = blur, 0
        self._known = known_share(channel.unknown, channel.data)[..., None]
        self._rhs = blur.adjoint(self._known * channel.data[..., None])
        self._image = np.empty_like(self._rhs)

    def divide(self, drawn: Array, rho: float, weights: Array) -> float:
        """Set f to a picture nearer to data and differences, and return its mean squared change."""

        def roughness(light: Array) -> Array:
            return rho * adjoint_differences(differences(light[..., 0]))[..., None]

        normal = normal_operator(self._blur, self._known, roughness)
        if self._steps % REFRESHED == 0:
            self._image = normal(self.estimate[..., None])
        self._steps += 1
        residual = self._rhs + rho * drawn[..., None] - self._image
        direction = by_frequency(weights)(residual)
        image = normal(direction)
        length = np.asarray(step_length(residual, direction, image), image.dtype)
        before, self.estimate = self.estimate, self.estimate + length * direction[..., 0]
        self._image += length * image
        return mean_square_difference(self.estimate, before)
