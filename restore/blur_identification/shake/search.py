"""The kernel of an unknown size: many trials at half size, the likeliest refined in the full picture, one chosen.

A judge of the restorations tells which of the trials' kernels are likely. These start the alternation again in the full
picture, where the best is polished. How well all of them agree says how far to trust the answer.

The alternation magnifies every difference: a crop that is a pixel larger may end in another kernel. That is why
kernels are compared, and why sums are taken in an order that does not depend on threads.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil

import numpy as np

from restore.blur_identification.shake.alternation import FACTOR, LAST_STRENGTH, Pyramid, Start, found_kernel
from restore.blur_identification.shake.judgement import Judge, Judgement
from restore.blur_identification.shake.kernel_shape import (
    boxed,
    centred,
    enlarged,
    extent,
    largest_odd,
    likeness,
    odd,
    trimmed,
)
from restore.blur_identification.shake.trials import (
    SHARE,
    Trials,
    fitting_square,
    levels_of,
    steps_of,
    unlike,
)
from restore.checks import Array
from restore.operators.progress import Progress

#: Trials that are refined.
REFINED = 3
#: A kernel as long as this is drawn finely enough by samples of 1.4 pixels: it is refined on this level.
LONG, LONG_LEVEL = 28, 1
#: The first lambda of the refinement. A long path that has not come right yet may need more, which sprawls over other
#: pictures: its outcome counts where the score is better by this factor.
REFINING_STRENGTH, LOOSER_STRENGTH = 1e-3, 8e-3
CLEARLY = 0.9
#: Rounds of the polishing, and by how much its outcome may look worse: the score likes kernels a little too wide.
POLISHING = 10
WORSE = 1.04
#: The trials most like the answer that speak for it.
WITNESSES = 3
#: Which differences are the steepest, over how many samples an edge is high, and a step that no picture stays below.
STEEPEST, STRIDE, LEAST_STEP = 0.999, 4, 1e-6


@dataclass(frozen=True, eq=False)
class Found:
    """A kernel and what speaks for it."""

    kernel: Array
    judgement: Judgement
    agreement: float  #: mean likeness to the trials most like it
    stability: float  #: likeness of the polished kernel to the one it was made from
    steepness: float  #: the steepest differences over one sample, in those over STRIDE samples


class Search:
    """The search in one picture of range 1, with the light that is clipped in it, and its black where it is known."""

    def __init__(self, plane: Array, clipped: Array, progress: Progress, black: float = np.inf) -> None:
        self._pyramid, self._progress = Pyramid(plane, clipped), progress
        self._judge = Judge(plane, clipped, black)
        self._room = largest_odd(min(plane.shape) // SHARE)
        self._done, self._steps = 0, 1

    def kernel(self, size: int | None = None) -> Found:
        """Return the kernel, in a square of `size` samples or in the smallest that holds it."""
        self._steps = steps_of(size) + 2 * REFINED + 1
        trials = Trials(self._pyramid, size, self._advance).all()
        refined = [self._refined(trial.kernel, size) for trial in unlike(trials)[:REFINED]]
        reach = max(kernel.shape[0] for kernel in refined)
        best = min(refined, key=lambda kernel: self._judge.of(kernel, reach).score)
        polished = self._polished(best)
        first, second = (self._judge.of(kernel, reach) for kernel in (best, polished))
        kernel, judgement = (polished, second) if second.score < WORSE * first.score else (best, first)
        witnesses = sorted(likeness(trial.kernel, kernel) for trial in trials)[-WITNESSES:]
        self._progress(1.0)
        return Found(
            kernel=kernel if size is not None else trimmed(centred(kernel)),
            judgement=judgement,
            agreement=float(np.mean(witnesses)),
            stability=likeness(best, polished),
            steepness=_steepness(self._pyramid.picture(0)),
        )

    def _refined(self, kernel: Array, size: int | None) -> Array:
        square = size or fitting_square(kernel, self._room)
        begin, levels = boxed(kernel), levels_of(square)
        refined = self._warm(begin, square, Start(REFINING_STRENGTH, levels=levels))
        if _level_of(kernel) == 0:
            return refined
        looser = self._warm(begin, square, Start(LOOSER_STRENGTH, levels=levels))
        score, looser_score = (self._judge.of(outcome, square).score for outcome in (refined, looser))
        return looser if looser_score < CLEARLY * score else refined

    def _polished(self, kernel: Array) -> Array:
        return self._warm(kernel, kernel.shape[0], Start(LAST_STRENGTH, levels=1, rounds=POLISHING))

    def _warm(self, kernel: Array, square: int, start: Start) -> Array:
        """Return what the alternation makes of a kernel, in a square of the full picture."""
        self._advance()
        level = _level_of(kernel)
        if level == 0:
            return found_kernel(self._pyramid, square, replace(start, kernel=enlarged(kernel, square, 1)))
        smaller = odd(ceil(square * FACTOR**-level))
        start = replace(start, kernel=enlarged(kernel, smaller, FACTOR**-level))
        return enlarged(found_kernel(self._pyramid, smaller, start, finest=level), square, FACTOR**level)

    def _advance(self) -> None:
        self._done += 1
        self._progress(min(self._done / (self._steps + 1), 1.0))


def _steepness(picture: Array) -> float:
    near, far = (
        np.concatenate([np.abs(np.subtract(p[n:], p[:-n])).ravel() for p in (picture, picture.T)]) for n in (1, STRIDE)
    )
    return float(np.quantile(near, STEEPEST) / max(np.quantile(far, STEEPEST), LEAST_STEP))


def _level_of(kernel: Array) -> int:
    return LONG_LEVEL if extent(kernel) >= LONG else 0
