"""Write a picture file in the depth of its samples, or say why its format cannot hold them."""

from __future__ import annotations

from dataclasses import replace
from io import BufferedRandom, FileIO, UnsupportedOperation
from os import PathLike
from pathlib import Path
from typing import NoReturn

from deconv.pictures.formats import FORMATS, Format, suffixes
from deconv.pictures.metadata import quietly, with_dimensions
from deconv.pictures.outputs import unwritable
from deconv.pictures.picture import Picture, PictureError


def write(picture: Picture, path: str | PathLike[str], *, format: str | None = None) -> None:  # noqa: A002
    """Write a picture with its alpha, ICC profile, EXIF and what else its format can hold (see `losses`).

    PNG, TIFF (deflate), WebP and OME-Zarr without loss; JPEG with quality 95 and full colour resolution. The file, or
    the folder of a Zarr store, is written in place: `Outputs` makes it appear whole or not at all.

    Parameters
    ----------
    picture : Picture
        From `read` or `from_float`.
    path : path-like
        The file or store, replaced if it exists.
    format : {"PNG", "TIFF", "JPEG", "WEBP", "NPY", "FITS", "ZARR"} or None
        None goes by the suffix of `path`, and without one by the format the picture came in.

    Raises
    ------
    PictureError
        The format cannot hold the picture, or the file cannot be written.
    """
    path = Path(path)
    name = check_format(picture, path, format=format)
    if picture.exif:
        picture = replace(picture, exif=with_dimensions(picture.exif, picture.width, picture.height))
    try:
        with quietly():
            _encode(FORMATS[name], picture, path)
    except PictureError:
        raise
    except Exception as error:
        raise _translated(path, name, error) from error


def _encode(record: Format, picture: Picture, path: Path) -> None:
    if record.write_folder is not None:
        record.write_folder(path, picture)
        return
    assert record.write is not None, "every format of FORMATS is written"
    with _Unnumbered(FileIO(path, "w+b")) as file:
        record.write(file, picture)


class _Unnumbered(BufferedRandom):
    """A file that hides its number: by that the encoders would write past Python, and not see how much was written."""

    def fileno(self) -> NoReturn:
        """Refuse, as a file in memory does."""
        raise UnsupportedOperation("fileno")


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
        "PNG", "TIFF", "JPEG", "WEBP", "NPY", "FITS" or "ZARR".

    Raises
    ------
    PictureError
        The suffix is unknown, or the format cannot hold the picture.
    """
    path = Path(path)
    record = _format(picture, path, format)
    misfit = _misfit(picture, record)
    if misfit is not None:
        what, otherwise = misfit
        raise PictureError(path, what, f"write {_recommended(picture)}{otherwise}")
    return record.name


def _format(picture: Picture, path: Path, name: str | None) -> Format:
    known = suffixes()
    by_name = name or not path.suffix
    record = FORMATS.get(name or picture.format) if by_name else known.get(path.suffix.lower())
    if record is None:
        what = f"names no format that can be written ({name or path.suffix})"
        raise PictureError(path, what, f"use one of {', '.join(known)}")
    return record


def _misfit(picture: Picture, record: Format) -> tuple[str, str] | None:
    """Return what of the picture the format cannot hold and how the remedy ends, or None where it fits."""
    cannot, instead = f"{record.name} cannot hold", " instead"
    if record.dtypes is not None and str(picture.dtype) not in record.dtypes:
        return f"{cannot} {picture.dtype} samples, only {' and '.join(record.dtypes)}", instead
    if picture.channel_axis is not None and record.colours is not None and picture.channels not in record.colours:
        return f"{cannot} {picture.channels} colour channels", instead
    if picture.planes and not record.planes:
        return f"{cannot} {picture.planes} planes", ", or choose one with `frame`"
    if picture.alpha is not None and not record.alpha:
        return f"{cannot} transparency", instead
    if record.longest_side is not None and max(picture.height, picture.width) > record.longest_side:
        return f"{cannot} more than {record.longest_side} pixels a side", instead
    return None


def _recommended(picture: Picture) -> str:
    """Name the first two formats that hold the picture without loss."""
    fitting = [record.label for record in FORMATS.values() if record.lossless and _misfit(picture, record) is None]
    return " or ".join(fitting[:2])


def _translated(path: Path, name: str, error: Exception) -> PictureError:
    if isinstance(error, OSError) and error.errno is not None:
        return unwritable(path, error)
    reason = " ".join(str(error).split())[:120] or type(error).__name__
    return PictureError(path, f"cannot be written as {name}: {reason}", "write PNG or TIFF instead")
