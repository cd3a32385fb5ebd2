"""The normal equations of a layer, summed over pairs of maps: all that least squares needs to know of them.

Only sums over positions enter, so the pairs may come from a stream. Along every axis the layer reaches `reach` input
samples; the products of two of them, x[i + j] x[i + j'], depend on j and on the difference j' - j: for each difference
one product of the map with itself is summed over the rectangle of all i, which for neighbouring j moves by one sample.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import permutations, product

import numpy as np
from numpy.typing import NDArray

from upsample.checks import Array
from upsample.learning.alignment import Alignment
from upsample.learning.layer import Layer

#: Samples of a map that are worked on at once: more leave the cache, fewer spend the time on what bands share.
BAND = 1 << 17


@dataclass(eq=False)
class NormalEquations:
    """Sums over all pairs: gram = sum x x', moment = sum x y', and the squares, the sum and the number of targets."""

    layer: Layer
    gram: Array = field(init=False)  # (G, C, reach, C, reach)
    moment: Array = field(init=False)  # (G, C, reach, M * phases)
    power: Array = field(init=False)  # (G, M * phases)
    total: Array = field(init=False)  # (G, M * phases)
    samples: int = field(init=False, default=0)

    def add(self, x: Array, y: Array) -> None:
        """Add pairs x (N, C, *small) and y (N, M, *large)."""
        alignment, groups = self.layer.alignment, self.layer.groups
        bordered = alignment.bordered(x.astype(np.float64, copy=False), self.layer.border).swapaxes(0, 1)
        targets = alignment.sorted_by_phase(y.astype(np.float64, copy=False))
        # The batch is one more spatial axis, along which the kernel has one tap.
        bordered, targets = (maps.reshape(groups, -1, *maps.shape[1:]) for maps in (bordered, targets))
        rows, halo = targets.shape[3], alignment.reach[0] - 1
        band = max(BAND * rows // bordered[0, 0].size, halo, 1)
        for start in range(0, rows, band):
            with np.errstate(over="ignore", invalid="ignore"):  # seen in the sums
                self._add_band(bordered[:, :, :, start : start + band + halo], targets[:, :, :, start : start + band])

    def _add_band(self, x: Array, y: Array) -> None:
        size, reach = y.shape[2:], (1, *self.layer.alignment.reach)
        flat = y.reshape(*y.shape[:2], -1)
        power = np.einsum("gmi,gmi->gm", flat, flat)
        sums: tuple[Array, ...] = (_gram(x, size, reach), _moment(x, flat, size, reach), power, flat.sum(axis=-1))
        if self.samples:
            sums = tuple(map(np.add, (self.gram, self.moment, self.power, self.total), sums))
        self.gram, self.moment, self.power, self.total = sums
        self.samples += flat.size

    def make_symmetric(self) -> None:
        """Become the mean over all mirror images and turns of the pairs: an image changes no sum but by its order."""
        alignment = self.layer.alignment
        images = list(_images(alignment))
        gram, moment = np.zeros_like(self.gram), np.zeros_like(self.moment)
        targets = np.arange(moment.shape[-1]).reshape(-1, math.prod(alignment.stride))
        for places, phases in images:
            gram += self.gram[:, :, places][..., places]
            moment += self.moment[:, :, places][..., targets[:, phases].ravel()]
        self.gram, self.moment = gram / len(images), moment / len(images)

    @property
    def channels(self) -> tuple[int, int]:
        """Return the input and the output channels of the pairs."""
        phases = math.prod(self.layer.alignment.stride)
        return self.layer.groups * self.gram.shape[1], self.power.size // phases

    @property
    def variance(self) -> float:
        """Return the variance of all targets."""
        return float(self.power.sum() / self.samples - (self.total.sum() / self.samples) ** 2)

    def error(self, weight: Array) -> float:
        """Return the mean squared error of a weight (C, M, *kernel): |y|^2 - 2 w'b + w'Aw over the samples."""
        squares = float(self.power.sum())
        for problem in self.problems():
            w = problem.columns_of(weight)
            squares += float(np.vdot(w, problem.gram @ w - 2 * problem.moment))
        return max(squares, 0.0) / self.samples

    def problems(self) -> Iterator["Problem"]:
        """Yield the least-squares problem of every group and phase."""
        groups, channels = self.gram.shape[:2]
        phases = self.layer.alignment.phases()
        for group, (place, phase) in product(range(groups), enumerate(phases)):
            sources, count = phase.sources, channels * phase.sources.size
            yield Problem(
                channels=slice(group * channels, (group + 1) * channels),
                taps=phase.taps,
                gram=self.gram[group][:, sources][:, :, :, sources].reshape(count, count),
                moment=self.moment[group][:, sources, place :: len(phases)].reshape(count, -1),
            )


@dataclass(frozen=True, eq=False)
class Problem:
    """gram @ w = moment: the normal equations of the taps that make one phase of one group's outputs."""

    channels: slice
    taps: NDArray[np.intp]
    gram: Array
    moment: Array

    def columns_of(self, weight: Array) -> Array:
        """Return the taps of this problem in weight (C, M, *kernel) as the columns of w, one for each output."""
        flat = weight.reshape(*weight.shape[:2], -1)[self.channels][:, :, self.taps]
        return flat.swapaxes(1, 2).reshape(-1, weight.shape[1])

    def put(self, w: Array, weight: Array) -> None:
        """Write the columns of w into weight (C, M, *kernel), which is contiguous."""
        flat = weight.reshape(*weight.shape[:2], -1)
        flat[self.channels, :, self.taps] = w.reshape(-1, self.taps.size, weight.shape[1]).swapaxes(1, 2)


