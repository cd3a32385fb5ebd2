"""The observed picture on the grid where its blur is circular, ready to be filtered.

Every method starts here. What several of them need is computed once and kept: the spectrum of the picture, its noise
level, a first strength, the fit of signal and noise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from restore.checks import Array, as_image, as_nonnegative, as_psf, laid_out
from restore.noise.white import NoiseLevel, noise_levels, type_rounding
from restore.observation.boundary import UNKNOWN, Frame, extend
from restore.observation.completion.completion import LEAST_WEIGHT, unsettled_variance
from restore.observation.completion.of_observation import complete_observation
from restore.observation.dead_areas import dead_areas, hard_edges
from restore.observation.masks import out_of_reach, with_dead, without_hidden, without_masked
from restore.observation.saturation import with_lights
from restore.observation.unknown import Unknown
from restore.observation.whole import Whole
from restore.operators.across_channels import across_channels
from restore.operators.fourier import Gain, filtered, frequencies, power_blocks
from restore.operators.otf import OTF, WeightedOTF
from restore.operators.penalty import clear_slopes
from restore.operators.progress import Stages
from restore.operators.threads import on_one_thread
from restore.operators.unit import ONE, Unit
from restore.spectrum.noise_law import Laws
from restore.spectrum.observed_spectrum import LEAST_NOISY, ObservedSpectrum, circular, through_window
from restore.spectrum.signal_noise import (
    SignalNoise,
    fit_coloured_noise,
    fit_signal_noise,
    least_noise,
    likelier_level,
    model_strength,
    pilot_strength,
    with_coloured_noise,
)

#: How long the stages of `observe` take beside each other; and how many samples tell the range of a picture.
COSTS, LOOKED_AT = {"areas": 2.0, "completion": 6.0}, 1 << 22
#: Completed with a weight, the data lack the finest waves, which a sharper filter sees: as much is wrong with them as
#: one of this weight would change.
MISSED = 0.03 * LEAST_WEIGHT
#: A variance, or what reads it off a picture but for what is covered: a bool array without channels, or None.
ExtraNoise = float | Callable[[Array | None], float]
#: What an observation computes from its picture alone.
OF_THE_PICTURE = ("noise_level", "spectrum", "span", "coloured", "pilot", "fit")


@dataclass(frozen=True, eq=False)
class Observation:
    """The picture as it was given and on its grid, H, and where the frame lies on the grid.

    Channels come last in every array, one of a gray picture. Samples are divided by `unit`, variances by its square.
    """

    picture: Array  # in the frame; masked samples hold a first guess
    data: Array  # on the grid, completed where unknown
    otf: OTF
    psf: Array
    frame: Frame
    mask: Array | None  # of the frame, 1 where unknown, in the type of the data
    channel_axis: int | None  # of the picture as it was given
    boundary: str
    extra_noise_var: float = 0.0  # noise that the picture's spectrum does not show, such as that of compression
    psf_error: float = 0.0  # what the errors of the PSF leave in the data, relative to their span
    unit: Unit = ONE  # of the picture as it was given
    dead: Array | None = None  # of the frame without channels: True where there is no picture, which is masked too
    unweighted: Observation | None = None  # the one before its frequencies were weighted

    @property
    def image_shape(self) -> tuple[int, ...]:
        """Return the spatial shape of the picture."""
        return self.picture.shape[:-1]

    @property
    def grid(self) -> tuple[int, ...]:
        """Return the spatial shape of the grid."""
        return self.otf.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """Return the type of the samples."""
        return self.data.dtype

    @property
    def channels(self) -> int:
        """Return the number of channels, 1 for a gray picture."""
        return self.data.shape[-1]

    @property
    def is_padded(self) -> bool:
        """Return whether a gap around the frame holds what a padding word put there."""
        return self.boundary not in ("periodic", *UNKNOWN)

    @cached_property
    def unknown(self) -> Unknown:
        """Return where on the grid the data are unknown."""
        return Unknown(self.frame, self.boundary in UNKNOWN and self.grid != self.image_shape, self.mask)

    @property
    def observed_share(self) -> float:
        """Return the share of the grid whose data were observed, as if some were in any case: only there is noise."""
        share = np.prod(self.image_shape) / np.prod(self.grid)
        return max(float(share if self.mask is None else share * (1 - self.mask.mean())), LEAST_NOISY)

    @cached_property
    def noise_level(self) -> NoiseLevel:
        """Return what flat places show of the noise; a fit only says whether equal samples are free of it."""
        levels = noise_levels(self.picture, None if self.mask is None else self.mask > 0)
        return levels[0] if len(levels) == 1 else likelier_level(self._fitted_spectrum, self.psf, self.picture, *levels)

    @cached_property
    def spectrum(self) -> ObservedSpectrum:
        """Return the spectrum of the picture, seen through a window."""
        return through_window(self.picture, self.psf.ndim, self.mask, out_of_reach(self.mask, self.psf))

    @cached_property
    def span(self) -> float:
        """Return the range of the picture from its 0.5 to its 99.5 percentile, 1 for a flat one.

        Where nearly all samples are equal it is that of all, and it is never below the rounding of their type.
        """
        some = self.picture[:: max(1, self.picture.size // LOOKED_AT)]
        low, high = np.percentile(some, [0.5, 99.5], method="inverted_cdf")
        span = float(high - low) or float(np.ptp(self.picture))
        return max(span, type_rounding(self.picture) ** 0.5) if span else 1.0

    @cached_property
    def coloured(self) -> Laws | None:
        """Return the laws of signal and noise where the noise is coloured, None for white noise."""
        expected = self.extra_noise_var > 0  # a JPEG's
        level = least_noise(self.picture, self.noise_level)
        return fit_coloured_noise(self._fitted_spectrum, self.psf, level, expected=expected)

    @cached_property
    def pilot(self) -> float:
        """Return a first strength for the gradient penalty: by cross-validation where the noise is white.

        The first guess under a mask is no picture to read the noise from.
        """
        if self.mask is not None or self.coloured is None:
            return pilot_strength(self.spectrum, self.psf)
        return model_strength(self.spectrum, self.psf, self.coloured)

    @cached_property
    def border_strength(self) -> float:
        """Return the strength of the gradient penalty that the data outside of the known ones were completed with."""
        completed = self.completed
        if self.mask is None or completed.coloured is None:
            return self.pilot
        return model_strength(completed.spectrum, self.psf, completed.coloured)

    @cached_property
    def _fitted_spectrum(self) -> ObservedSpectrum:
        if self.boundary != "periodic":
            return self.spectrum
        return circular(self.picture, self.psf.ndim, self.mask, out_of_reach(self.mask, self.psf))

    @property
    def completed(self) -> Observation:
        """Return the same with the unknown samples of the frame as completed in its picture, and not weighted."""
        if self.unweighted is not None:
            return self.unweighted.completed
        return self if self.mask is None else self._completed

    @cached_property
    def _completed(self) -> Observation:
        other = replace(self, picture=self.data[self.frame].copy())
        other.__dict__["noise_level"] = self.noise_level  # of what is known alone
        return other

    def with_data(self, data: Array) -> Observation:
        """Return the same with other data on the grid; what was read off the picture is kept."""
        other = replace(self, data=data)
        if self.mask is None:  # under a mask it is read off the data
            other.__dict__.update({name: self.__dict__[name] for name in OF_THE_PICTURE if name in self.__dict__})
        return other

    def weighted(self, otf_variance: Array, nsr: Array | None = None) -> Observation:
        """Return the same with every frequency of data and H multiplied by W, for a PSF that is not known exactly.

        W^2 = N / (N + V S), V the variance of H: then the errors of the PSF are noise as strong as N, and any method
        that holds W h * f to W g has V beside |H|^2 in its denominator. `nsr` is N / S where it is not the fitted one.
        """
        ratio = self.fit.nsr(self.grid, self.dtype)(slice(None)) if nsr is None else nsr
        weight = np.sqrt(np.divide(ratio, ratio + otf_variance, out=np.ones_like(ratio), where=ratio > 0))
        data = filtered(self.data, len(self.grid), lambda columns: weight[..., columns])
        other = replace(self, data=data, otf=WeightedOTF(self.otf, weight), unweighted=self)
        shared = (*OF_THE_PICTURE, "border_strength", "contradicted_var", "missed_var", "unsettled_var", "least_weight")
        other.__dict__.update({name: getattr(self, name) for name in shared})
        return other

    @cached_property
    def fit(self) -> SignalNoise:
        """Return the signal spectrum and the noise that the picture shows."""
        completed = self.completed
        spectrum = completed._fitted_spectrum
        if completed.coloured is not None:
            return with_coloured_noise(spectrum, completed.coloured, completed.picture)
        return fit_signal_noise(spectrum, self.psf, completed.picture, completed.noise_level)

    @cached_property
    def least_weight(self) -> float:
        """Return the weight of the gradient penalty that a filter shall have at least, found strengths that is.

        What is still wrong with the completed data lies at the few frequencies where the blur begins to hide the
        picture: there it is many times its mean, and a sharper filter blows it up all over the frame. This is the
        weight for as much white noise beside slopes as steep as the blur lets see. It is 0 where nothing was completed,
        or with a weight that the data asked for.
        """
        if self.unknown.nothing or self.border_strength >= LEAST_WEIGHT:
            return 0.0
        slopes, bins = clear_slopes(self.otf, self.power_blocks(counted=False))
        bins *= self.channels
        return self.missed_var * bins / slopes if slopes > 0 else 0.0

    @cached_property
    def unsettled_var(self) -> float:
        """Return the variance to count as noise beside the fitted one: the extra, wrong data, and the PSF's errors."""
        return self.extra_noise_var + self.contradicted_var + self.misfit_var

    @property
    def misfit_var(self) -> float:
        """Return the variance of what the errors of the PSF leave in the data."""
        return (self.psf_error * self.span) ** 2

    @cached_property
    def contradicted_var(self) -> float:
        """Return the variance of what is still wrong with the data where none were observed."""
        return self._wrong_by(max(self.border_strength, LEAST_WEIGHT))

    @cached_property
    def missed_var(self) -> float:
        """Return the same in the eyes of a sharper filter than the one that the data were completed for."""
        if self.unknown.nothing or self.border_strength >= LEAST_WEIGHT:
            return self.contradicted_var
        return max(self.contradicted_var, self._wrong_by(MISSED))

    @property
    def most_unsettled_var(self) -> float:
        """Return `unsettled_var` in the eyes of such a filter."""
        contradicted = self.unsettled_var - self.extra_noise_var - self.misfit_var
        return self.unsettled_var + contradicted * (self.missed_var / max(self.contradicted_var, 1e-300) - 1)

    def _wrong_by(self, weight: float) -> float:
        """Return the variance of what is wrong with the unobserved data in the eyes of a filter of that weight."""
        unobserved = replace(self.unknown, around=self.grid != self.image_shape)
        return 0.0 if unobserved.nothing else unsettled_variance(self.data, self.otf, unobserved, weight)

    @property
    def noise_power(self) -> Array | float:
        """Return the fitted noise at every frequency of the grid, one number where it is white."""
        return self.fit.noise_power(frequencies(self.grid))

    def power_blocks(self, *, counted: bool = True, one_in: int = 1) -> Iterator[tuple[slice, Array]]:
        """Yield |G|^2 / N summed over channels, as `fourier.power_blocks`: counted, all of it is the data's energy."""
        return power_blocks(self.data, len(self.grid), counted=counted, one_in=one_in)

    def filtered(self, gain: Gain) -> Array:
        """Return the frame of the picture after multiplying the spectrum of the data by `gain`."""
        return self.laid_out(filtered(self.data, len(self.grid), gain, frame=self.frame))

    def framed(self, values: Array) -> Array:
        """Return the frame of values on the grid, laid out like the picture as it was given."""
        image = values[self.frame]
        return self.laid_out(image if image.shape == values.shape else image.copy())  # a view would keep the whole grid

    def laid_out(self, image: Array) -> Array:
        """Return an image with channels last like the picture as it was given."""
        return laid_out(image, self.channel_axis)


