"""One picture through both meanings of deconvolution, and the laws that link them, checked on its own samples.

The picture is taken as periodic, as f and g are in the matrix C of a circular blur, so that every law is exact.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

import restore
import upsample

Array = NDArray[Any]

#: L of L'L, the roughness that the restoration is charged for.
LAPLACIAN = np.array([[0.0, -1, 0], [-1, 4, -1], [0, -1, 0]])
#: Largest deviation from a law, relative to the terms that it adds up, that rounding explains.
ROUNDING = 1e-9


@dataclass(frozen=True)
class Layer:
    """The matrix C of a convolution layer on a periodic picture: y[i] = sum_t weight[t] x[stride i + t - begin].

    Samples are continued round the picture, then `upsample` does the work with the same weight both ways.
    """

    weight: Array
    begin: tuple[int, int]
    stride: int = 1

    @classmethod
    def blurring(cls, psf: Array) -> Layer:
        """Return the layer that blurs by a PSF: turned, since a layer correlates, about its centre at size // 2."""
        return cls(psf[::-1, ::-1], (psf.shape[0] - 1 - psf.shape[0] // 2, psf.shape[1] - 1 - psf.shape[1] // 2))

    @classmethod
    def shrinking(cls, stride: int) -> Layer:
        """Return the layer of that stride with the bilinear kernel, the usual start weight of an enlargement."""
        weight = upsample.bilinear_kernel(stride)
        return cls(weight, ((weight.shape[0] - stride) // 2,) * 2, stride)

    def forward(self, image: Array) -> Array:
        """Return C x, smaller by the stride."""
        pads = [(b, max(k - self.stride - b, 0)) for k, b in self._axes()]
        planes = _channels_first(image, pads)
        weight = self._depthwise(len(planes))
        return _channels_last(upsample.conv(planes, weight, stride=self.stride, groups=len(planes)), image)

    def transpose(self, image: Array) -> Array:
        """Return C' x, larger by the stride: the copies of the kernel that leave at one side enter at the other."""
        stride = self.stride
        pads = [((k - 1 - b) // stride, (stride - 1 + b) // stride) for k, b in self._axes()]
        planes = _channels_first(image, pads)
        crop = []
        for (k, b), n, pad in zip(self._axes(), image.shape, pads, strict=False):
            begin, full = b + stride * pad[0], (n + sum(pad) - 1) * stride + k
            crop.append((begin, full - begin - stride * n))
        weight = self._depthwise(len(planes))
        done = upsample.conv_transpose(planes, weight, stride=stride, padding=crop, groups=len(planes))
        return _channels_last(done, image)

    def _axes(self) -> zip[tuple[int, int]]:
        return zip(self.weight.shape, self.begin, strict=True)

    def _depthwise(self, channels: int) -> Array:
        return np.broadcast_to(self.weight, (channels, 1, *self.weight.shape))


@dataclass(frozen=True)
class Meanings:
    """The pictures of the contrast, in linear light, channels last, and what was found on the way.

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
    deviations: dict[str, float] = field(default_factory=dict)


def both_meanings(
    sharp: Array, psf: Array, *, noise_sigma: float, stride: int, seed: int, regularization: float | None = None
) -> Meanings:
    """Blur f by C, add noise, and apply both meanings to the result."""
    axis = -1 if sharp.ndim == 3 else None
    blurred = restore.degrade(sharp, psf, noise_sigma=noise_sigma, rng=seed, boundary="periodic", channel_axis=axis)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", restore.StrengthWarning)
        found = restore.deconvolve(
            blurred, psf, method="cls", regularization=regularization, boundary="periodic", channel_axis=axis
        )
    shrinking = Layer.shrinking(stride)
    small = shrinking.forward(blurred) / stride**2  # the kernel sums to stride in each direction
    made = Meanings(
        sharp,
        blurred,
        found.image,
        Layer.blurring(psf).transpose(blurred),
        small,
        shrinking.transpose(small),
        psf,
        stride,
        found.parameter,
        found.rule,
        tuple(str(w.message) for w in caught),
    )
    return replace(made, deviations=_deviations(made))


def _deviations(made: Meanings) -> dict[str, float]:
    """Return how far each law is missed, relative to the largest term in it; only rounding is let pass."""
    blur, roughness = Layer.blurring(made.psf), Layer(LAPLACIAN, (1, 1))
    axis = -1 if made.sharp.ndim == 3 else None
    by_restore = restore.blur(made.sharp, made.psf, boundary="periodic", channel_axis=axis)
    by_layer = blur.forward(made.sharp)
    reduced = made.small * made.stride**2  # C of the layer with a stride, applied to g
    charged = made.regularization * roughness.transpose(roughness.forward(made.restored))
    normal = blur.transpose(blur.forward(made.restored)) + charged
    terms = made.regularization * np.abs(LAPLACIAN).sum() ** 2 * made.restored  # what cancels in a smooth picture
    by_spectrum = _times_conjugate(made.blurred, made.psf)
    found = {
        "same_blur": _largest(by_layer - by_restore, made.sharp),
        "transpose_is_conj_h": _largest(made.transposed - by_spectrum, made.blurred),
        "normal_equations": _largest(normal - made.transposed, made.transposed, made.restored, terms),
        "adjoint": _adjoint_gap((by_layer, made.blurred), (made.sharp, made.transposed)),
        "adjoint_with_stride": _adjoint_gap((reduced, made.small), (made.blurred, made.enlarged)),
    }
    broken = {law: value for law, value in found.items() if not value <= ROUNDING}
    if broken:
        raise ArithmeticError(f"the laws that the figure states do not hold: {broken}")
    return found


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
    return float(np.abs(difference).max()) / (scale or 1)


def _channels_first(image: Array, pads: list[tuple[int, int]]) -> Array:
    """Return (C, H, W) continued periodically."""
    planes = image[None] if image.ndim == 2 else np.moveaxis(image, -1, 0)
    return np.pad(planes, [(0, 0), *pads], mode="wrap")


def _channels_last(planes: Array, like: Array) -> Array:
    return planes[0] if like.ndim == 2 else np.moveaxis(planes, 0, -1)
