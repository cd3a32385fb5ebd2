"""Where a search for a kernel begins: starts in several squares with several lambdas, where they are cheap.

No size of the square and no first lambda is right for every picture. In a square that is too small, or with a lambda
too low for a long path, the alternation ends in a short stub in the middle that looks like a find; with one too high
for weak edges it sprawls. So all are tried at half size, and what comes out starts there once more in a square that
fits it: only then is a long path told from a stub by how its restoration looks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from restore.blur_identification.shake.alternation import Pyramid, Start, found_kernel
from restore.blur_identification.shake.judgement import Judge
from restore.blur_identification.shake.kernel_shape import FAINT, boxed, enlarged, extent, largest_odd, likeness, odd
from restore.checks import Array

#: The level of half size, and the squares looked at there; the largest holds paths of 100 pixels.
HALF = 2
SQUARES = (17, 31, 51)
#: The first lambda of the starts, and of the second start.
STRENGTHS = (2e-3, 8e-3, 3.2e-2)
SETTLING_STRENGTH = 4e-3
#: A square this small, where it is given, is looked at in the full picture.
SMALL = 16
#: The score of a trial is multiplied by this if it touches its border, or lights more than this share of its square.
PUSH_BACK = 1.6
SPRAWLING = 0.35
#: From which likeness on two trials count as one.
ALIKE = 0.93
#: A kernel that is known roughly: its levels, and its square, this many times the kernel's extent, and some more.
LEVELS = 2
ROOM, MORE_ROOM = 1.3, 4
#: A square is at most this share of the picture.
SHARE = 3


@dataclass(frozen=True, eq=False)
class Trial:
    """The outcome of a start."""

    kernel: Array  #: at the size of the full picture
    score: float  #: comparable between the trials of one picture, smaller is better
    small: Array  #: as the alternation left it


class Trials:
    """The starts in one picture, in squares of half of `size` samples or, without one, of several sizes."""

    def __init__(self, pyramid: Pyramid, size: int | None, advance: Callable[[], object]) -> None:
        self._pyramid, self._advance = pyramid, advance
        self._level = 0 if size is not None and size <= SMALL else HALF
        picture = pyramid.picture(self._level)
        room = min(picture.shape) // SHARE
        self._has_size = size is not None
        self._squares = _squares(room) if size is None else (odd(size // (2 if self._level else 1)),)
        self._room = largest_odd(room) if size is None else self._squares[0]
        self._judge = Judge(picture, pyramid.clipped(self._level))

    def all(self) -> list[Trial]:
        """Return the outcome of every start, the likeliest first."""
        first = [self._trial(self._cold(square, strength)) for square in self._squares for strength in STRENGTHS]
        second = [self._trial(self._settled(trial.small)) for trial in unlike(first)]
        return sorted(first + second, key=lambda trial: trial.score)

    def _cold(self, square: int, strength: float) -> Array:
        return found_kernel(self._pyramid, square, Start(strength), finest=self._level)

    def _settled(self, kernel: Array) -> Array:
        square = fitting_square(kernel, self._room)
        start = Start(SETTLING_STRENGTH, enlarged(boxed(kernel), square, 1), levels_of(square))
        return found_kernel(self._pyramid, square, start, finest=self._level)

    def _trial(self, kernel: Array) -> Trial:
        score = self._judge.of(kernel, max(self._squares)).score
        if not self._has_size and _is_suspicious(kernel):
            score *= PUSH_BACK
        self._advance()
        return Trial(enlarged(kernel, 2 * kernel.shape[0] + 1, 2) if self._level else kernel, score, kernel)


def unlike(trials: list[Trial]) -> list[Trial]:
    """Return the trials, the likeliest first, without those like a likelier one."""
    chosen: list[Trial] = []
    for trial in sorted(trials, key=lambda trial: trial.score):
        if all(likeness(trial.kernel, other.kernel) < ALIKE for other in chosen):
            chosen.append(trial)
    return chosen


def steps_of(size: int | None) -> int:
    """Return how many trials there are at most."""
    return 2 * len(STRENGTHS) * (len(SQUARES) if size is None else 1)


def fitting_square(kernel: Array, room: int) -> int:
    """Return the edge of a square that leaves a kernel room to grow."""
    return min(odd(int(ROOM * extent(kernel)) + MORE_ROOM), room)


def levels_of(square: int) -> int:
    """Return how many levels a kernel that is known roughly is refined on."""
    return LEVELS if square > 2 * LEVELS + 1 else 1


def _squares(room: int) -> tuple[int, ...]:
    return tuple(n for n in SQUARES if n <= room) or (max(largest_odd(room), 3),)


def _is_suspicious(kernel: Array) -> bool:
    """Return whether a kernel touches the border of its square or sprawls over it."""
    lit = float(np.mean(kernel > FAINT * kernel.max()))
    return extent(kernel) > kernel.shape[0] - 2 or lit > SPRAWLING