@on_one_thread
def observe(
    image: ArrayLike,
    psf: ArrayLike,
    boundary: str,
    channel_axis: int | None = None,
    mask: ArrayLike | None = None,
    extra_noise_var: ExtraNoise = 0.0,
    *,
    psf_error: float = 0.0,
    completed: bool = True,
    dead: Array | Literal["find"] | None = None,
    white: float = np.inf,
    whole: Whole | None = None,
    reach: int = 2,
) -> Observation:
    """Check the picture, put it on its grid and complete it there: the common beginning of every method.

    Areas without a picture, `dead` ones, are masked too, then lights that were clipped at `white`. Of a part of a
    picture, `whole` says what was read off all of it. `reach` is that of `extend`.
    """
    image, hidden = (image, None) if mask is None else without_masked(image, mask, channel_axis)
    picture = as_image(image, channel_axis=channel_axis)
    picture = picture[..., None] if channel_axis is None else picture
    kernel = as_psf(psf, picture.shape[:-1])
    unit = Unit.of(picture) if whole is None else whole.unit
    picture, stages = unit.inside(picture), Stages(COSTS)
    if isinstance(dead, str):
        with stages.stage("areas"):
            extra = _variance(extra_noise_var, partial(hard_edges, picture, kernel), unit)
            dead = dead_areas(picture, kernel, hidden, extra)
    white = unit.inside(white) if np.isfinite(white) else white
    unknown = with_lights(picture, white, with_dead(hidden, dead, picture.shape))
    if unknown is not None and unknown is not hidden:
        picture, hidden = without_hidden(picture, unknown), unknown
    data, frame = extend(picture, kernel, boundary, reach=reach)
    otf = OTF(kernel, data.shape[:-1], picture.dtype)
    if hidden is not None:  # a first guess that the blur may have left, without edges and noise
        data = data.copy() if data is picture else data
        picture = np.where(hidden, filtered(data, kernel.ndim, otf, frame=frame), picture)
        data[frame] = picture
    observation = Observation(
        picture=picture,
        data=data,
        otf=otf,
        psf=kernel,
        frame=frame,
        mask=None if hidden is None else hidden.astype(picture.dtype),
        channel_axis=channel_axis,
        boundary=boundary,
        extra_noise_var=_variance(
            extra_noise_var, None if hidden is None else partial(across_channels, np.logical_or, hidden), unit
        ),
        psf_error=psf_error,
        unit=unit,
        dead=dead,
    )
    if whole is not None:
        observation.__dict__.update(whole.facts)
    if completed and not observation.unknown.nothing:
        with stages.stage("completion"):
            complete_observation(observation)
    return observation


def _variance(extra_noise_var: ExtraNoise, covered: Callable[[], Array] | None, unit: Unit) -> float:
    variance = extra_noise_var(covered and covered()) if callable(extra_noise_var) else extra_noise_var
    return float(unit.argument(as_nonnegative(variance, "extra_noise_var"), 2))
