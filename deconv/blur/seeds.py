"""The seeds of a run's noise: one seed gives every picture and every plane noise of its own, whatever their order."""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np

from deconv.blur.request import BlurRequest


def seeds_of(request: BlurRequest, source: str) -> np.random.SeedSequence:
    """Return the seeds of one input: the seed alone for a single one, the seed and the file's name among several."""
    if len(request.inputs) == 1:
        return np.random.SeedSequence(request.noise.seed)
    name = Path(source).name
    namesakes = [other for other in request.inputs if Path(other).name == name]
    key = (zlib.crc32(name.encode(errors="surrogateescape")), namesakes.index(source))
    return np.random.SeedSequence(request.noise.seed, spawn_key=key)
