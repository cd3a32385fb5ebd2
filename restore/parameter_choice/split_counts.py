"""When to stop an iteration on counts: where one half of the photons foretells the other best.

A sample that is left out is foretold by those around it only where the blur leaves fewer frequencies than there are
samples left: on voxels as large as the details that pass, what is missing is missing, and samples left out ask for the
end long before the noise does. There the photons are dealt out instead, each to one of two parts by a coin: parts of
a Poisson variable are Poisson variables without a relation, so that an estimate from one of them foretells the other
worse as soon as it fits noise.

Reference: J. F. C. Kingman, Poisson Processes, 1993, section 5.1 (colouring).
"""

from __future__ import annotations

import numpy as np

from restore.checks import Array
from restore.parameter_choice.held_out import SEED, SHARE

#: |H| from which on a frequency passes.
PASSES = 0.003


def passes_nearly_all(otf: Array) -> bool:
    """Return whether a blur leaves more frequencies than the samples that a run sees which some are kept from."""
    return float(np.mean(np.abs(otf) > PASSES)) > 1 - SHARE


def halves(counts: Array, gain: float) -> tuple[Array, Array]:
    """Return two parts of counts, `gain` times whole numbers each, both doubled to the level of all."""
    photons = np.maximum(np.rint(counts / gain), 0).astype(np.int64)
    first = np.random.default_rng(SEED).binomial(photons, 0.5)
    one, other = ((2 * gain * part).astype(counts.dtype) for part in (first, photons - first))
    return one, other
