"""PNG: up to 8 bits per sample through Pillow; 16 bits, which Pillow would cut to 8, through imagecodecs."""

from __future__ import annotations

import io
import logging
import re
import zlib
from dataclasses import replace
from typing import BinaryIO

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import putchunk

from deconv.pictures.content import Content, noted
from deconv.pictures.formats.format import Format
from deconv.pictures.formats.pillow import frame_count, opened, read_frames, with_metadata
from deconv.pictures.formats.png_chunks import Header, colour_chunks, has_all_rows, header, significant_bits
from deconv.pictures.picture import Picture, Samples, joined
from deconv.pictures.request import Request

# libpng's remarks, on a profile that does not fit for instance, would otherwise go to stderr.
logging.getLogger("imagecodecs").addHandler(logging.NullHandler())

#: From so many samples on pictures are packed at these levels, by bits per sample: 12 megapixels in colour take a third
#: of the time and 5 % more bytes than at the usual one, and two thirds and 0.5 %.
LARGE, USUAL, QUICK = 1 << 21, 6, {8: 4, 16: 2}

_HEADER_END = 8 + 25  # signature, then the IHDR chunk: length, name, 13 bytes, CRC
_XMP_KEYWORD = b"XML:com.adobe.xmp"
_NO_WORDS = re.compile("XML:com.adobe.xmp|Raw profile type ")


def read_png(request: Request) -> Content:
    """Read a PNG of any depth."""
    head = header(request.path)
    request.check_pixels(head.width * head.height)
    if not has_all_rows(request.path):
        raise request.refuse(
            "is damaged: it is truncated, with fewer rows than it declares", "copy or export the file again"
        )
    content = _read_deep(request) if head.depth == 16 else _read_shallow(request, head)
    if bits := ", ".join(map(str, significant_bits(request.path))):
        content = noted(content, f"the chunk sBIT ({bits} significant bits) was left out: results use all bits")
    return replace(content, colour_chunks=colour_chunks(request.path))


def write_png(file: BinaryIO, picture: Picture) -> None:
    """Write samples of 8 or 16 bits; what is known beside them as chunks between header and pixels."""
    encoded = _encoded(picture)
    file.write(encoded[:_HEADER_END])
    file.write(_chunks(picture))
    file.write(encoded[_HEADER_END:])


def _read_shallow(request: Request, head: Header) -> Content:
    """Read samples of up to 8 bits, those of fewer widened to 8."""
    with opened(request, "PNG") as image:
        key = image.info.get("transparency")
        if head.colour_type == 0 and head.depth < 8 and isinstance(key, int):
            # Pillow widens the samples, but not always the one that is transparent.
            image.info["transparency"] = (key % 2**head.depth) * (255 // (2**head.depth - 1))
        return _with_texts(read_frames(request, image, "PNG", frame_count(image)), image)


def _read_deep(request: Request) -> Content:
    """Read ``(H, W)`` or ``(H, W, C)`` uint16; a transparent colour (tRNS) becomes an alpha channel."""
    import imagecodecs

    with opened(request, "PNG") as image:
        if frame_count(image) > 1:
            raise request.refuse("is an animated PNG of 16 bits", "extract the frames into files of their own")
        request.plane(1)
        image.load()  # checks every chunk, and finds EXIF behind the pixels
        metadata = _with_texts(Content(format="PNG", array=np.empty(0)), image)
    array: Samples = imagecodecs.png_decode(request.path.read_bytes())
    channels = array.shape[2] if array.ndim == 3 else 1
    return replace(metadata, array=array, colour=channels >= 3, alpha=channels in (2, 4))


def _with_texts(content: Content, image: Image.Image) -> Content:
    """Return the content with metadata and texts; EXIF and XMP, which some programs put into texts, are none."""
    texts: dict[str, str] = getattr(image, "text", {})
    words = [(keyword, str(text)) for keyword, text in texts.items() if not _NO_WORDS.match(keyword)]
    return replace(with_metadata(content, image), texts=tuple(words))


def _encoded(picture: Picture) -> bytes:
    """Return a PNG of the samples alone."""
    samples = np.ascontiguousarray(joined(picture))
    level = QUICK[picture.bit_depth] if samples.size >= LARGE else USUAL
    if picture.bit_depth == 16:
        import imagecodecs

        return bytes(imagecodecs.png_encode(samples, level=level))
    buffer = io.BytesIO()
    Image.fromarray(samples).save(buffer, format="PNG", compress_level=level)
    return buffer.getvalue()


def _chunks(picture: Picture) -> bytes:
    written = io.BytesIO()
    for name, content in picture.colour_chunks:
        putchunk(written, name, content)
    if picture.icc:
        putchunk(written, b"iCCP", b"ICC Profile\0\0", zlib.compress(picture.icc))
    if picture.dpi:
        per_metre = [round(dpi / 0.0254).to_bytes(4, "big") for dpi in picture.dpi]
        putchunk(written, b"pHYs", *per_metre, b"\1")
    if picture.exif:
        putchunk(written, b"eXIf", picture.exif)
    if picture.xmp:
        putchunk(written, b"iTXt", _XMP_KEYWORD, bytes(5), picture.xmp)
    for keyword, text in picture.texts:
        putchunk(written, *_text_chunk(keyword, text))
    return written.getvalue()


def _text_chunk(keyword: str, text: str) -> tuple[bytes, bytes]:
    """Return the chunk of a text, in Latin-1 where that has all its letters, else in UTF-8."""
    name = keyword.encode("latin-1", "replace")
    try:
        return b"tEXt", name + b"\0" + text.encode("latin-1")
    except UnicodeEncodeError:
        return b"iTXt", name + bytes(5) + text.encode()


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
    keeps=frozenset({"icc", "exif", "xmp", "dpi", "texts", "comment", "colour_chunks"}),
)
