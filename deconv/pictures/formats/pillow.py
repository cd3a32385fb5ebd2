"""Pixels of up to 8 bits per sample, and metadata, through Pillow: what PNG, JPEG and WebP share."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, BinaryIO

import numpy as np
from PIL import Image

from deconv.pictures.content import Content, noted
from deconv.pictures.metadata import ORIENTATION, quietly, without_orientation
from deconv.pictures.picture import Picture, Samples, joined
from deconv.pictures.request import Request

# Pillow's modes that are taken as they are, and what to turn the others into.
_PLAIN = ("L", "LA", "RGB", "RGBA")
_EXPANDED = {"1": "L", "P": "RGB", "PA": "RGBA"}
_TRANSPARENT = {"1": "LA", "L": "LA", "P": "RGBA", "RGB": "RGBA"}


@contextmanager
def opened(request: Request, name: str) -> Iterator[Image.Image]:
    """Open with Pillow, its limit on pixels set to ours and its warning about them made an error.

    Both are settings of the whole process; the former values come back.
    """
    with quietly():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        former, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, request.max_pixels
        try:
            with Image.open(request.path, formats=[name]) as image:
                yield image
        except (Image.DecompressionBombWarning, Image.DecompressionBombError):
            raise request.refuse(
                f"declares more pixels than the limit of {request.max_pixels}",
                "raise `max_pixels`, or crop the picture",
            ) from None
        finally:
            Image.MAX_IMAGE_PIXELS = former


def frame_count(image: Image.Image) -> int:
    """Return the number of pictures in a file."""
    return int(getattr(image, "n_frames", 1))


def read_frames(request: Request, image: Image.Image, name: str, count: int) -> Content:
    """Read one frame or all of `count`; `with_metadata` adds the rest."""
    plane = request.plane(count)
    request.check_pixels(image.width * image.height * (count if plane == "all" else 1))
    notes: list[str] = []
    if plane == "all":
        array = np.stack([_frame(request, image, index, notes) for index in range(count)])
    else:
        array = _frame(request, image, plane, notes)
    planes = count if plane == "all" else 0
    channels = array.shape[-1] if array.ndim == (4 if planes else 3) else 1
    return Content(
        format=name,
        array=array,
        planes=planes,
        plane_axes="T",
        plane_shape=(count,),
        colour=channels >= 3,
        alpha=channels in (2, 4),
        notes=tuple(notes),
    )


def with_metadata(content: Content, image: Image.Image) -> Content:
    """Return the content with profile, resolution, XMP, EXIF and orientation."""
    content = replace(
        content,
        icc=image.info.get("icc_profile") or None,
        dpi=image.info.get("dpi"),
        xmp=image.info.get("xmp") or None,
    )
    try:
        exif = image.getexif()
        content = replace(content, orientation=int(exif.get(ORIENTATION, 1)))
        block = image.info.get("exif") or (exif.tobytes() if len(exif) else None)
        return replace(content, exif=without_orientation(block))
    except Exception:  # whatever a damaged block makes Pillow raise: the pixels are not harmed
        return noted(content, "EXIF is damaged and was left out")


def save(file: BinaryIO, picture: Picture, name: str, **options: Any) -> None:
    """Write samples of 8 bits with profile, EXIF and XMP, of which Pillow keeps none of its own accord."""
    if picture.icc:
        options["icc_profile"] = picture.icc
    if picture.exif:
        options["exif"] = b"Exif\0\0" + picture.exif
    if picture.xmp:
        options["xmp"] = picture.xmp
    Image.fromarray(np.ascontiguousarray(joined(picture))).save(file, format=name, **options)


def _frame(request: Request, image: Image.Image, index: int, notes: list[str]) -> Samples:
    """Return the pixels of one frame as gray or RGB, with or without alpha."""
    if index:
        image.seek(index)
    image.load()
    mode = _EXPANDED.get(image.mode, image.mode)
    if "transparency" in image.info:
        mode = _TRANSPARENT.get(image.mode, mode)
    if mode not in _PLAIN:
        raise request.refuse(f"has the colour mode {image.mode}", "convert it to RGB or gray first")
    if image.mode == mode:
        return np.array(image)
    note = f"{'palette' if image.mode in ('P', 'PA') else f'mode {image.mode}'} expanded to {mode}"
    if note not in notes:
        notes.append(note)
    return np.array(image.convert(mode))
