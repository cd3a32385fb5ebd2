"""What is kept of a group of similar patches, once what looks like noise is taken off it.

A group is a matrix X, one patch per row. Similar patches make it a matrix of low rank plus noise; of its singular
values those above a threshold are kept,

    Z = m + U diag(s [s > t]) V',    X - m = U diag(s) V',    m the mean patch,

in a basis U, V that is the group's own: edges, stripes and weaves of any direction need few of them. With a fixed
basis instead (the cosines of a patch times the Haar functions across the group) the same rule is cheaper and
coarser: every coefficient up to t is dropped.

A group weighs the less in the mean of all patches the more of it was kept, because the kept part holds the noise.

References: J. Zhang, D. Zhao and W. Gao, Group-based sparse representation for image restoration, IEEE Trans. Image
Process. 23, 2014, eqs. 13-24 (singular values); K. Dabov, A. Foi, V. Katkovnik and K. Egiazarian, Image denoising by
sparse 3-D transform-domain collaborative filtering, IEEE Trans. Image Process. 16, 2007, eqs. 4-10 (fixed basis).
"""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy import fft

from restore._checks import Array
from restore._patch_groups import Shrinkage


def low_rank(threshold: float) -> Shrinkage:
    """Return the rule that keeps the singular values above a threshold."""

    def shrink(groups: Array) -> Array:
        count, samples = groups.shape[1:]
        mean = groups.mean(axis=1, keepdims=True)
        groups -= mean
        power, basis = np.linalg.eigh(groups @ groups.transpose(0, 2, 1))  # the squared singular values, and U
        kept = power > threshold**2
        groups[...] = (basis * kept[:, None, :]) @ (basis.transpose(0, 2, 1) @ groups) + mean
        rank = kept.sum(axis=1)
        # Numbers that describe what is kept: `rank` pairs of singular vectors, and the mean.
        return np.asarray(1 / (rank * (samples + count - rank) + samples), groups.dtype)

    return shrink


def fixed_basis(threshold: float) -> Shrinkage:
    """Return the rule that keeps the coefficients above a threshold, and the mean of the group."""

    def shrink(groups: Array) -> Array:
        across, inside = _bases(groups.shape[1], round(groups.shape[2] ** 0.5), groups.dtype.char)
        coefficients = across @ groups @ inside.T
        kept = np.abs(coefficients) > threshold
        kept[:, 0, 0] = True
        coefficients *= kept
        groups[...] = across.T @ coefficients @ inside
        return np.asarray(1 / kept.sum(axis=(1, 2)), groups.dtype)

    return shrink


@cache
def _bases(count: int, size: int, dtype: str) -> tuple[Array, Array]:
    """Return the rows of the basis across a group and of the one over the samples of a patch, both orthonormal."""
    cosines = fft.dct(np.eye(size), axis=0, norm="ortho")
    # Haar functions exist for powers of two; groups of another size, in tiny pictures, take cosines.
    across = _haar(count) if count & (count - 1) == 0 else fft.dct(np.eye(count), axis=0, norm="ortho")
    return across.astype(dtype), np.kron(cosines, cosines).astype(dtype)


def _haar(count: int) -> Array:
    rows = np.ones((1, 1))
    while len(rows) < count:
        rows = np.vstack([np.kron(rows, [1, 1]), np.kron(np.eye(len(rows)), [1, -1])]) / np.sqrt(2)
    return rows
