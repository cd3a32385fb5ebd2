"""A part of a picture as all of it would be restored: read off the picture once, shown wherever somebody looks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from restore.checks import Array, as_psf
from restore.observation.observation import observe
from restore.operators.progress import Progress, silent
from restore.tiles.job import Agreement, Job
from restore.tiles.kinds import picture_of
from restore.tiles.preparation import job_of
from restore.tiles.survey import surveyed, windows
from restore.tiles.tile import Part, part_of


@dataclass(frozen=True, eq=False)
class Findings:
    """What a window of a picture says of all of it, for one method: noise, spectrum and strength."""

    job: Job
    agreement: Agreement


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
    return part_of(job, agreement, outcome)


def smoother(known: Findings, factor: float) -> Findings:
    """Return the same at a strength times a factor."""
    settings = known.agreement.settings
    settings = known.job.settings if settings is None else settings
    return replace(
        known, agreement=replace(known.agreement, settings=replace(settings, smoothness=settings.smoothness * factor))
    )
