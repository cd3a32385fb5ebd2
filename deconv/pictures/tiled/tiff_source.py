"""TIFF by tiles or strips: those that a part touches are decoded, and no others."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from deconv.pictures.formats.tiff import checked_series, content_of, plane_of
from deconv.pictures.picture import Picture, Samples
from deconv.pictures.reading import picture_of
from deconv.pictures.request import Request
from deconv.pictures.tiled.arrays import ArraySource
from deconv.pictures.tiled.layout import Layout
from deconv.pictures.tiled.source import Source, nothing_of

_GRAYS_AND_RGB, _STRAIGHT = (1, 2), 2
#: A strip or tile of more bytes is no part of a file any more.
LARGEST_SEGMENT = 1 << 28


def open_tiff(request: Request) -> Source | None:
    """Return a TIFF that is read by parts, None where it has to be read as a whole."""
    import tifffile

    with tifffile.TiffFile(request.path) as tiff:
        series, own = checked_series(tiff, request)
        if not all(page is not None and _is_plain(page) for page in {series.keyframe, series.pages[0]}):
            return None
        axes, plane = plane_of(series, own)
        layout = Layout(axes, tuple(series.shape), plane)
        if "C" in axes[:-1]:  # planes of one colour each
            return None
        shape = tuple(layout.size(axis) for axis in "YXC"[: 2 + ("C" in axes)])
        count = 1 if plane is not None or not layout.lengths else int(np.prod(layout.lengths))
        planes = 0 if plane is not None or not layout.lengths else count
        nothing = nothing_of((planes, *shape) if planes else shape, series.dtype.newbyteorder("="))
        header = picture_of(request, content_of(tiff, series, own, nothing, planes, axes, is_plain=True))
        if series.dataoffset is not None:
            dtype = np.dtype(series.dtype).newbyteorder(tiff.byteorder).str
            return ArraySource(header, request.path, layout, dtype, series.dataoffset)
        if math.prod(series.keyframe.chunks) * series.dtype.itemsize > LARGEST_SEGMENT:
            return None
        if len(series.pages) != max(1, int(np.prod(layout.lengths))) or not _are_alike(series):
            return None
        number = next(i for i, one in enumerate(tiff.series) if one is series)
        return TiffSource(header, request.path, number, plane or 0)


def _is_plain(page: Any) -> bool:
    """Return whether samples are stored as they are."""
    return (
        page.photometric in _GRAYS_AND_RGB
        and page.dtype.kind in "uif"
        and (page.planarconfig == 1 or page.samplesperpixel == 1)
        and page.imagedepth == 1
        and tuple(page.extrasamples) in ((), (_STRAIGHT,))
        and int(page.tags.valueof(274, default=1)) == 1
    )


def _are_alike(series: Any) -> bool:
    return all(page is not None and page.shape == series.keyframe.shape for page in series.pages)


@dataclass(frozen=True, eq=False)
class TiffSource:
    """The pages of a series, of which each is a plane."""

    header: Picture
    path: Path
    series: int
    first: int

    def read(self, planes: Sequence[int], rows: slice, columns: slice) -> Samples:
        """Return a part of some planes."""
        with self.path.open("rb") as file:
            return np.stack([self._part(file, self.first + plane, rows, columns) for plane in planes])

    def __getstate__(self) -> dict[str, Any]:
        """Return what another process needs to open the file for itself."""
        return {name: value for name, value in self.__dict__.items() if name != "_pages"}

    @cached_property
    def _pages(self) -> tuple[Any, list[tuple[Sequence[int], Sequence[int]]]]:
        """Return the page that says how all are stored, and where the segments of each lie."""
        import tifffile

        with tifffile.TiffFile(self.path) as tiff:
            series: Any = tiff.series[self.series]
            _ = series.keyframe.decode, series.keyframe.jpegtables  # what is read when it is first asked for
            return series.keyframe, [(page.dataoffsets, page.databytecounts) for page in series.pages]

    def _part(self, file: Any, plane: int, rows: slice, columns: slice) -> Samples:
        """Return a part of a page, channels last; what the file leaves out is 0."""
        page, places = self._pages
        offsets, counts = places[plane]
        height, width = page.chunks[:2]
        shape = rows.stop - rows.start, columns.stop - columns.start, page.samplesperpixel
        part = np.zeros(shape, page.dtype.newbyteorder("="))
        for i, j in product(_touched(rows, height), _touched(columns, width)):
            number = i * -(-page.imagewidth // width) + j
            if not counts[number]:
                continue
            file.seek(offsets[number])
            segment = page.decode(file.read(counts[number]), number, jpegtables=page.jpegtables)[0]
            here = _common(i * height, rows, segment.shape[1]), _common(j * width, columns, segment.shape[2])
            part[tuple(into for into, _ in here)] = segment[0][tuple(out for _, out in here)]
        return part


def _touched(span: slice, edge: int) -> range:
    return range(span.start // edge, -(-span.stop // edge))


def _common(start: int, span: slice, length: int) -> tuple[slice, slice]:
    """Return what a segment and a span have in common, in the coordinates of the span and of the segment."""
    low, high = max(start, span.start), min(start + length, span.stop)
    return slice(low - span.start, high - span.start), slice(low - start, high - start)
