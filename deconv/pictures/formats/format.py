"""What is to be known of a file format: how it is told apart, what it can hold, and what reads and writes it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from deconv.pictures.content import Content
from deconv.pictures.picture import Picture
from deconv.pictures.request import Request


@dataclass(frozen=True, kw_only=True)
class Format:
    """One format of picture files.

    Attributes
    ----------
    name : str
        As in ``Picture.format`` and the argument `format` of `write`.
    label : str
        As a sentence names it.
    suffixes : tuple of str
        In lower case, with the dot.
    signature : bytes
        Regular expression that the first bytes of such a file match.
    read : callable
        From the request to the content of its file; whatever it raises becomes a `PictureError`.
    write : callable
        Puts a picture into an open file, which it may also read and seek in; None where files are only read.
    write_folder : callable
        Makes a folder of a picture in the place of an empty file or of such a folder, for formats that are folders.
    dtypes : tuple of str or None
        Types of samples it can hold; None for all.
    colours : tuple of int or None
        Numbers of colour channels it can hold beside gray; None for any.
    longest_side : int or None
        The most rows or columns it can hold; None for no limit.
    alpha : bool
        Whether it can hold transparency.
    planes : bool
        Whether it is written with several planes.
    axes : bool
        Whether the caller of `read` may say what the axes mean.
    lossless : bool
        Whether every sample comes back as it was written, so that it may be recommended.
    keeps : frozenset of str
        Which of the picture's metadata are written with it, by their names in `losses`.
    stores_light : callable
        Whether the integer samples of a picture in this format are amounts of light and not an encoding.
    shortest : int
        Bytes of the shortest such file; what is shorter is truncated.
    """

    name: str
    label: str
    suffixes: tuple[str, ...]
    signature: bytes
    read: Callable[[Request], Content]
    write: Callable[[BinaryIO, Picture], None] | None = None
    write_folder: Callable[[Path, Picture], None] | None = None
    dtypes: tuple[str, ...] | None = None
    colours: tuple[int, ...] | None = (3,)
    longest_side: int | None = None
    alpha: bool = True
    planes: bool = False
    axes: bool = False
    lossless: bool = True
    keeps: frozenset[str] = frozenset({"icc", "exif", "xmp"})
    stores_light: Callable[[Picture], bool] = lambda _: False
    shortest: int = 33

    def begins(self, head: bytes) -> bool:
        """Return whether a file that begins with these bytes is of this format."""
        return re.match(self.signature, head, re.DOTALL) is not None
