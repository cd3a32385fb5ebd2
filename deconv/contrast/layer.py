"""A convolution layer on a periodic picture: its matrix C and the transpose C', by the same weight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import upsample

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
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
        enlarged = upsample.conv_transpose(planes, weight, stride=stride, padding=crop, groups=len(planes))
        return _channels_last(enlarged, image)

    def _axes(self) -> zip[tuple[int, int]]:
        return zip(self.weight.shape, self.begin, strict=True)

    def _depthwise(self, channels: int) -> Array:
        return np.broadcast_to(self.weight, (channels, 1, *self.weight.shape))


def _channels_first(image: Array, pads: list[tuple[int, int]]) -> Array:
    """Return (C, H, W) continued periodically."""
    planes = image[None] if image.ndim == 2 else np.moveaxis(image, -1, 0)
    return np.pad(planes, [(0, 0), *pads], mode="wrap")


def _channels_last(planes: Array, like: Array) -> Array:
    return planes[0] if like.ndim == 2 else np.moveaxis(planes, 0, -1)
