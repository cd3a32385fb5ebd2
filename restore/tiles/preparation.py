"""What a restoration in tiles takes before its first tile: the job, what its parts agree upon, and the plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from restore.checks import Array, InvalidValue, as_count, as_nonnegative, as_psf, one_of
from restore.deconvolution import method_for
from restore.methods.doubts import Evidence
from restore.methods.evened import BANDING
from restore.methods.method import METHODS, Method
from restore.methods.robust.contradictions import OUTLIERS
from restore.noise.jpeg_history import rounding_in
from restore.observation.dead_areas import are_mostly_equal
from restore.parameter_choice.agreement import Survey
from restore.tiles.cells.contradictions import WithoutContradictions
from restore.tiles.cells.dead_areas import WithoutDeadAreas
from restore.tiles.cells.evened import Evened, SharedNoise, shared_noise_of
from restore.tiles.diagnosis import judged
from restore.tiles.job import BOUNDARIES, Agreement, Job, Look
from restore.tiles.kinds import Readable
from restore.tiles.plan import Plan, cost, plan_tiles
from restore.tiles.reach import reach
from restore.tiles.survey import look_of, survey_of, surveyed, tried, windows
from restore.tiles.work import Tiles, none_there

#: Arrays of the size of the picture that a method which needs it at once is taken to hold.
ARRAYS_AT_ONCE = 60
#: Settings of `deconvolve` that choose a method, and those that say something of the picture.
WORDS = "method", "quality", "smoothness"
OF_THE_PICTURE = "boundary", "extra_noise_var", "mask", "psf_error", "outliers", "banding"
#: Looks for samples that contradict the PSF, at most.
LOOKS = 3
#: Settings that may be arrays, for they do not lie along the picture.
OF_ANY_SHAPE = ("operator",)


@dataclass(frozen=True, eq=False)
class Prepared:
    """A job, what all its tiles agree upon (of a dask array a task), and where they lie.

    `shared` is the noise that rows or columns share, and `evidence` what speaks against the result, where it is judged.
    """

    job: Job
    agreement: Any
    plan: Plan
    look: Look | None = None  # where samples that contradict the PSF are looked for
    shared: SharedNoise = field(default_factory=SharedNoise)
    evidence: Evidence | None = None

    def tiles_of(self, picture: Readable) -> Tiles:
        """Return the tiles of the picture that this was prepared for."""
        common = self.job, self.plan, self.agreement, picture.call
        has_mask = self.job.has_mask or self.job.seeks_dead_areas
        even = Evened(picture, self.shared) if self.shared.taken else picture
        alive = WithoutDeadAreas(even, self.job) if self.job.seeks_dead_areas else even
        right = alive if self.look is None else WithoutContradictions(alive, self.job, self.look)
        dead = alive.dead if isinstance(alive, WithoutDeadAreas) else none_there
        wrong = right.wrong if isinstance(right, WithoutContradictions) else none_there
        return Tiles(right.read, *common, alive.hidden if has_mask else None, dead, wrong)


def prepared(
    picture: Readable,
    psf: ArrayLike,
    settings: Mapping[str, Any],
    *,
    memory: float,
    tile: int | None = None,
    multiple: Sequence[int] | None = None,
    is_judged: bool = False,
) -> Prepared:
    """Look at a picture once, and plan its tiles: as large as `memory` allows, cut at multiples of `multiple`.

    Whether the result contradicts the picture is told where it `is_judged`, but not of a dask array.
    """
    is_lazy, job = picture.is_lazy, job_of(picture, psf, settings)
    sought = one_of(settings.get("outliers", "auto"), OUTLIERS, "outliers") == "auto" and not is_lazy
    job = replace(job, seeks_contradictions=sought, is_judged=is_judged and not is_lazy)
    alive = picture if is_lazy else WithoutDeadAreas(picture, job)
    shared = SharedNoise() if is_lazy and not job.asks else shared_noise_of(alive, job, picture.now)
    even = Evened(picture, shared) if shared.taken else picture
    if shared.taken:
        alive = even if is_lazy else WithoutDeadAreas(even, job)
    job, agreement, look, evidence = _looked_at(even, alive, job, shared.left)
    if job.asks:  # how far a sample looks depends on it
        agreement = picture.now(agreement)
        try:
            halo = _halo(job, agreement)
        except InvalidValue as error:
            if look is None:
                doubts = () if evidence is None else evidence.doubts
                raise InvalidValue("; ".join((str(error), *doubts))) from None
            others = {**settings, "outliers": "keep"}  # of a few of many wrong ones too little is left to agree upon
            return prepared(picture, psf, others, memory=memory, tile=tile, multiple=multiple, is_judged=is_judged)
    else:
        halo = reach(job, job.settings)
    plan = planned(picture, job, halo, memory, tile=tile, multiple=multiple)
    return Prepared(job, agreement, plan, look, shared, evidence)


def _looked_at(
    picture: Readable, alive: Any, job: Job, banding: float
) -> tuple[Job, Any, Look | None, Evidence | None]:
    """Return the job, knowing what is worth a look, what all windows agree upon, what tells wrong samples, and doubts.

    `alive` is the picture as it is read, with areas hidden that hold none, and `banding` how strong noise is that rows
    share and that is kept.
    """
    boxes = windows(job.shape)
    pairs = [(alive.read(box), alive.hidden(box)) for box in boxes]  # by turns: what was read last is at hand
    parts, masks = [part for part, _ in pairs], [mask for _, mask in pairs]
    seeks = not picture.is_lazy and not are_mostly_equal(parts)
    if not seeks:
        masks = [picture.hidden(box) for box in boxes]
    job = replace(job, seeks_dead_areas=seeks)
    if not job.seeks_contradictions and not job.is_judged:
        return job, picture.call(surveyed, job, parts, masks), None, None
    survey, look = survey_of(job, parts, masks), None
    if job.seeks_contradictions:
        survey, look = _looked_through(alive if seeks else picture, job, survey, masks)
    agreement, outcomes = tried(job, survey)
    evidence = judged(job, survey, agreement, outcomes, look, banding) if job.is_judged else None
    return job, agreement, look, evidence


def _looked_through(picture: Any, job: Job, survey: Survey, masks: Sequence[Array | None]) -> tuple[Survey, Look]:
    """Return the windows without wrong samples, and the look that finds these: each shows what hid from the last."""
    boxes, look, count = windows(job.shape), look_of(survey), 0
    for _ in range(LOOKS):
        right = WithoutContradictions(picture, job, look, is_thorough=True)
        before, count = count, sum(right.count(box) for box in boxes)
        if count <= before:
            break
        survey = survey_of(job, [right.read(box) for box in boxes], masks)
        look = look_of(survey)
    return survey, look


def planned(
    picture: Readable,
    job: Job,
    halo: Sequence[int],
    memory: float,
    *,
    tile: int | None = None,
    multiple: Sequence[int] | None = None,
) -> Plan:
    """Return where the tiles of a picture lie: of an edge, or as large as the memory allows."""
    if tile is not None:
        edge = as_count(tile, "tile")
        return Plan(job.shape, tuple(min(edge, n) for n in job.shape), tuple(halo))
    return plan_tiles(job.shape, halo, memory, _bytes(picture, job.method), _gap(job.psf.shape), multiple)


def whole_cost(picture: Readable, psf: ArrayLike, settings: Mapping[str, Any]) -> float:
    """Return the bytes that restoring the whole picture at once takes, beside picture and result."""
    words, own = _split(settings)
    method, _ = method_for(picture.shape, own, **words)
    kernel = as_psf(psf, picture.shape)
    return cost(picture.shape, _bytes(picture, method), _gap(kernel.shape))


def _split(settings: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what a method is chosen by, and the method's own settings."""
    words = {name: settings[name] for name in WORDS if name in settings}
    words["psf_has_errors"] = as_nonnegative(settings.get("psf_error", 0.0), "psf_error") > 0
    return words, {name: value for name, value in settings.items() if name not in (*WORDS, *OF_THE_PICTURE)}


