"""EXIF, ICC profiles and orientation, whatever container they came in."""

from __future__ import annotations

import io
import threading
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import BinaryIO

import numpy as np
from PIL import Image

from ._picture import Samples

ORIENTATION = 0x0112
EXIF_IFD = 0x8769
GPS_IFD = 0x8825
_PREFIX = b"Exif\x00\x00"
_LOCK = threading.RLock()
# Tags of a TIFF's first directory that speak of the photograph and not of how its pixels are stored:
# description, make, model, software, date, artist, copyright.
DESCRIPTIVE = (270, 271, 272, 305, 306, 315, 33432)


def parse_exif(block: bytes) -> Image.Exif:
    """Read an EXIF block, with or without the prefix of JPEG."""
    exif = Image.Exif()
    exif.load(block)
    return exif


def exif_of_tiff(file: BinaryIO) -> bytes | None:
    """Gather the descriptive tags and the Exif and GPS directories of a TIFF file into an EXIF block."""
    found = Image.Exif()
    file.seek(0)
    found.load_from_fp(file)
    kept = Image.Exif()
    for tag in DESCRIPTIVE:
        if tag in found:
            kept[tag] = found[tag]
    for tag in (EXIF_IFD, GPS_IFD):
        entries = found.get_ifd(tag)
        if entries:
            kept.get_ifd(tag).update(entries)
    return bare(kept.tobytes()) if len(kept) or kept.get_ifd(EXIF_IFD) or kept.get_ifd(GPS_IFD) else None


def without_orientation(block: bytes | None) -> bytes | None:
    """EXIF block with the orientation tag removed; byte for byte the same when there was none.

    A damaged block raises whatever Pillow raises here, and not when it comes to writing.
    """
    if not block:
        return None
    exif = parse_exif(block)
    turned = ORIENTATION in exif
    if turned:
        del exif[ORIENTATION]
    rest = exif.tobytes()
    return None if not len(exif) else bare(rest if turned else block)


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


@lru_cache(maxsize=16)
def icc_name(icc: bytes) -> str:
    """Read the description inside an ICC profile, such as ``Adobe RGB (1998)``; empty if unreadable."""
    from PIL import ImageCms

    try:
        return ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(icc))).strip()
    except (ImportError, OSError, ImageCms.PyCMSError):  # Pillow may be built without LittleCMS
        return ""


def icc_notes(icc: bytes | None) -> Iterable[str]:
    """Warn when the profile's tone curve is not the one `light` uses."""
    if icc is None:
        return
    name = icc_name(icc)
    if not any(known in name.lower() for known in ("srgb", "display p3", "linear")):
        yield f"ICC profile {name or 'without a name'} kept; its tone curve is taken as that of sRGB"
