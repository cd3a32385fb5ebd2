"""TIFF written tile by tile, in any order: compressed tiles one behind the other, and their places in the first pages.

A TIFF says of each tile where it lies, so a tile that is done is appended and its place noted; the directories, which
stand at the head of the file with room for all places, are filled in at the end.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product, repeat
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from deconv.pictures.formats.tiff import NATIVE
from deconv.pictures.formats.tiff_metadata import append_directories, tags_of
from deconv.pictures.picture import Picture, Samples
from deconv.pictures.tiled.source import depth_of

#: Where a tile lies: page, number on the page, first byte, count of bytes.
Place: TypeAlias = tuple[int, int, int, int]

#: Edge of a tile; bytes of samples from which on a file is a BigTIFF, which may be larger than 4 GB.
EDGE, BIG = 256, 3 << 30
#: Level of compression: five times as fast as the usual one, and noise is packed no better by that.
FAST = 1
_HORIZONTAL, _DEFLATE = 2, 8
_OFFSETS, _COUNTS = 324, 325


@dataclass(eq=False)
class TiffSink:
    """A TIFF of one page per plane."""

    path: Path
    header: Picture
    is_shared: bool = False
    multiple: tuple[int, ...] = field(default_factory=lambda: (1, EDGE, EDGE))

    def create(self, tile: Mapping[str, int]) -> None:  # noqa: ARG002
        """Make the file with all its directories, and no tile."""
        import tifffile

        header, planes = self.header, max(self.header.planes, 1)
        pixel = (depth_of(header),) if depth_of(header) > 1 else ()
        shape = (*([header.planes] if header.planes else []), header.height, header.width, *pixel)
        order = NATIVE if header.byte_order == "=" else header.byte_order
        tags = tags_of(header, order)
        tifffile.imwrite(
            self.path,
            repeat(b"", planes * self._across(header.height) * self._across(header.width)),
            shape=shape,
            dtype=header.dtype,
            byteorder=order,
            tile=(EDGE, EDGE),
            compression=_DEFLATE,
            predictor=_HORIZONTAL if self._is_predicted else False,
            bigtiff=int(np.prod(shape, dtype=object)) * header.dtype.itemsize > BIG,
            photometric="rgb" if header.channel_axis is not None else "minisblack",
            planarconfig="contig" if pixel else None,
            extrasamples=None if header.alpha is None else ("unassalpha",),
            resolution=header.dpi or header.density,
            resolutionunit="inch" if header.dpi else "none" if header.density else None,
            iccprofile=header.icc,
            software=False,
            ome=False,  # by the name of the file it would write a description of its own
            metadata=None,
            extratags=[] if tags.are_of_imagej else tags.entries,
        )
        if header.exif:
            with self.path.open("r+b") as file:
                append_directories(file, header.exif)

    def write(self, planes: Sequence[int], rows: slice, columns: slice, samples: Samples) -> list[Place]:
        """Append the tiles of a part, whose edges are those of tiles or of the picture."""
        places = []
        with self.path.open("r+b") as file:
            end = file.seek(0, os.SEEK_END)
            starts = [range(s.start, s.stop, EDGE) for s in (rows, columns)]
            for (plane, part), y, x in product(zip(planes, samples, strict=True), *starts):
                tile = part[y - rows.start : y - rows.start + EDGE, x - columns.start : x - columns.start + EDGE]
                content = self._encoded(tile)
                number = y // EDGE * self._across(self.header.width) + x // EDGE
                places.append((int(plane), number, end, len(content)))
                end += file.write(content)
            file.flush()
            os.fsync(file.fileno())
        return places

    def resume(self, notes: Sequence[Any]) -> None:
        """Cut off what was appended behind the tiles that are done."""
        ends = [offset + count for places in notes for _, _, offset, count in places]
        if ends:
            os.truncate(self.path, max(ends))

    def finish(self, notes: Sequence[Any]) -> None:
        """Fill in where the tiles lie."""
        import tifffile

        places = [place for some in notes for place in some]
        with tifffile.TiffFile(self.path, mode="r+") as tiff:
            pages: Any = tiff.pages
            for page, *columns in _by_page(places):
                tags = pages[page].tags
                for tag, values in zip((_OFFSETS, _COUNTS), columns, strict=True):
                    tags[tag].overwrite(values)

    @property
    def _is_predicted(self) -> bool:
        return self.header.dtype.kind in "ui" and self.header.bit_depth in (8, 16)

    def _across(self, length: int) -> int:
        return -(-length // EDGE)

    def _encoded(self, tile: Samples) -> bytes:
        """Return a tile, filled up at the rim of the picture with its last samples, as the file holds it."""
        import imagecodecs

        full = np.pad(tile, [(0, EDGE - n) for n in tile.shape[:2]] + [(0, 0)], mode="edge")
        order = NATIVE if self.header.byte_order == "=" else self.header.byte_order
        if self._is_predicted:
            full = imagecodecs.delta_encode(full, axis=1)
        stored = full.astype(full.dtype.newbyteorder(order), copy=False).tobytes()
        return bytes(imagecodecs.deflate_encode(stored, level=FAST))


def _by_page(places: Sequence[Place]) -> list[tuple[int, list[int], list[int]]]:
    """Return the pages, each with where its tiles begin and how long they are."""
    pages: list[tuple[int, list[int], list[int]]] = []
    for page, _, offset, count in sorted(map(tuple, places)):
        if not pages or pages[-1][0] != page:
            pages.append((page, [], []))
        pages[-1][1].append(offset)
        pages[-1][2].append(count)
    return pages
