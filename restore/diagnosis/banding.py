"""Noise that whole rows share, or columns: banding, as line scanners and some sensors leave it.

All of its power lies at waves along one axis alone, where no smooth law of noise looks, and passes for detail there.
Where waves beside it show noise and nothing else, it is seen.
"""

from __future__ import annotations

import numpy as np

from restore.checks import Array
from restore.spectrum.observed_spectrum import ObservedSpectrum

#: Waves that are no neighbours of the mean, and those beside the ones along an axis.
FIRST, BESIDE = 4, slice(3, 13)
#: Waves show noise alone up to so many times the power that a fifth of all do not reach; so many tell.
DARK, FLOOR, ENOUGH = 2.0, 0.2, 16
#: What leaks through the window is a share of the mean power beside the noise.
LEAKAGE = 1e-5


def banding(spectrum: ObservedSpectrum) -> float:
    """Return the noise of rows or columns over that of single samples, as standard deviations, 0 where unseen."""
    power = spectrum.power
    if power.ndim != 2 or min(power.shape) < 2 * BESIDE.stop or not power.any():
        return 0.0
    floor = max(float(np.quantile(power, FLOOR)), LEAKAGE * float(power.mean()))
    rows = _ratio(power[FIRST : power.shape[0] // 2, 0], power[FIRST : power.shape[0] // 2, BESIDE], floor)
    columns = _ratio(power[0, FIRST:-1], power[BESIDE, FIRST:-1].T, floor)
    shared = [max(r - 1, 0) / n for r, n in zip((rows, columns), spectrum.shape[::-1], strict=True)]
    window = 2 / 3 if spectrum.windowed else 1.0
    return float(np.sqrt(max(shared) / window))


def _ratio(along: Array, beside: Array, floor: float) -> float:
    """Return the power of waves along an axis over that of noise, where those beside show noise alone."""
    near = np.median(beside, axis=1)
    dark = near <= DARK * floor
    if np.count_nonzero(dark) < ENOUGH:
        return 0.0
    return float(np.median(along[dark]) / max(float(np.median(near[dark])), floor))
