"""The effort that an observation asks for: by its noise, its boundary word and its mask."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from restore.observation.completion.completion import LEVELS, complete, complete_coarsely
from restore.operators.progress import Stages
from restore.spectrum.signal_noise import EVEN

#: How long the stages take beside each other where samples are masked.
COSTS = {"coarse": 1.0, "full": 5.0}
#: Share of the noise that a spectrum does not show, such as a JPEG's, that counts for how far to go: with all of it 24
#: photographs lose 0.003 dB on average, 0.04 at worst, with this 0.0015 and 0.013.
HIDDEN = 0.25


def complete_observation(observation: Any) -> None:
    """Complete the data in place; with a mask once more where that, or a coarse grid, shows other noise than before."""
    level = LEVELS.get(observation.boundary, LEVELS["unknown"])
    noise_var = observation.noise_level.variance
    problem, facts = (observation.data, observation.otf, observation.unknown), observation.__dict__
    if observation.mask is None and float(np.mean(observation.noise_level.spread)) > EVEN:
        noise_var = min(noise_var, observation.fit.noise_var)  # fine detail hides the noise in place
    noise_var += HIDDEN * observation.extra_noise_var
    if observation.mask is None:
        _settle(facts, complete(*problem, observation.pilot, noise_var, level))
        return
    level = replace(level, further=0)  # what lies behind a mask may contradict the blur, as clipped light does
    stages = Stages(COSTS)
    with stages.stage("coarse"):
        is_begun = complete_coarsely(*problem, observation.pilot, level)
    if not is_begun:
        with stages.stage("first", cost=COSTS["full"]):
            _settle(facts, complete(*problem, observation.pilot, noise_var, level))
        if observation.completed.coloured is None:
            return
    with stages.stage("full"):
        _settle(facts, complete(*problem, observation.border_strength, noise_var, level))
    facts.pop("_completed", None)  # of the data before


def _settle(facts: dict[str, Any], wrong: list[float]) -> None:
    """Keep what is still wrong with the data: of every component, if each was completed on its own, and of all."""
    facts["contradicted_var"], facts["contradicted_vars"] = sum(wrong) / len(wrong), wrong
