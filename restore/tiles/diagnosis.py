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
SHARE = 1 / 12


def judged(
    job: Job, survey: Survey, agreement: Agreement, outcomes: Sequence[Outcome], look: Look | None, banding: float
) -> Evidence:
    """Return what speaks for and against the result of tiles.

    `outcomes` are what the windows came out as, none of them where they were not restored yet; `look` is what is known
    of the PSF already, and `banding` the strength of noise that rows share and that is kept.
    """
    windows = survey.windows if outcomes else _some(job, survey.windows)
    if not outcomes:
        outcomes = [job.method.solve(window, agreement.settings, silent) for window in windows]
    rests = [residual_of_restoration(w, o.image, o.gain, o.explained) for w, o in zip(windows, outcomes, strict=True)]
    each = [
        diagnose(window, outcome.image, rest, outcome.gain, banding, is_compared=False)
        for window, outcome, rest in zip(windows, outcomes, rests, strict=True)
    ]
    looks, misfits = psf_among_neighbours(survey.mosaic) if look is None else (look.psf_looks, look.misfits)
    uneven = _unevenness(windows, rests) if len(job.shape) == PLANE else 0.0
    diagnosis = replace(
        _together(each), psf_looks=looks_beside_edges(looks, misfits, uneven), misfits=misfits, unevenness=uneven
    )
    return Evidence(
        diagnosis=diagnosis.outside(agreement.whole.unit),
        raised=1.0 if agreement.settings is None else agreement.raised,
        gave_up=agreement.settings is None,
        is_frame_limited=outcomes[0].rule != "given" and windows[0].least_weight > 0,
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


def _unevenness(windows: Sequence[Observation], rests: Sequence[Array]) -> float:
    """Return how uneven what is left over is in all windows, one below the other, in whole blocks."""
    whole = (slice(rests[0].shape[0] // BLOCK * BLOCK), slice(rests[0].shape[1] // BLOCK * BLOCK))
    hidden = [hidden_inside(window) for window in windows]
    covered = None
    if any(mask is not None for mask in hidden):
        pairs = zip(hidden, rests, strict=True)
        covered = np.concatenate([np.zeros(r.shape, bool)[whole] if m is None else m[whole] for m, r in pairs])
    observed = np.concatenate([inside(window)[whole] for window in windows])
    return unevenness(observed, np.concatenate([rest[whole] for rest in rests]), covered)
