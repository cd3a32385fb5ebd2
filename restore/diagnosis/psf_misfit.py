"""How unlikely each PSF makes the spectrum of a picture: the score that ranks a PSF among its neighbours.

J(h) = min over S, s^2 of mean(log v + I / v), v = |H|^2 S + s^2, with I the periodogram of the picture, S the power law
of natural pictures and s^2 the noise.

Reference: P. Whittle, Estimation and information in stationary time series, Ark. Mat. 2, 1953.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from restore.checks import Array
from restore.noise.white import noise_variance
from restore.operators.fourier import frequencies
from restore.spectrum.observed_spectrum import through_window
from restore.spectrum.power_law import fit_power_law
from restore.threads import on_one_thread


@on_one_thread
def misfits(planes: Array, kernels: Sequence[Array], extra_noise_var: float = 0.0, *, one_in: int = 1) -> list[float]:
    """Return 1000 J of each PSF, for a picture with channels last, from one in so many bins of its spectrum.

    `extra_noise_var` is added to the power everywhere: below it a spectrum that JPEG has emptied says nothing.
    """
    seen = through_window(planes, planes.ndim - 1)
    used = np.unravel_index(np.flatnonzero(seen.thinned)[::one_in], seen.thinned.shape)
    squared = np.asarray(sum(w**2 for w in frequencies(seen.shape)))[used]
    power, weight = np.maximum(seen.power[used] + extra_noise_var, 1e-300), seen.thinned[used]
    noise = noise_in_sight(planes) + extra_noise_var
    found = []
    for kernel in kernels:
        response = seen.response(kernel)[used]
        law = fit_power_law(power, response, squared, weight, noise)
        expected = response * np.exp(law.log_spectrum(squared)) + law.noise_var
        found.append(1000 * float(weight @ (np.log(expected) + power / expected) / weight.sum()))
    return found


def noise_in_sight(planes: Array) -> float:
    """Return the variance that flat places show, at least the rounding of the samples' type; channels last."""
    noise = float(np.mean([noise_variance(planes[..., c]) for c in range(planes.shape[-1])]))
    return max(noise, (float(np.finfo(planes.dtype).eps) * float(np.abs(planes).max())) ** 2, 1e-200)
