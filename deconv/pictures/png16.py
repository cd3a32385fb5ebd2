"""PNG of 16 bits per sample, which Pillow would cut to 8: imagecodecs for pixels, chunks for metadata."""

from __future__ import annotations

import io
import logging
import zlib
from typing import BinaryIO

from PIL.PngImagePlugin import putchunk

from deconv.pictures.picture import Picture, Samples, joined

# libpng's remarks, on a profile that does not fit for instance, would otherwise go to stderr.
logging.getLogger("imagecodecs").addHandler(logging.NullHandler())

_HEADER_END = 8 + 25  # signature, then the IHDR chunk: length, name, 13 bytes, CRC


def bits_per_sample(header: bytes) -> int:
    """Bit depth named in the first 33 bytes of a PNG file."""
    return header[24]


def decode_png16(data: bytes) -> Samples:
    """Decode to ``(H, W)`` or ``(H, W, C)`` uint16; a transparent colour (tRNS) becomes an alpha channel."""
    import imagecodecs

    array: Samples = imagecodecs.png_decode(data)
    return array


def write_png16(file: BinaryIO, picture: Picture) -> None:
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
