"""TIFF: pixels through tifffile, which knows every depth and compression."""

from __future__ import annotations

import logging
import sys
from dataclasses import replace
from string import ascii_lowercase
from typing import Any, BinaryIO, Literal, TypeAlias

import numpy as np

from deconv.pictures.content import Content, noted
from deconv.pictures.foreign import DEVELOP
from deconv.pictures.formats.format import Format
from deconv.pictures.formats.tiff_metadata import TiffFile, TiffPage, append_directories, tags_of, with_metadata
from deconv.pictures.picture import Picture, Samples, joined
from deconv.pictures.planes import in_our_letters, native, plane_letters, plane_shape, take_plane
from deconv.pictures.request import Request

# tifffile's classes change their hints from version to version.
TiffPageSeries: TypeAlias = Any

# What tifffile has to say about damaged files is said by our error; without a handler it would go to stderr.
logging.getLogger("tifffile").addHandler(logging.NullHandler())

_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB, _PALETTE, _YCBCR = 0, 1, 2, 3, 6
_JPEG_COMPRESSIONS = (6, 7)
_ASSOCIATED, _UNSPECIFIED = 1, 0
_RAW_PHOTOMETRIC = (32803, 34892)  # colour filter array, linear raw
_DNG_VERSION = 50706
# Raw files of cameras that are TIFFs by their first bytes.
_RAW_SUFFIXES = (
    "DNG",
    "NEF",
    "NRW",
    "ARW",
    "SR2",
    "SRF",
    "PEF",
    "SRW",
    "3FR",
    "FFF",
    "IIQ",
    "ERF",
    "MEF",
    "MOS",
    "DCR",
    "KDC",
    "RWL",
)
NATIVE: Literal["<", ">"] = "<" if sys.byteorder == "little" else ">"
_ORDERS: dict[str, Literal["little", "big"]] = {"<": "little", ">": "big"}


def read_tiff(request: Request) -> Content:
    """Read one plane or all planes of a TIFF file."""
    import tifffile

    with tifffile.TiffFile(request.path) as tiff:
        series, request = checked_series(tiff, request)
        array, planes, axes = _load(series, request)
        return content_of(tiff, series, request, array, planes, axes)


def checked_series(tiff: TiffFile, request: Request) -> tuple[TiffPageSeries, Request]:
    """Return the series that holds the requested plane, and the request for it; refuse what cannot be read."""
    _refuse_loop(tiff, request)
    _refuse_raw(tiff, request)
    series, request = _series(tiff, request)
    _check_kind(series.keyframe, request)
    return series, request


def plane_of(series: TiffPageSeries, request: Request) -> tuple[str, int | None]:
    """Return the axes of a series in our letters, and the one plane that is asked for, None for all."""
    plane = request.plane(_plane_count(series, request))
    for page in series.pages:
        _check_segments(page, request)
    axes = _axes(series.axes, request, series.shape)
    return axes, None if plane == "all" or set(axes) <= set("YXC") else plane


def content_of(
    tiff: TiffFile,
    series: TiffPageSeries,
    request: Request,
    array: Samples,
    planes: int,
    axes: str,
    *,
    is_plain: bool = False,
) -> Content:
    """Return samples as `take_plane` gives them with all that the file says; `is_plain` leaves them as they are."""
    page = series.keyframe
    lengths = plane_shape(request, series.shape, _axes(series.axes, request, series.shape)) if planes else ()
    alpha = bool(page.extrasamples) and "C" in axes and array.shape[-1] == page.samplesperpixel
    colour = array.ndim > (3 if planes else 2) and not (alpha and array.shape[-1] == 2)
    content = Content(
        format="TIFF",
        array=array,
        planes=planes,
        stored_axes=series.axes if request.axes is None else request.axes.upper(),
        byte_order=tiff.byteorder,
        plane_axes=_plane_letters(series, request),
        plane_shape=lengths,
        colour=colour,
        alpha=alpha,
        is_measured=page.photometric in (_WHITE_IS_ZERO, _BLACK_IS_ZERO),
    )
    is_reordered = "C" in in_our_letters(request.axes or "", series.shape, series.axes)
    is_whole = len(tiff.series) == 1 and (request.frame == "all" or len(series.pages) == 1)
    arranges = is_whole and "S" not in series.axes[:-1] and not is_reordered
    content = content if is_plain else _plain(content, page)
    if len(series.levels) > 1:
        content = noted(content, "of the pyramid the largest picture alone is read and written")
    return with_metadata(content, tiff, page, is_arranged=arranges)


