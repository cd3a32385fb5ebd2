"""Was this array once a JPEG, and with which steps? Its coefficients tell, whatever file they lie in now.

Samples that were decoded from a JPEG take few values, its codes, and the cosine coefficients of their luma lie beside
whole multiples of a step q, one for each of the 8 x 8 coefficients: of x = n q + e the mean of cos(2 pi x / q) is
exp(-2 (pi sigma / q)^2), sigma = 0.35 being what rounding luma, then red, green and blue to codes leaves in a
coefficient. Of a picture that was no JPEG it is 0. Every divisor of q fits as well, so the largest step that fits is
taken. Coefficients that became 0 in nearly all blocks show no step; they get that of the usual table, scaled as the
others are. What was resampled or sharpened since shows none at all.

Reference: Z. Fan and R. L. de Queiroz, Identification of bitmap compression history: JPEG detection and quantizer
estimation, IEEE Trans. Image Processing 12, 2003.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from restore.checks import Array
from restore.noise.jpeg_blocks import USUAL_TABLE
from restore.noise.jpeg_codes import BAND, CODES, EDGE, LUMA, bands, blocks, coefficients, luma_of
from restore.noise.jpeg_rounding import rounding_variance

#: So many samples tell at once whether there are more values than codes, and so few values hold no photograph.
FIRST_SAMPLES = 4096
FEWEST_VALUES = 16
#: Candidate steps, in codes, and those by which the grid of blocks is looked for.
STEPS = np.arange(2, 256)
FIRST_STEPS = STEPS[:16]
#: What rounding to codes leaves in a coefficient: of luma, and of the three colours made of it.
ROUNDING_VAR = (1 + sum(share**2 for share in LUMA)) / 12
#: Values below this are 0 but for that. A step fits where the mean cosine reaches this share of what is expected, and
#: so many standard errors, and where this share of the values lies above half a step.
NOT_ZERO = 1.5
FITS, CERTAIN = 0.75, 6.0
ABOVE = 0.75
#: The grid of blocks is where so many coefficients have a step, of whose multiples none has more than this share: what
#: repeats itself from block to block has one value only.
COEFFICIENTS = 4
FREQUENT = 0.8
#: Values that are asked for a step. Most pictures begin with a block: of the other places less is asked, so many values
#: and blocks, and coefficients up to this one along rows and columns together.
VALUES = 256
OTHER_VALUES, OTHER_BLOCKS, OTHER_COEFFICIENTS = 64, 300, 5
#: Steps count as coarser than those that a file states where half of them are larger by this factor.
COARSER = 1.25


@dataclass(frozen=True, eq=False)
class JpegHistory:
    """The steps of a JPEG's luminance, the place of its first block, and the values of its codes, the lowest first."""

    table: Array
    corner: tuple[int, int]
    values: Array

    def codes(self, image: Array) -> Array:
        """Return the codes of samples, as 0 to 1."""
        codes: Array = np.interp(image, self.values, np.arange(self.values.size)) / (CODES - 1)
        return codes

    def light(self, codes: Array) -> Array:
        """Return the samples of codes from 0 to 1."""
        return np.interp((CODES - 1) * codes, np.arange(self.values.size), self.values.astype(np.float64))


