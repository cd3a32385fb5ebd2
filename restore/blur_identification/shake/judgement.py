"""Which of several kernels a picture was blurred with: the one whose restoration has few and strong differences.

A restoration by the right kernel is made of edges: the mean size of its differences is small against their root mean
square. One by a kernel that is too short stays as soft as the picture; one by a wrong kernel rings, and rings beyond
the range of what is possible. That the blurred restoration fits the picture says little for a kernel: with no
blur at all the fit is perfect.

Reference: D. Krishnan, T. Tay and R. Fergus, Blind deconvolution using a normalized sparsity measure, CVPR
2011 (l1 / l2).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import fft, ndimage

from restore.blur_identification.shake.alternation import NEAR
from restore.checks import Array
from restore.methods.differences.hyper_laplacian import share_left
from restore.observation.boundary import extend
from restore.operators.differences import difference_symbols, gradient
from restore.operators.fourier import inverse
from restore.operators.otf import OTF

#: The short restoration: strength of its sparse prior, and the weights of its splitting.
STRENGTH = 2e-3
BETAS = tuple(8 ** (step / 2) for step in range(6))
#: What a restoration may leave the range of the picture by, below and above, and the price of all samples beyond.
BELOW, ABOVE = 0.03, 0.1
BEYOND_PRICE = 0.5
#: The power of the misfit in the score: of two restorations with differences as sparse the better fit is likelier.
MISFIT_POWER = 0.15
#: A flat picture has no differences.
LEAST_SOFTNESS = 1e-6


@dataclass(frozen=True)
class Judgement:
    """How well a kernel explains a picture."""

    score: float  #: smaller is better, comparable between the kernels of one picture
    misfit: float  #: root mean square of k * f - g over that of the picture's differences
    sparseness: float  #: mean size of the restoration's differences over their root mean square, in the picture's
    beyond: float  #: share of the restoration's samples out of the picture's range
    impossible: float = 0.0  #: share of them that are darker than no light


class Judge:
    """Restores one picture, range 1, by any kernel, and says how the result looks where it can be trusted.

    `black` is the sample that stands for no light, where that is known: a picture that was blurred much has a smaller
    range than the sharp one, and a right restoration leaves it.
    """

    def __init__(self, plane: Array, clipped: Array, black: float = np.inf) -> None:
        self._plane, self._clipped = plane.astype(np.float32), clipped
        self._range = (float(plane.min()) - BELOW, float(plane.max()) + ABOVE)
        self._darkest = min(self._range[0], black - BELOW)

    def of(self, kernel: Array, size: int | None = None) -> Judgement:
        """Return the judgement of one kernel, on the places that one of `size` samples leaves, to compare several."""
        picture, residual = self._restored(kernel)
        places = self._trusted(size or kernel.shape[0])
        samples = picture[places]
        beyond = float(np.mean((samples < self._range[0]) | (samples > self._range[1])))
        impossible = float(np.mean(samples < self._darkest))
        mean, contrast = _sizes(self._plane, places)
        restored_mean, restored_contrast = _sizes(picture, places)
        sparseness = restored_mean / restored_contrast / max(mean / contrast, LEAST_SOFTNESS)
        misfit = float(np.sqrt(np.mean(residual[places] ** 2, dtype=np.float64))) / contrast
        score = (sparseness + BEYOND_PRICE * beyond) * misfit**MISFIT_POWER
        return Judgement(score=score, misfit=misfit, sparseness=sparseness, beyond=beyond, impossible=impossible)

    def _trusted(self, size: int) -> Array:
        """Return the places far from the border, and from clipped light where there are others."""
        rim = size // 2 + 2
        inner = np.zeros(self._plane.shape, bool)
        inner[rim:-rim, rim:-rim] = True
        near = ndimage.maximum_filter(self._clipped, 2 * round(NEAR * size) + 1) if self._clipped.any() else False
        away = inner & ~np.asarray(near)
        return away if away.any() else inner

    def _restored(self, kernel: Array) -> tuple[Array, Array]:
        """Return a quick restoration with a sparse prior, and k * f - g."""
        data, frame = extend(self._plane, kernel, "smooth", reach=1)
        symbols = [d.astype(np.complex64) for d in difference_symbols(data.shape)]
        penalty = sum(np.abs(d) ** 2 for d in symbols)
        otf = OTF(kernel, data.shape, data.dtype).full()
        power, matched = np.abs(otf) ** 2, np.conj(otf) * fft.rfft2(data)
        spectrum = matched / (power + STRENGTH * penalty)
        for beta in BETAS:
            divergence = np.zeros_like(spectrum)
            for symbol in symbols:
                difference = inverse(symbol * spectrum, data.shape)
                divergence += np.conj(symbol) * fft.rfft2(share_left(np.abs(difference), beta) * difference)
            spectrum = (matched + STRENGTH * beta * divergence) / (power + STRENGTH * beta * penalty)
        residual = inverse(otf * spectrum, data.shape)[frame] - self._plane
        return inverse(spectrum, data.shape)[frame], residual


def _sizes(picture: Array, places: Array) -> tuple[float, float]:
    """Return the mean size of the differences and their root mean square."""
    size = np.hypot(*gradient(picture))[places]
    return float(np.mean(size, dtype=np.float64)), max(float(np.sqrt(np.mean(size**2, dtype=np.float64))), 1e-12)