def _images(alignment: Alignment) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Yield how every mirror image and turn that the layer allows orders the samples in reach, and the phases."""
    axes, lines = range(len(alignment.lines)), alignment.lines
    for order, steps in product(permutations(axes), product((1, -1), repeat=len(axes))):
        if all(line == lines[axis] for line, axis in zip(lines, order, strict=True)):
            reach, phases = (_places(box).transpose(order) for box in (alignment.reach, alignment.stride))
            mirror = tuple(slice(None, None, step) for step in steps)
            yield reach[mirror].ravel(), phases[mirror].ravel()


def _places(box: tuple[int, ...]) -> NDArray[np.intp]:
    """Return the flat index of every place in a box."""
    return np.arange(math.prod(box)).reshape(box)


def _gram(x: Array, size: tuple[int, ...], reach: tuple[int, ...]) -> Array:
    """Return sum over i of x[c, i + j] x[d, i + k] as (G, C, reach, C, reach), both j and k flat."""
    groups, channels = x.shape[:2]
    places = _places(reach)
    gram = np.empty((groups, channels, places.size, channels, places.size))
    for difference in _half_of_differences(reach):
        here = tuple(slice(max(0, -d), n - max(0, d)) for d, n in zip(difference, reach, strict=True))
        there = tuple(slice(max(0, d), n - max(0, -d)) for d, n in zip(difference, reach, strict=True))
        one, other = (
            x[:, :, *(slice(s.start, s.stop + n - 1) for s, n in zip(box, size, strict=True))] for box in (here, there)
        )
        sums = one[:, :, None] * other[:, None]
        for axis, n in enumerate(size, start=3):
            sums = _window_sums(sums, n, axis)
        sums = np.moveaxis(sums.reshape(groups, channels, channels, -1), -1, 0)
        j, k = places[here].ravel(), places[there].ravel()
        gram[:, :, j, :, k] = sums
        gram[:, :, k, :, j] = sums.swapaxes(2, 3)
    return gram


def _half_of_differences(reach: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """Yield one of every two opposite differences of positions in reach."""
    for difference in product(*(range(1 - n, n) for n in reach)):
        if difference >= (0,) * len(reach):
            yield difference


def _window_sums(values: Array, size: int, axis: int) -> Array:
    """Return the sums over all windows of `size` samples along an axis.

    Examples
    --------
    >>> _window_sums(np.array([1.0, 2.0, 4.0, 8.0]), 3, 0)
    array([ 7., 14.])
    """
    if size == 1:
        return values
    lines = np.moveaxis(values, axis, 0)
    first = lines[:size].sum(axis=0, keepdims=True)
    steps = lines[size:] - lines[: len(lines) - size]
    return np.moveaxis(np.concatenate([first, steps]).cumsum(axis=0), 0, axis)


def _moment(x: Array, targets: Array, size: tuple[int, ...], reach: tuple[int, ...]) -> Array:
    """Return sum over i of x[c, i + j] y[m, i], j flat, as (G, C, reach, M * phases)."""
    moment = np.empty((*x.shape[:2], math.prod(reach), targets.shape[1]))
    for place, shift in enumerate(np.ndindex(*reach)):
        source = x[:, :, *(slice(j, j + n) for j, n in zip(shift, size, strict=True))]
        moment[:, :, place] = np.einsum("gci,gmi->gcm", source.reshape(*source.shape[:2], -1), targets)
    return moment