def jpeg_history(image: Array) -> JpegHistory | None:
    """Return what JPEG left in a plane with its channels last, or None where it left nothing that shows."""
    if min(image.shape[:2]) < EDGE or np.unique(image.ravel()[:: image.size // FIRST_SAMPLES + 1]).size > CODES:
        return None
    values, codes = np.unique(bands(image), return_inverse=True)
    if not FEWEST_VALUES <= values.size <= CODES or not np.isfinite(values).all():
        return None
    luma = luma_of(codes.reshape(-1, min(BAND, len(image)), *image.shape[1:]))
    corner = _corner(luma)
    return None if corner is None else JpegHistory(_table(coefficients(blocks(luma, corner))), corner, values)


def coarsest_table(stated: Array, samples: Array) -> Array:
    """Return the table of a JPEG that samples, channels last, show to have been one of coarser steps, else `stated`.

    What is saved again loses no more than the finer steps take, and keeps what the coarser ones did.
    """
    history = jpeg_history(samples)
    if history is None or history.corner != (0, 0) or np.median(history.table / stated) < COARSER:
        return stated
    return np.maximum(stated, history.table)


def variance_of_history(image: Array, history: JpegHistory, hidden: Array | None = None) -> float:
    """Return the variance, in the unit of the image, to count for the rounding of the JPEG that it was.

    Channels last; blocks with `hidden` samples, a bool array without channels, are not looked at.
    """
    shown = None if hidden is None else _from_corner(hidden[..., None], history.corner)[..., 0]
    codes = history.codes(_from_corner(image, history.corner))
    return rounding_variance(codes, history.table, history.light, shown)


def rounding_in(image: ArrayLike, channel_axis: int | None) -> Callable[[Array | None], float]:
    """Return what tells the variance of the rounding of the JPEG that an image was, beside what is hidden.

    It is 0 where the image shows no JPEG, and of other than two axes beside that of its channels.
    """

    @cache
    def history() -> tuple[Array, JpegHistory | None]:
        plane = np.asarray(image)
        plane = plane[..., None] if channel_axis is None else np.moveaxis(plane, channel_axis, -1)
        return plane, jpeg_history(plane) if plane.ndim == 3 else None

    def variance(hidden: Array | None) -> float:
        plane, once = history()
        return 0.0 if once is None else variance_of_history(plane, once, hidden)

    return variance


def _from_corner(image: Array, corner: tuple[int, int]) -> Array:
    """Return whole rows of blocks of an image's bands, one below the other, from the first block on."""
    some = bands(image)[:, corner[0] :, corner[1] :]
    return some[:, : some.shape[1] // EDGE * EDGE].reshape(-1, *some.shape[2:])


def _corner(luma: Array) -> tuple[int, int] | None:
    """Return where in the bands the first block begins."""
    if _shows_steps(coefficients(blocks(luma, (0, 0))).reshape(-1, EDGE**2)[:, 1:], VALUES):
        return 0, 0
    low = np.add.outer(np.arange(EDGE), np.arange(EDGE))
    low = (low > 0) & (low <= OTHER_COEFFICIENTS)
    for corner in list(np.ndindex(EDGE, EDGE))[1:]:
        some = blocks(luma, corner)
        if _shows_steps(coefficients(some[:: len(some) // OTHER_BLOCKS + 1])[:, low], OTHER_VALUES):
            return corner
    return None


def _shows_steps(values: Array, most: int) -> bool:
    """Return whether coefficients, a column each, are multiples of steps."""
    return sum(_step(column, FIRST_STEPS, most, FREQUENT) > 0 for column in values.T) >= COEFFICIENTS


def _table(values: Array) -> Array:
    """Return the steps of all coefficients, those that show none by the usual table."""
    steps = np.array([_step(v, STEPS, VALUES, 1.0) for v in values.reshape(-1, EDGE**2).T])
    steps = steps.reshape(EDGE, EDGE)
    steps[0, 0] = 0  # a block's mean: its step is no larger than those beside it
    shown = steps > 0
    scale = np.median(steps[shown] / USUAL_TABLE[shown])
    return np.where(shown, steps, np.maximum(np.rint(scale * USUAL_TABLE), 1))


def _step(values: Array, steps: Array, most: int, frequent: float) -> float:
    """Return the largest of the steps that the values of a coefficient are multiples of, 0 where there is none."""
    size = np.abs(values)
    size = size[size > NOT_ZERO]
    if 2 * size.size < CERTAIN**2:
        return 0.0
    size = size[:: size.size // most + 1]
    multiples = size / steps[:, None]
    fit = np.cos(2 * np.pi * multiples).mean(axis=1)
    least = np.maximum(FITS * np.exp(-2 * np.pi**2 * ROUNDING_VAR / steps**2), CERTAIN / (2 * size.size) ** 0.5)
    fits = np.flatnonzero((fit >= least) & ((multiples > 0.5).mean(axis=1) >= ABOVE))
    if fits.size == 0:
        return 0.0
    top = fits[-1]
    while top > 0 and fit[top - 1] > fit[top]:
        top -= 1
    counts = np.bincount(np.rint(multiples[top]).astype(int))
    return float(steps[top]) if counts.max() <= frequent * size.size else 0.0
