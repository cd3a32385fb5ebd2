"""JPEG, WebP and 8-bit PNG through Pillow; of a 16-bit PNG, its metadata."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import numpy as np
from PIL import Image

from deconv.pictures.metadata import ORIENTATION, quietly, without_orientation
from deconv.pictures.picture import Picture, joined
from deconv.pictures.png16 import bits_per_sample, decode_png16
from deconv.pictures.stored import Stored, Wanted

# Pillow's modes that are taken as they are, and what to turn the others into.
_PLAIN = ("L", "LA", "RGB", "RGBA")
_EXPANDED = {"1": "L", "P": "RGB", "PA": "RGBA"}
_TRANSPARENT = {"1": "LA", "L": "LA", "P": "RGBA", "RGB": "RGBA"}


def read_png(wanted: Wanted) -> Stored:
    """Read a PNG of any depth."""
    with wanted.path.open("rb") as file:
        if bits_per_sample(file.read(33)) < 16:
            return _read(wanted, "PNG")
    with _opened(wanted, "PNG") as image:
        if getattr(image, "n_frames", 1) > 1:
            raise wanted.refuse("is an animated PNG of 16 bits", "extract the frames into files of their own")
        wanted.plane(1)
        image.load()  # checks every chunk, and finds EXIF behind the pixels
        stored = _with_metadata(Stored("PNG", np.empty(0)), image)
    stored.array = decode_png16(wanted.path.read_bytes())
    channels = stored.array.shape[2] if stored.array.ndim == 3 else 1
    stored.colour, stored.alpha = channels >= 3, channels in (2, 4)
    return stored


def read_jpeg(wanted: Wanted) -> Stored:
    """Read a JPEG; of a multi-picture one (MPO) the main picture."""
    return _read(wanted, "JPEG")


def read_webp(wanted: Wanted) -> Stored:
    """Read a WebP picture or frames of an animation."""
    return _read(wanted, "WEBP")


def write_png(file: BinaryIO, picture: Picture) -> None:
    """Write 8-bit samples as PNG."""
    _save(file, picture, "PNG", **({"dpi": picture.dpi} if picture.dpi else {}))


def write_jpeg(file: BinaryIO, picture: Picture) -> None:
    """Write JPEG of quality 95 with full colour resolution: far less lost than by the usual defaults."""
    # JPEG keeps the resolution in 16 bits.
    resolution = {"dpi": tuple(min(round(dpi), 65_535) for dpi in picture.dpi)} if picture.dpi else {}
    _save(file, picture, "JPEG", quality=95, subsampling=0, **resolution)


def write_webp(file: BinaryIO, picture: Picture) -> None:
    """Write WebP without loss, colours under full transparency included."""
    _save(file, picture, "WEBP", lossless=True, exact=True)


def _save(file: BinaryIO, picture: Picture, name: str, **options: Any) -> None:
    # Pillow keeps neither profile nor EXIF of its own accord.
    if picture.icc:
        options["icc_profile"] = picture.icc
    if picture.exif:
        options["exif"] = b"Exif\0\0" + picture.exif
    Image.fromarray(np.ascontiguousarray(joined(picture))).save(file, format=name, **options)


def _read(wanted: Wanted, name: str) -> Stored:
    with _opened(wanted, name) as image:
        extra = getattr(image, "n_frames", 1) - 1
        multi_picture = image.format == "MPO"
        count = 1 if multi_picture else 1 + extra
        chosen = wanted.plane(count)
        wanted.check_pixels(image.width * image.height * (count if chosen == "all" else 1))
        notes: list[str] = []
        if chosen == "all":
            array = np.stack([_frame(wanted, image, index, notes) for index in range(count)])
        else:
            array = _frame(wanted, image, chosen, notes)
        if multi_picture:
            notes.append(f"{extra} further pictures inside the file (previews, depth maps) left out")
        planes = count if chosen == "all" else 0
        channels = array.shape[-1] if array.ndim == (4 if planes else 3) else 1
        stored = Stored(name, array, planes, colour=channels >= 3, alpha=channels in (2, 4), notes=notes)
        stored = _with_metadata(stored, image)
        table = getattr(image, "quantization", {}).get(0)
        if table is not None and len(table) == 64:
            upright_table = np.reshape(table, (8, 8))
            stored.jpeg_table = upright_table.T if stored.orientation in (5, 6, 7, 8) else upright_table
        return stored


def _frame(wanted: Wanted, image: Image.Image, index: int, notes: list[str]) -> np.ndarray[Any, Any]:
    """Pixels of one frame as gray or RGB, with or without alpha."""
    if index:
        image.seek(index)
    image.load()
    mode = _EXPANDED.get(image.mode, image.mode)
    if "transparency" in image.info:
        mode = _TRANSPARENT.get(image.mode, mode)
    if mode not in _PLAIN:
        raise wanted.refuse(f"has the colour mode {image.mode}", "convert it to RGB or gray first")
    if image.mode == mode:
        return np.array(image)
    note = f"{'palette' if image.mode in ('P', 'PA') else f'mode {image.mode}'} expanded to {mode}"
    if note not in notes:
        notes.append(note)
    return np.array(image.convert(mode))


def _with_metadata(stored: Stored, image: Image.Image) -> Stored:
    stored.icc = image.info.get("icc_profile") or None
    stored.dpi = image.info.get("dpi")
    try:
        exif = image.getexif()
        stored.orientation = int(exif.get(ORIENTATION, 1))
        stored.exif = without_orientation(image.info.get("exif") or (exif.tobytes() if len(exif) else None))
    except Exception:  # whatever a damaged block makes Pillow raise: the pixels are not harmed
        stored.notes.append("EXIF is damaged and was left out")
    return stored


@contextmanager
def _opened(wanted: Wanted, name: str) -> Iterator[Image.Image]:
    """Open with Pillow, its limit on pixels set to ours and its warning about them made an error.

    Both are settings of the whole process; the former values come back.
    """
    with quietly():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        former, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, wanted.max_pixels
        try:
            with Image.open(wanted.path, formats=[name]) as image:
                yield image
        except (Image.DecompressionBombWarning, Image.DecompressionBombError):
            raise wanted.refuse(
                f"declares more pixels than the limit of {wanted.max_pixels}",
                "raise the limit with --max-pixels, or crop the picture",
            ) from None
        finally:
            Image.MAX_IMAGE_PIXELS = former
