"""TIFF: pixels through tifffile, which knows every depth and compression; EXIF through Pillow."""

from __future__ import annotations

import logging
import struct
from dataclasses import replace
from os import SEEK_END
from string import ascii_lowercase
from typing import Any, BinaryIO, TypeAlias

import numpy as np
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from deconv.pictures.content import Content
from deconv.pictures.formats.format import Format
from deconv.pictures.metadata import DESCRIPTIVE, EXIF_IFD, GPS_IFD, exif_of_tiff, parse_exif, raw, without_orientation
from deconv.pictures.picture import Picture, Samples, joined
from deconv.pictures.planes import native, plane_shape, take_plane
from deconv.pictures.request import Request

# tifffile's classes change their hints from version to version.
TiffFile: TypeAlias = Any
TiffPage: TypeAlias = Any
TiffPageSeries: TypeAlias = Any

# What tifffile has to say about damaged files is said by our error; without a handler it would go to stderr.
logging.getLogger("tifffile").addHandler(logging.NullHandler())

_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB, _PALETTE, _YCBCR = 0, 1, 2, 3, 6
_JPEG_COMPRESSIONS = (6, 7)
_ASSOCIATED, _UNSPECIFIED = 1, 0
_INTEROPERABILITY = 0xA005
# tifffile refuses to write the tags of these directories; it writes these, which sort in the same place.
_STAND_INS = {EXIF_IFD: EXIF_IFD + 1, GPS_IFD: GPS_IFD + 1}


def read_tiff(request: Request) -> Content:
    """Read one plane or all planes of a TIFF file."""
    import tifffile

    with tifffile.TiffFile(request.path) as tiff:
        series, request = _series(tiff, request)
        page = series.keyframe
        _check_kind(page, request)
        array, planes, axes = _load(series, request)
        lengths = plane_shape(request, series.shape, _axes(series.axes, request)) if planes else ()
        alpha = bool(page.extrasamples) and "C" in axes and array.shape[-1] == page.samplesperpixel
        colour = array.ndim > (3 if planes else 2) and not (alpha and array.shape[-1] == 2)
        content = Content(
            format="TIFF",
            array=array,
            planes=planes,
            stored_axes=series.axes,
            plane_axes=_plane_letters(series, request),
            plane_shape=lengths,
            colour=colour,
            alpha=alpha,
            is_measured=page.photometric in (_WHITE_IS_ZERO, _BLACK_IS_ZERO),
        )
        return _with_metadata(_plain(content, page), tiff, page)


def write_tiff(file: BinaryIO, picture: Picture) -> None:
    """Write deflate-compressed TIFF, planes as pages, with profile, resolution and EXIF."""
    import tifffile

    predictable = picture.dtype.kind in "ui" and picture.bit_depth in (8, 16)
    tifffile.imwrite(
        file,
        joined(picture),
        photometric="rgb" if picture.channel_axis is not None else "minisblack",
        planarconfig="contig" if picture.channel_axis is not None or picture.alpha is not None else None,
        extrasamples=None if picture.alpha is None else ("unassalpha",),
        compression="zlib",
        predictor=predictable,
        resolution=picture.dpi,
        resolutionunit="inch" if picture.dpi else None,
        iccprofile=picture.icc,
        software=False,
        metadata=None,
        extratags=_extra_tags(picture.exif),
    )
    if picture.exif:
        _append_directories(file, picture.exif)


def _series(tiff: TiffFile, request: Request) -> tuple[TiffPageSeries, Request]:
    """Find the series that holds the requested plane; previews and masks do not count."""
    full = [one for one in tiff.series if not (one.keyframe.is_reduced or one.keyframe.is_mask)]
    if not full:
        raise request.refuse("holds no full-size picture", "a camera's raw file must be developed to 16-bit TIFF first")
    if len(full) == 1:
        return full[0], request
    counts = [_plane_count(one, request) for one in full]
    plane = request.plane(sum(counts))
    if plane == "all":
        sizes = ", ".join("x".join(map(str, one.shape)) for one in full)
        raise request.refuse(f"holds pictures of different kinds ({sizes})", "choose one with `frame`")
    ends = np.cumsum(counts)
    index = int(np.searchsorted(ends, plane, side="right"))
    return full[index], replace(request, frame=int(plane - (ends[index] - counts[index])))


