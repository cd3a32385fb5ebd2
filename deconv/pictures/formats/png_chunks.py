"""The chunks of a PNG file: what they say of colour and texts, and whether the pixels are all there."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_SIGNATURE = 8
_HEADER = struct.Struct(">IIBBBBB")
_LEAST_CHUNK = 12  # length, name, CRC
_PIECE = 1 << 20
_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # of a pixel, by colour type
# First column and row, and steps, of the seven passes of Adam7.
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
#: What a PNG says of its colours, beside the profile.
COLOUR = (b"cICP", b"gAMA", b"cHRM", b"sRGB")


@dataclass(frozen=True)
class Header:
    """The IHDR chunk."""

    width: int
    height: int
    depth: int
    colour_type: int
    interlaced: bool

    @property
    def pixel_bytes(self) -> int:
        """Return how many bytes the rows take before compression, each with the byte of its filter."""
        passes = _PASSES if self.interlaced else ((0, 0, 1, 1),)
        sizes = [(-(-(self.width - x) // dx), -(-(self.height - y) // dy)) for x, y, dx, dy in passes]
        bits = self.depth * _SAMPLES.get(self.colour_type, 1)
        return sum(rows * (1 + -(-columns * bits // 8)) for columns, rows in sizes if columns > 0 and rows > 0)


def header(path: Path) -> Header:
    """Read the IHDR chunk."""
    with path.open("rb") as file:
        width, height, depth, colour_type, *_, interlaced = _HEADER.unpack(
            file.read(_SIGNATURE + 8 + _HEADER.size)[_SIGNATURE + 8 :]
        )
    return Header(width, height, depth, colour_type, bool(interlaced))


def chunks(path: Path, *names: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield names and contents of the chunks of these names."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(_SIGNATURE)
        while size - file.tell() >= _LEAST_CHUNK:
            length, name = struct.unpack(">I4s", file.read(8))
            if name in names:
                yield name, file.read(length)
                file.seek(4, 1)
            else:
                file.seek(length + 4, 1)


def has_all_rows(path: Path) -> bool:
    """Return whether the pixels of the (first) picture unpack to as much as its header declares.

    Decoders leave missing rows black without a word. Nothing of the declared size is allocated.
    """
    missing, unpacking = header(path).pixel_bytes, zlib.decompressobj()
    for _, packed in chunks(path, b"IDAT"):
        more = True
        while more and missing > 0 and not unpacking.eof:
            piece = len(unpacking.decompress(packed, _PIECE))
            missing -= piece
            packed = unpacking.unconsumed_tail
            more = bool(packed) or piece == _PIECE
    return missing <= 0
