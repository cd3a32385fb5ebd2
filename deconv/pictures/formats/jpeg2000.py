"""JPEG 2000 through imagecodecs: gray and RGB of every depth up to 16 bits."""

from __future__ import annotations

import struct

import numpy as np

from deconv.pictures.content import Content
from deconv.pictures.formats.depth import widened
from deconv.pictures.formats.format import Format
from deconv.pictures.request import Request

_CODESTREAM = b"\xff\x4f\xff\x51"
_SIZE = struct.Struct(">4x2x2xIIII16xH")  # of SIZ: extent of the grid, offset of the picture on it, components
_ENUMERATED, _PROFILE = 1, 2
_PLAIN_COLOURS = (16, 17)  # sRGB, gray


def read_jpeg2000(request: Request) -> Content:
    """Read a JPEG 2000 file or a bare codestream."""
    import imagecodecs

    data = request.path.read_bytes()
    start = data.find(_CODESTREAM)
    boxes, codestream = data[: max(start, 0)], data[max(start, 0) :]
    depth = _checked(request, codestream)
    icc = _profile(request, boxes)
    array = np.asarray(imagecodecs.jpeg2k_decode(data))
    channels = array.shape[2] if array.ndim == 3 else 1
    if channels not in (1, 2, 3, 4):
        raise request.refuse(f"has {channels} samples per pixel that are not gray, RGB or alpha", "convert it to TIFF")
    notes = ("EXIF or XMP inside a JPEG 2000 is not read",) if b"uuid" in boxes else ()
    content = Content(
        format="JPEG2000", array=array, colour=channels >= 3, alpha=channels in (2, 4), icc=icc, notes=notes
    )
    return widened(content, depth)


def _checked(request: Request, codestream: bytes) -> int:
    """Return the bits per sample, after refusing what is too large or of a kind that is not read."""
    request.plane(1)
    columns, rows, left, above, count = _SIZE.unpack_from(codestream)
    request.check_pixels((columns - left) * (rows - above))
    kinds = {(size, *steps) for size, *steps in struct.iter_unpack("3B", codestream[_SIZE.size :][: 3 * count])}
    size = min(kinds)[0]
    if len(kinds) > 1 or size & 0x80 or size > 15 or min(kinds)[1:] != (1, 1):
        raise request.refuse("has samples of a kind not supported", "export 8 or 16 bits per sample, not subsampled")
    return size + 1


def _profile(request: Request, boxes: bytes) -> bytes | None:
    """Return the ICC profile, after refusing palettes and colours that are neither gray nor RGB."""
    at = boxes.find(b"colr")
    method = boxes[at + 4] if 0 <= at < len(boxes) - 11 else 0
    colours = int.from_bytes(boxes[at + 7 : at + 11], "big") if method == _ENUMERATED else _PLAIN_COLOURS[0]
    if b"pclr" in boxes or colours not in _PLAIN_COLOURS:
        raise request.refuse("has a palette or colours that are not RGB", "convert it to RGB or gray first")
    if method != _PROFILE:
        return None
    return boxes[at + 7 : at - 4 + int.from_bytes(boxes[at - 4 : at], "big")]


JPEG2000 = Format(
    name="JPEG2000",
    label="JPEG 2000",
    suffixes=(".jp2", ".j2k", ".jpf", ".jpx", ".j2c"),
    signature=rb"\0\0\0\x0cjP  \r\n\x87\n|\xff\x4f\xff\x51",
    read=read_jpeg2000,
)