def _plane_count(series: TiffPageSeries, request: Request) -> int:
    lengths = plane_shape(request, series.shape, _axes(series.axes, request))
    return int(np.prod(lengths, dtype=object)) if lengths else 1


def _axes(axes: str, request: Request) -> str:
    """Axes in our letters: tifffile's S (samples of a pixel) is our C, all but Y and X are plane axes."""
    if request.axes is not None:
        return request.axes.upper()
    ours = {"Y": "Y", "X": "X", "S": "C"}
    return "".join(ours.get(axis, letter) for axis, letter in zip(axes, ascii_lowercase, strict=False))


def _plane_letters(series: TiffPageSeries, request: Request) -> str:
    """Return what the planes lie along, in the letters of the file or of the caller."""
    if request.axes is not None:
        return "".join(axis for axis in request.axes.upper() if axis not in "YXC")
    return "".join(axis for axis in series.axes if axis not in "YXS")


def _load(series: TiffPageSeries, request: Request) -> tuple[Samples, int, str]:
    """Decode the requested plane or planes, as little as possible, after checking limits."""
    axes = _axes(series.axes, request)
    count = _plane_count(series, request)
    plane = request.plane(count)
    by_page = request.axes is None and plane != "all" and count == len(series.pages) > 1
    size = int(np.prod([n for n, axis in zip(series.shape, axes, strict=True) if axis in "YX"], dtype=object))
    request.check_pixels(size * (1 if by_page else count))
    request.check_pixels(series.keyframe.tilewidth * series.keyframe.tilelength)  # 0 where there are no tiles
    pages = [series.pages[plane]] if by_page else list(series.pages)
    for page in pages:
        _check_segments(page, request)
    if by_page:
        axes = _axes(series.keyframe.axes, request)
        request = replace(request, frame=None)
    array = pages[0].asarray() if by_page else series.asarray()
    return *take_plane(request, array, axes), axes


def _check_segments(page: TiffPage | None, request: Request) -> None:
    """Refuse pages whose data lie outside the file: some decoders would fill them with zeros."""
    if page is None:
        raise request.refuse("refers to planes in another file", "choose a plane of this file with `frame`")
    size = page.parent.filehandle.size
    for offset, count in zip(page.dataoffsets, page.databytecounts, strict=False):
        if offset + count > size:
            raise request.refuse("is truncated", "copy or export the file again")


def _check_kind(page: TiffPage, request: Request) -> None:
    """Refuse what cannot be read faithfully, before decoding it."""
    if page.dtype is None or page.dtype.kind not in "buif" or page.bitspersample not in (1, 8 * page.dtype.itemsize):
        raise request.refuse(
            f"has {page.bitspersample}-bit samples of a kind not supported",
            "export 8, 16 or 32 bits per sample",
        )
    jpeg = page.compression in _JPEG_COMPRESSIONS
    if page.photometric not in (_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB, _PALETTE, *([_YCBCR] if jpeg else [])):
        kind = getattr(page.photometric, "name", page.photometric)
        raise request.refuse(f"has the colour space {kind}", "convert it to RGB or gray first")
    colours = 3 if page.photometric in (_RGB, _YCBCR) else 1
    if page.samplesperpixel != colours + len(page.extrasamples) or len(page.extrasamples) > 1:
        raise request.refuse(
            f"has {page.samplesperpixel} samples per pixel that are not gray, RGB or alpha",
            "split the channels into pages",
        )


def _plain(content: Content, page: TiffPage) -> Content:
    """Turn bits, inverted grays, palettes and premultiplied colour into plain samples."""
    array, notes = content.array, []
    if page.photometric == _PALETTE:
        return replace(content, array=_looked_up(page, array), colour=True, notes=("palette expanded to RGB",))
    if array.dtype.kind == "b":
        array = array.astype(np.uint8) * np.uint8(255)
        notes.append("1-bit samples widened to 8 bits")
    if page.photometric == _WHITE_IS_ZERO and array.dtype.kind == "u":
        gray = array[..., :1] if content.alpha else array
        np.subtract(np.iinfo(gray.dtype).max, gray, out=gray)
        notes.append("gray stored with white as zero inverted")
    if content.alpha and page.extrasamples[0] == _UNSPECIFIED:
        notes.append("extra channel of unstated meaning kept aside as alpha")
    if content.alpha and page.extrasamples[0] == _ASSOCIATED and _make_straight(array):
        notes.append("premultiplied alpha turned into straight alpha")
    return replace(content, array=array, notes=tuple(notes))


