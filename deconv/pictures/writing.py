"""Write a picture file in the depth of its samples, or say why its format cannot hold them."""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike
from pathlib import Path
from typing import BinaryIO

from deconv.pictures.eight_bit import write_jpeg, write_png, write_webp
from deconv.pictures.metadata import quietly
from deconv.pictures.npy import write_npy
from deconv.pictures.outputs import unwritable
from deconv.pictures.picture import Picture, PictureError
from deconv.pictures.png16 import write_png16
from deconv.pictures.tiff import write_tiff

_SUFFIXES = {
    ".png": "PNG",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".webp": "WEBP",
    ".npy": "NPY",
}
_DEPTHS = {
    "PNG": ("uint8", "uint16"),
    "JPEG": ("uint8",),
    "WEBP": ("uint8",),
    "TIFF": ("uint8", "uint16", "uint32", "int8", "int16", "int32", "float16", "float32", "float64"),
}
_LONGEST_SIDE = {"JPEG": 65_535, "WEBP": 16_383, "PNG": 2**31 - 1, "TIFF": 2**31 - 1}


def write(picture: Picture, path: str | PathLike[str], *, format: str | None = None) -> None:  # noqa: A002
    """Write a picture with its alpha, ICC profile, EXIF and resolution.

    PNG, TIFF (deflate) and WebP without loss; JPEG with quality 95 and full colour resolution. The file is
    written in place: `Outputs` makes it appear whole or not at all.

    Parameters
    ----------
    picture : Picture
        From `read` or `from_float`.
    path : path-like
        The file, replaced if it exists.
    format : {"PNG", "TIFF", "JPEG", "WEBP", "NPY"} or None
        None goes by the suffix of `path`, and without one by the format the picture came in.

    Raises
    ------
    PictureError
        The format cannot hold the picture, or the file cannot be written.
    """
    path = Path(path)
    name = check_format(picture, path, format=format)
    try:
        with quietly(), path.open("w+b") as file:
            _writer(name, picture)(file, picture)
    except Exception as error:
        raise _translated(path, name, error) from error


def check_format(picture: Picture, path: str | PathLike[str], *, format: str | None = None) -> str:  # noqa: A002
    """Find the format `write` would use and refuse what it cannot hold; for use before a long computation.

    Parameters
    ----------
    picture : Picture
        Its dtype, channels, alpha and planes count, not its values.
    path : path-like
        The file to be written.
    format : str or None
        As for `write`.

    Returns
    -------
    str
        "PNG", "TIFF", "JPEG", "WEBP" or "NPY".

    Raises
    ------
    PictureError
        The suffix is unknown, or the format cannot hold the picture.
    """
    path = Path(path)
    name = _name(picture, path, format)
    problem = _unfit(picture, name)
    if problem is not None:
        raise PictureError(path, *problem)
    return name


def _name(picture: Picture, path: Path, asked: str | None) -> str:
    name = asked or (_SUFFIXES.get(path.suffix.lower(), "") if path.suffix else picture.format)
    if name not in _SUFFIXES.values():
        known = ", ".join(_SUFFIXES)
        raise PictureError(path, f"names no format that can be written ({asked or path.suffix})", f"use one of {known}")
    return name


def _unfit(picture: Picture, name: str) -> tuple[str, str] | None:
    """Say what about the picture does not fit into the format and what to do, or nothing."""
    if name == "NPY":
        return None
    depths = _DEPTHS[name]
    if str(picture.dtype) not in depths:
        better = "PNG or TIFF" if picture.dtype == "uint16" else "TIFF or .npy"
        better = better if str(picture.dtype) in _DEPTHS["TIFF"] else ".npy"
        return (
            f"{name} cannot hold {picture.dtype} samples, only {' and '.join(depths)}",
            f"write {better} instead",
        )
    if picture.channel_axis is not None and picture.channels != 3:
        return f"{name} cannot hold {picture.channels} colour channels", "write .npy instead"
    if picture.planes and name != "TIFF":
        return (
            f"{name} cannot hold {picture.planes} planes",
            "write TIFF or .npy, or choose one with --frame N",
        )
    if picture.alpha is not None and name == "JPEG":
        return "JPEG cannot hold transparency", "write PNG or TIFF instead"
    longest = _LONGEST_SIDE[name]
    if max(picture.height, picture.width) > longest:
        return f"{name} cannot hold more than {longest} pixels a side", "write PNG or TIFF instead"
    return None


def _writer(name: str, picture: Picture) -> Callable[[BinaryIO, Picture], None]:
    if name == "PNG":
        return write_png if picture.bit_depth == 8 else write_png16
    return {"TIFF": write_tiff, "JPEG": write_jpeg, "WEBP": write_webp, "NPY": write_npy}[name]


def _translated(path: Path, name: str, error: Exception) -> PictureError:
    if isinstance(error, OSError) and error.errno is not None:
        return unwritable(path, error)
    reason = " ".join(str(error).split())[:120] or type(error).__name__
    return PictureError(path, f"cannot be written as {name}: {reason}", "write PNG or TIFF instead")
