"""JPEG through Pillow, with the quantization table that says what its compression took away."""

from __future__ import annotations

from dataclasses import replace
from typing import BinaryIO

import numpy as np
from PIL import Image

from deconv.pictures.content import Content, noted
from deconv.pictures.formats.format import Format
from deconv.pictures.formats.pillow import frame_count, opened, read_frames, save, with_metadata
from deconv.pictures.metadata import IPTC_LEFT_OUT
from deconv.pictures.picture import COMMENT, Picture, Samples
from deconv.pictures.request import Request

_IPTC = 0x0404  # among the resources of Photoshop


def read_jpeg(request: Request) -> Content:
    """Read a JPEG; of a multi-picture one (MPO) the main picture."""
    with opened(request, "JPEG") as image:
        content = read_frames(request, image, "JPEG", 1)
        if image.format == "MPO":
            further = frame_count(image) - 1
            content = noted(content, f"{further} further pictures inside the file (previews, depth maps) left out")
        content = with_metadata(content, image)
        if _IPTC in image.info.get("photoshop", {}):
            content = noted(content, IPTC_LEFT_OUT)
        if comment := image.info.get("comment"):
            content = replace(content, texts=((COMMENT, _text(comment)),))
        return replace(content, jpeg_table=_luminance_table(image, content.orientation))


def write_jpeg(file: BinaryIO, picture: Picture) -> None:
    """Write JPEG of quality 95 with full colour resolution: far less lost than by the usual defaults."""
    # JPEG keeps the resolution in 16 bits.
    resolution = {"dpi": tuple(min(round(dpi), 65_535) for dpi in picture.dpi)} if picture.dpi else {}
    comment = dict(picture.texts).get(COMMENT, "").encode()
    save(file, picture, "JPEG", quality=95, subsampling=0, comment=comment, **resolution)


def _text(comment: bytes) -> str:
    """Return a comment, of which JPEG does not say the encoding."""
    try:
        return comment.decode()
    except UnicodeDecodeError:
        return comment.decode("latin-1")


def _luminance_table(image: Image.Image, orientation: int) -> Samples | None:
    """Return the table of the upright picture, vertical frequency first."""
    table = getattr(image, "quantization", {}).get(0)
    if table is None or len(table) != 64:
        return None
    square = np.reshape(table, (8, 8))
    return square.T if orientation in (5, 6, 7, 8) else square


JPEG = Format(
    name="JPEG",
    label="JPEG",
    suffixes=(".jpg", ".jpeg"),
    signature=rb"\xff\xd8\xff",
    read=read_jpeg,
    write=write_jpeg,
    dtypes=("uint8",),
    longest_side=65_535,
    alpha=False,
    lossless=False,
    keeps=frozenset({"icc", "exif", "xmp", "dpi", "comment"}),
)
