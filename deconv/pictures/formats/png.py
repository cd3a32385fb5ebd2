"""PNG: up to 8 bits per sample through Pillow; 16 bits, which Pillow would cut to 8, through imagecodecs."""

from __future__ import annotations

import io
import logging
import zlib
from dataclasses import replace
from typing import BinaryIO

import numpy as np
from PIL.PngImagePlugin import putchunk

from deconv.pictures.content import Content
from deconv.pictures.formats.format import Format
from deconv.pictures.formats.pillow import frame_count, opened, read_frames, save, with_metadata
from deconv.pictures.picture import Picture, Samples, joined
from deconv.pictures.request import Request

# libpng's remarks, on a profile that does not fit for instance, would otherwise go to stderr.
logging.getLogger("imagecodecs").addHandler(logging.NullHandler())

_HEADER_END = 8 + 25  # signature, then the IHDR chunk: length, name, 13 bytes, CRC
_DEPTH = 24  # where in it the bits per sample stand


def read_png(request: Request) -> Content:
    """Read a PNG of any depth."""
    with request.path.open("rb") as file:
        deep = file.read(_HEADER_END)[_DEPTH] == 16
    if deep:
        return _read_deep(request)
    with opened(request, "PNG") as image:
        return with_metadata(read_frames(request, image, "PNG", frame_count(image)), image)


def write_png(file: BinaryIO, picture: Picture) -> None:
    """Write samples of 8 or 16 bits."""
    if picture.bit_depth == 8:
        save(file, picture, "PNG", **({"dpi": picture.dpi} if picture.dpi else {}))
    else:
        _write_deep(file, picture)


def _read_deep(request: Request) -> Content:
    """Read ``(H, W)`` or ``(H, W, C)`` uint16; a transparent colour (tRNS) becomes an alpha channel."""
    import imagecodecs

    with opened(request, "PNG") as image:
        if frame_count(image) > 1:
            raise request.refuse("is an animated PNG of 16 bits", "extract the frames into files of their own")
        request.plane(1)
        image.load()  # checks every chunk, and finds EXIF behind the pixels
        metadata = with_metadata(Content(format="PNG", array=np.empty(0)), image)
    array: Samples = imagecodecs.png_decode(request.path.read_bytes())
    channels = array.shape[2] if array.ndim == 3 else 1
    return replace(metadata, array=array, colour=channels >= 3, alpha=channels in (2, 4))


def _write_deep(file: BinaryIO, picture: Picture) -> None:
    """Write 16-bit samples, with profile, resolution and EXIF as chunks between header and pixels."""
    import imagecodecs

    encoded = imagecodecs.png_encode(joined(picture))
    file.write(encoded[:_HEADER_END])
    file.write(_chunks(picture))
    file.write(encoded[_HEADER_END:])


def _chunks(picture: Picture) -> bytes:
    chunks = io.BytesIO()
    if picture.icc:
        putchunk(chunks, b"iCCP", b"ICC Profile\0\0", zlib.compress(picture.icc))
    if picture.dpi:
        per_metre = [round(dpi / 0.0254).to_bytes(4, "big") for dpi in picture.dpi]
        putchunk(chunks, b"pHYs", *per_metre, b"\1")
    if picture.exif:
        putchunk(chunks, b"eXIf", picture.exif)
    return chunks.getvalue()


PNG = Format(
    name="PNG",
    label="PNG",
    suffixes=(".png",),
    signature=rb"\x89PNG\r\n\x1a\n",
    read=read_png,
    write=write_png,
    dtypes=("uint8", "uint16"),
    longest_side=2**31 - 1,
    shortest=_HEADER_END,
)
