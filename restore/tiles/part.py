"""A part of a picture as all of it would be restored: read off the picture once, shown wherever somebody looks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from restore.checks import Array, as_psf
from restore.methods.method import Outcome
from restore.observation.observation import observe
from restore.operators.progress import Progress, silent
from restore.tiles.job import Agreement, Job
from restore.tiles.kinds import picture_of
from restore.tiles.preparation import job_of
from restore.tiles.survey import surveyed, windows


@dataclass(frozen=True, eq=False)
class Findings:
    """What a window of a picture says of all of it, for one method: noise, spectrum and strength."""

    job: Job
    agreement: Agreement


@dataclass(frozen=True, eq=False)
class Part:
    """A part as it is restored, its samples and strength in the unit of the picture."""

    image: Array
    strength: float
    rule: str
    noise_sigma: float


def findings(window: ArrayLike, psf: ArrayLike, *, channel_axis: int | None = None, **settings: Any) -> Findings:
    """Read off a window what restoring its picture takes; settings are those of `map_tiles`.

    One window that shows the blur says nearly what several do, at a part of their price: `map_tiles` looks at several,
    a preview at one.
    """
    picture = picture_of(np.asarray(window), channel_axis)
    job = job_of(picture, psf, settings)
    return Findings(job, surveyed(job, [picture.read(box) for box in windows(job.shape)]))


def restored_part(block: Array, psf: ArrayLike, known: Findings, progress: Progress = silent) -> Part:
    """Return a block, channels last, restored by a PSF with what is known of the picture.

    The PSF may differ from the one that was looked at with: signal and noise of the picture stay what they are, and the
    strength with them. Nothing is known beyond the block, so its rim, as wide as the inverse filter reaches, is wrong.
    """
    job, agreement = known.job, known.agreement
    settings = job.settings if agreement.settings is None else agreement.settings
    kernel, last = as_psf(psf, block.shape[:-1]), block.ndim - 1
    observation = observe(block, kernel, "smooth", last, None, job.extra_noise_var, whole=agreement.whole)
    outcome = job.method.solve(observation, settings, progress)
    return _outside(job, agreement, outcome)


def _outside(job: Job, agreement: Agreement, outcome: Outcome) -> Part:
    """Return an outcome in the unit of the picture."""
    unit, strength = agreement.whole.unit, job.method.strength
    noise = (
        float(np.sqrt(agreement.whole.facts["fit"].noise_var)) if outcome.noise_sigma is None else outcome.noise_sigma
    )
    return Part(
        image=unit.result(outcome.image),
        strength=unit.outside(outcome.strength, 0 if strength is None else strength.degree),
        rule=outcome.rule,
        noise_sigma=unit.outside(noise),
    )


def smoother(known: Findings, factor: float) -> Findings:
    """Return the same at a strength times a factor."""
    settings = known.agreement.settings
    settings = known.job.settings if settings is None else settings
    return replace(
        known, agreement=replace(known.agreement, settings=replace(settings, smoothness=settings.smoothness * factor))
    )
