"""Noise that is no noise: what a restoration leaves over lies at the edges, and flat places hold none of it.

To a PSF too wide for a picture its finest detail is something that no light could show, so noise: coloured, and as
strong as the detail. Noise is everywhere, though, by the light of the place at most; detail is not. How large what is
left is beside the picture says how much that matters.

    u = s_r / s_g (1 - q)^2,   s_r, s_g the standard deviations of r and of the picture,

and q what a quarter of all blocks do not reach of the energy that their light leads to expect, for noise of variance
a + b light + c light^2: about 0.85 of noise, 0 of edges on flat ground.
"""

from __future__ import annotations

import numpy as np

from restore.checks import Array

#: Samples along the edge of a block, and the fewest blocks that tell.
BLOCK, ENOUGH = 8, 64
#: About so many blocks are looked at.
MOST = 1 << 14
#: The least energy that is expected of a block, over the mean.
LEAST = 0.1


def unevenness(observed: Array, rest: Array, hidden: Array | None) -> float:
    """Return u of what a restoration left of a picture of two axes, channels last, 0 where too little is known."""
    if np.prod([n // BLOCK for n in rest.shape[:2]]) < ENOUGH:
        return 0.0
    light, left = _blocks(observed), _blocks(rest)
    if hidden is not None:
        known = _blocks(hidden).max(axis=1) == 0
        light, left = light[known], left[known]
    if len(light) < ENOUGH:
        return 0.0
    energies, levels = np.mean(left**2, axis=1), light.mean(axis=1)
    mean, deviation = float(energies.mean()), float(light.std())
    if not mean * deviation > 0:
        return 0.0
    powers = np.vander((levels - levels.mean()) / max(float(levels.std()), np.finfo(np.float64).tiny), 3)
    expected = powers @ np.linalg.lstsq(powers, energies)[0]
    ratios = energies / np.maximum(expected, LEAST * mean)
    quarter = float(np.quantile(ratios, 0.25) / ratios.mean())
    return float(np.sqrt(mean) / deviation * (1 - quarter) ** 2)


def _blocks(picture: Array) -> Array:
    """Return the samples of blocks, the mean over the channels, of some strips of a large picture."""
    high, wide = (n // BLOCK for n in picture.shape[:2])
    starts = range(0, high * BLOCK, BLOCK * max(1, high * wide // MOST))
    strips = [picture[start : start + BLOCK, : wide * BLOCK].mean(axis=-1, dtype=np.float64) for start in starts]
    return np.concatenate([strip.reshape(BLOCK, wide, BLOCK).swapaxes(0, 1).reshape(wide, -1) for strip in strips])
