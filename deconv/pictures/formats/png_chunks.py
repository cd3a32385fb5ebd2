"""The chunks of a PNG file: what they say of colour and texts, and whether the pixels are all there."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

_SIGNATURE = 8
_HEADER = struct.Struct(">IIBBBBB")
_LEAST_CHUNK = 12  # length, name, CRC
_PIECE = 1 << 20
_PALETTE = 3  # a colour type, whose colours have 8 bits whatever the depth of their numbers
_MOST_CHANNELS = 4
_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # of a pixel, by colour type
# First column and row, and steps, of the seven passes of Adam7.
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
#: What a PNG says of its colours, beside the profile, and how many bytes it says it in.
_COLOUR = {b"cICP": 4, b"gAMA": 4, b"cHRM": 32, b"sRGB": 1}


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


def colour_chunks(path: Path) -> tuple[tuple[bytes, bytes], ...]:
    """Return the chunks that speak of colour and are whole."""
    return tuple((name, content) for name, content in chunks(path, *_COLOUR) if len(content) == _COLOUR[name])


def significant_bits(path: Path) -> tuple[int, ...]:
    """Return how many bits of each channel hold something (sBIT), where they are fewer than the file has."""
    head = header(path)
    depth = 8 if head.colour_type == _PALETTE else head.depth
    bits = next((tuple(content) for _, content in chunks(path, b"sBIT")), ())
    return bits if len(bits) <= _MOST_CHANNELS and any(bit < depth for bit in bits) else ()


def has_all_rows(path: Path) -> bool:
    """Return whether the pixels of every frame unpack to as much as its header declares.

    Decoders leave missing rows black without a word. Nothing of the declared size is allocated.
    """
    head = header(path)
    frames: list[_Pixels] = []
    for name, content in chunks(path, b"fcTL", b"IDAT", b"fdAT"):
        if name == b"fcTL":
            _, width, height = struct.unpack_from(">III", content)
            frames.append(_Pixels(replace(head, width=width, height=height).pixel_bytes))
        elif name == b"IDAT" and not frames:  # a picture that is no frame of the animation, or has none
            frames.append(_Pixels(head.pixel_bytes))
            frames[-1].unpack(content)
        elif frames:
            frames[-1].unpack(content if name == b"IDAT" else content[4:])
    return bool(frames) and all(frame.missing <= 0 for frame in frames)


class _Pixels:
    """The pixels of a frame while they are counted; `missing` are the bytes that have not come yet."""

    def __init__(self, missing: int) -> None:
        self.missing = missing
        self._stream = zlib.decompressobj()

    def unpack(self, packed: bytes) -> None:
        more = True
        while more and self.missing > 0 and not self._stream.eof:
            piece = len(self._stream.decompress(packed, _PIECE))
            self.missing -= piece
            packed = self._stream.unconsumed_tail
            more = bool(packed) or piece == _PIECE
