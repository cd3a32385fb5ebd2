"""The observed picture on the grid where its blur is circular, ready to be filtered.

Every linear filter of the package is one line on top of this: conj(H) G / (|H|^2 + weight |P|^2).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from restore.checks import Array, as_image, as_psf
from restore.noise.white import noise_variance
from restore.observation.boundary import Frame, extend
from restore.observation.completion import LEVELS, Unknown, complete, unsettled_variance
from restore.observation.masks import without_masked
from restore.operators.fourier import Gain, filtered, multiplicity, spectrum_blocks
from restore.operators.otf import Transfer
from restore.operators.penalty import Penalty
from restore.spectrum.observed_spectrum import through_window
from restore.spectrum.signal_noise import SignalNoise, fit_signal_noise, pilot_strength
from restore.threads import on_one_thread


@dataclass(frozen=True, eq=False)
class Observation:
    """The picture as it was given and on its grid (channels last), H, and where the frame lies on the grid."""

    picture: Array
    data: Array
    otf: Transfer
    psf: Array
    frame: Frame
    mask: Array | None
    image_shape: tuple[int, ...]
    channel_axis: int | None
    boundary: str
    extra_noise_var: float = 0.0  # noise that the picture's spectrum does not show, such as that of compression

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
        return self.data.shape[-1] if self.channel_axis is not None else 1

    @property
    def observed_share(self) -> float:
        """Return the share of the grid whose data were observed: only there is noise."""
        share = np.prod(self.image_shape) / np.prod(self.grid)
        return float(share if self.mask is None else share * (1 - self.mask.mean()))

    @cached_property
    def unsettled_var(self) -> float:
        """Return the variance to count as noise beside the fitted one: the extra, and data the blur contradicts."""
        unobserved = Unknown(self.frame, self.grid != self.image_shape, self.mask)
        unsettled = 0.0 if unobserved.nothing else unsettled_variance(self.data, self.otf, unobserved, self.pilot)
        return self.extra_noise_var + unsettled

    @cached_property
    def pilot(self) -> float:
        """Return a first strength for the gradient penalty."""
        return pilot_strength(through_window(self.picture, self.psf.ndim), self.psf)

    @cached_property
    def fit(self) -> SignalNoise:
        """Return the signal spectrum and the noise that the picture shows."""
        shown = self.picture if self.mask is None else self.data[self.frame]  # where the unknown samples are completed
        axis = None if self.channel_axis is None else -1
        return fit_signal_noise(shown, self.psf, channel_axis=axis, boundary=self.boundary)

    def power_blocks(self, *, counted: bool = True) -> Iterator[tuple[slice, Array]]:
        """Yield |G|^2 / N summed over channels by slices of columns, counted for both halves of the spectrum.

        All of it sums to the energy of the data on the grid (Parseval).
        """
        weights = (multiplicity(self.grid) if counted else np.ones(self.grid[-1] // 2 + 1)) / np.prod(self.grid)
        for columns, block in spectrum_blocks(self.data, len(self.grid)):
            power = np.abs(block).astype(np.float64) ** 2
            if self.channel_axis is not None:
                power = power.sum(axis=-1)
            yield columns, power * weights[columns]

    def filtered(self, gain: Gain) -> Array:
        """Return the frame of the picture after multiplying the spectrum of the data by `gain`."""
        image = filtered(self.data, len(self.grid), gain)
        if self.image_shape != self.grid:
            image = image[self.frame].copy()
        return image if self.channel_axis is None else np.moveaxis(image, -1, self.channel_axis)


@on_one_thread
def observe(
    image: ArrayLike,
    psf: ArrayLike,
    boundary: str,
    channel_axis: int | None = None,
    mask: ArrayLike | None = None,
    extra_noise_var: float = 0.0,
) -> Observation:
    """Check the picture, put it on its grid and complete it there: the common beginning of every filter."""
    if mask is not None:
        image, mask = without_masked(image, mask, channel_axis)
    picture = as_image(image, channel_axis=channel_axis)
    shape = picture.shape if channel_axis is None else picture.shape[:-1]
    kernel = as_psf(psf, shape)
    data, frame = extend(picture, kernel, boundary)
    data = data.copy() if mask is not None and data is picture else data
    otf = Transfer(kernel, data.shape[: kernel.ndim], picture.dtype)
    hidden = None if mask is None else np.asarray(mask, picture.dtype)
    observation = Observation(picture, data, otf, kernel, frame, hidden, shape, channel_axis, boundary, extra_noise_var)
    unknown = Unknown(frame, boundary in LEVELS and observation.grid != shape, hidden)
    if not unknown.nothing:
        level = LEVELS.get(boundary, LEVELS["unknown"])
        complete(data, otf, unknown, observation.pilot, _noise_in_sight(picture, kernel.ndim), level)
    return observation


def _noise_in_sight(picture: Array, ndim: int) -> float:
    """Return about the variance of the noise, without a fit: the mean over channels of what flat places show."""
    planes = [picture] if picture.ndim == ndim else np.moveaxis(picture, -1, 0)
    return float(np.mean([noise_variance(plane) for plane in planes]))


def regularized_inverse(otf: Transfer, penalty: Penalty, weight: float) -> Gain:
    """Return the gain conj(H) / (|H|^2 + weight |P|^2), 0 where the denominator vanishes."""

    def gain(columns: slice) -> Array:
        transfer = otf(columns)
        denominator = penalty(columns)
        if weight != 1:
            denominator *= weight
        power = np.abs(transfer)
        power *= power
        power += denominator
        # Below the square of the rounding error of H nothing is known about a frequency.
        unknown = power.min() <= np.finfo(power.dtype).eps ** 2
        if unknown:
            power[power <= np.finfo(power.dtype).eps ** 2] = np.inf
        np.divide(1, power, out=power)
        np.conj(transfer, out=transfer)
        transfer *= power
        return transfer

    return gain
