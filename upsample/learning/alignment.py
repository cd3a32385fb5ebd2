"""Which taps of a kernel make which output sample from which input samples, for a layer that enlarges by its stride.

The kernel is cropped by begin = (size - stride) // 2, so that output stride * i + r, i = 0 .. small - 1, is

    y[stride * i + r] = sum over t of x[i + (r + begin - t) / stride] * w[t], where the stride divides r + begin - t.

Every phase r is a least-squares problem of its own, over the same rectangle of positions i.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from upsample.checks import Array

#: What lies outside a map, and what numpy.pad calls it.
BORDERS = {"replicate": "edge", "zero": "constant", "periodic": "wrap"}


@dataclass(frozen=True)
class Line:
    """One axis of the layer."""

    size: int
    stride: int

    @property
    def begin(self) -> int:
        """Samples cropped from the beginning of the full output."""
        return (self.size - self.stride) // 2

    @property
    def end(self) -> int:
        """Samples cropped from its end."""
        return self.size - self.stride - self.begin

    @property
    def before(self) -> int:
        """How many input samples before its own an output sample depends on."""
        return (self.size - 1 - self.begin) // self.stride

    @property
    def after(self) -> int:
        """How many input samples behind its own an output sample depends on."""
        return (self.stride - 1 + self.begin) // self.stride

    @property
    def reach(self) -> int:
        """How many input samples the outputs at one position depend on, those of all phases together."""
        return self.before + 1 + self.after

    def taps(self, phase: int) -> list[int]:
        """Return the taps that make the outputs of a phase."""
        return [t for t in range(self.size) if (phase + self.begin - t) % self.stride == 0]

    def sources(self, phase: int) -> list[int]:
        """Return the input sample of each of these taps, counted from the first in reach."""
        return [(phase + self.begin - t) // self.stride + self.before for t in self.taps(phase)]


@dataclass(frozen=True)
class Phase:
    """The taps of one output phase and their sources, as flat indices into the kernel and into what is in reach."""

    taps: NDArray[np.intp]
    sources: NDArray[np.intp]


@dataclass(frozen=True)
class Alignment:
    """All axes of the layer."""

    lines: tuple[Line, ...]

    @classmethod
    def of(cls, sizes: Sequence[int], strides: Sequence[int]) -> "Alignment":
        """Return the alignment of a kernel size and a stride per axis."""
        return cls(tuple(Line(k, s) for k, s in zip(sizes, strides, strict=True)))

    @property
    def size(self) -> tuple[int, ...]:
        """Return the kernel size."""
        return tuple(line.size for line in self.lines)

    @property
    def stride(self) -> tuple[int, ...]:
        """Return the stride."""
        return tuple(line.stride for line in self.lines)

    @property
    def reach(self) -> tuple[int, ...]:
        """Return how many input samples are in reach along every axis."""
        return tuple(line.reach for line in self.lines)

    @property
    def padding(self) -> tuple[tuple[int, int], ...]:
        """Return the crop of `conv_transpose` that gives stride * size samples."""
        return tuple((line.begin, line.end) for line in self.lines)

    @property
    def bordered_padding(self) -> tuple[tuple[int, int], ...]:
        """Return the crop that gives as many from a `bordered` map."""
        return tuple((s.begin + s.before * s.stride, s.end + s.after * s.stride) for s in self.lines)

    def phases(self) -> list[Phase]:
        """Return every output phase, in row-major order."""
        return [self._phase(phases) for phases in product(*(range(line.stride) for line in self.lines))]

    def _phase(self, phases: Sequence[int]) -> Phase:
        pairs = list(zip(self.lines, phases, strict=True))
        taps = np.ravel_multi_index(np.ix_(*(line.taps(r) for line, r in pairs)), self.size)
        sources = np.ravel_multi_index(np.ix_(*(line.sources(r) for line, r in pairs)), self.reach)
        return Phase(taps.ravel(), sources.ravel())

    def bordered(self, x: Array, border: str) -> Array:
        """Return x (..., *small) with all that its outputs depend on."""
        edges = [(0, 0)] * (x.ndim - len(self.lines)) + [(line.before, line.after) for line in self.lines]
        return np.pad(x, edges, mode=BORDERS[border])  # type: ignore[call-overload]

    def sorted_by_phase(self, y: Array) -> Array:
        """Return y (N, M, *large) as (M * phases, N, *small)."""
        n = len(self.lines)
        split = [number for o, s in zip(y.shape[2:], self.stride, strict=True) for number in (o // s, s)]
        order = (1, *range(3, 3 + 2 * n, 2), 0, *range(2, 2 + 2 * n, 2))
        sorted_y = y.reshape(*y.shape[:2], *split).transpose(order)
        return sorted_y.reshape(y.shape[1] * math.prod(self.stride), *sorted_y.shape[1 + n :])

    def start_weight(self) -> Array:
        """Return the bilinear kernel in this size, every phase of sum 1."""
        kernel: Array = np.ones(())
        for line in self.lines:
            kernel = np.multiply.outer(kernel, _triangle(line))
        return kernel


def _triangle(line: Line) -> Array:
    """Return 1 - |t - centre| / stride about the place of an input sample, its phases brought to sum 1."""
    centre = line.begin + (line.stride - 1) / 2
    taps = np.maximum(1 - np.abs(np.arange(line.size) - centre) / line.stride, 0)
    for phase in range(line.stride):
        taps[line.taps(phase)] /= taps[line.taps(phase)].sum()
    return taps
