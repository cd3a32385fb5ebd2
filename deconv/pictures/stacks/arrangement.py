"""What a microscope's TIFF says of its planes, in the words of the program that wrote it: axes, spacing and times."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from xml.etree import ElementTree

import numpy as np

# One for each program, by what its description begins with or holds.
_IMAGEJ, _OME, _TIFFFILE = "ImageJ", "OME-XML", "tifffile"
# Where in the file the planes of an OME picture lie, and the name of that file.
_PLACES = re.compile(rb"<(?:\w+:)?TiffData\b[^>]*?(?:/>|>.*?</(?:\w+:)?TiffData>)", re.DOTALL)
_PICTURES = re.compile(rb"<(?:\w+:)?Image\b")
_FILE_NAME = re.compile(rb"""(<(?:\w+:)?OME\b[^>]*?)\sUUID\s*=\s*(?:"[^"]*"|'[^']*')""", re.DOTALL)
# ImageJ's tags that hold something for every channel or plane.
_OF_CHANNELS = ("Ranges", "LUTs", "Labels")


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

    @property
    def oversampling(self) -> int:
        """Return how many samples of a PSF along an axis lie in one of the detector, by a line beside ImageJ's."""
        line = re.search(rb"^oversampling=(\d{1,4})\s*$", self.text, re.MULTILINE) if self.program == _IMAGEJ else None
        return 1 if line is None else max(int(line[1]), 1)

    def describes(self, shape: tuple[int, ...], dtype: str) -> bool:
        """Return whether it is true of samples of this shape and type."""
        return (self.shape, self.dtype) == (shape, dtype)

    def rewritten(self) -> bytes:
        """Return the description for a new file, which has the planes in their order from its first page on."""
        if self.program != _OME:
            return self.text
        rest = iter([b"<TiffData/>"])
        return _FILE_NAME.sub(rb"\1", _PLACES.sub(lambda _: next(rest, b""), self.text))

    def of_type(self, dtype: str) -> Arrangement:
        """Return what is true of the same samples in another floating type."""
        words = {"float32": b"float", "float64": b"double"}
        text = self.text
        if self.program == _OME:
            text = re.sub(rb"""(<(?:\w+:)?Pixels\b[^>]*?\sType=["'])\w+""", rb"\1" + words[dtype], text)
        return replace(self, text=text, dtype=dtype)

    def made_finer(self, step: int, shape: tuple[int, ...]) -> Arrangement | None:
        """Return what is true where rows and columns are finer by a factor, of samples of this shape; None if unknown.

        ImageJ says in tags of the TIFF how many samples lie in a length.
        """
        if self.program == _OME:
            return replace(self, text=_finer_ome(self.text, step), shape=shape)
        return replace(self, shape=shape) if self.program == _IMAGEJ else None

    def of_channel(self, channel: int, shape: tuple[int, ...]) -> Arrangement | None:
        """Return what is true of one channel alone, whose samples have this shape; None where that is not known."""
        if self.program == _IMAGEJ:
            text = _one_channel_of_imagej(self.text, int(np.prod(shape[:-2])))
            imagej = _tags_of_channel(self.imagej, channel, _channels_of_imagej(self.text))
            return Arrangement(text=text, shape=shape, dtype=self.dtype, imagej=imagej)
        of_ome = _one_channel_of_ome(self.text, channel) if self.program == _OME else None
        return None if of_ome is None else Arrangement(text=of_ome, shape=shape, dtype=self.dtype)


def _finer_ome(text: bytes, step: int) -> bytes:
    """Return OME-XML with more and smaller samples along X and Y."""

    def size(match: re.Match[bytes]) -> bytes:
        return b"%s%d%s" % (match[1], int(match[2]) * step, match[3])

    def length(match: re.Match[bytes]) -> bytes:
        return match[1] + repr(float(match[2]) / step).encode() + match[3]

    def pixels(match: re.Match[bytes]) -> bytes:
        return re.sub(
            rb"""(\sPhysicalSize[XY]=["'])([^"']+)(["'])""",
            length,
            re.sub(rb"""(\sSize[XY]=["'])(\d+)(["'])""", size, match[0]),
        )

    return re.sub(rb"<(?:\w+:)?Pixels\b[^>]*>", pixels, text)


