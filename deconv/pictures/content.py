"""What the reader of every format hands over, before the picture is set upright."""

from __future__ import annotations

from dataclasses import dataclass, replace

from deconv.pictures.picture import ByteOrder, Document, Samples
from deconv.pictures.stacks.arrangement import Arrangement


@dataclass(frozen=True, eq=False)
class Content:
    """Decoded content of a file, alpha still the last channel and the orientation not yet applied."""

    format: str
    array: Samples
    planes: int = 0
    stored_axes: str = ""
    plane_axes: str = ""
    plane_shape: tuple[int, ...] = ()
    colour: bool = False
    alpha: bool = False
    icc: bytes | None = None
    colour_chunks: tuple[tuple[bytes, bytes], ...] = ()
    exif: bytes | None = None
    is_measured: bool = False
    orientation: int = 1
    dpi: tuple[float, float] | None = None
    density: tuple[float, float] | None = None
    xmp: bytes | None = None
    texts: tuple[tuple[str, str], ...] = ()
    arrangement: Arrangement | None = None
    jpeg_table: Samples | None = None
    byte_order: ByteOrder = "="
    unknown: Samples | None = None
    weights: Samples | None = None
    weights_name: str = ""
    document: Document | None = None
    notes: tuple[str, ...] = ()


def noted(content: Content, note: str) -> Content:
    """Return the content with one more note."""
    return replace(content, notes=(*content.notes, note))
