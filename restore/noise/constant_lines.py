"""Dead columns of a sensor, lines painted over a picture: long thin runs of equal samples that stand out on both sides.

No noise is so even, and what the blur has widened does not stand out so. A filter may explain such a line all the same,
by waves across it alone, so that what it leaves over does not show it.
"""

from __future__ import annotations

import numpy as np

from restore.checks import Array

#: Samples of the shortest line, and the share of a side that it takes at least.
SHORTEST, SHARE = 24, 1 / 8
#: Samples that chance rarely makes equal.
RUN = 4
#: Lines beside each other that are one, and the share of all lines beyond which a picture is made of equal samples.
WIDEST, MOST = 4, 0.05
#: Lines that are looked at together.
SLAB = 128
#: The step to both sides, as a share of the range of the picture.
STEP = 0.05


def constant_lines(picture: Array) -> Array:
    """Return where lines of equal samples stand out of a picture of two axes, channels last."""
    where = np.zeros(picture.shape[:-1], bool)
    for lines, marks in ((picture, where), (picture.swapaxes(0, 1), where.T)):
        _mark(lines, marks, STEP * float(np.ptp(picture)))
    return where


def _mark(lines: Array, where: Array, step: float) -> None:
    """Mark the samples of the lines, which the first axis counts, that hold equal samples and stand out."""
    length = lines.shape[1]
    least = max(SHORTEST, SHARE * length)
    even = np.concatenate([_equal_runs(lines[start : start + SLAB, :, 0]) for start in range(0, len(lines), SLAB)])
    numbers = np.flatnonzero(RUN * even >= least - 2 * RUN)
    if numbers.size > MOST * len(lines):
        return
    for group in np.split(numbers, np.flatnonzero(np.diff(numbers) > 1) + 1):
        if 0 < group.size <= WIDEST and group[0] > 0 and group[-1] < len(lines) - 1:
            beside = lines[[group[0] - 1, group[-1] + 1]]
            for number in group:
                level = _of_one_level(lines[number])
                steps = np.abs(beside - lines[number]).max(axis=-1)
                if np.count_nonzero(level) >= least and (np.median(steps[:, level], axis=1) > step).all():
                    where[number] |= level


def _equal_runs(lines: Array) -> Array:
    """Return how many runs of equal samples there are in each line, of those that divide it."""
    runs = lines[:, : lines.shape[1] // RUN * RUN].reshape(len(lines), -1, RUN)
    return np.count_nonzero((runs[..., 1:] == runs[..., :1]).all(axis=-1), axis=1)


def _of_one_level(line: Array) -> Array:
    """Return which samples of a line are of the level that most of its equal neighbours have."""
    equal = (line[1:] == line[:-1]).all(axis=-1)
    if not equal.any():  # a channel is even, the others are not
        return np.zeros(len(line), bool)
    levels, counts = np.unique(line[1:][equal], axis=0, return_counts=True)
    return np.asarray((line == levels[np.argmax(counts)]).all(axis=-1))