def _one_channel_of_imagej(text: bytes, planes: int) -> bytes:
    """Return ImageJ's lines for the planes of one channel."""
    lines = [line for line in text.split(b"\n") if not line.startswith((b"channels=", b"mode="))]
    lines = [b"images=%d" % planes if line.startswith(b"images=") else line for line in lines]
    if planes == 1:
        lines = [line for line in lines if not line.startswith((b"images=", b"hyperstack="))]
    return b"\n".join(lines)


def _channels_of_imagej(text: bytes) -> int:
    """Return how many channels ImageJ's lines say there are."""
    line = re.search(rb"^channels=(\d+)\s*$", text, re.MULTILINE)
    return 1 if line is None else int(line[1])


def _tags_of_channel(tags: Mapping[str, Any], channel: int, count: int) -> dict[str, Any]:
    """Return what ImageJ keeps in tags of its own, for one channel: its display range, its look-up table, its labels.

    Labels are those of the planes, of which the channels change fastest; what is no channel's is kept.
    """
    chosen = dict(tags)
    for name, each in (("Ranges", 2), ("LUTs", 1)):
        values = tags.get(name, ())
        if name in tags:
            chosen[name] = values[each * channel : each * (channel + 1)] if len(values) == each * count else values
    if "Labels" in tags:
        chosen["Labels"] = list(tags["Labels"])[channel::count]
    return {name: value for name, value in chosen.items() if name not in _OF_CHANNELS or len(value)}


def _one_channel_of_ome(text: bytes, channel: int) -> bytes | None:
    """Return OME-XML of one channel alone, with all else that it says; None where it is damaged."""
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError:
        return None
    ElementTree.register_namespace("", root.tag.rpartition("}")[0].lstrip("{"))
    for pixels in [element for element in root.iter() if element.tag.endswith("Pixels")]:
        pixels.set("SizeC", "1")
        channels = [child for child in pixels if child.tag.endswith("Channel")]
        planes = [child for child in pixels if child.tag.endswith("Plane")]
        others = [other for number, other in enumerate(channels) if number != channel]
        for other in (*others, *(plane for plane in planes if plane.get("TheC") != str(channel))):
            pixels.remove(other)
        for plane in planes:
            plane.set("TheC", "0")
    return bytes(ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True))


def arrangement_of(text: bytes, shape: tuple[int, ...], dtype: str, imagej: Mapping[str, Any]) -> Arrangement | None:
    """Return what a description says of planes; None for words of people and for pictures spread over many files."""
    words = text.rstrip(b"\0")
    if words.startswith(b"ImageJ=") or (words.startswith(b'{"shape":') and b'"truncated"' not in words):
        return Arrangement(text=words, shape=shape, dtype=dtype, imagej=imagej)
    if is_ome(words) and len(_PICTURES.findall(words)) == 1 and _PLACES.search(words):
        return Arrangement(text=words, shape=shape, dtype=dtype)
    return None


def imagej_stack(shape: tuple[int, ...], dtype: str, spacing: float | None, oversampling: int = 1) -> Arrangement:
    """Return ImageJ's words for a plane or the slices of a volume, so many micrometres apart.

    Without a spacing lengths are in samples of a detector, in each of which lie so many of a PSF along every axis.
    """
    lines = ["ImageJ=1.54p", "unit=pixel" if spacing is None else "unit=micron"]
    if len(shape) == 3:
        lines[1:1] = [f"images={shape[0]}", f"slices={shape[0]}"]
        lines.append(f"spacing={1 / oversampling if spacing is None else spacing!r}")
    if oversampling > 1:
        lines.append(f"oversampling={oversampling}")
    return Arrangement(text="\n".join([*lines, "loop=false", ""]).encode(), shape=shape, dtype=dtype)


def is_ome(text: bytes) -> bool:
    """Return whether a description is OME-XML."""
    return text.lstrip().startswith(b"<") and text.rstrip(b" \0\r\n").endswith(b"OME>")
