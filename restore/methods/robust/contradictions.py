"""Samples that contradict the PSF: when to look for them, and the observation without them.

The residual r = g - h * f of an ordinary restoration asks for it. Noise leaves none beyond eight standard deviations
(measured: none in 9 million samples of right restorations), a wrong sample and clipped light do. Then the robust
estimate predicts what the wrong samples ought to have been, and that takes their place: what follows need not know of
them. Noise and strength are found again from what remains.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from restore.checks import Array, channels_last, laid_out
from restore.diagnosis.residual import residual
from restore.methods.method import Progress, silent
from restore.methods.robust.data_term import CERTAIN, Limits, Spread
from restore.methods.robust.robust_variation import robust_variation
from restore.noise.white import NoiseLevel, noise_level, type_rounding
from restore.observation.boundary import valid_frame
from restore.observation.highlights import reached
from restore.observation.observation import Observation

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
#: Samples whose residual is worth a mean.
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


def asks(observation: Observation, image: Array, white: float) -> bool:
    """Return whether the residual of a restored image is such that no noise leaves it.

    That of single samples, or of many around clipped ones; `white` is the level of these.
    """
    shown = channels_last(image, observation.channel_axis)
    inside = valid_frame(observation.image_shape, observation.psf.shape)
    picture = observation.picture[inside]
    rest = residual(observation.picture, shown, observation.psf)
    known = np.ones(rest.shape, bool) if observation.mask is None else observation.mask[inside] == 0
    lit = reached(observation.picture >= white, observation.psf)[inside] & known
    return any(
        _asks(rest[..., c], picture[..., c] - rest[..., c], known[..., c], lit[..., c], limits)
        for c, limits in enumerate(_limits(observation, observation.noise_level, unsettled=observation.unsettled_var))
    )


def _asks(rest: Array, predicted: Array, known: Array, lit: Array, limits: Limits) -> bool:
    others = known & ~lit if (known & ~lit).any() else known
    if not others.any():
        return False
    spread = Spread.of(_where(others, rest), _where(others, predicted), limits.least)
    least = np.full((), spread.sigma.min(), rest.dtype)
    suspect = limits.contradicted(rest, least, CERTAIN) & known  # few as a rule: the others need no spread of their own
    if limits.contradicted(rest[suspect], spread.at(predicted[suspect]), CERTAIN).any():
        return True
    if np.count_nonzero(lit) < FEWEST:
        return False
    around = (rest[lit] / spread.at(predicted[lit])) ** 2
    tails = min(limits.tails, TAILS_OF_JPEG)  # lights that are hidden or not even colour the noise themselves
    return float(np.mean(around, dtype=np.float64)) > (tails * UNLIKE) ** 2


def _where(chosen: Array, values: Array) -> Array:
    """Return the chosen values, not copied where all are."""
    return values.ravel() if chosen.all() else values[chosen]


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
    return [
        Limits(white, float(np.sqrt(variance + least)), float(rounding), tails)
        for variance, rounding in zip(level.variances, level.rounding, strict=True)
    ]


def resolved(
    observation: Observation, white: float, *, psf_is_wrong: bool = False, progress: Progress = silent
) -> tuple[Observation, Contradictions]:
    """Return the observation with what the robust estimate predicts in the place of samples that cannot be right.

    Not where it is the PSF that cannot be right: `psf_is_wrong` is what the spectrum says of that.
    """
    hidden = observation.picture >= white
    if observation.mask is not None:
        hidden |= observation.mask > 0
    limits = _limits(observation, noise_level(observation.picture, hidden), white)
    estimate = robust_variation(observation, limits, progress)
    frame = observation.frame
    wrong, brighter = (
        np.stack([plane[frame] for plane in planes], axis=-1)
        for planes in (
            estimate.contradicted,
            [c & (e > white) for c, e in zip(estimate.clipped, estimate.completed, strict=True)],
        )
    )
    is_gross = estimate.typical_residual > GROSS * observation.span
    contradictions = Contradictions(wrong, brighter, estimate.are_certain, psf_is_wrong and not is_gross)
    if not contradictions.are_resolved:
        return observation, contradictions
    return _without(observation, estimate.completed, contradictions), contradictions


def _without(observation: Observation, completed: list[Array], contradictions: Contradictions) -> Observation:
    """Return the observation with completed data, its noise read off the samples that remain."""
    data = np.stack(completed, axis=-1).astype(observation.dtype)
    unseen = contradictions.wrong | contradictions.brighter
    mask = unseen if observation.mask is None else unseen | (observation.mask > 0)
    masked = replace(observation, mask=mask.astype(observation.dtype))
    whole = replace(observation, picture=data[observation.frame].copy(), data=data, mask=None)
    whole.__dict__["noise_level"] = masked.noise_level
    return whole
