"""What is kept of a group of similar patches, once what looks like noise is taken off it.

A group is a matrix X, one patch per row. Similar patches make it a matrix of low rank plus noise, and each of its
singular values s is kept in part,

    Z = m + U diag(k(s) s) V',    X - m = U diag(s) V',    m the mean patch,

with k near 0 below the largest singular value of noise alone and near 1 above. The basis U, V is the group's own:
edges, stripes and weaves of any direction need few of its vectors. With k(s) = P(P(p)), p = s^2 / (s^2 + t^2) and the
polynomial P(p) = 3 p^2 - 2 p^3, no singular value has to be found: U diag(p) U' = I - (I + X X' / t^2)^-1.

A group weighs the less in the mean of all patches the more of it was kept, because the kept part holds the noise.

References: J. Zhang, D. Zhao and W. Gao, Group-based sparse representation for image restoration, IEEE Trans. Image
Process. 23, 2014, eqs. 13-24 (singular values of groups, kept or not); K. Dabov, A. Foi, V. Katkovnik and K.
Egiazarian, Image denoising by sparse 3-D transform-domain collaborative filtering, IEEE Trans. Image Process. 16, 2007,
eq. 10 (weights).
"""

from __future__ import annotations

import numpy as np

from restore.checks import Array
from restore.methods.patches.batched_inverse import batched_inverse
from restore.methods.patches.patch_groups import Shrinkage

#: The threshold t relative to the largest singular value that white noise of the level has on average.
STRENGTH = 0.643
#: The power of 1 / (numbers that describe what is kept) by which a group weighs.
CONFIDENCE = 1.5
#: X X' is known to about so many roundings of its trace. At one, the inverse of I + X X' / t^2 was none where a picture
#: is even, but for rounding.
ROUNDINGS = 8
#: How often P is applied: more comes closer to keeping or dropping, which rings.
SHARPENED = 2


def low_rank(level: float) -> Shrinkage:
    """Return the rule that keeps of every group what exceeds noise of standard deviation `level`."""

    def shrink(groups: Array) -> Array:
        count, samples = groups.shape[1:]
        threshold = STRENGTH * level * (count**0.5 + samples**0.5)
        mean = np.full((1, count), 1 / count, groups.dtype) @ groups
        groups -= mean
        turned = groups.transpose(0, 2, 1)
        by_patch = count <= samples  # the smaller of the two Gram matrices
        share = _sharpened(_shares(groups @ turned if by_patch else turned @ groups, threshold))
        groups[...] = share @ groups if by_patch else groups @ share
        groups += mean
        rank = np.clip(np.trace(share, axis1=1, axis2=2), 0, count)  # but for rounding it is
        # As many numbers describe what is kept: pairs of singular vectors, and the mean.
        numbers = rank * (samples + count - rank) + samples
        return np.asarray((samples * count / numbers) ** CONFIDENCE, groups.dtype)

    return shrink


def _shares(gram: Array, threshold: float) -> Array:
    """Return the matrices I - (I + G / t^2)^-1, which multiply an eigenvector of G by s^2 / (s^2 + t^2).

    Below the rounding of the largest s^2 nothing is told from 0: t^2 is at least that.
    """
    diagonal = np.arange(gram.shape[1])
    rounding = ROUNDINGS * np.finfo(gram.dtype).eps * np.trace(gram, axis1=1, axis2=2)
    gram *= (1 / np.maximum(threshold**2, rounding))[:, None, None].astype(gram.dtype)
    gram[:, diagonal, diagonal] += 1
    share = batched_inverse(gram)
    np.negative(share, out=share)
    share[:, diagonal, diagonal] += 1
    return share


def _sharpened(share: Array) -> Array:
    """Return the matrices with their eigenvalues p replaced by P(P(p)); they are used up."""
    diagonal = np.arange(share.shape[1])
    for _ in range(SHARPENED):
        square = share @ share
        share *= -2
        share[:, diagonal, diagonal] += 3
        share = square @ share
    return share
