"""Whether points at different fractions of a sample tell what lies between the samples.

Sampling folds the frequencies u + k, for whole k along each axis, into one. Of points at places c_s the N^d of them
that a grid finer by N holds are told apart as well as the matrix

    G_kl = mean over s of exp(2 pi i (k - l) c_s)

is regular: its least eigenvalue is 1 where the places are spread evenly, and 0 where they miss a phase; the noise of
the least certain part of the PSF is 1 / sqrt(it) times as large as that of evenly spread ones.
"""

from __future__ import annotations

import numpy as np

from restore.checks import Array, InvalidValue

#: The least eigenvalue that is enough.
COVERED = 0.05


def coverage(places: Array, subsampling: int) -> float:
    """Return the least eigenvalue for places in samples, (points, axes)."""
    aliases = np.stack(np.meshgrid(*[np.arange(subsampling)] * places.shape[1], indexing="ij"), -1)
    waves = np.exp(2j * np.pi * places @ aliases.reshape(-1, places.shape[1]).T)
    return float(max(np.linalg.eigvalsh(waves.conj().T @ waves)[0] / len(places), 0.0))


def refuse_uncovered(places: Array, subsampling: int) -> None:
    """Refuse points whose places do not tell a grid so much finer."""
    if (share := coverage(places, subsampling)) < COVERED:
        count = subsampling ** places.shape[1]
        raise InvalidValue(
            f"image must have points at many fractions of a sample for a grid finer by {subsampling}, got "
            f"{len(places)} that tell {share:.2f} of what evenly spread ones do ({COVERED} are needed): take more "
            f"points ({3 * count} or more), a smaller subsampling, or a family"
        )
