"""Total variation under a blur that changes over the picture: the same splitting, divided by conjugate gradients."""

from __future__ import annotations

from functools import partial

from restore.checks import Array
from restore.methods.differences.channels import Channel, assembled
from restore.methods.differences.total_variation import (
    TotalVariationSettings,
    strength_of,
    with_least_variation,
)
from restore.methods.method import Outcome
from restore.methods.varying.least_squares import by_frequency, conjugate_gradients, normal_operator
from restore.methods.varying.varying_blur import flow_on, known_share
from restore.observation.observation import Observation
from restore.operators.differences import adjoint_differences, differences, mean_square_difference
from restore.operators.filter_flow import Blur
from restore.operators.progress import Progress, silent
from restore.parameter_choice.evidence import LinearEstimate
from restore.psf.varying import PsfGrid

#: Steps of a division, which begins where the last one ended: with 2 and 4 the picture settles later, at the same.
STEPS = 1


def solve(
    varying: PsfGrid, observation: Observation, settings: TotalVariationSettings, progress: Progress = silent
) -> Outcome:
    """Iterate from the Wiener estimate of one PSF for all, which tells the strength too."""
    linear = LinearEstimate(observation)
    strength, rule = settings.strength, "given"
    if strength is None:
        strength, rule = strength_of(linear, isotropic=settings.isotropic), "evidence"
    strength *= settings.smoothness
    part = partial(VaryingPart, flow_on(varying, observation))
    planes, iterations = with_least_variation(observation, linear.planes, strength, settings, progress, part)
    return Outcome(
        image=assembled(observation, planes),
        strength=float(strength),
        rule=rule,
        fits_noise=True,
        iterations=iterations,
    )


class VaryingPart:
    """One channel of the splitting: f nearest to the known data and to the differences that it is drawn to."""

    def __init__(self, blur: Blur, channel: Channel, start: Array, otf: Array) -> None:  # noqa: ARG002
        self.estimate, self.multipliers = start, [start * 0 for _ in start.shape]
        self._known = known_share(channel.unknown, channel.data)[..., None]
        self._blur = blur
        self._rhs = blur.adjoint(self._known * channel.data[..., None])

    def divide(self, drawn: Array, rho: float, weights: Array) -> float:
        """Set f to the picture nearest to data and differences, and return its mean squared change."""

        def roughness(light: Array) -> Array:
            return rho * adjoint_differences(differences(light[..., 0]))[..., None]

        before = self.estimate
        estimate, _ = conjugate_gradients(
            normal_operator(self._blur, self._known, roughness),
            self._rhs + rho * drawn[..., None],
            before[..., None],
            by_frequency(weights),
            steps=STEPS,
        )
        self.estimate = estimate[..., 0]
        return mean_square_difference(self.estimate, before)
