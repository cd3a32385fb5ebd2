"""One picture through both meanings of deconvolution, and the laws that link them, checked on its own samples.

The picture is taken as periodic, as f and g are in the matrix C of a circular blur, so that every law is exact.

This is mathematics in the program, and has no other home: it composes `restore` and `upsample`, which never import
each other.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

import restore
from deconv.contrast.layer import Layer

Array = NDArray[Any]

#: L of L'L, the roughness that the restoration is charged for.
LAPLACIAN = np.array([[0.0, -1, 0], [-1, 4, -1], [0, -1, 0]])
#: Largest deviation from a law, relative to the terms that it adds up, that rounding explains.
ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class Meanings:
    """The pictures of the contrast, in linear light, channels last, and how the restoration was chosen.

    `sharp` is f, `blurred` g = C f + noise, `restored` (C'C + lambda L'L)^-1 C' g, `transposed` C' g, `small` a map
    made of g by a layer of stride s, and `enlarged` the transpose of that layer applied to it.
    """

    sharp: Array
    blurred: Array
    restored: Array
    transposed: Array
    small: Array
    enlarged: Array
    psf: Array
    stride: int
    regularization: float
    rule: str
    warnings: tuple[str, ...]

    @cached_property
    def deviations(self) -> dict[str, float]:
        """Return how far each law is missed, relative to the largest term in it."""
        blur = Layer.blurring(self.psf)
        by_layer, by_restore = blur.forward(self.sharp), _blurred(self.sharp, self.psf)
        by_spectrum = _times_conjugate(self.blurred, self.psf)
        reduced = self.small * self.stride**2  # C of the layer with a stride, applied to g
        return {
            "same_blur": _largest(by_layer - by_restore, self.sharp),
            "transpose_is_conj_h": _largest(self.transposed - by_spectrum, self.blurred),
            "normal_equations": self._normal_equations(blur),
            "adjoint": _adjoint_gap((by_layer, self.blurred), (self.sharp, self.transposed)),
            "adjoint_with_stride": _adjoint_gap((reduced, self.small), (self.blurred, self.enlarged)),
        }

    def _normal_equations(self, blur: Layer) -> float:
        """Return how far (C'C + lambda L'L) f is from C' g."""
        roughness, fidelity = (
            Layer(LAPLACIAN, (1, 1)),
            1 / max(self.regularization, 1),
        )  # all divided by the larger weight
        smoothness = fidelity * self.regularization
        penalized = smoothness * roughness.transpose(roughness.forward(self.restored))
        normal = fidelity * blur.transpose(blur.forward(self.restored)) + penalized
        terms = smoothness * np.abs(LAPLACIAN).sum() ** 2 * self.restored  # what cancels in a smooth picture
        return _largest(
            normal - fidelity * self.transposed, fidelity * self.transposed, fidelity * self.restored, terms
        )

    def check_laws(self) -> None:
        """Refuse to go on where more than rounding parts the pictures from the laws."""
        broken = {law: value for law, value in self.deviations.items() if not value <= ROUNDING}
        if broken:
            raise ArithmeticError(f"the laws that the figure states do not hold: {broken}")


def both_meanings(
    sharp: Array, psf: Array, *, noise_sigma: float, stride: int, seed: int, regularization: float | None = None
) -> Meanings:
    """Blur f by C, add noise, apply both meanings to the result, and check the laws on it."""
    axis = _channel_axis(sharp)
    blurred = restore.degrade(sharp, psf, noise_sigma=noise_sigma, rng=seed, boundary="periodic", channel_axis=axis)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", restore.StrengthWarning)
        restoration = restore.deconvolve(
            blurred, psf, method="cls", regularization=regularization, boundary="periodic", channel_axis=axis
        )
    shrinking = Layer.shrinking(stride)
    small = shrinking.forward(blurred) / stride**2  # the kernel sums to stride in each direction
    meanings = Meanings(
        sharp=sharp,
        blurred=blurred,
        restored=restoration.image,
        transposed=Layer.blurring(psf).transpose(blurred),
        small=small,
        enlarged=shrinking.transpose(small),
        psf=psf,
        stride=stride,
        regularization=restoration.parameter,
        rule=restoration.rule,
        warnings=tuple(str(w.message) for w in caught),
    )
    meanings.check_laws()
    return meanings


def _channel_axis(image: Array) -> int | None:
    return -1 if image.ndim == 3 else None


def _blurred(image: Array, psf: Array) -> Array:
    return restore.blur(image, psf, boundary="periodic", channel_axis=_channel_axis(image))


def _times_conjugate(image: Array, psf: Array) -> Array:
    """Return the inverse Fourier transform of conj(H) G."""
    shape = image.shape[:2]
    gain = np.conj(restore.psf_to_otf(psf, shape))
    spectrum = np.fft.rfft2(image, axes=(0, 1))
    spectrum *= gain if image.ndim == 2 else gain[..., None]
    return np.fft.irfft2(spectrum, s=shape, axes=(0, 1))


def _adjoint_gap(one: tuple[Array, Array], two: tuple[Array, Array]) -> float:
    """Return |<C u, v> - <u, C' v>|, relative to what the products add up."""
    sums = [float(np.vdot(*pair)) for pair in (one, two)]
    terms = [float(np.vdot(*map(np.abs, pair))) for pair in (one, two)]
    return abs(sums[0] - sums[1]) / (max(terms) or 1)


def _largest(difference: Array, *beside: Array) -> float:
    scale = max(float(np.abs(array).max()) for array in beside)
    return float(np.abs(difference).max()) / max(scale, np.finfo(float).tiny)  # below it numbers have few digits
