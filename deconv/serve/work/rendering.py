"""What is worked out as bytes for a browser: eight bits of the picture's own display range."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from deconv.figures.display import display, psf_square
from deconv.inputs.linear_light import LightPicture

Array = NDArray[Any]

#: Longest edge of the whole picture on the page.
LONGEST = 1600
#: Least edge of a PSF on the page: small ones are shown by larger pixels.
PSF_EDGE = 120


@dataclass(frozen=True)
class Shown:
    """An image for a browser, and numbers about it."""

    content: bytes
    kind: str
    numbers: Mapping[str, Any] = field(default_factory=dict)


def samples_of(light: LightPicture, image: Array, limits: tuple[float, float]) -> NDArray[np.uint8]:
    """Return light as the file would store it and a screen show it."""
    return eight_bits(display(light.stored(image)), limits)


def eight_bits(image: Array, limits: tuple[float, float]) -> NDArray[np.uint8]:
    """Return values of a range as eight bits, RGB or gray."""
    low, high = limits
    shown = np.asarray(image[..., :3] if image.ndim == 3 else image)
    scaled = np.clip((shown - low) / (high - low), 0, 1)
    return np.asarray(np.rint(255 * scaled), np.uint8)


def png(samples: NDArray[np.uint8], numbers: Mapping[str, Any] | None = None) -> Shown:
    """Return samples without loss, quickly: they do not travel far."""
    return Shown(_encoded(Image.fromarray(samples), "PNG", compress_level=1), "image/png", numbers or {})


def fitted(samples: NDArray[np.uint8]) -> Shown:
    """Return a whole picture, shrunk to what a page can show."""
    image = Image.fromarray(samples)
    image.thumbnail((LONGEST, LONGEST), Image.Resampling.BOX, reducing_gap=None)
    return Shown(_encoded(image, "JPEG", quality=88), "image/jpeg")


def psf_picture(psf: Array) -> Shown:
    """Return a PSF, black to white, on a square of zeros."""
    square = psf_square(psf)
    samples = eight_bits(square, (0.0, max(float(square.max()), 1e-300)))
    factor = -(-PSF_EDGE // samples.shape[0])
    return png(np.kron(samples, np.ones((factor, factor), np.uint8)))


def _encoded(image: Image.Image, kind: str, **options: int) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()
