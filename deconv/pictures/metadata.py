"""EXIF, ICC profiles and orientation, whatever container they came in."""

from __future__ import annotations

import re
import struct
import threading
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, BinaryIO

import numpy as np
from PIL import Image

from deconv.pictures.picture import Samples

ORIENTATION = 0x0112
EXIF_IFD = 0x8769
GPS_IFD = 0x8825
_PIXEL_X, _PIXEL_Y = 0xA002, 0xA003
_SHORT, _LONG = 3, 4
_PREFIX = b"Exif\x00\x00"
_LOCK = threading.RLock()
_ARRANGEMENTS = ("ImageJ=", "OME>", '{"shape"', "shape=(", "<MetaData", "<scn", "Aperio")
DESCRIPTION = 270
IPTC_LEFT_OUT = "IPTC data were left out"
# Tags of a TIFF's first directory that speak of the photograph and not of how its pixels are stored:
# description, make, model, software, date, artist, copyright.
DESCRIPTIVE = (DESCRIPTION, 271, 272, 305, 306, 315, 33432)


def parse_exif(block: bytes) -> Image.Exif:
    """Read an EXIF block, with or without the prefix of JPEG."""
    exif = Image.Exif()
    exif.load(block)
    return exif


def exif_of_tiff(file: BinaryIO) -> bytes | None:
    """Gather the descriptive tags and the Exif and GPS directories of a TIFF file into an EXIF block."""
    tags = Image.Exif()
    file.seek(0)
    tags.load_from_fp(file)
    block = Image.Exif()
    for tag in DESCRIPTIVE:
        if tag in tags and not (tag == DESCRIPTION and arranges_planes(tags[tag])):
            block[tag] = raw(tags[tag])
    for tag in (EXIF_IFD, GPS_IFD):
        entries = tags.get_ifd(tag)
        if entries:
            block.get_ifd(tag).update({key: raw(value) for key, value in entries.items()})
    return bare(block.tobytes()) if len(block) or block.get_ifd(EXIF_IFD) or block.get_ifd(GPS_IFD) else None


def exif_of_tags(texts: Mapping[int, bytes]) -> bytes | None:
    """Put descriptive tags into an EXIF block, None for no tags."""
    block = Image.Exif()
    block.update({tag: text for tag, text in texts.items() if not (tag == DESCRIPTION and arranges_planes(text))})
    return bare(block.tobytes()) if len(block) else None


def arranges_planes(description: str | bytes) -> bool:
    """Return whether a TIFF's description tells programs how its planes are arranged: wrong of any other file."""
    text = description if isinstance(description, str) else description.decode("latin-1")
    return any(mark in text for mark in _ARRANGEMENTS)


def without_orientation(block: bytes | None) -> bytes | None:
    """Cut the orientation out of an EXIF block and leave every other byte where it was, maker's notes included.

    A damaged block raises whatever Pillow or struct raise here, and not when it comes to writing.
    """
    if not block:
        return None
    block = bare(block)
    parse_exif(block).tobytes()
    order = "<" if block.startswith(b"II") else ">"
    (start,) = struct.unpack_from(order + "L", block, 4)
    (count,) = struct.unpack_from(order + "H", block, start)
    end = start + 2 + 12 * count
    entries = [block[at : at + 12] for at in range(start + 2, end, 12)]
    others = [entry for entry in entries if struct.unpack_from(order + "H", entry)[0] != ORIENTATION]
    if len(others) in (0, count):
        return block if others else None
    directory = struct.pack(order + "H", len(others)) + b"".join(others) + block[end : end + 4]
    return block[:start] + directory.ljust(end + 4 - start, b"\0") + block[end + 4 :]


def with_dimensions(block: bytes, width: int, height: int) -> bytes:
    """Return an EXIF block whose PixelXDimension and PixelYDimension, where it has them, are those of the picture."""
    try:
        return _with_dimensions(block, {_PIXEL_X: width, _PIXEL_Y: height})
    except struct.error:  # a directory that lies outside: readers do not find the entries either
        return block


def _with_dimensions(block: bytes, lengths: Mapping[int, int]) -> bytes:
    order = "<" if block.startswith(b"II") else ">"
    renewed = bytearray(block)
    for at in _entries(block, order, struct.unpack_from(order + "L", block, 4)[0]):
        tag, _, _, start = struct.unpack_from(order + "HHLL", block, at)
        for entry in _entries(block, order, start) if tag == EXIF_IFD else ():
            length = lengths.get(struct.unpack_from(order + "H", block, entry)[0])
            if length is not None and _value(block, order, entry) != length:
                renewed[entry + 2 : entry + 12] = struct.pack(order + "HLL", _LONG, 1, length)
    return bytes(renewed)


def _entries(block: bytes, order: str, start: int) -> range:
    """Return where the entries of a directory stand."""
    (count,) = struct.unpack_from(order + "H", block, start)
    return range(start + 2, min(start + 2 + 12 * count, len(block) - 11), 12)


def _value(block: bytes, order: str, entry: int) -> int:
    (kind,) = struct.unpack_from(order + "H", block, entry + 2)
    return int(struct.unpack_from(order + ("H" if kind == _SHORT else "L"), block, entry + 8)[0])


def upright_xmp(packet: bytes, orientation: int) -> bytes:
    """Return an XMP packet that says of the upright picture what it said of the stored one."""
    packet = re.sub(rb"(tiff:Orientation\s*(?:=\s*[\"']|>)\s*)[2-8]", rb"\g<1>1", packet)
    if orientation not in (5, 6, 7, 8):
        return packet
    turned = {b"PixelXDimension": b"PixelYDimension", b"ImageWidth": b"ImageLength"}
    turned |= {new: old for old, new in turned.items()}
    return re.sub(rb"(?<=:)(PixelXDimension|PixelYDimension|ImageWidth|ImageLength)\b", lambda m: turned[m[1]], packet)


def raw(value: Any) -> Any:
    """Text as the bytes it had in the file: Pillow reads Latin-1 but would write a question mark for each umlaut."""
    return value.encode("latin-1", "replace") if isinstance(value, str) and not value.isascii() else value


def bare(block: bytes) -> bytes:
    """EXIF block without JPEG's prefix."""
    return block.removeprefix(_PREFIX)


def upright(array: Samples, orientation: int, rows: int) -> Samples:
    """Turn and mirror a picture as EXIF orientation 1 to 8 asks; `rows` is the axis of its height."""
    columns = rows + 1
    if orientation in (5, 6, 7, 8):
        array = np.swapaxes(array, rows, columns)
    # After the exchange of axes, what is left are mirrors: (vertical, horizontal).
    vertical = orientation in (3, 4, 7, 8)
    horizontal = orientation in (2, 3, 6, 7)
    flipped = tuple(axis for axis, flip in ((rows, vertical), (columns, horizontal)) if flip)
    return np.ascontiguousarray(np.flip(array, flipped))


@contextmanager
def quietly() -> Iterator[None]:
    """Keep the libraries' warnings about odd files to ourselves.

    Python's list of warning filters belongs to the whole process, hence the lock: threads take turns.
    """
    with _LOCK, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