def write_tiff(file: BinaryIO, picture: Picture) -> None:
    """Write deflate-compressed TIFF, planes as pages, with profile, resolution and EXIF."""
    import tifffile

    predictable = picture.dtype.kind in "ui" and picture.bit_depth in (8, 16)
    order: Literal["<", ">"] = NATIVE if picture.byte_order == "=" else picture.byte_order
    tags = tags_of(picture, order)
    tifffile.imwrite(
        file,
        joined(picture),
        byteorder=order,
        photometric="rgb" if picture.channel_axis is not None else "minisblack",
        planarconfig="contig" if picture.channel_axis is not None or picture.alpha is not None else None,
        extrasamples=None if picture.alpha is None else ("unassalpha",),
        # ImageJ reads a stack as one block behind its first directory.
        compression=None if tags.are_of_imagej else "zlib",
        predictor=predictable and not tags.are_of_imagej,
        resolution=picture.dpi or picture.density,
        resolutionunit="inch" if picture.dpi else "none" if picture.density else None,
        iccprofile=picture.icc,
        software=False,
        ome=False,  # by its name it would be described anew
        metadata=None,
        extratags=tags.entries,
    )
    if picture.exif:
        append_directories(file, picture.exif)


def _refuse_loop(tiff: TiffFile, request: Request) -> None:
    """Refuse a file of which a directory leads back to an earlier one: its pages would have no end."""
    form, file, offset = tiff.tiff, tiff.filehandle, tiff.pages.first.offset
    earlier: set[int] = set()
    while offset:
        if offset in earlier:
            raise request.refuse("is damaged: its pages lead back to each other", "copy or export the file again")
        earlier.add(offset)
        file.seek(offset)
        count = int.from_bytes(file.read(form.tagnosize), _ORDERS[form.byteorder])
        file.seek(offset + form.tagnosize + count * form.tagsize)
        offset = int.from_bytes(file.read(form.offsetsize), _ORDERS[form.byteorder])  # 0 behind the end of the file


def _refuse_raw(tiff: TiffFile, request: Request) -> None:
    """Refuse what a camera recorded before any development; beside it such files hold small finished pictures."""
    page = tiff.pages.first
    suffix = request.path.suffix[1:].upper()
    is_named_raw = suffix in _RAW_SUFFIXES
    if is_named_raw or _DNG_VERSION in page.tags or page.photometric in _RAW_PHOTOMETRIC:
        kind = suffix if is_named_raw else "DNG"
        raise request.refuse(f"is a camera's raw file ({kind})", DEVELOP)


def _series(tiff: TiffFile, request: Request) -> tuple[TiffPageSeries, Request]:
    """Find the series that holds the requested plane; previews and masks do not count."""
    full = [one for one in tiff.series if not (one.keyframe.is_reduced or one.keyframe.is_mask)]
    if not full:
        raise request.refuse("holds no full-size picture", f"if it is a camera's raw file, {DEVELOP}")
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
    lengths = plane_shape(request, series.shape, _axes(series.axes, request, series.shape))
    return int(np.prod(lengths, dtype=object)) if lengths else 1


def _axes(axes: str, request: Request, shape: tuple[int, ...]) -> str:
    """Axes in our letters: tifffile's S (samples of a pixel) is our C, all but Y and X are plane axes."""
    if request.axes is not None:
        return in_our_letters(request.axes, shape, axes)
    ours = {"Y": "Y", "X": "X", "S": "C"}
    return "".join(ours.get(axis, letter) for axis, letter in zip(axes, ascii_lowercase, strict=False))


def _plane_letters(series: TiffPageSeries, request: Request) -> str:
    """Return what the planes lie along, in the letters of the file or of the caller."""
    if request.axes is not None:
        return plane_letters(in_our_letters(request.axes, series.shape, series.axes))
    return "".join(axis for axis in series.axes if axis not in "YXS")


def _load(series: TiffPageSeries, request: Request) -> tuple[Samples, int, str]:
    """Decode the requested plane or planes, as little as possible, after checking limits."""
    axes = _axes(series.axes, request, series.shape)
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
        axes = _axes(series.keyframe.axes, request, series.keyframe.shape)
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


def _holds_measured_light(picture: Picture) -> bool:
    """Return whether a TIFF is what microscopes and the cameras of laboratories write."""
    if picture.icc is not None:
        return False
    if picture.is_stack and picture.channels == 1:
        return True
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
    keeps=frozenset({"icc", "exif", "xmp", "dpi", "density", "arrangement", "scales"}),
    stores_light=_holds_measured_light,
)