def _looked_up(page: TiffPage, indices: Samples) -> Samples:
    """Colours of a palette, in 8 bits where its 16-bit entries hold no more."""
    table = native(page.colormap).T
    low, high = table & 0xFF, table >> 8
    if not low.any() or np.array_equal(low, high):
        table = high.astype(np.uint8)
    return table[indices]


def _make_straight(array: Samples) -> bool:
    """Divide colour by alpha in place, and say if any was: its look over any ground changes by half a code at most."""
    alpha = array[..., -1:].astype(np.float64)
    full = float(np.iinfo(array.dtype).max) if array.dtype.kind in "ui" else 1.0
    if (alpha == full).all():
        return False
    colour = array[..., :-1]
    straight = np.divide(colour * full, alpha, out=np.zeros(colour.shape), where=alpha > 0)
    array[..., :-1] = np.rint(np.minimum(straight, full)) if array.dtype.kind in "ui" else straight
    return True


def _with_metadata(content: Content, tiff: TiffFile, page: TiffPage) -> Content:
    tags = page.tags
    content = replace(
        content, orientation=int(tags.valueof(274, default=1)), icc=page.iccprofile, dpi=_resolution(tags)
    )
    try:
        return replace(content, exif=without_orientation(exif_of_tiff(tiff.filehandle)))
    except Exception:  # whatever a damaged block makes Pillow raise: the pixels are not harmed
        return replace(content, notes=(*content.notes, "EXIF is damaged and was left out"))


def _resolution(tags: Any) -> tuple[float, float] | None:
    """Work out samples per inch, when the file gives them in a unit of length."""
    per_inch = {2: 1.0, 3: 2.54}.get(int(tags.valueof(296, default=2)))
    ratios = [tags.valueof(tag) for tag in (282, 283)]
    if per_inch is None or not all(isinstance(ratio, tuple) and len(ratio) == 2 and ratio[1] for ratio in ratios):
        return None
    horizontal, vertical = (per_inch * ratio[0] / ratio[1] for ratio in ratios)
    return horizontal, vertical


def _extra_tags(block: bytes | None) -> list[tuple[int, int, int, Any, bool]]:
    """Descriptive tags, and room for the offsets of the Exif and GPS directories under stand-in tags."""
    if block is None:
        return []
    exif = parse_exif(block)
    texts = {tag: str(exif[tag]).encode("latin-1", "replace") + b"\0" for tag in DESCRIPTIVE if tag in exif}
    ascii_type, long_type = 2, 4
    tags: list[tuple[int, int, int, Any, bool]] = [
        (tag, ascii_type, len(text), text, True) for tag, text in texts.items()
    ]
    slots = [stand_in for tag, stand_in in _STAND_INS.items() if exif.get_ifd(tag)]
    return tags + [(slot, long_type, 1, 0, True) for slot in slots]


def _append_directories(file: BinaryIO, block: bytes) -> None:
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
        file.write(struct.pack(order + "HHLL", tag, 4, 1, offset))


def _holds_measured_light(picture: Picture) -> bool:
    """Return whether a TIFF is what microscopes and the cameras of laboratories write."""
    if picture.icc is not None:
        return False
    is_colour = picture.channels == 3 and not picture.is_measured
    return picture.channels not in (1, 3) or (picture.bit_depth == 16 and not is_colour)


TIFF = Format(
    name="TIFF",
    label="TIFF",
    suffixes=(".tif", ".tiff"),
    signature=rb"II[*+]\0|MM\0[*+]",
    read=read_tiff,
    write=write_tiff,
    dtypes=("uint8", "uint16", "uint32", "int8", "int16", "int32", "float16", "float32", "float64"),
    longest_side=2**31 - 1,
    planes=True,
    axes=True,
    stores_light=_holds_measured_light,
)
