"""WebP through Pillow: pictures and animations, written without loss."""

from __future__ import annotations

from typing import BinaryIO

from deconv.pictures.content import Content
from deconv.pictures.formats.format import Format
from deconv.pictures.formats.pillow import frame_count, opened, read_frames, save, with_metadata
from deconv.pictures.picture import Picture
from deconv.pictures.request import Request


def read_webp(request: Request) -> Content:
    """Read a WebP picture or frames of an animation."""
    with opened(request, "WEBP") as image:
        return with_metadata(read_frames(request, image, "WEBP", frame_count(image)), image)


def write_webp(file: BinaryIO, picture: Picture) -> None:
    """Write WebP without loss, colours under full transparency included."""
    save(file, picture, "WEBP", lossless=True, exact=True)


WEBP = Format(
    name="WEBP",
    label="WebP",
    suffixes=(".webp",),
    signature=rb"RIFF.{4}WEBP",
    read=read_webp,
    write=write_webp,
    dtypes=("uint8",),
    longest_side=16_383,
)
