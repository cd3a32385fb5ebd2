"""The circle closes: a layer of stride 1 that starts as C' and learns to restore, beside the Wiener filter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import restore
import upsample
from deconv.contrast.learning.responses import Responses, responses_of
from deconv.contrast.meanings import Meanings
from deconv.contrast.rendering import as_stored
from deconv.contrast.scene import Scene

Array = NDArray[Any]

#: The pictures that are compared, by their names in `Circle`.
NAMES = ("sharp", "blurred", "transposed", "learned", "wiener")


@dataclass(frozen=True, eq=False)
class Circle:
    """One picture g three ways: through the transpose, through the trained layer, through the Wiener filter.

    All in linear light, channels last; `stored` are the same as samples of the file. `kernel` is what C' throws. The
    layer was trained on pictures blurred as g was; `files` are their names, that of the picture itself where there was
    no other.
    """

    sharp: Array
    blurred: Array
    transposed: Array
    learned: Array
    wiener: Array
    kernel: Array
    layer: upsample.LearnedKernel
    responses: Responses
    files: tuple[str, ...]
    is_fair: bool
    stored: dict[str, Array]
    psnr: dict[str, float]

    @property
    def taps(self) -> int:
        """Return the taps of the layer along an edge."""
        return int(self.layer.weight.shape[-1])


def circle_of(
    scene: Scene, meanings: Meanings, training: Sequence[tuple[str, Array]], *, taps: int, seed: int
) -> Circle:
    """Train the layer on the sharp pictures, blurred and noisy as the scene is, and apply it to the scene."""
    noise = scene.noise_sigma
    pairs = [_pair(image, meanings.psf, noise, seed + 1 + number) for number, (_, image) in enumerate(training)]
    layer = upsample.learn_kernel(pairs, stride=1, size=taps, border="periodic")
    axis = -1 if meanings.sharp.ndim == 3 else None
    wiener = restore.wiener(meanings.blurred, meanings.psf, boundary="periodic", channel_axis=axis)
    images = {
        "sharp": meanings.sharp,
        "blurred": meanings.blurred,
        "transposed": meanings.transposed,
        "learned": _unbatched(layer(_batched(meanings.blurred)), meanings.blurred),
        "wiener": wiener,
    }
    stored = {name: as_stored(image, scene) for name, image in images.items()}
    return Circle(
        **images,
        kernel=meanings.psf[::-1, ::-1],
        layer=layer,
        responses=responses_of(meanings.psf, layer, [image for _, image in training], noise),
        files=tuple(name for name, _ in training),
        is_fair=not any(image is scene.sharp for _, image in training),
        stored=stored,
        psnr={name: restore.psnr(stored["sharp"], stored[name], data_range=scene.span) for name in NAMES[1:]},
    )


def _pair(sharp: Array, psf: Array, noise_sigma: float, seed: int) -> tuple[Array, Array]:
    axis = -1 if sharp.ndim == 3 else None
    blurred = restore.degrade(sharp, psf, noise_sigma=noise_sigma, rng=seed, boundary="periodic", channel_axis=axis)
    return _batched(blurred), _batched(sharp)


def _batched(image: Array) -> Array:
    """Return every channel by itself, (C, 1, H, W): one layer serves them all."""
    return np.moveaxis(np.atleast_3d(image), -1, 0)[:, None]


def _unbatched(maps: Array, like: Array) -> Array:
    return maps[0, 0] if like.ndim == 2 else np.moveaxis(maps[:, 0], 0, -1)
