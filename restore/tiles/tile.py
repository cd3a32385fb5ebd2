"""One tile: read with its halo, restored as a part of the whole, and cut to its core."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from restore.checks import Array, InvalidValue
from restore.diagnosis.undershoot import floor_of
from restore.methods.method import Outcome
from restore.observation.observation import Observation, observe
from restore.operators.progress import silent
from restore.tiles.job import Agreement, Job
from restore.tiles.plan import Box, Plan, overlap, slices


@dataclass(frozen=True, eq=False)
class Part:
    """A part as it is restored, its samples and strength in the unit of the picture.

    `dead` is True where it holds no picture, None where it does everywhere; `wrong` is True of samples that contradict
    the PSF, for which others were put, channels last. `too_dark` is True of samples darker than light can be, None
    where none are.
    """

    image: Array
    strength: float
    rule: str
    noise_sigma: float
    iterations: int = 0
    dead: Array | None = None
    wrong: Array | None = None
    too_dark: Array | None = None


def restored_tile(*tile: Any) -> Array:
    """Return the image of a `solved_tile` alone."""
    return solved_tile(*tile).image


def solved_tile(
    index: Sequence[int],
    plan: Plan,
    data: Array,
    pieces: Sequence[tuple[Box, Array]],
    agreement: Agreement,
    job: Job,
    unknown: Array | None = None,
) -> Part:
    """Return the core of a tile with the numbers that a report says.

    `data` are those of its block that lie in the frame, `pieces` lie around it. A method that is told where data are
    unknown is told so by `unknown`.
    """
    block, core = plan.block(index), plan.core(index)
    inside = overlap(block, frame_of(job.shape))
    assert inside is not None
    data = finite(data, inside)
    if agreement.settings is None:
        image = np.ascontiguousarray(data[slices(core, inside)])
        return Part(image=image, strength=0.0, rule="none", noise_sigma=_noise(agreement))
    observation = observed(block, [(inside, data), *pieces], agreement, job, unknown)
    outcome = job.method.solve(observation, agreement.settings, silent)
    image = np.ascontiguousarray(outcome.image[slices(core, block)])
    dark = _too_dark(image, observation.picture[slices(core, block)], agreement)
    return replace(part_of(job, agreement, replace(outcome, image=image)), too_dark=dark)


def _too_dark(image: Array, observed: Array, agreement: Agreement) -> Array | None:
    """Return which samples are darker than can be, of a tile that is as bright as the whole usually is."""
    low, facts = min(float(observed.min()), 0.0), agreement.whole.facts
    high = max(float(image.max()), low + facts["span"])
    dark = image < floor_of(low, high, facts["fit"].sigma)
    return dark if dark.any() else None


def part_of(job: Job, agreement: Agreement, outcome: Outcome) -> Part:
    """Return an outcome in the unit of the picture."""
    unit, strength = agreement.whole.unit, job.method.strength
    noise = _noise(agreement) if outcome.noise_sigma is None else unit.outside(outcome.noise_sigma)
    return Part(
        image=unit.result(outcome.image),
        strength=unit.outside(outcome.strength, 0 if strength is None else strength.degree),
        rule=outcome.rule,
        noise_sigma=noise,
        iterations=outcome.iterations,
    )


def _noise(agreement: Agreement) -> float:
    return agreement.whole.unit.outside(float(np.sqrt(agreement.whole.facts["fit"].noise_var)))


def frame_of(shape: Sequence[int]) -> Box:
    """Return the box of a whole picture."""
    return tuple((0, n) for n in shape)


def observed(
    block: Box, known: Sequence[tuple[Box, Array]], agreement: Agreement, job: Job, unknown: Array | None
) -> Observation:
    """Return a block filled with what is known of it; what is not is the method's to know."""
    first = known[0][1]
    data = np.zeros((*(end - start for start, end in block), first.shape[-1]), first.dtype)
    hidden = np.ones(data.shape, bool) if job.hides_the_outside else None
    if unknown is not None and hidden is None:
        hidden = np.zeros(data.shape, bool)
    for box, values in known:
        both = overlap(block, box)
        if both is not None:
            data[slices(both, block)] = values[slices(both, box)]
            if hidden is not None:
                hidden[slices(both, block)] = False
    if unknown is not None and hidden is not None:
        hidden[slices(known[0][0], block)] |= unknown
    # Nothing stands at the edge of a block that its core depends on: any guess will do there.
    boundary = job.boundary if job.hides_the_outside else "smooth"
    return observe(
        data,
        job.psf,
        boundary,
        data.ndim - 1,
        hidden if hidden is not None and hidden.any() else None,
        job.extra_noise_var,
        completed=job.tiling.completes,
        whole=agreement.whole,
    )


def finite(data: Array, box: Box) -> Array:
    """Return samples of a box; refuse NaN and infinity, saying where in the whole picture the first one lies."""
    if np.isfinite(data).all():
        return data
    bad = ~np.isfinite(data)
    place = np.argwhere(bad.any(axis=-1))[0] + [start for start, _ in box]
    raise InvalidValue(
        f"image must be finite, got {int(bad.sum())} NaN or infinite samples in a part of it, the first at "
        f"{tuple(int(i) for i in place)}: replace them (for example by a local median) before restoring"
    )
