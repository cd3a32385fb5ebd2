"""Whether the result of tiles contradicts the picture: told by the windows that everything else is told by.

Their spectrum is that by which the whole would be judged. What a restoration leaves over is looked at in the windows,
restored as the tiles are. Whoever restores the tiles, and how they lie, does not matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from restore.checks import Array
from restore.diagnosis.diagnosis import (
    Diagnosis,
    diagnose,
    hidden_inside,
    inside,
    looks_beside_edges,
    psf_among_neighbours,
)
from restore.diagnosis.residual import residual_of_restoration
from restore.diagnosis.unevenness import BLOCK, unevenness
from restore.methods.doubts import Evidence
from restore.methods.evened import PLANE
from restore.methods.method import Outcome
from restore.observation.observation import Observation
from restore.operators.progress import silent
from restore.parameter_choice.agreement import Survey
from restore.tiles.job import Agreement, Job, Look

#: Windows that are restored to be judged alone hold this share of the picture at most, but for one.
SHARE = 1 / 24
#: About so many blocks tell whether what is left over is even.
BLOCKS = 1 << 13


def judged(
    job: Job, survey: Survey, agreement: Agreement, outcomes: Sequence[Outcome], look: Look | None, banding: float
) -> Evidence:
    """Return what speaks for and against the result of tiles.

    `outcomes` are what the windows came out as, none of them where they were not restored yet; `look` is what is known
    of the PSF already, and `banding` the strength of noise that rows share and that is kept.
    """
    windows = survey.windows if outcomes else _some(job, survey.windows)
    each, strips, step = [], [], _step(windows)
    for number, window in enumerate(windows):
        outcome = outcomes[number] if outcomes else job.method.solve(window, agreement.settings, silent)
        rest = residual_of_restoration(window, outcome.image, outcome.gain, outcome.explained)
        one = diagnose(window, outcome.image, rest, outcome.gain, banding, is_compared=False)
        each.append(one if number == len(windows) // 2 else _without_pictures(one))
        if len(job.shape) == PLANE:
            strips.append([_strips(part, step) for part in (inside(window), rest, _hidden(window, rest))])
    looks, misfits = psf_among_neighbours(survey.mosaic) if look is None else (look.psf_looks, look.misfits)
    uneven = _unevenness(strips) if len(job.shape) == PLANE else 0.0
    diagnosis = replace(
        _together(each), psf_looks=looks_beside_edges(looks, misfits, uneven), misfits=misfits, unevenness=uneven
    )
    return Evidence(
        diagnosis=diagnosis.outside(agreement.whole.unit),
        raised=1.0 if agreement.settings is None else agreement.raised,
        gave_up=agreement.settings is None,
        is_frame_limited=outcome.rule != "given" and windows[0].least_weight > 0,
    )


def _some(job: Job, windows: Sequence[Observation]) -> Sequence[Observation]:
    """Return windows that are spread over the picture, as many as do not take long."""
    most = int(SHARE * np.prod(job.shape, dtype=float) / np.prod(windows[0].image_shape))
    count = min(max(most, 1), len(windows))
    return [windows[i] for i in sorted({round((2 * n + 1) * len(windows) / (2 * count) - 0.5) for n in range(count)})]


def _together(each: Sequence[Diagnosis]) -> Diagnosis:
    """Return what the windows say together; pictures of the residual are those of the middle one."""
    energies = [one.residual_sigma**2 for one in each if np.isfinite(one.residual_sigma)]
    flatness = [one.whiteness for one in each if np.isfinite(one.whiteness)]
    return replace(
        each[len(each) // 2],
        residual_sigma=float(np.sqrt(np.mean(energies))) if energies else float("nan"),
        whiteness=float(np.mean(flatness)) if flatness else float("nan"),
        undershoot=float(np.mean([one.undershoot for one in each])),
    )


def _without_pictures(one: Diagnosis) -> Diagnosis:
    nothing = np.empty((0,) * one.residual.ndim)
    return replace(one, residual=nothing, residual_spectrum=nothing, transfer=nothing, gain=nothing)


def _hidden(window: Observation, rest: Array) -> Array:
    hidden = hidden_inside(window)
    return np.zeros(rest.shape, bool) if hidden is None else np.broadcast_to(hidden, rest.shape)


def _step(windows: Sequence[Observation]) -> int:
    """Return of how many strips of blocks one is looked at."""
    blocks = sum(int(np.prod([n // BLOCK for n in window.image_shape])) for window in windows)
    return max(1, -(-blocks // BLOCKS))


def _strips(part: Array, step: int) -> Array:
    """Return one in so many strips, as high as a block, of a part of two axes and channels; one below the other."""
    rows, columns = (n // BLOCK * BLOCK for n in part.shape[:2])
    strips = part[:rows, :columns].reshape(-1, BLOCK, columns, *part.shape[2:])[::step]
    return strips.reshape(-1, columns, *part.shape[2:])


def _unevenness(strips: Sequence[Sequence[Array]]) -> float:
    """Return how uneven what is left over is: of all windows the strips of the samples, of that, and of what hides."""
    observed, rest, hidden = (np.concatenate(parts) for parts in zip(*strips, strict=True))
    return unevenness(observed, rest, hidden if hidden.any() else None)
