"""AVIF: 8 bits and all metadata through Pillow; 10 and 12 bits, which Pillow cuts to 8, through imagecodecs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from deconv.pictures.content import Content
from deconv.pictures.formats.depth import widened
from deconv.pictures.formats.format import Format
from deconv.pictures.formats.pillow import frame_count, opened, read_frames, with_metadata
from deconv.pictures.request import Request

_HEAD = 1 << 16  # bytes that hold the boxes before the pixels


def read_avif(request: Request) -> Content:
    """Read an AVIF picture or frames of a sequence."""
    with request.path.open("rb") as file:
        boxes = file.read(_HEAD)
    depth = _depth(boxes)
    with opened(request, "AVIF") as image:
        count = frame_count(image)
        if depth == 8:
            content = read_frames(request, image, "AVIF", count)
        elif count > 1:
            raise request.refuse(f"is an AVIF sequence of {depth} bits", "extract the frames into files of their own")
        else:
            content = _read_deep(request, image.size, depth)
        content = with_metadata(content, image)
    return content if content.icc else replace(content, colour_chunks=_stated_colour(boxes))


def _read_deep(request: Request, size: tuple[int, int], depth: int) -> Content:
    import imagecodecs

    request.plane(1)
    request.check_pixels(size[0] * size[1])
    array = np.asarray(imagecodecs.avif_decode(request.path.read_bytes()))
    channels = array.shape[2] if array.ndim == 3 else 1
    content = Content(format="AVIF", array=array, colour=channels >= 3, alpha=channels in (2, 4))
    return widened(content, depth)


def _depth(boxes: bytes) -> int:
    """Return the bits per sample by the configuration of the AV1 codec (AV1-ISOBMFF, 2.3.3)."""
    flags = boxes[at + 6 : at + 7] if (at := boxes.find(b"av1C")) >= 0 else b""
    if not flags or not flags[0] & 0x40:
        return 8
    return 12 if flags[0] & 0x20 else 10


def _stated_colour(boxes: bytes) -> tuple[tuple[bytes, bytes], ...]:
    """Return what the file says of its colours in the form that PNG has for it; the decoder made them RGB."""
    at = boxes.find(b"colrnclx")
    primaries, curve = boxes[at + 9 : at + 10], boxes[at + 11 : at + 12]
    unspecified = b"\2"
    if at < 0 or not curve or curve == unspecified:
        return ()
    return ((b"cICP", primaries + curve + b"\0\1"),)


AVIF = Format(
    name="AVIF",
    label="AVIF",
    suffixes=(".avif",),
    signature=rb".{4}ftyp(avi[fs]|mif1.{0,36}avif)",
    read=read_avif,
)
