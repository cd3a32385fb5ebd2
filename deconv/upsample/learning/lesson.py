"""One lesson: what was learned from which pictures, and how it compares with the fixed kernels on another one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import upsample
from deconv.upsample.learning.pairs import Pair, each_pair, read_pair
from deconv.upsample.request import PerAxis, UpsampleRequest

Array = NDArray[Any]

#: The kernels that the learned one is compared with.
FIXED = ("nearest", "bilinear", "cubic")
#: Steps of the descent that is drawn, and how many samples of the pictures it sees at most.
STEPS, SEEN = 1000, 4_000_000


@dataclass(frozen=True, eq=False)
class Lesson:
    """A learned kernel, the picture that it is judged on, and what each kernel makes of that."""

    learned: upsample.LearnedKernel
    files: tuple[str, ...]
    judged: str
    pair: Pair
    enlarged: dict[str, Array]

    @property
    def is_fair(self) -> bool:
        """Return whether the picture that it is judged on was kept out of the training."""
        return self.judged not in self.files

    @property
    def psnr(self) -> dict[str, float]:
        """Return the PSNR of every kernel in dB."""
        return {name: _psnr(image, self.pair) for name, image in self.enlarged.items()}

    @property
    def teachers(self) -> str:
        """Return in words what the kernel was learned from."""
        symmetric = _can_be_symmetric(self.learned.stride, self.learned.weight.shape[2:])
        return "the pictures and their mirror images" if symmetric else "the pictures"

    @property
    def diagnosis(self) -> upsample.Checkerboard:
        """Return whether the learned kernel leaves a checkerboard."""
        return upsample.checkerboard(self.learned.weight, self.learned.stride)

    @property
    def verdict(self) -> str:
        """Return in words what the training shows."""
        gain = self.psnr["learned"] - self.psnr["bilinear"]
        where = "a picture that it was not trained on" if self.is_fair else "the picture that it was trained on"
        return f"{abs(gain):.2f} dB {'above' if gain >= 0 else 'below'} bilinear on {where}"


def judge_of(request: UpsampleRequest, files: list[str]) -> Pair:
    """Return the picture that the kernel is judged on: the last."""
    return read_pair(files[-1], request.reading, request.layer, _per_axis(request.layer.stride))


def lesson_of(request: UpsampleRequest, files: list[str], pair: Pair) -> Lesson:
    """Learn from all pictures but the last, which judges; from a single one both."""
    assert request.learning is not None
    strides, size = _per_axis(request.layer.stride), request.learning.size
    training = files[:-1] or files
    pairs = _arrays(request, training, strides)
    learned = _learned(pairs, strides, size)
    enlarged = {name: upsample.interpolate(pair.small, strides, kernel=name) for name in FIXED}
    enlarged["learned"] = learned(pair.small)
    return Lesson(learned=learned, files=tuple(training), judged=files[-1], pair=pair, enlarged=enlarged)


def descent_of(request: UpsampleRequest, lesson: Lesson) -> tuple[upsample.LearnedKernel, upsample.LearnedKernel]:
    """Return the kernel learned step by step and at once, both from as many of the pictures as memory should hold."""
    stride, size = lesson.learned.stride, lesson.learned.weight.shape[2:]
    pairs = list(_first(_arrays(request, lesson.files, stride), SEEN))
    by_steps = upsample.descend_kernel(pairs, stride=stride, size=size, steps=STEPS, rng=0)
    # A descent sees no mirror images: the solution beside it must not either.
    return by_steps, upsample.learn_kernel(pairs, stride=stride, size=size, keep_constant=True)


def _learned(pairs: Iterable[tuple[Array, Array]], strides: tuple[int, ...], size: PerAxis) -> upsample.LearnedKernel:
    """Return the best kernel that leaves no checkerboard, from the pictures and their mirror images where it can."""
    symmetric = _can_be_symmetric(strides, _per_axis(size))
    return upsample.learn_kernel(pairs, stride=strides, size=size, keep_constant=True, symmetric=symmetric)


def _can_be_symmetric(strides: tuple[int, ...], sizes: tuple[int, ...]) -> bool:
    return all((k - s) % 2 == 0 for k, s in zip(sizes, strides, strict=True))


def _first(pairs: Iterator[tuple[Array, Array]], samples: int) -> Iterator[tuple[Array, Array]]:
    """Yield pairs until they hold enough samples."""
    count = 0
    for pair in pairs:
        yield pair
        count += pair[1].size
        if count >= samples:
            return


def _arrays(request: UpsampleRequest, files: Sequence[str], strides: tuple[int, ...]) -> Iterator[tuple[Array, Array]]:
    for pair in each_pair(files, request.reading, request.layer, strides):
        yield pair.small, pair.large


def _per_axis(stride: Any) -> tuple[int, ...]:
    return (stride, stride) if isinstance(stride, int) else tuple(stride)


def _psnr(image: Array, pair: Pair) -> float:
    error = float(np.mean((image - pair.large) ** 2, dtype=np.float64))
    return float(10 * np.log10(pair.span**2 / error)) if error else float("inf")
