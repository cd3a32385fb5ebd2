"""Samples that contradict the PSF: when to look for them, and the observation without them.

The residual r = g - h * f of an ordinary restoration asks for it. Noise leaves none beyond eight standard deviations
(measured: none in 9 million samples of right restorations), a wrong sample and clipped light do. Then the robust
estimate predicts what the wrong samples ought to have been, and that takes their place: what follows need not know of
them. Noise and strength are found again from what remains.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike
from scipy import ndimage

from restore.checks import Array, laid_out
from restore.methods.robust.data_term import CERTAIN, LOOKED_AT, Limits, Spread
from restore.methods.robust.light_left_over import is_light
from restore.methods.robust.neighbourhoods import Part, parts_around
from restore.methods.robust.robust_variation import RobustEstimate, robust_variation
from restore.noise.constant_lines import constant_lines
from restore.noise.dark_ground import MOSTLY, dark_ground, even_share
from restore.noise.white import NoiseLevel, noise_level, type_rounding
from restore.observation.boundary import valid_frame
from restore.observation.completion.of_observation import complete_observation
from restore.observation.highlights import reached
from restore.observation.observation import Observation
from restore.observation.places import places_of
from restore.observation.saturation import FEW
from restore.operators.across_channels import across_channels
from restore.operators.differences import slabs
from restore.operators.progress import Stages, advance

#: What may become of samples that contradict the PSF.
OUTLIERS = ("auto", "keep")
#: How much larger the residual must be where clipped light came to.
UNLIKE = 1.5
#: How much wider the tails are of the errors that JPEG leaves at edges, and of those of coloured noise: demosaicing and
#: denoising err at edges by many times what they leave between them.
TAILS_OF_JPEG, TAILS_OF_COLOURED = 1.5, 4.0
#: Share of the samples from which the PSF is wrong rather than they.
TOO_MANY = 0.2
#: Contradictions of this share of the picture's range are no errors of a PSF, whatever the spectrum beside them says.
GROSS = 0.15
#: Share of the light around it that a residual has to be beyond where stars stand between samples: lights at samples
#: miss the peak of one between four of them by an eighth, a measured PSF by some per cent.
OF_STARS = 0.2
#: Share of a JPEG up to which what was painted over it has no say in what is read of the compression's loss.
UNHEARD = 1e-3
#: Samples whose residual is worth a mean, and that a painted part encloses.
FEWEST = 12


@dataclass(frozen=True, eq=False)
class Contradictions:
    """The samples that contradict the PSF, and the clipped ones that are brighter than they say.

    Both are bool arrays of the picture's shape. `are_certain` says whether some are further off than any noise, and
    `psf_is_wrong` whether the picture's spectrum speaks against the PSF as well.
    """

    wrong: Array
    brighter: Array
    are_certain: bool = True
    psf_is_wrong: bool = False

    @property
    def share(self) -> float:
        """Return the share of the samples that contradict the PSF."""
        return float(self.wrong.mean())

    @property
    def are_too_many(self) -> bool:
        """Return whether the PSF is wrong rather than the samples."""
        return self.share > TOO_MANY or (self.psf_is_wrong and not self.brighter.any())

    @property
    def are_resolved(self) -> bool:
        """Return whether the robust estimate took their place."""
        return not self.are_too_many and (self.are_certain or bool(self.brighter.any()))

    def laid_out(self, channel_axis: int | None) -> Contradictions:
        """Return the same laid out like a picture with that axis of channels."""
        wrong, brighter = (laid_out(where, channel_axis) for where in (self.wrong, self.brighter))
        return replace(self, wrong=wrong, brighter=brighter)


def holds_points(observation: Observation, *, is_counted: bool) -> bool:
    """Return whether a picture is of points of light on even ground, such as stars and beads.

    That its light is counted is read off its noise, if not known from the method that was chosen for it.
    """
    picture = observation.picture
    if picture.shape[-1] > 1:
        return False
    if is_counted:
        return even_share(picture, observation.noise_level.sigma) >= MOSTLY
    ground = dark_ground(picture)
    return ground is not None and ground.even >= MOSTLY


def suspects(observation: Observation, rest: Array, white: float, tolerance: float = 0.0) -> Array | None:
    """Return where the residual `rest` of a restored image is such that no noise leaves it, None of nowhere.

    That of single samples, or of many around clipped ones, which are suspect then; `white` is the level of these. Lines
    of equal samples that stand out are suspect whatever is left of them. Of single samples, what is below a share
    `tolerance` of the light in their neighbourhood is the PSF's, and where there is one what looks like a point seen
    through it is light that was not restored yet. A bool array of the picture's shape without channels.
    """
    inside = valid_frame(observation.image_shape, observation.psf.shape)
    picture, clipped = observation.picture[inside], _clipped(observation.picture, white)
    known = np.broadcast_to(True, rest.shape) if observation.mask is None else observation.mask[inside] == 0
    lit = reached(clipped, observation.psf)[inside] & known
    where = np.zeros(observation.image_shape, bool)
    limits = _limits(observation, observation.noise_level, unsettled=observation.most_unsettled_var)
    for c, some in enumerate(limits):
        wrong, is_unlike = _suspects(rest[..., c], picture[..., c], known[..., c], lit[..., c], some)
        if tolerance > 0 and wrong.any():
            wrong &= np.abs(rest[..., c]) > tolerance * _light_around(picture[..., c] - rest[..., c])
            wrong &= ~is_light(rest[..., c], picture[..., c], wrong, observation.psf)
        where[inside] |= wrong
        if is_unlike:
            where |= clipped[..., c]
    if where.ndim == 2:
        lines = constant_lines(observation.picture)
        where |= lines if observation.mask is None else lines & (observation.mask == 0).any(axis=-1)
    return where if where.any() else None


def _clipped(picture: Array, white: float) -> Array:
    """Return which samples are clipped at a level, which may be infinite."""
    return picture >= white if white < np.inf else np.zeros(picture.shape, bool)


def _suspects(rest: Array, picture: Array, known: Array, lit: Array, limits: Limits) -> tuple[Array, bool]:
    """Return which samples of a channel no noise leaves, and whether none leaves those around clipped ones."""
    others = known & ~lit
    if not others.any():
        others = known
    if not others.any():
        return others, False
    is_dark = np.count_nonzero(lit) < FEWEST
    if is_dark and max(float(rest.max()), -float(rest.min())) <= limits.tails * CERTAIN * limits.least:
        return np.zeros(rest.shape, bool), False  # no spread is smaller
    spread = _spread(rest, picture, others, limits.least)
    least, wrong = np.full((), spread.sigma.min(), rest.dtype), np.empty(rest.shape, bool)
    for rows in slabs(rest):
        wrong[rows] = limits.contradicted(rest[rows], least, CERTAIN)
    wrong &= known
    if wrong.any():  # few as a rule: the others need no spread of their own
        wrong[wrong] = limits.contradicted(rest[wrong], spread.at(picture[wrong] - rest[wrong]), CERTAIN)
    if is_dark:
        return wrong, False
    around = (rest[lit] / spread.at(picture[lit] - rest[lit])) ** 2
    tails = min(limits.tails, TAILS_OF_JPEG)  # lights that are hidden or not even colour the noise themselves
    return wrong, float(np.mean(around, dtype=np.float64)) > (tails * UNLIKE) ** 2


def _spread(rest: Array, picture: Array, chosen: Array, least: float) -> Spread:
    """Return how far the chosen samples of a channel are off their prediction, by some of them."""
    places = range(rest.size) if chosen.all() else np.flatnonzero(chosen)  # the latter as large as the picture, twice
    some = np.unravel_index(places[:: max(1, len(places) // LOOKED_AT)], rest.shape)
    return Spread.of(rest[some], picture[some] - rest[some], least)


def _light_around(predicted: Array) -> Array:
    """Return how bright the brightest neighbour of every sample is above what half of them is darker than."""
    return np.asarray(ndimage.maximum_filter(predicted, 3, mode="nearest") - np.median(predicted))


def _limits(
    observation: Observation, level: NoiseLevel, white: float = np.inf, unsettled: float | None = None
) -> list[Limits]:
    """Return what bounds the residual of every channel, whose noise was found; beside it there is `unsettled`."""
    hidden = observation.extra_noise_var + observation.misfit_var
    least = type_rounding(observation.picture) + (hidden if unsettled is None else unsettled)
    tails = 1.0
    if observation.extra_noise_var > 0:
        tails = TAILS_OF_JPEG
    elif observation.completed.coloured is not None:
        tails = TAILS_OF_COLOURED
    clipped = _clipped(observation.picture, white)
    if observation.mask is not None:
        clipped &= observation.mask == 0
    lights = [bool(np.count_nonzero(plane) <= FEW * plane.size) for plane in np.moveaxis(clipped, -1, 0)]
    return [
        Limits(white, float(np.sqrt(variance + least)), float(rounding), tails, few)
        for variance, rounding, few in zip(level.variances, level.rounding, lights, strict=True)
    ]


def resolved(
    observed: Callable[..., Observation],
    before: Observation,
    white: float,
    where: Array,
    *,
    psf_is_wrong: bool = False,
) -> tuple[Observation, Contradictions]:
    """Return the observation with what the robust estimate predicts in the place of samples that cannot be right.

    Not where it is the PSF that cannot be right: `psf_is_wrong` is what the spectrum says of that; then it is the one
    `before`. `observed` makes another one of the same picture; `where` holds the suspects. What was painted over a JPEG
    counts as an area without a picture from then on: what compression lost is read beside it.
    """
    known = observed(completed=False, dead=before.dead)
    estimate = _estimated(known, before, white, where)
    painted = _painted(estimate, known, white)
    if painted.mean() > UNHEARD:
        dead = painted if before.dead is None else painted | before.dead
        before = observed(dead=dead, white=before.unit.outside(white) if np.isfinite(white) else white)
        where = where & ~dead
        if not where.any():
            return before, Contradictions(estimate.wrong & ~dead[..., None], np.zeros_like(estimate.wrong), False)
        known = observed(completed=False, dead=dead)
        estimate = _estimated(known, before, white, where)
    is_gross = estimate.typical_residual > GROSS * known.span
    brighter = estimate.brighter(known, white)
    contradictions = Contradictions(estimate.wrong, brighter, estimate.is_certain, psf_is_wrong and not is_gross)
    if not contradictions.are_resolved:
        return before, contradictions
    return _without(known, before, estimate.data, contradictions), contradictions


def masked(
    observed: Callable[..., Observation], mask: ArrayLike | None, where: Array, channel_axis: int | None
) -> tuple[Observation, Contradictions]:
    """Return the observation with suspects masked, besides what is, where a prior of photographs knows nothing of them.

    A star is what total variation takes for a wrong sample. `observed` makes an observation with another mask.
    """
    unknown = where if mask is None else np.asarray(mask, bool)
    if unknown.ndim > where.ndim:
        unknown = unknown | np.expand_dims(where, -1 if channel_axis is None else channel_axis)
    whole = observed(mask=unknown | where if unknown.ndim == where.ndim else unknown)
    wrong = np.repeat(where[..., None], whole.channels, -1)
    return whole, Contradictions(wrong, np.zeros_like(wrong))


def _estimated(observation: Observation, before: Observation, white: float, where: Array) -> _Estimate:
    """Return the robust estimate around the suspects of an observation that is not completed."""
    hidden = observation.picture >= white
    if observation.mask is not None:
        hidden |= observation.mask > 0
    limits = _limits(observation, noise_level(observation.picture, hidden), white)
    parts = parts_around(where, observation)
    if parts is None:
        return _Estimate.of(observation, robust_variation(observation, limits, advance))
    return _by_parts(observation, before.data, limits, parts)


def _painted(estimate: _Estimate, observation: Observation, white: float) -> Array:
    """Return where parts of what contradicts the PSF in a JPEG enclose other samples, and these, in any channel.

    What a block was painted over with rings: within, some samples are right by chance. Light rings as well, but it is
    wider than its rim, or brighter within than the file says.
    """
    wrong, brighter = estimate.wrong, estimate.brighter(observation, white)
    painted = np.zeros(wrong.shape[:-1], bool)
    if not observation.extra_noise_var > 0:
        return painted
    for place in places_of(across_channels(np.logical_or, wrong), FEWEST):
        for c in range(wrong.shape[-1]):
            painted[place] |= _enclosing(wrong[place][..., c], brighter[place][..., c])
    return painted


def _enclosing(wrong: Array, brighter: Array) -> Array:
    """Return the parts of one channel's wrong samples that enclose others, and none that are brighter, and these."""
    filled = ndimage.binary_fill_holes(wrong)
    labels, count = ndimage.label(filled)
    sizes, within, lit = (
        np.bincount(labels[some], minlength=count + 1) for some in (filled, filled & ~wrong, filled & brighter)
    )
    return np.asarray(((within >= FEWEST) & (within <= sizes / 2) & (lit == 0))[labels])


