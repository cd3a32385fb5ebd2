"""Look at a large picture once: noise, spectrum and strength, from windows spread over it.

The spectrum is that of the very windows by which the whole picture would be judged. What must be tried out, such as a
strength by rule, is tried in each of them, and a mean taken.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from restore.checks import Array
from restore.diagnosis.diagnosis import psf_among_neighbours
from restore.diagnosis.undershoot import undershoot
from restore.methods.guarded import BELIEVED, MOST, STEP
from restore.methods.method import Outcome
from restore.observation.boundary import gap
from restore.observation.observation import OF_THE_PICTURE, Observation, observe
from restore.observation.whole import Whole
from restore.operators.progress import silent
from restore.parameter_choice.agreement import Survey
from restore.spectrum.periodogram import TILE, TILES
from restore.tiles.job import Agreement, Job, Look
from restore.tiles.plan import Box
from restore.tiles.tile import finite

#: Longest edge of a window of a stack, and how many there are along an axis.
EDGE_OF_STACKS, ALONG_STACKS = 128, 2
#: Windows of which more than this share is unknown are not heard, where others show more.
HIDDEN = 0.1


def windows(shape: Sequence[int]) -> list[Box]:
    """Return where to look, row by row."""
    edge, most = (TILE, TILES) if len(shape) <= 2 else (EDGE_OF_STACKS, ALONG_STACKS)
    return [tuple(box) for box in itertools.product(*(_along(n, min(n, edge), most) for n in shape))]


def _along(size: int, edge: int, most: int) -> list[tuple[int, int]]:
    count = min(most, -(-size // edge))
    return [(int(start), int(start) + edge) for start in np.linspace(0, size - edge, count)]


def surveyed(job: Job, parts: Sequence[Array], masks: Sequence[Array | None] = ()) -> Agreement:
    """Return what the windows of a picture say of all of it; `masks` say where they are unknown."""
    return agreed(job, survey_of(job, parts, masks))


def survey_of(job: Job, parts: Sequence[Array], masks: Sequence[Array | None] = ()) -> Survey:
    """Return the windows of a picture as observations, alone and side by side."""
    hidden = [mask if mask is not None and mask.any() else None for mask in masks] or [None] * len(parts)
    known = [p if mask is None else np.where(mask, p.dtype.type(0), p) for p, mask in zip(parts, hidden, strict=True)]
    boxes = windows(job.shape)
    return _survey(job, [finite(np.ascontiguousarray(p), b) for p, b in zip(known, boxes, strict=True)], hidden)


def agreed(job: Job, survey: Survey) -> Agreement:
    """Return what the windows say of the whole, and the settings of all parts."""
    return tried(job, survey)[0]


def tried(job: Job, survey: Survey) -> tuple[Agreement, Sequence[Outcome]]:
    """Return the same, and what the windows came out as where that was tried."""
    unit = survey.mosaic.unit
    facts = survey.settled if job.asks else survey.shown
    settings = job.tiling.agreed(survey, unit.of_fields(job.settings))
    if not job.is_chosen:
        return Agreement(Whole(unit, facts), settings), ()
    possible, raised, outcomes = _possible(job, survey.windows, settings)
    return Agreement(Whole(unit, facts), possible, raised), outcomes


def look_of(survey: Survey) -> Look:
    """Return what the windows say of the whole while samples that contradict the PSF may be among the others."""
    facts = dict(survey.settled)
    for name in "contradicted_var", "missed_var":
        facts[name] = survey.beside * float(np.mean([getattr(window, name) for window in survey.windows]))
    return Look(Whole(survey.mosaic.unit, facts), *psf_among_neighbours(survey.mosaic))


def _survey(job: Job, parts: Sequence[Array], masks: Sequence[Array | None]) -> Survey:
    counts = [len({box[axis] for box in windows(job.shape)}) for axis in range(len(job.shape))]
    look = partial(
        observe,
        psf=job.psf,
        boundary="unknown",
        channel_axis=len(job.shape),
        extra_noise_var=job.extra_noise_var,
        psf_error=job.psf_error,
    )
    together, covered = _side_by_side(list(parts), counts), _covered(parts, masks, counts)
    mosaic = look(together, mask=covered, completed=False)
    whole = Whole(mosaic.unit, {name: getattr(mosaic, name) for name in (*OF_THE_PICTURE, "border_strength")})
    shares = [0.0 if mask is None else float(mask.mean()) for mask in masks]
    observations = [
        look(part, mask=_partly(mask), completed=job.asks or job.seeks_contradictions or job.is_judged, whole=whole)
        for part, mask, share in zip(parts, masks, shares, strict=True)
        if share <= max(HIDDEN, min(shares))
    ]
    beside = _outside(job.shape, job.psf) / _outside(observations[0].image_shape, job.psf)
    return Survey(mosaic, observations, beside)


def _covered(parts: Sequence[Array], masks: Sequence[Array | None], counts: Sequence[int]) -> Array | None:
    """Return the masks of all parts side by side, None where nothing is unknown."""
    if all(mask is None for mask in masks):
        return None
    pairs = zip(parts, masks, strict=True)
    return _side_by_side([np.broadcast_to(np.False_ if m is None else m, p.shape) for p, m in pairs], counts)


def _partly(mask: Array | None) -> Array | None:
    """Return a mask, None of a window that is unknown wholly in a channel: it says nothing and is taken as it is."""
    if mask is None or mask.all(axis=tuple(range(mask.ndim - 1))).any():
        return None
    return mask


def _side_by_side(parts: list[Array], counts: Sequence[int]) -> Array:
    """Return one array of parts that are given row by row."""
    for axis in reversed(range(len(counts))):
        n = counts[axis]
        parts = [np.concatenate(parts[i : i + n], axis=axis) for i in range(0, len(parts), n)]
    return parts[0]


def _outside(shape: Sequence[int], psf: Array) -> float:
    """Return the share of the grid that lies outside the frame, at least a little."""
    grid = [n + gap(n, k, 2) for n, k in zip(shape, psf.shape, strict=True)]
    return max(1 - math.prod(shape) / math.prod(grid), 1e-9)


def _possible(job: Job, observations: Sequence[Observation], settings: Any) -> tuple[Any, float, Sequence[Outcome]]:
    """Return the settings, smoother by a factor where the windows came out darker than can be, and as what they did.

    None where nothing helps: then these are what they were.
    """
    raised = 1.0
    while raised <= MOST:
        smoother = replace(settings, smoothness=settings.smoothness * raised)
        outcomes = [job.method.solve(observation, smoother, silent) for observation in observations]
        shares = [undershoot(o, outcome.image) for o, outcome in zip(observations, outcomes, strict=True)]
        if np.mean(shares) <= BELIEVED:
            return smoother, raised, outcomes
        raised *= STEP
    return (
        None,
        MOST,
        [replace(o, image=w.completed.picture, gain=None) for o, w in zip(outcomes, observations, strict=True)],
    )
