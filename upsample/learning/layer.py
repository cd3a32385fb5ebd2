"""The layer that is to learn, and the pairs of maps that it takes."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from upsample.checks import Array, InvalidType, InvalidValue, PerAxis, divisible, finite, per_axis, whole
from upsample.learning.alignment import BORDERS, Alignment

Pair: TypeAlias = tuple[ArrayLike, ArrayLike]

#: Samples that the outputs of a layer may depend on: the normal equations hold the square of that.
MOST = 10_000


@dataclass(frozen=True)
class Layer:
    """The layer that is to learn, as its arguments say."""

    alignment: Alignment
    groups: int
    border: str

    @classmethod
    def of(cls, stride: PerAxis, size: PerAxis, *, groups: int, border: str, axes: int) -> "Layer":
        """Check the arguments."""
        axes = whole(axes, "axes", 1)
        if axes > 3:
            raise InvalidValue(f"axes must be 1, 2 or 3, got {axes}")
        strides, sizes = per_axis(stride, "stride", axes, 1), per_axis(size, "size", axes, 1)
        if any(k < s for k, s in zip(sizes, strides, strict=True)):
            raise InvalidValue(f"size must be >= stride, for a smaller kernel leaves holes, got {sizes} and {strides}")
        if border not in BORDERS:
            raise InvalidValue(f"border must be one of {tuple(BORDERS)}, got {border!r}")
        return cls(Alignment.of(sizes, strides), whole(groups, "groups", 1), border)

    def pairs(self, pairs: Iterable[Pair]) -> Iterator[tuple[Array, Array]]:
        """Check the pairs and yield them with all their axes, (N, C, *small) and (N, M, *large)."""
        channels: tuple[int, int] | None = None
        for number, pair in enumerate(pairs):
            x, y = self._maps(pair, number)
            if channels is None:
                channels = x.shape[1], y.shape[1]
                divisible(channels[0], "the channels of the small maps", self.groups)
                divisible(channels[1], "the channels of the large maps", self.groups)
                self._check_reach(channels[0] // self.groups)
            if (x.shape[1], y.shape[1]) != channels:
                both = f"{channels} and {(x.shape[1], y.shape[1])}"
                raise InvalidValue(f"pairs must have the same channels throughout, got {both}")
            yield x, y
        if channels is None:
            raise InvalidValue("pairs must hold at least one (small, large) pair of maps, got none")

    def _check_reach(self, channels: int) -> None:
        count = channels * math.prod(self.alignment.reach)
        if count > MOST:
            raise InvalidValue(
                f"size must let an output depend on at most {MOST} samples of the small maps, got {count} by size "
                f"{self.alignment.size} and {channels} channels"
            )

    def _maps(self, pair: Pair, number: int) -> tuple[Array, Array]:
        if len(pair) != 2:
            raise InvalidValue(f"pairs must hold pairs (small, large), got {len(pair)} arrays")
        x, y = (self._map(array, f"pairs[{number}]") for array in pair)
        large = tuple(s * size for s, size in zip(self.alignment.stride, x.shape[2:], strict=True))
        if y.shape[2:] != large or len(x) != len(y):
            raise InvalidValue(
                f"pairs must hold maps (small, large), the large one stride times the size of the small one: "
                f"{large} for {x.shape[2:]}, got {y.shape[2:]}"
            )
        return x, y

    def _map(self, array: ArrayLike, name: str) -> Array:
        maps, n = finite(array, name), len(self.alignment.lines)
        if maps.dtype.kind == "c":
            raise InvalidType(f"{name} must be real, got {maps.dtype}")
        if not n <= maps.ndim <= n + 2 or maps.size == 0:
            raise InvalidValue(
                f"{name} must be (*spatial), (C, *spatial) or (N, C, *spatial) with {n} spatial axes, got shape "
                f"{maps.shape}"
            )
        return maps[(None,) * (n + 2 - maps.ndim)]

    def check_symmetric(self) -> None:
        """Refuse a kernel that cannot lie symmetric about the samples that it makes."""
        if any(line.begin != line.end for line in self.alignment.lines):
            sizes, strides = self.alignment.size, self.alignment.stride
            raise InvalidValue(f"size - stride must be even for a symmetric kernel, got {sizes} and {strides}")

    def start(self, inputs: int, outputs: int) -> Array:
        """Return the bilinear weight: every channel by itself, or the mean of a group where the numbers differ."""
        inner, out = inputs // self.groups, outputs // self.groups
        mixing = np.eye(inner) if inner == out else np.full((inner, out), 1 / inner)
        return np.multiply.outer(np.tile(mixing, (self.groups, 1)), self.alignment.start_weight())
