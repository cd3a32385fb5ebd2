"""The picture behind a blur as a drawing of its strong edges: what the fit of an unknown kernel is fed with.

    min_f |h * f - g|^2 + lambda |{x : grad f(x) != 0}|

charges the number of samples with any gradient at all, so that what is left are flat places and steps: fine texture,
noise and the ringing of a wrong kernel are gone. It is solved by half-quadratic splitting: in turn the gradients whose
square exceeds lambda / beta are kept, and f is the least-squares picture with these gradients, a division in the
frequency domain; beta grows from step to step.

References: L. Xu, C. Lu, Y. Xu and J. Jia, Image smoothing via L0 gradient minimization, ACM Trans. Graph. 30, 2011,
eqs. 6-12; L. Xu, S. Zheng and J. Jia, Unnatural L0 sparse representation for natural image deblurring, CVPR 2013.
"""

from __future__ import annotations

import numpy as np
from scipy import fft

from restore.checks import Array
from restore.observation.boundary import extend
from restore.operators.fourier import frequencies, inverse
from restore.operators.otf import OTF

#: Steps of the splitting, and the beta of the last one; the first is 2 lambda.
STEPS = 8
LAST_BETA = 100.0


def difference_symbols(shape: tuple[int, ...]) -> list[Array]:
    """Return the transfer functions exp(i w) - 1 of the forward differences along every axis."""
    whole = np.ones((*shape[:-1], shape[-1] // 2 + 1))
    return [(np.exp(1j * w) - 1) * whole for w in frequencies(shape)]


def edge_picture(blurred: Array, psf: Array, charge: float) -> Array:
    """Return the minimiser f on the frame of `blurred`; `charge` is lambda, in squared units of the picture.

    What lies outside the frame is unknown: after each step it is what the picture so far predicts there.
    """
    data, frame = extend(blurred, psf, "smooth")
    transfer = OTF(psf, data.shape, data.dtype).full()
    symbols = difference_symbols(data.shape)
    stiffness = sum(np.abs(d) ** 2 for d in symbols)
    power, observed = np.abs(transfer) ** 2, fft.rfft2(data)
    spectrum = observed
    growth = (LAST_BETA / (2 * charge)) ** (1 / STEPS)
    for step in range(STEPS):
        beta = 2 * charge * growth**step
        gradients = [inverse(d * spectrum, data.shape) for d in symbols]
        kept = sum(g * g for g in gradients) > charge / beta
        wanted = sum(np.conj(d) * fft.rfft2(g * kept) for d, g in zip(symbols, gradients, strict=True))
        spectrum = (np.conj(transfer) * observed + beta * wanted) / (power + beta * stiffness)
        predicted = inverse(transfer * spectrum, data.shape)
        predicted[frame] = blurred
        observed = fft.rfft2(predicted)
    return inverse(spectrum, data.shape)[frame]