def job_of(picture: Readable, psf: ArrayLike, settings: Mapping[str, Any]) -> Job:
    """Return what is asked for, or refuse what needs the whole picture."""
    words, own = _split(settings)
    method, checked = method_for(picture.shape, own, **words)
    if method.tiling is None:
        able = ", ".join(sorted(name for name, other in METHODS.items() if other.tiling is not None))
        raise InvalidValue(f"method {method.name!r} needs the whole picture at once: name {able}, or allow more memory")
    if (reason := method.tiling.refused(checked)) is not None:
        raise InvalidValue(f"{reason}: say so, or allow the memory for the whole picture")
    for name, value in own.items():
        if np.ndim(value) > 0 and name not in OF_ANY_SHAPE:
            raise InvalidValue(f"{name} must be a number in tiles, got an array: allow the memory for the whole")
    extra = settings.get("extra_noise_var")
    is_chosen = words.get("method", "auto") == "auto" and not words["psf_has_errors"] and method.tiling.asks(checked)
    return Job(
        shape=picture.shape,
        psf=as_psf(psf, picture.shape),
        name=method.name,
        settings=checked,
        boundary=one_of(settings.get("boundary", "unknown"), BOUNDARIES, "boundary in tiles"),
        extra_noise_var=_rounding(picture) if extra is None else as_nonnegative(extra, "extra_noise_var"),
        is_chosen=is_chosen,
        has_mask=settings.get("mask") is not None,
        psf_error=as_nonnegative(settings.get("psf_error", 0.0), "psf_error"),
        evens=one_of(settings.get("banding", "auto"), BANDING, "banding") == "auto",
    )


def _rounding(picture: Readable) -> float:
    """Return the variance to count for the rounding of the JPEG that a picture at hand was, by its middle."""
    if picture.is_lazy:
        return 0.0
    boxes = windows(picture.shape)
    return rounding_in(picture.read(boxes[len(boxes) // 2]), -1)(None)


def _halo(job: Job, agreement: Agreement) -> tuple[int, ...]:
    if agreement.settings is None:  # the picture is left as it is
        return (0,) * len(job.shape)
    return reach(job, agreement.settings, agreement.whole)


def _bytes(picture: Readable, method: Method) -> float:
    arrays = ARRAYS_AT_ONCE if method.tiling is None else method.tiling.arrays
    return arrays * picture.dtype.itemsize * picture.channels


def _gap(psf_shape: Sequence[int]) -> list[int]:
    return [4 * (k // 2) for k in psf_shape]
