"""JPEG XL through imagecodecs, which decodes the samples and tells nothing else: the depth is read here."""

from __future__ import annotations

import numpy as np

from deconv.pictures.content import Content
from deconv.pictures.formats.depth import widened
from deconv.pictures.formats.format import Format
from deconv.pictures.request import Request

_CODESTREAM = b"\xff\x0a"
_CONTAINER = b"\0\0\0\x0cJXL "
_HEAD = 1 << 16  # bytes that hold the boxes before the codestream
# Width as a share of the height, by the number that stands for it.
_RATIOS = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))


class _Bits:
    """The fields of a header, from the lowest bit of each byte on (ISO/IEC 18181-1, 9.2)."""

    def __init__(self, data: bytes) -> None:
        self._number, self._left = int.from_bytes(data, "little"), 8 * len(data)

    def take(self, count: int) -> int:
        self._left -= count
        if self._left < 0:
            raise ValueError("the header ends early")
        value, self._number = self._number & ((1 << count) - 1), self._number >> count
        return value

    def choice(self, *widths: int) -> int:
        """Return a number from 1 on, as wide as two bits before it say."""
        return 1 + self.take(widths[self.take(2)])


def read_jpeg_xl(request: Request) -> Content:
    """Read a still JPEG XL picture."""
    import imagecodecs

    data = request.path.read_bytes()
    width, height, depth = _header(request, _codestream(data[:_HEAD]))
    request.plane(1)
    request.check_pixels(width * height)
    array = np.asarray(imagecodecs.jpegxl_decode(data))
    channels = array.shape[2] if array.ndim == 3 else 1
    if array.ndim > 3 or channels > 4:
        raise request.refuse(
            "has several frames or channels that are not gray, RGB or alpha", "convert it to TIFF first"
        )
    notes = ("profile, EXIF or XMP inside a JPEG XL are not read",)
    content = Content(format="JPEGXL", array=array, colour=channels >= 3, alpha=channels in (2, 4), notes=notes)
    return widened(content, depth)


def _codestream(head: bytes) -> bytes:
    """Return the codestream, behind the first boxes of a file that has any."""
    if not head.startswith(_CONTAINER):
        return head
    box = min(at for name in (b"jxlc", b"jxlp") if (at := head.find(name)) >= 0)
    return head[box + (4 if head[box : box + 4] == b"jxlc" else 8) :]


def _header(request: Request, codestream: bytes) -> tuple[int, int, int]:
    """Return width, height and bits per sample (ISO/IEC 18181-1, annex D)."""
    bits = _Bits(codestream[len(_CODESTREAM) : 64])
    small = bits.take(1)
    height = 8 * (1 + bits.take(5)) if small else bits.choice(9, 13, 18, 30)
    ratio = bits.take(3)
    if ratio:
        across, down = _RATIOS[ratio - 1]
        width = height * across // down
    else:
        width = 8 * (1 + bits.take(5)) if small else bits.choice(9, 13, 18, 30)
    if bits.take(1):  # nothing but defaults
        return width, height, 8
    if bits.take(1):
        bits.take(3)  # orientation, which the decoder applies
        if bits.take(3):  # a size of its own to be shown in, a preview or an animation
            raise request.refuse("is a JPEG XL with a preview or an animation", "export it as PNG or TIFF first")
    if bits.take(1):  # floating samples
        return width, height, 32
    kind = bits.take(2)
    return width, height, (8, 10, 12)[kind] if kind < 3 else 1 + bits.take(6)


JPEG_XL = Format(
    name="JPEGXL",
    label="JPEG XL",
    suffixes=(".jxl",),
    signature=rb"\xff\x0a|\0\0\0\x0cJXL \r\n\x87\n",
    read=read_jpeg_xl,
    shortest=12,
)
