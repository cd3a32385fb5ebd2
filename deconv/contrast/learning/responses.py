"""Three filters per frequency: the transpose, the trained layer, and the Wiener filter of the training pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import restore
import upsample

Array = NDArray[Any]

#: Longest edge of the patches that the mean spectrum is taken of: short, so that they are many.
PATCH = 64


@dataclass(frozen=True, eq=False)
class Responses:
    """Filters as half spectra of a square patch, zero frequency first: what each multiplies the spectrum of g by."""

    transpose: Array
    learned: Array
    wiener: Array

    @property
    def deviation(self) -> float:
        """Return the root mean square between the trained layer and the Wiener filter, over the largest gain."""
        off = np.sqrt(np.mean(np.abs(self.learned - self.wiener) ** 2))
        return float(off / np.abs(self.wiener).max())

    def cut(self) -> tuple[str, dict[str, Array]]:
        """Return the direction, horizontal or vertical, that the blur damps more, and the gains along it."""
        filters = {"transpose": self.transpose, "learned": self.learned, "wiener": self.wiener}
        half = self.transpose.shape[1]
        horizontal = {name: np.abs(response[0]) for name, response in filters.items()}
        vertical = {name: np.abs(response[:half, 0]) for name, response in filters.items()}
        is_vertical = vertical["transpose"].mean() < horizontal["transpose"].mean()
        return ("vertical", vertical) if is_vertical else ("horizontal", horizontal)


def responses_of(
    psf: Array, learned: upsample.LearnedKernel, training: Sequence[Array], noise_sigma: float
) -> Responses:
    """Return the filters of a blur, of a layer of stride 1, and of Wiener for sharp pictures like `training`."""
    edge = min(PATCH, *(min(image.shape[:2]) for image in training))
    edge += edge % 2
    edge = max(edge, *psf.shape, *learned.weight.shape[2:])
    otf = restore.psf_to_otf(psf, (edge, edge))
    point = np.zeros((1, edge, edge))
    point[0, 0, 0] = 1  # its spectrum is 1, so that of the layer's output is the filter
    ratio = noise_sigma**2 / mean_spectrum(training, edge)
    return Responses(
        transpose=np.conj(otf),
        learned=np.fft.rfft2(learned(point)[0]),
        wiener=np.conj(otf) / (np.abs(otf) ** 2 + ratio),
    )


def mean_spectrum(images: Sequence[Array], edge: int) -> Array:
    """Return the power per sample and frequency, the mean over windowed patches of the pictures and their channels."""
    line = np.hanning(edge + 2)[1:-1]
    window = np.outer(line, line)
    total, count = np.zeros((edge, edge // 2 + 1)), 0
    for image in images:
        for plane in np.moveaxis(np.atleast_3d(image), -1, 0):
            for patch in _patches(plane, edge):
                level = float((window * patch).sum() / window.sum())
                total += np.abs(np.fft.rfft2(window * (patch - level))) ** 2
                count += 1
    power = total / (count * float((window**2).sum()))
    power[0, 0] = power.max()  # patches lost their mean
    return np.maximum(power, np.finfo(float).tiny)


def _patches(plane: Array, edge: int) -> list[Array]:
    """Return patches that overlap by half; a picture smaller than a patch goes round its edge."""
    short = [max(edge - n, 0) for n in plane.shape]
    whole = np.pad(plane, [(0, n) for n in short], mode="wrap")
    corners = [range(0, n - edge + 1, max(edge // 2, 1)) for n in whole.shape]
    return [whole[i : i + edge, j : j + edge] for i in corners[0] for j in corners[1]]
