"""Pictures as a page carries them: eight bits of one display range, of a bounded size, as data URIs."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from deconv.figures.comparison import Panel
from deconv.figures.display import Scale, busiest, psf_square, scale_of

Array = NDArray[Any]
Bytes = NDArray[np.uint8]

#: Longest edge of a picture in the page, and the most samples that are stored without loss.
LONGEST, LOSSLESS = 1600, 3_000_000
#: Height and width of the detail beside a picture that is not stored sample by sample.
DETAIL = 480, 640
JPEG_QUALITY = 92


@dataclass(frozen=True)
class Shown:
    """One picture of the page; `detail` is empty where the whole is exact."""

    name: str
    caption: str
    whole: str
    detail: str


@dataclass(frozen=True)
class Viewed:
    """The pictures over each other, and what a reader must know about their display."""

    pictures: list[Shown]
    width: int
    height: int
    stored: tuple[int, int]  # width and height inside the page
    exact: bool
    window: tuple[int, int, int, int]  # x, y, width and height of the busiest part
    scale: Scale


def viewed(panels: Sequence[Panel]) -> Viewed:
    """Return panels of one shape as the page shows them."""
    images = [_colours(panel.image) for panel in panels]
    scale = scale_of(images)
    height, width = images[0].shape[:2]
    size = _bounded(width, height)
    exact = size == (width, height) and images[0].size <= LOSSLESS
    rows, columns = busiest(images[0]) if exact else _cut(busiest(images[0], max(DETAIL)))
    shown = []
    for panel, image in zip(panels, images, strict=True):
        samples = _eight_bits(image, scale)
        whole = _png(samples) if exact else _jpeg(samples, size)
        detail = "" if exact else _png(samples[rows, columns])
        shown.append(Shown(name=panel.title, caption=panel.caption, whole=whole, detail=detail))
    window = columns.start, rows.start, columns.stop - columns.start, rows.stop - rows.start
    return Viewed(pictures=shown, width=width, height=height, stored=size, exact=exact, window=window, scale=scale)


def psf_picture(psf: Array) -> str:
    """Return a PSF on a square of zeros, black to bright; of a stack the middle plane."""
    square = psf_square(psf)
    colours = matplotlib.colormaps["magma"](np.clip(square / max(float(square.max()), 1e-300), 0, 1), bytes=True)
    return _uri(Image.fromarray(colours[..., :3]).resize(_bounded(*square.shape[::-1])), "png")


def _colours(image: Array) -> Array:
    """Return gray or RGB without NaN, which a screen cannot show; other numbers of channels as their mean."""
    known = np.nan_to_num(image, nan=0.0, posinf=0.0, neginf=0.0)
    return known if known.ndim == 2 or known.shape[-1] == 3 else known.mean(axis=-1)


def _bounded(width: int, height: int) -> tuple[int, int]:
    share = min(1.0, LONGEST / max(width, height))
    return max(1, round(width * share)), max(1, round(height * share))


def _cut(window: tuple[slice, slice]) -> tuple[slice, slice]:
    """Return the middle of a window, no larger than a detail."""
    rows, columns = (_middle(part, most) for part, most in zip(window, DETAIL, strict=True))
    return rows, columns


def _middle(part: slice, most: int) -> slice:
    start = part.start + max(part.stop - part.start - most, 0) // 2
    return slice(start, min(part.stop, start + most))


def _eight_bits(image: Array, scale: Scale) -> Bytes:
    return np.asarray(np.rint(255 * scale.shades(image)), np.uint8)


def _png(samples: Bytes) -> str:
    return _uri(Image.fromarray(samples), "png")


def _jpeg(samples: Bytes, size: tuple[int, int]) -> str:
    shrunk = Image.fromarray(samples).resize(size, Image.Resampling.BOX)
    return _uri(shrunk, "jpeg", quality=JPEG_QUALITY, subsampling=0)


def _uri(image: Image.Image, kind: str, **options: int) -> str:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return f"data:image/{kind};base64,{base64.b64encode(buffer.getvalue()).decode('ascii')}"
