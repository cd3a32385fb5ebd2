"""How unlikely each PSF makes the spectrum of a picture: the score that ranks a PSF among its neighbours.

J(h) = min over S, s^2 of mean(log v + I / v), v = |H|^2 S + s^2, with I the periodogram of the picture, S the power law
of natural pictures and s^2 the noise.

Reference: P. Whittle, Estimation and information in stationary time series, Ark. Mat. 2, 1953.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from restore.checks import Array
from restore.noise.white import NoiseLevel, type_rounding
from restore.operators.fourier import frequencies
from restore.operators.threads import on_one_thread
from restore.spectrum.noise_law import NoiseLaw
from restore.spectrum.observed_spectrum import ObservedSpectrum
from restore.spectrum.power_law import fit_power_law


@on_one_thread
def misfits(
    spectrum: ObservedSpectrum,
    noise_var: float,
    psfs: Sequence[Array],
    *,
    extra_noise_var: float = 0.0,
    noise: NoiseLaw | None = None,
    one_in: int = 1,
) -> list[float]:
    """Return 1000 J of each PSF for the spectrum of a picture and its visible noise, from one in so many bins.

    `extra_noise_var` is added to the power everywhere: below it a spectrum that JPEG has emptied says nothing. By the
    shape of `noise`, the law of coloured noise, the spectrum is divided, which makes that noise white.
    """
    used = np.unravel_index(np.flatnonzero(spectrum.thinned)[::one_in], spectrum.thinned.shape)
    squared = np.asarray(sum(w**2 for w in frequencies(spectrum.shape)))[used]
    power, weight = np.maximum(spectrum.power[used] + extra_noise_var, 1e-300), spectrum.thinned[used]
    visible: Array | float = noise_var
    if noise is not None:
        visible = np.asarray(noise.power(frequencies(spectrum.shape)))[used]
    level = visible * spectrum.noisy + extra_noise_var
    mean = float(np.mean(level))
    power = power * mean / level
    scores = []
    for psf in psfs:
        response = spectrum.response(psf)[used] * mean / level
        law = fit_power_law(power, response, squared, weight, mean)
        expected = response * np.exp(law.log_spectrum(squared)) + law.noise_var
        scores.append(1000 * float(weight @ (np.log(expected) + power / expected) / weight.sum()))
    return scores


def visible_noise(picture: Array, level: NoiseLevel) -> float:
    """Return the variance that flat places of a picture show, at least the rounding of the samples' type."""
    return max(level.variance, type_rounding(picture), 1e-200)
