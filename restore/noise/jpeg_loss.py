"""What JPEG's quantization kept of a picture's spectrum, and what it added, from the coefficients that the file holds.

Quantization is no linear filter, but a part of its output goes with its input: Q(x) = a x + d with a = E[x Q] / E[x^2]
and d uncorrelated with x. Coefficients of the 8 x 8 blocks that all became 0 have a = 0, those many steps high a = 1.
With b_k the spectrum of the k-th cosine of a block, a picture of power P comes back with the power

    A^2 P + N,   A = sum_kl a_kl |b_k(v) b_l(u)|^2 / 64,   N = sum_kl var(d_kl) |b_k(v) b_l(u)|^2 / 64 + aliases,

the aliases being the power that a_kl moves by multiples of 1/8 cycle per pixel, as the blocks begin anew.

Within its step a coefficient is taken to be distributed like a Laplacian, whose rate follows from how many zeros and
how large values the file holds, apart for blocks with little and with much detail. All powers are those of the samples,
in linear light for a photograph: an edge that survives brings its harmonics with it.

References: J. J. Bussgang, MIT RLE report 216, 1952 (the part that goes with the input); E. Y. Lam and J. W. Goodman, A
mathematical analysis of the DCT coefficient distributions for images, IEEE Trans. Image Processing 9, 2000.
"""

from __future__ import annotations

import numpy as np
from scipy import fft

from restore.checks import Array
from restore.noise.jpeg_codes import BAND, CODES, EDGE, bands, blocks, coefficients, luma_of

#: Blocks begin where the coefficients with steps of COARSE codes or more, of those above half a step, lie less than OFF
#: steps beside a whole number on average; anywhere else it is 0.25.
COARSE = 4.0
OFF = 0.12
#: Groups of blocks by detail, and the candidate rates of the Laplacian per step.
GROUPS = 4
RATES = np.geomspace(1e-3, 40, 200)[:, None, None]
#: Aliases are computed at so many frequencies per axis.
GRID = 64
#: Where all coefficients are 0, this much of one is counted as 1: any steeper Laplacian does as well.
HALF = 0.5


def jpeg_response(region: Array, weights: Array, table: Array) -> tuple[Array, Array] | None:
    """Return a and var(d), 8 x 8 each, for the luminance of a region with channels last.

    None without codes, and where the steps of `table` are not found in them: the picture was resampled since, or the
    table is another picture's.
    """
    values, codes = np.unique(bands(region), return_inverse=True)
    if values.size > CODES:
        return None
    codes = codes.reshape(-1, min(BAND, len(region)), *region.shape[1:])
    luma = luma_of(codes)
    corner = _corner(luma, table)
    if corner is None:
        return None
    codes_as_blocks = blocks(luma, corner)
    slope = np.interp(codes_as_blocks.mean(axis=(1, 2)), np.arange(values.size), np.gradient(values.astype(np.float64)))
    light = coefficients(blocks(values[codes] @ weights, corner))
    whole = np.rint(coefficients(codes_as_blocks) / table)
    return _moments(light, whole, slope[:, None, None] * table)


def over_frequency(per_coefficient: Array, u: Array, v: Array) -> Array:
    """Return sum_kl c_kl |b_k(v) b_l(u)|^2 / 64 on the grid of u (right) and v (down), in cycles per pixel.

    A row per v, a column per u.
    """
    right, down = (np.abs(_cosines(f)) ** 2 for f in (u, v))
    return np.asarray(down.T @ per_coefficient @ right / EDGE**2)


def aliases(gain: Array, power: Array, u: Array, v: Array, used: Array) -> Array:
    """Return what the gain a_kl moves to each frequency of a half spectrum from the others, where `used` tells them.

    A row per v (down), a column per u (right).
    """
    row, column = (np.rint(f * GRID).astype(int) % GRID for f in np.meshgrid(v, u, indexing="ij"))
    index = np.concatenate([row[used] * GRID + column[used], -row[used] % GRID * GRID + -column[used] % GRID])
    count = np.bincount(index, minlength=GRID**2)
    total = np.bincount(index, weights=np.tile(power[used], 2), minlength=GRID**2)
    coarse = (total / np.maximum(count, 1)).reshape(GRID, GRID)
    waves = _cosines(np.arange(GRID) / GRID)
    step = GRID // EDGE
    moves = [waves * np.roll(waves, m * step, axis=1).conj() for m in range(EDGE)]
    moved = np.zeros_like(coarse)
    for m, n in list(np.ndindex(EDGE, EDGE))[1:]:
        share = np.abs(moves[m].T @ gain @ moves[n] / EDGE**2) ** 2
        moved += share * np.roll(coarse, (m * step, n * step), axis=(0, 1))
    return moved[row, column]


def _cosines(frequency: Array) -> Array:
    """Return b_k at each frequency, one row per k."""
    cosines = fft.idct(np.eye(EDGE), axis=1, norm="ortho")
    return np.asarray(cosines @ np.exp(-2j * np.pi * np.outer(np.arange(EDGE), frequency)))


def _corner(luma: Array, table: Array) -> tuple[int, int] | None:
    """Return where in the bands the first block begins."""
    coarse = table >= COARSE
    for corner in np.ndindex(EDGE, EDGE):
        steps = (coefficients(blocks(luma, corner)) / table)[:, coarse]
        above = steps[np.abs(steps) > 0.5]
        if above.size and np.abs(above - np.rint(above)).mean() < OFF:
            return corner
    return None


def _moments(light: Array, whole: Array, step: Array) -> tuple[Array, Array]:
    """Return a and var(d) from the coefficients in linear light, the same as whole steps, and a step in that light."""
    total = (light**2).sum(axis=0)
    with_input, of_input = total.copy(), total.copy()
    size = np.abs(whole)
    detail = size.sum(axis=(1, 2)) - size[:, 0, 0]
    for group in np.array_split(np.argsort(detail, kind="stable"), GROUPS):
        if group.size == 0:
            continue
        energy, shift, spread = _within_step(size[group])
        nearer = (light[group] * np.sign(whole[group]) * step[group]).sum(axis=0) * shift
        with_input += nearer
        of_input += 2 * nearer + (step[group] ** 2 * np.where(whole[group] == 0, energy, spread)).sum(axis=0)
    of_input = np.maximum(of_input, np.finfo(float).tiny)
    return with_input / of_input, np.maximum(total - with_input**2 / of_input, 0) / len(light)


def _within_step(size: Array) -> tuple[Array, Array, Array]:
    """Return E[x^2] of what became 0, and mean and mean square of x beside its step elsewhere, in steps.

    The Laplacian with the density ~ exp(-r |x|) is the likeliest for the values `size` of each coefficient.
    """
    zeros, sums = (size == 0).sum(axis=0), size.sum(axis=0)
    others = np.where(sums == 0, HALF, len(size) - zeros)
    sums = np.maximum(sums, HALF)
    likelihood = zeros * np.log(-np.expm1(-RATES / 2)) - (sums - others / 2) * RATES
    rate = RATES[np.argmax(likelihood + others * np.log(-np.expm1(-RATES)), axis=0), 0, 0]
    x = np.linspace(-0.5, 0.5, 101)[:, None, None]
    density = np.exp(-rate * x)
    density /= density.sum(axis=0)
    around = np.exp(-rate * np.abs(x))
    energy = (x**2 * around).sum(axis=0) / around.sum(axis=0)
    return energy, (x * density).sum(axis=0), (x**2 * density).sum(axis=0)
