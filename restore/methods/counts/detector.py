"""The picture as a detector counts it: the light of a finer or wider grid, and what is known of its samples."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from restore.checks import Array, InvalidValue
from restore.methods.counts.chosen_psf import seen_by
from restore.methods.counts.poisson_likelihood import Counting
from restore.methods.counts.settings import RichardsonLucySettings, as_samples, shift_of
from restore.observation.boundary import Frame, gap
from restore.observation.observation import Observation
from restore.operators.filter_flow import Blur, CircularBlur
from restore.operators.otf import OTF


@dataclass(frozen=True, eq=False)
class Detector:
    """The observation with the PSF as light meets it: finer than the samples by a factor along every axis.

    `varying` is what the light becomes where that changes over the grid.
    """

    observation: Observation
    psf: Array
    subsampling: int = 1
    target: Array | None = None
    varying: Blur | None = None

    def image(self, estimate: Array, unexplained: Callable[[Array], Array] | None = None) -> Array:
        """Return the frame of the fine grid as the target shows it, laid out like the picture as it was given.

        A target shows also what the estimate leaves of the data.
        """
        step = self.subsampling
        if self.target is not None:
            left = 0 if unexplained is None else unexplained(estimate)
            estimate = seen_by(self.target, estimate + left)
        image = estimate[tuple(slice(a * step, b * step) for a, b in self.edges)].copy()
        return self.observation.laid_out(image)

    @cached_property
    def place(self) -> tuple[Array, Frame]:
        """Return the data on a grid, and the frame on it.

        Light farther from the frame than half of the PSF reaches none of its samples: where what lies outside is found
        with the rest, the grid of the filters, which holds twice that, would be filled with what stays as it is.
        """
        observation = self.observation
        if self.varying is not None or not observation.unknown.around:
            return observation.data, observation.frame
        inside = observation.data[observation.frame]
        sides = zip(inside.shape, observation.psf.shape, strict=False)
        gaps = [gap(n, k + 2 * max(-(-(self._spill - k // 2) // 2), 0), 1) for n, k in sides]
        if observation.grid == tuple(n + g for n, g in zip(inside.shape, gaps, strict=False)):
            return observation.data, observation.frame
        data = np.pad(inside, [*((g // 2, g - g // 2) for g in gaps), (0, 0)])
        return data, tuple(slice(g // 2, g // 2 + n) for g, n in zip(gaps, inside.shape, strict=False))

    @property
    def _spill(self) -> int:
        """Return how many samples the target spreads light to."""
        return 0 if self.target is None else -(-(max(self.target.shape) // 2) // self.subsampling)

    @property
    def grid(self) -> tuple[int, ...]:
        """Return the spatial shape of the grid."""
        return self.place[0].shape[:-1]

    @property
    def edges(self) -> list[tuple[int, int]]:
        """Return where the frame begins and ends on the grid, along every axis."""
        return [s.indices(n)[:2] for s, n in zip(self.place[1], self.grid, strict=True)]

    @property
    def fine_shape(self) -> tuple[int, ...]:
        """Return the shape of the result, channels last."""
        picture = self.observation.picture
        return (*(n * self.subsampling for n in picture.shape[:-1]), picture.shape[-1])


def counting_of(detector: Detector, settings: RichardsonLucySettings) -> Counting:
    """Return how the light of the grid becomes the data."""
    observation = detector.observation
    shape, channel_axis, dtype = observation.picture.shape, observation.channel_axis, observation.dtype
    dark = as_samples(settings.background, "background", shape, channel_axis)
    inside = np.ones(shape, dtype)
    if settings.weights is not None:
        inside = as_samples(settings.weights, "weights", shape, channel_axis).astype(dtype)
    data, frame = detector.place
    counted = inside if observation.mask is None else inside * (1 - observation.mask)
    weights = _on_grid(counted, 0.0 if observation.unknown.around else float(inside.mean()), data, frame)
    if not weights.any():
        raise InvalidValue("weights must be > 0 somewhere, got none where the mask leaves samples known")
    fine = tuple(n * detector.subsampling for n in detector.grid)
    return Counting(
        blur=detector.varying or CircularBlur(OTF(detector.psf, fine, dtype).full(), len(fine)),
        shape=fine,
        subsampling=detector.subsampling,
        weights=weights,
        background=_on_grid(dark, float(np.mean(dark)), data, frame),
        shift=shift_of(settings, observation),
    )


def _on_grid(inside: Array, outside: float, data: Array, frame: Frame) -> Array:
    """Return what is known of the frame on the grid, with one number around it; one for all takes no memory."""
    if inside.min() == inside.max() == outside:
        return np.broadcast_to(np.asarray(outside, data.dtype), data.shape)
    values = np.full(data.shape, outside, data.dtype)
    values[frame] = inside
    return values
