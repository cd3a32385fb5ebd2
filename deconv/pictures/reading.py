"""Read a picture file of any supported kind, told apart by its first bytes."""

from __future__ import annotations

import stat
from dataclasses import replace
from os import PathLike
from pathlib import Path

import numpy as np

from deconv.pictures.content import Content
from deconv.pictures.foreign import DEVELOP, foreign_of_head
from deconv.pictures.formats import FORMATS, Format, labels, of_head
from deconv.pictures.formats.ome_zarr.store import is_zarr
from deconv.pictures.light import light_of
from deconv.pictures.metadata import quietly, upright, upright_xmp, with_dimensions
from deconv.pictures.picture import Picture, PictureError, Samples
from deconv.pictures.request import Frame, Request
from deconv.pictures.tone.icc import icc_name
from deconv.pictures.tone.stated import stated_tone

_HEAD = 64  # bytes that are enough to tell every format by


def read(
    path: str | PathLike[str],
    *,
    frame: Frame = None,
    axes: str | None = None,
    max_pixels: int = 200_000_000,
) -> Picture:
    """Read a picture file without losing depth, alpha, profile or EXIF.

    PNG (1 to 16 bits), TIFF (8 and 16 bits, 32-bit integers, float16/32/64), JPEG, WebP, ``.npy`` and FITS, told
    apart by content, and Zarr stores, which are folders; AVIF, JPEG XL and JPEG 2000 are read too, but not written. The
    EXIF orientation is applied. What else was changed stands in ``Picture.notes``.

    Parameters
    ----------
    path : path-like
        The file.
    frame : int, "all", "stack" or None
        Which plane of a file with several (TIFF pages, animations, ``.npy`` with a plane axis): an index from
        0, or all along axis 0; "stack" is all of a format that is written with planes. None accepts only a file with
        one, which 0 and "all" give too.
    axes : str or None
        One letter per axis of an array, ``Y`` and ``X`` among them, ``C`` for channels, any other for planes. Channels
        that lie before the rows are planes too, unless there are three and no other planes: then they are colours.
        Needed for ``.npy`` of more than two axes; for TIFF, FITS and Zarr it overrides the file; no other format takes
        it.
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
    request = Request(path=Path(path), frame=frame, axes=axes, max_pixels=max_pixels)
    try:
        record = recognized(request)
        request = settled(request, record)
        with quietly():
            return picture_of(request, record.read(request))
    except PictureError:
        raise
    except Exception as error:
        raise translated(request, error) from error


def settled(request: Request, record: Format) -> Request:
    """Return a request with what its words mean for files of a format, or refuse them."""
    if request.axes is not None and not record.axes:
        takers = " and ".join(sorted(other.label for other in FORMATS.values() if other.axes))
        raise request.refuse(f"is a {record.name}, whose axes are known", f"leave `axes` out; it is for {takers}")
    return replace(request, frame="all" if record.planes else None) if request.frame == "stack" else request


def recognized(request: Request) -> Format:
    """Tell the format by the first bytes, after checking that there is a file to read."""
    status = request.path.stat()
    if stat.S_ISDIR(status.st_mode):
        if is_zarr(request.path):
            return FORMATS["ZARR"]
        raise request.refuse("is a folder", "name the picture files in it")
    if not stat.S_ISREG(status.st_mode):
        raise request.refuse("is not a regular file", "copy its content into a file first")
    if status.st_size == 0:
        raise request.refuse("is empty (0 bytes)", "copy or export the file again")
    with request.path.open("rb") as file:
        head = file.read(_HEAD)
    foreign, record = foreign_of_head(head), of_head(head)
    if record is None or (foreign is not None and foreign.remedy == DEVELOP):  # some cameras write a kind of TIFF
        what = f"is {foreign.name}" if foreign else "is not a picture of a supported kind"
        raise request.refuse(what, (foreign and foreign.remedy) or f"convert it to {labels()} first")
    if status.st_size < record.shortest:
        raise request.refuse("is truncated", "copy or export the file again")
    return record


def picture_of(request: Request, content: Content) -> Picture:
    """Set the picture upright and part colour from alpha."""
    array, notes = content.array, list(content.notes)
    if array.size == 0:
        raise request.refuse("holds no pixels", "copy or export the file again")
    if content.orientation in range(2, 9):
        array = upright(array, content.orientation, 1 if content.planes else 0)
        notes.append(f"EXIF orientation {content.orientation} applied")
    alpha = _whole(array[..., -1]) if content.alpha else None
    if content.alpha:
        array = _whole(array[..., :-1] if content.colour else array[..., 0])
    picture = Picture(
        samples=array,
        alpha=alpha,
        format=content.format,
        icc=content.icc,
        colour_chunks=content.colour_chunks,
        exif=content.exif,
        xmp=None if content.xmp is None else upright_xmp(content.xmp, content.orientation),
        texts=content.texts,
        arrangement=content.arrangement,
        planes=content.planes,
        stored_axes=content.stored_axes,
        byte_order=content.byte_order,
        unknown=content.unknown,
        weights=content.weights,
        weights_name=content.weights_name,
        document=content.document,
        plane_axes=content.plane_axes if content.planes else "",
        plane_shape=content.plane_shape if content.planes else (),
        channel_axis=-1 if content.colour else None,
        notes=tuple(notes),
        path=request.path,
        dpi=_turned(content.dpi, content),
        density=_turned(content.density, content),
        is_measured=content.is_measured,
        jpeg_table=content.jpeg_table,
    )
    exif = None if content.exif is None else with_dimensions(content.exif, picture.width, picture.height)
    return replace(picture, exif=exif, notes=(*notes, *_tone_notes(picture)))


def _whole(part: Samples) -> Samples:
    """Return a part of an array as one of its own; of zeros that take no memory it takes none."""
    return part if not any(part.strides) else np.ascontiguousarray(part)


def _tone_notes(picture: Picture) -> tuple[str, ...]:
    """Return what is assumed of the light of a file whose profile does not say it."""
    if stated_tone(picture) is not None or picture.icc is None:
        return ()
    taken = "taken as that of sRGB" if light_of(picture) == "srgb" else "taken as linear"
    return (f"ICC profile {icc_name(picture.icc) or 'without a name'} states no curve; its tone curve is {taken}",)


def _turned(resolution: tuple[float, float] | None, content: Content) -> tuple[float, float] | None:
    """Resolution of the upright picture, unless it is nonsense."""
    if resolution is None:
        return None
    horizontal, vertical = (float(value) for value in resolution)
    if not (0 < horizontal < 1e6 and 0 < vertical < 1e6):
        return None
    return (vertical, horizontal) if content.orientation in (5, 6, 7, 8) else (horizontal, vertical)


def translated(request: Request, error: Exception) -> PictureError:
    """Say in one sentence what a library meant by any of its exceptions."""
    if isinstance(error, FileNotFoundError):
        return request.refuse("does not exist", "check the name")
    if isinstance(error, PermissionError):
        return request.refuse("cannot be read", "check its permissions")
    if isinstance(error, OSError) and error.errno is not None:
        reason = (error.strerror or str(error)).lower()
        return request.refuse(f"cannot be read: {reason}", "check the name and the disk")
    if isinstance(error, MemoryError):
        return request.refuse("needs more memory than there is", "crop the picture; a small file is damaged")
    reason = " ".join(str(error).split()).removeprefix(f"{request.path}: ")[:120]
    return request.refuse(
        f"is damaged or not supported: {reason or type(error).__name__}", "copy or export the file again"
    )
