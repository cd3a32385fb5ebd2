"""What Richardson-Lucy may be told beside picture, PSF and boundary."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike

from restore.checks import Array, InvalidValue, as_count, as_nonnegative, as_positive, as_real, require_finite
from restore.methods.counts.chosen_psf import check_target
from restore.methods.method import Settings
from restore.noise.dark_ground import background_level, noise_below_zero
from restore.noise.photon import estimate_poisson_gauss
from restore.observation.observation import Observation
from restore.operators.unit import AS_SAMPLES

#: The background that is found: the light of the darkest places.
FOUND = "auto"
#: Standard deviations of the noise on dark ground that are added to data from which the ground was taken off: fewer,
#: and the darkest samples would still be cut; more, and the iteration crawls.
DARKEST = 10.0


@dataclass(frozen=True, eq=False)
class RichardsonLucySettings(Settings):
    """The arguments of `richardson_lucy`; arrays as they were given, None where the data decide."""

    iterations: int | None = None
    gain: float | None = field(default=None, metadata=AS_SAMPLES)
    read_noise: float = field(default=0.0, metadata=AS_SAMPLES)
    background: float | ArrayLike | str = field(default=0.0, metadata=AS_SAMPLES)
    weights: ArrayLike | None = None
    damping: float = 0.0
    tv_weight: float = 0.0
    acceleration: bool = True
    start: ArrayLike | None = field(default=None, metadata=AS_SAMPLES)
    target: float | ArrayLike | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.iterations is not None:
            as_count(self.iterations, "iterations")
        if self.gain is not None:
            as_positive(self.gain, "gain")
        for name in ("read_noise", "damping", "tv_weight"):
            as_nonnegative(getattr(self, name), name)
        if isinstance(self.background, str) and self.background != FOUND:
            raise InvalidValue(f"background must be a number, an array or {FOUND!r}, got {self.background!r}")
        if self.read_noise > 0 and self.gain is None:
            raise InvalidValue(f"gain must be given with read_noise, got read_noise {self.read_noise} alone")
        if self.target is not None:
            check_target(self.target)
        if self.start is not None and self.iterations is None:
            raise InvalidValue("iterations must be given with start: the rule counts from a flat picture")


def settled(settings: RichardsonLucySettings, *pictures: Array) -> RichardsonLucySettings:
    """Return the settings with a background in numbers, the least of pictures with their channels last."""
    if not isinstance(settings.background, str):
        return settings
    return replace(settings, background=min(float(background_level(picture).min()) for picture in pictures))


def shift_of(settings: RichardsonLucySettings, *observations: Observation) -> float:
    """Return s, what is added to data and model: read_noise^2 / gain, or what the noise on dark ground asks for.

    Light is never below zero, but a sky that was taken off leaves its noise there: to cut it off brightens the sky. Of
    a sky that is there and far above its noise, which is that of no count then, the most is taken off: a step goes as
    far as light changes the ratio of data and model. Either way `DARKEST` standard deviations are left.
    """
    if settings.gain is not None:
        return settings.read_noise**2 / settings.gain
    level = float(settings.background) if np.ndim(settings.background) == 0 else 0.0  # type: ignore[arg-type]
    above = max(noise_below_zero(o.picture - level, _hidden(o)) for o in observations)
    if 0 < DARKEST * above < level:
        return DARKEST * above - level
    return DARKEST * max(noise_below_zero(o.picture, _hidden(o)) for o in observations)


def with_shift(settings: RichardsonLucySettings, shift: float) -> RichardsonLucySettings:
    """Return settings that say a shift by a gain and a read-out noise, none where it is not positive.

    Damping asks for the noise there is.
    """
    if settings.gain is not None or settings.damping > 0:
        return settings
    sigma = max(shift, 0.0) / DARKEST
    return replace(settings, gain=sigma / DARKEST if sigma > 0 else 1.0, read_noise=sigma)


def _hidden(observation: Observation) -> Array | None:
    return None if observation.mask is None else observation.mask > 0


def as_samples(values: ArrayLike, name: str, shape: tuple[int, ...], channel_axis: int | None) -> Array:
    """Return numbers >= 0 in `shape`, channels last, from an array of the image's shape, of one channel or a number."""
    array = as_real(values, name)
    require_finite(array, name)
    if array.min() < 0:
        raise InvalidValue(f"{name} must be >= 0, got {array.min():.6g}")
    if array.ndim:
        whole = channel_axis is not None and array.ndim == len(shape)
        array = np.moveaxis(array, channel_axis or 0, -1) if whole else array[..., None]
    if array.ndim not in (0, len(shape)) or any(n not in (1, m) for n, m in zip(array.shape, shape, strict=False)):
        expected = shape[:-1] if channel_axis is None else shape
        raise InvalidValue(
            f"{name} must have the shape of the image, {expected} with channels last, got {np.shape(values)}"
        )
    return np.broadcast_to(array, shape)


def photons_of(observation: Observation) -> tuple[float | Array, float | Array]:
    """Return the light of a photon and the read noise, of every channel, as the known samples show them."""
    return estimate_poisson_gauss(observation.picture, channel_axis=-1, mask=_hidden(observation))
