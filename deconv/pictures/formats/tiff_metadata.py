"""What a TIFF says beside its pixels: EXIF through Pillow, XMP, resolution, and how its planes are arranged."""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from os import SEEK_END
from typing import Any, BinaryIO, Literal, TypeAlias

from PIL.TiffImagePlugin import ImageFileDirectory_v2

from deconv.pictures.content import Content, noted
from deconv.pictures.metadata import (
    DESCRIPTION,
    DESCRIPTIVE,
    EXIF_IFD,
    GPS_IFD,
    IPTC_LEFT_OUT,
    arranges_planes,
    exif_of_tags,
    exif_of_tiff,
    parse_exif,
    raw,
    without_orientation,
)
from deconv.pictures.picture import Picture
from deconv.pictures.stacks.arrangement import Arrangement, arrangement_of
from deconv.pictures.stacks.ome_tiff import ome_stack

# tifffile's classes change their hints from version to version.
TiffFile: TypeAlias = Any
TiffPage: TypeAlias = Any
Tag: TypeAlias = tuple[int, int, int, Any, bool]

_XMP, _IPTC, _IMAGEJ = 700, 33723, 50839
_BYTES, _ASCII, _LONG = 1, 2, 4
_INTEROPERABILITY = 0xA005
# tifffile refuses to write the tags of these directories; it writes these, which sort in the same place.
_STAND_INS = {EXIF_IFD: EXIF_IFD + 1, GPS_IFD: GPS_IFD + 1}


@dataclass(frozen=True, eq=False)
class Tags:
    """Tags of the first page beside those of its pixels."""

    entries: list[Tag]
    are_of_imagej: bool


def with_metadata(content: Content, tiff: TiffFile, page: TiffPage, *, is_arranged: bool) -> Content:
    """Return the content with what the file says beside its pixels.

    `is_arranged` says whether the content has all planes in the order of the file, so that its description of them
    holds.
    """
    tags = page.tags
    per_inch, unitless = _resolution(tags)
    content = replace(
        content,
        orientation=int(tags.valueof(274, default=1)),
        icc=page.iccprofile,
        dpi=per_inch,
        density=unitless,
        xmp=_bytes(tags.valueof(_XMP)),
    )
    description = _stored(tiff, tags.get(DESCRIPTION))
    if arranges_planes(description):
        shape = content.array.shape if is_arranged else ()
        imagej = tags.valueof(_IMAGEJ, default={})
        imagej = imagej if isinstance(imagej, dict) else {}
        content = replace(content, arrangement=arrangement_of(description, shape, str(page.dtype), imagej))
        if content.arrangement is None:
            content = noted(content, "the file's description of its planes was left out")
    if tiff.is_bigtiff and (EXIF_IFD in tags or GPS_IFD in tags):
        content = noted(content, "the EXIF directory of a BigTIFF was left out")
    if _IPTC in tags:
        content = noted(content, IPTC_LEFT_OUT)
    try:
        return replace(content, exif=without_orientation(_exif(tiff, page)))
    except Exception:  # whatever a damaged block makes Pillow raise: the pixels are not harmed
        return noted(content, "EXIF is damaged and was left out")


def _exif(tiff: TiffFile, page: TiffPage) -> bytes | None:
    """Gather an EXIF block; Pillow reads no directories of BigTIFF, which are left out."""
    if tiff.is_bigtiff:
        return exif_of_tags({tag: _stored(tiff, page.tags.get(tag)) for tag in DESCRIPTIVE if tag in page.tags})
    return exif_of_tiff(tiff.filehandle)


def _stored(tiff: TiffFile, tag: Any) -> bytes:
    """Return the bytes of a text as they stand in the file."""
    if tag is None:
        return b""
    tiff.filehandle.seek(tag.valueoffset)
    return bytes(tiff.filehandle.read(tag.valuebytecount)).rstrip(b"\0")


def _bytes(value: Any) -> bytes | None:
    return bytes(value) if isinstance(value, (bytes, tuple)) and value else None


