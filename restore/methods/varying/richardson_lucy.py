"""Richardson and Lucy's iteration under a blur that changes over the picture: the same, with its A and A'."""

from __future__ import annotations

from restore.checks import InvalidValue
from restore.methods.counts.detector import Detector
from restore.methods.counts.maximum_likelihood import maximize_likelihood
from restore.methods.counts.settings import RichardsonLucySettings
from restore.methods.method import Outcome
from restore.methods.varying.varying_blur import flow_on
from restore.observation.observation import Observation
from restore.operators.progress import Progress, silent
from restore.psf.varying import PsfGrid


def solve(
    varying: PsfGrid, observation: Observation, settings: RichardsonLucySettings, progress: Progress = silent
) -> Outcome:
    """Iterate on the samples of the picture."""
    if varying.psfs.min() < 0:
        raise InvalidValue(f"psfs must be >= 0 where light is counted, got {varying.psfs.min():.3g}: cut it off")
    detector = Detector(observation, varying.mean, varying=flow_on(varying, observation))
    return maximize_likelihood(detector, settings, progress=progress)
