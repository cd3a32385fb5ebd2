"""The picture behind a blur as a drawing of its strong edges: what the fit of an unknown kernel is fed with.

    min_f |h * f - g|^2 + lambda |{x : grad f(x) != 0}|

counts the samples with any gradient at all, so that what is left are flat places and steps: fine texture, noise and
the ringing of a wrong kernel are gone. It is solved by half-quadratic splitting: in turn the gradients whose
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
from restore.operators.differences import difference_symbols
from restore.operators.fourier import inverse
from restore.operators.otf import OTF

#: Steps of the splitting, and the beta of the last one; the first is 2 lambda.
STEPS = 8
LAST_BETA = 100.0


def edge_picture(blurred: Array, psf: Array, strength: float) -> Array:
    """Return the minimiser f on the frame of `blurred`; `strength` is lambda, in squared units of the picture.

    What lies outside the frame is unknown: after each step it is what the picture so far predicts there.
    """
    data, frame = extend(blurred, psf, "smooth")
    otf = OTF(psf, data.shape, data.dtype).full()
    symbols = difference_symbols(data.shape)
    otf_power, penalty = np.abs(otf) ** 2, sum(np.abs(d) ** 2 for d in symbols)
    observation = fft.rfft2(data)
    estimate = observation
    growth = (LAST_BETA / (2 * strength)) ** (1 / STEPS)
    for step in range(STEPS):
        beta = 2 * strength * growth**step
        gradients = [inverse(d * estimate, data.shape) for d in symbols]
        edges = sum(g * g for g in gradients) > strength / beta
        divergence = sum(np.conj(d) * fft.rfft2(g * edges) for d, g in zip(symbols, gradients, strict=True))
        estimate = (np.conj(otf) * observation + beta * divergence) / (otf_power + beta * penalty)
        prediction = inverse(otf * estimate, data.shape)
        prediction[frame] = blurred
        observation = fft.rfft2(prediction)
    return inverse(estimate, data.shape)[frame]
