"""Read a picture file of any supported kind, told apart by its first bytes."""

from __future__ import annotations

import stat
from collections.abc import Callable
from dataclasses import replace
from os import PathLike
from pathlib import Path

import numpy as np

from deconv.pictures.eight_bit import read_jpeg, read_png, read_webp
from deconv.pictures.light import light_of
from deconv.pictures.metadata import icc_notes, quietly, upright
from deconv.pictures.npy import read_npy
from deconv.pictures.picture import Picture, PictureError
from deconv.pictures.stored import Frame, Stored, Wanted
from deconv.pictures.tiff import read_tiff

_READERS: dict[str, Callable[[Wanted], Stored]] = {
    "PNG": read_png,
    "TIFF": read_tiff,
    "JPEG": read_jpeg,
    "WEBP": read_webp,
    "NPY": read_npy,
}
_SIGNATURES = {
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"II+\0": "TIFF",
    b"MM\0+": "TIFF",
    b"\x93NUMPY": "NPY",
}
_FOREIGN = {
    b"GIF8": "a GIF",
    b"BM": "a BMP",
    b"PK": "a zip archive (or .npz)",
    b"%PDF": "a PDF",
    b"8BPS": "a Photoshop file",
    b"SIMPLE": "a FITS file",
    b"\x80": "a pickle",
}
_SHORTEST = 33  # no supported file is shorter than the header of a PNG


def read(
    path: str | PathLike[str],
    *,
    frame: Frame = None,
    axes: str | None = None,
    max_pixels: int = 200_000_000,
) -> Picture:
    """Read a picture file without losing depth, alpha, profile or EXIF.

    PNG (1 to 16 bits), TIFF (8 and 16 bits, 32-bit integers, float16/32/64), JPEG, WebP and ``.npy``, told
    apart by content. The EXIF orientation is applied. What else was changed stands in ``Picture.notes``.

    Parameters
    ----------
    path : path-like
        The file.
    frame : int, "all" or None
        Which plane of a file with several (TIFF pages, animations, ``.npy`` with a plane axis): an index from
        0, or all along axis 0. None accepts only a file with one, which 0 and "all" give too.
    axes : str or None
        One letter per axis of an array, ``Y`` and ``X`` among them, ``C`` for channels, any other for planes.
        Needed for ``.npy`` of more than two axes; for TIFF it overrides the file; no other format takes it.
    max_pixels : int
        The most pixels (rows x columns x planes read) a file may declare; checked before decoding.

    Returns
    -------
    Picture
        Samples in the file's dtype.

    Raises
    ------
    PictureError
        The file is missing, unreadable, damaged, unsupported, too large, or needs `frame` or `axes`.
    """
    wanted = Wanted(Path(path), frame, axes, max_pixels)
    try:
        name = _recognized(wanted)
        if axes is not None and name not in ("NPY", "TIFF"):
            raise wanted.refuse(f"is a {name}, whose axes are known", "leave --axes out; it is for .npy and TIFF")
        with quietly():
            return _picture(wanted, _READERS[name](wanted))
    except PictureError:
        raise
    except Exception as error:
        raise _translated(wanted, error) from error


def _recognized(wanted: Wanted) -> str:
    """Name the format from the first bytes, after checking that there is a file to read."""
    status = wanted.path.stat()
    if stat.S_ISDIR(status.st_mode):
        raise wanted.refuse("is a folder", "name the picture files in it")
    if not stat.S_ISREG(status.st_mode):
        raise wanted.refuse("is not a regular file", "copy its content into a file first")
    if status.st_size == 0:
        raise wanted.refuse("is empty (0 bytes)", "copy or export the file again")
    with wanted.path.open("rb") as file:
        head = file.read(_SHORTEST)
    name = _format_of(head)
    if name is None:
        found = next((kind for magic, kind in _FOREIGN.items() if head.startswith(magic)), None)
        what = f"is {found}" if found else "is not a picture of a supported kind"
        raise wanted.refuse(what, "convert it to PNG, TIFF, JPEG, WebP or .npy first")
    if len(head) < _SHORTEST:
        raise wanted.refuse("is truncated", "copy or export the file again")
    return name


def _format_of(head: bytes) -> str | None:
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    return next((name for magic, name in _SIGNATURES.items() if head.startswith(magic)), None)


def _picture(wanted: Wanted, stored: Stored) -> Picture:
    """Set the picture upright and part colour from alpha."""
    array, notes = stored.array, list(stored.notes)
    if array.size == 0:
        raise wanted.refuse("holds no pixels", "copy or export the file again")
    if stored.orientation in range(2, 9):
        array = upright(array, stored.orientation, 1 if stored.planes else 0)
        notes.append(f"EXIF orientation {stored.orientation} applied")
    alpha = np.ascontiguousarray(array[..., -1]) if stored.alpha else None
    if stored.alpha:
        array = np.ascontiguousarray(array[..., :-1] if stored.colour else array[..., 0])
    picture = Picture(
        samples=array,
        alpha=alpha,
        format=stored.format,
        icc=stored.icc,
        exif=stored.exif,
        planes=stored.planes,
        channel_axis=-1 if stored.colour else None,
        notes=tuple(notes),
        path=wanted.path,
        dpi=_dpi(stored),
        jpeg_table=stored.jpeg_table,
    )
    if light_of(picture) == "srgb":
        picture = replace(picture, notes=(*notes, *icc_notes(stored.icc)))
    return picture


def _dpi(stored: Stored) -> tuple[float, float] | None:
    """Resolution of the upright picture, unless it is nonsense."""
    if stored.dpi is None:
        return None
    horizontal, vertical = (float(value) for value in stored.dpi)
    if not (0 < horizontal < 1e6 and 0 < vertical < 1e6):
        return None
    return (vertical, horizontal) if stored.orientation in (5, 6, 7, 8) else (horizontal, vertical)


def _translated(wanted: Wanted, error: Exception) -> PictureError:
    """Say in one sentence what a library meant by any of its exceptions."""
    if isinstance(error, FileNotFoundError):
        return wanted.refuse("does not exist", "check the name")
    if isinstance(error, PermissionError):
        return wanted.refuse("cannot be read", "check its permissions")
    if isinstance(error, MemoryError):
        return wanted.refuse("needs more memory than there is", "crop the picture; a small file is damaged")
    reason = " ".join(str(error).split()).removeprefix(f"{wanted.path}: ")[:120]
    return wanted.refuse(
        f"is damaged or not supported: {reason or type(error).__name__}", "copy or export the file again"
    )