@dataclass(eq=False)
class _Estimate:
    """A robust estimate with its channels last: data on the grid; in the frame, which are wrong and which clipped."""

    data: Array
    wrong: Array
    clipped: Array
    is_certain: bool
    typical_residual: float

    def brighter(self, observation: Observation, white: float) -> Array:
        """Return which clipped samples are brighter than the white level."""
        return self.clipped & (self.data[observation.frame] > white)

    @classmethod
    def of(cls, observation: Observation, estimate: RobustEstimate) -> _Estimate:
        frame = observation.frame
        wrong, clipped = (
            np.stack([plane[frame] for plane in planes], axis=-1)
            for planes in (estimate.contradicted, estimate.clipped)
        )
        data = np.stack(estimate.completed, axis=-1).astype(observation.dtype)
        return cls(data, wrong, clipped, estimate.are_certain, estimate.typical_residual)


def _by_parts(observation: Observation, completed: Array, limits: list[Limits], parts: list[Part]) -> _Estimate:
    """Return an estimate of those parts alone; the others stay as they are, but what is unknown as it was completed."""
    frame, known = observation.frame, observation.picture
    data = completed.copy()
    data[frame] = known if observation.mask is None else np.where(observation.mask > 0, data[frame], known)
    nothing = np.zeros(known.shape, bool)
    whole = _Estimate(data, nothing, known >= limits[0].white, False, 0.0)
    if observation.mask is not None:
        whole.clipped &= observation.mask == 0
    residuals, stages = [], Stages(dict.fromkeys(range(len(parts)), 1.0))
    for number, part in enumerate(parts):
        window = part.of(observation)
        with stages.stage(number):
            estimate = _Estimate.of(window, robust_variation(window, limits, advance))
        data[frame][part.core] = estimate.data[window.frame][part.inner]
        whole.wrong[part.core] = estimate.wrong[part.inner]
        whole.is_certain |= estimate.is_certain
        residuals += [estimate.typical_residual] * int(np.count_nonzero(estimate.wrong[part.inner]))
    whole.typical_residual = float(np.median(residuals)) if residuals else 0.0
    return whole


def _without(observation: Observation, before: Observation, data: Array, contradictions: Contradictions) -> Observation:
    """Return the observation with completed data, its noise read off the samples that remain."""
    unseen = contradictions.wrong | contradictions.brighter
    mask = unseen if observation.mask is None else unseen | (observation.mask > 0)
    level = replace(observation, mask=mask.astype(observation.dtype)).noise_level
    whole = replace(observation, picture=data[observation.frame].copy(), data=data)
    whole.__dict__["noise_level"] = level
    if observation.mask is not None:  # of areas so wide, and of what lies beside them, another prior knows little
        complete_observation(whole)
    else:  # outside the frame the data are what another prior expects: a filter would find all of that wrong
        whole.__dict__.update(contradicted_var=before.contradicted_var, missed_var=before.missed_var)
    return whole
