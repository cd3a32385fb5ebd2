"""Kinds of files that are told apart but not read, and what to do about them."""

from __future__ import annotations

import re
from dataclasses import dataclass

#: What to do about the raw file of a camera.
DEVELOP = "develop it to 16-bit TIFF in a raw converter first"


@dataclass(frozen=True)
class Foreign:
    """One kind: as a sentence names it, what its first bytes match, and what to do where that is not to convert it."""

    name: str
    signature: bytes
    remedy: str | None = None


#: In the order in which they are tried.
FOREIGN = (
    Foreign("a camera's raw file (CR2)", rb"II\*\0.{4}CR", DEVELOP),
    Foreign("a camera's raw file (CR3)", rb".{4}ftypcrx ", DEVELOP),
    Foreign("a camera's raw file (CRW)", rb"II.{4}HEAPCCDR", DEVELOP),
    Foreign("a camera's raw file (RAF)", rb"FUJIFILMCCD-RAW", DEVELOP),
    Foreign("a camera's raw file (ORF)", rb"IIR[OS]|MMOR", DEVELOP),
    Foreign("a camera's raw file (RW2)", rb"IIU\0", DEVELOP),
    Foreign("a camera's raw file (X3F)", rb"FOVb", DEVELOP),
    Foreign("a camera's raw file (MRW)", rb"\0MRM", DEVELOP),
    Foreign("a HEIC picture", rb".{4}ftyp(he[iv][cxms]|mif1|msf1)", "export it as JPEG or 16-bit TIFF first"),
    Foreign("a video of the MP4 family", rb".{4}ftyp", "export its frames first"),
    Foreign("a GIF", rb"GIF8"),
    Foreign("a BMP", rb"BM"),
    Foreign("a zip archive (or .npz)", rb"PK"),
    Foreign("a PDF", rb"%PDF"),
    Foreign("a Photoshop file", rb"8BPS"),
    Foreign("an OpenEXR file", rb"v/1\x01"),
    Foreign("a Radiance HDR picture", rb"#\?R"),
    Foreign("a portable pixmap", rb"P[1-7]\s"),
    Foreign("a pickle", rb"\x80"),
)


def foreign_of_head(head: bytes) -> Foreign | None:
    """Return the kind of a file that begins with these bytes, None for no known one."""
    return next((kind for kind in FOREIGN if re.match(kind.signature, head, re.DOTALL)), None)