def _resolution(tags: Any) -> tuple[tuple[float, float] | None, tuple[float, float] | None]:
    """Return samples per inch, or per a length of which the file does not say the unit."""
    per_inch = {1: 1.0, 2: 1.0, 3: 2.54}.get(unit := int(tags.valueof(296, default=2)))
    ratios = [tags.valueof(tag) for tag in (282, 283)]
    if per_inch is None or not all(isinstance(ratio, tuple) and len(ratio) == 2 and ratio[1] for ratio in ratios):
        return None, None
    horizontal, vertical = (per_inch * ratio[0] / ratio[1] for ratio in ratios)
    if unit != 1:
        return (horizontal, vertical), None
    # 1 by 1 of no unit is what programs write that know nothing.
    return None, None if (horizontal, vertical) == (1, 1) else (horizontal, vertical)


def tags_of(picture: Picture, byte_order: Literal["<", ">"]) -> Tags:
    """Return descriptive tags, XMP, and room for the offsets of the Exif and GPS directories under stand-in tags."""
    import tifffile

    texts, entries = _texts(picture.exif), _slots(picture.exif)
    arrangement, is_imagej = picture.arrangement or _arranged_anew(picture), False
    if arrangement is not None and arrangement.describes(picture.samples.shape, str(picture.dtype)):
        texts[DESCRIPTION] = arrangement.rewritten() + b"\0"
        is_imagej = arrangement.program == "ImageJ"
        if arrangement.imagej:
            entries += tifffile.imagej_metadata_tag(dict(arrangement.imagej), byte_order)
    if picture.xmp:
        entries.append((_XMP, _BYTES, len(picture.xmp), picture.xmp, True))
    return Tags([*((tag, _ASCII, len(text), text, True) for tag, text in texts.items()), *entries], is_imagej)


def _arranged_anew(picture: Picture) -> Arrangement | None:
    """Return OME-XML for a gray picture whose own file says in other words how large its voxels are."""
    if picture.document is None or not picture.calibration.spacing or picture.channel_axis is not None:
        return None
    axes = picture.plane_axes if picture.planes else ""
    lengths = (*(picture.plane_shape if picture.planes else ()), picture.height, picture.width)
    return ome_stack(f"{axes}YX", lengths, picture.samples.shape, str(picture.dtype), picture.calibration)


def _texts(block: bytes | None) -> dict[int, bytes]:
    if block is None:
        return {}
    exif = parse_exif(block)
    return {tag: str(exif[tag]).encode("latin-1", "replace") + b"\0" for tag in DESCRIPTIVE if tag in exif}


def _slots(block: bytes | None) -> list[Tag]:
    if block is None:
        return []
    exif = parse_exif(block)
    return [(stand_in, _LONG, 1, 0, True) for tag, stand_in in _STAND_INS.items() if exif.get_ifd(tag)]


def append_directories(file: BinaryIO, block: bytes) -> None:
    """Put the Exif and GPS directories behind the pixels, and their tags and offsets into the first page."""
    import tifffile

    exif = parse_exif(block)
    file.seek(0)
    with tifffile.TiffFile(file) as tiff:
        if tiff.is_bigtiff:  # its directories have another layout
            return
        tags, order = tiff.pages.first.tags, tiff.byteorder
    head = b"II*\0" if order == "<" else b"MM\0*"
    for tag, stand_in in _STAND_INS.items():
        if stand_in not in tags:
            continue
        directory = ImageFileDirectory_v2(head + bytes(4))
        for key, value in exif.get_ifd(tag).items():
            if key != _INTEROPERABILITY:  # a pointer into the old file
                directory[key] = raw(value)
        offset = file.seek(0, SEEK_END)
        offset += file.write(bytes(offset % 2))
        file.write(directory.tobytes(offset))
        file.seek(tags[stand_in].offset)
        file.write(struct.pack(order + "HHLL", tag, _LONG, 1, offset))
