"""What a microscope's TIFF says of its planes, in the words of the program that wrote it: axes, spacing and times."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# One for each program, by what its description begins with or holds.
_IMAGEJ, _OME, _TIFFFILE = "ImageJ", "OME-XML", "tifffile"
# Where in the file the planes of an OME picture lie, and the name of that file.
_PLACES = re.compile(rb"<(?:\w+:)?TiffData\b[^>]*?(?:/>|>.*?</(?:\w+:)?TiffData>)", re.DOTALL)
_PICTURES = re.compile(rb"<(?:\w+:)?Image\b")
_FILE_NAME = re.compile(rb"""(<(?:\w+:)?OME\b[^>]*?)\sUUID\s*=\s*(?:"[^"]*"|'[^']*')""", re.DOTALL)


@dataclass(frozen=True, eq=False)
class Arrangement:
    """The description of a TIFF by which programs arrange its planes; true of samples of one shape and type only.

    Attributes
    ----------
    text : bytes
        The description as the file has it.
    shape, dtype : tuple of int, str
        Of the samples that it describes, as `Picture` holds them.
    imagej : mapping
        What ImageJ keeps in tags of its own: labels of slices, display ranges, look-up tables.
    """

    text: bytes
    shape: tuple[int, ...]
    dtype: str
    imagej: Mapping[str, Any] = field(default_factory=dict)

    @property
    def program(self) -> str:
        """Return whose words they are."""
        if self.text.startswith(b"ImageJ="):
            return _IMAGEJ
        return _OME if is_ome(self.text) else _TIFFFILE

    @property
    def says_more_than_shape(self) -> bool:
        """Return whether anything but the lengths of the axes would be lost with it."""
        if self.program != _TIFFFILE:
            return True
        try:
            return bool(set(json.loads(self.text.rstrip(b"\0"))) - {"shape"})
        except ValueError:
            return False

    def describes(self, shape: tuple[int, ...], dtype: str) -> bool:
        """Return whether it is true of samples of this shape and type."""
        return (self.shape, self.dtype) == (shape, dtype)

    def rewritten(self) -> bytes:
        """Return the description for a new file, which has the planes in their order from its first page on."""
        if self.program != _OME:
            return self.text
        rest = iter([b"<TiffData/>"])
        return _FILE_NAME.sub(rb"\1", _PLACES.sub(lambda _: next(rest, b""), self.text))


def arrangement_of(text: bytes, shape: tuple[int, ...], dtype: str, imagej: Mapping[str, Any]) -> Arrangement | None:
    """Return what a description says of planes; None for words of people and for pictures spread over many files."""
    words = text.rstrip(b"\0")
    if words.startswith(b"ImageJ=") or (words.startswith(b'{"shape":') and b'"truncated"' not in words):
        return Arrangement(text=words, shape=shape, dtype=dtype, imagej=imagej)
    if is_ome(words) and len(_PICTURES.findall(words)) == 1 and _PLACES.search(words):
        return Arrangement(text=words, shape=shape, dtype=dtype)
    return None


def is_ome(text: bytes) -> bool:
    """Return whether a description is OME-XML."""
    return text.lstrip().startswith(b"<") and text.rstrip(b" \0\r\n").endswith(b"OME>")
