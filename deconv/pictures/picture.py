"""What a picture file holds: samples, alpha, metadata and how the file stored them; the one error class."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from os import PathLike, fsdecode
from pathlib import Path
from typing import Any, Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from deconv.pictures.stacks.arrangement import Arrangement
from deconv.pictures.stacks.calibration import Calibration, calibration_of

Samples: TypeAlias = NDArray[Any]
ByteOrder: TypeAlias = Literal["<", ">", "="]


class PictureError(ValueError):
    """A picture file that cannot be read or written; its text is ``FILE: what (what to do)``.

    Parameters
    ----------
    path : path-like
        The file concerned.
    what : str
        What is wrong with it.
    remedy : str
        What the caller can do about it; what it says of arguments stands in backticks, ```max_pixels``` for example,
        so that a program can put its own words there (`in_words`).
    """

    def __init__(self, path: str | PathLike[str], what: str, remedy: str) -> None:
        super().__init__(path, what, remedy)
        self.path = Path(path)
        self.what = what
        self.remedy = remedy

    def in_words(self, arguments: Mapping[str, str]) -> str:
        """Return the text, what the remedy says of arguments replaced by these words.

        Parameters
        ----------
        arguments : mapping of str to str
            Words for what stands in backticks; what is absent is said as it is.

        Returns
        -------
        str
            One line.

        Examples
        --------
        >>> error = PictureError("a.png", "is too large", "raise `max_pixels`")
        >>> str(error)
        'a.png: is too large (raise max_pixels)'
        >>> error.in_words({"max_pixels": "the limit in the settings"})
        'a.png: is too large (raise the limit in the settings)'
        """
        remedy = re.sub("`([^`]+)`", lambda code: arguments.get(code[1], code[1]), self.remedy)
        return f"{fsdecode(self.path)}: {self.what} ({remedy})"

    def __str__(self) -> str:
        return self.in_words({})


#: The keyword of a JPEG's comment among the texts of a picture.
COMMENT = "Comment"


class Document(Protocol):
    """What else a file of science holds: the header of a FITS, the axes and channels of an OME-Zarr."""

    @property
    def kind(self) -> str:
        """Return the name by which a format says that it keeps this."""

    @property
    def words(self) -> str:
        """Return what is lost where a format does not."""

    @property
    def others(self) -> Mapping[str, str]:
        """Return what else there is, in words, by the name by which a format says that it keeps it."""

    @property
    def oversampling(self) -> int:
        """Return how many samples of a PSF along an axis lie in one of the detector."""

    @property
    def calibration(self) -> Calibration:
        """Return what is said of voxels, lens and light."""

    def of_channel(self, channel: int) -> Document:
        """Return what is true of one channel of a stack."""

    def made_finer(self, step: int) -> Document:
        """Return what is true where rows and columns are finer by a factor."""


@dataclass(frozen=True, eq=False)
class Picture:
    """One picture, or all planes of a multi-page file, as stored.

    Attributes
    ----------
    samples : ndarray
        ``(H, W)`` or ``(H, W, C)`` in the file's own dtype and native byte order; with all planes
        ``(P, H, W[, C])``. Alpha is never inside.
    alpha : ndarray or None
        Opacity in the same dtype, ``(H, W)`` or ``(P, H, W)``; the colours are not multiplied by it.
    format : str
        "PNG", "TIFF", "JPEG", "WEBP", "NPY", "FITS" or "ZARR".
    icc : bytes or None
        The ICC profile.
    colour_chunks : tuple of (bytes, bytes)
        Names and contents of a PNG's own chunks about colour, such as gAMA and cICP.
    exif : bytes or None
        EXIF block, a small TIFF file without the prefix that JPEG puts in front; never an orientation in it.
    planes : int
        0 for a single picture, else the number of planes along axis 0.
    stored_axes : str
        The axes as a file stores them: as the caller named them, else in a TIFF's own letters (S: the colours of a
        pixel); empty for files whose axes are always the same.
    plane_axes : str
        What the planes lie along, a letter for each axis: Z, T (time), C (channels that are no colours), I or Q
        where the file does not say, whatever the caller named; the last changes fastest. Empty for a single picture.
    plane_shape : tuple of int
        The lengths of these axes.
    channel_axis : int or None
        -1 for colour, else None.
    notes : tuple of str
        What reading changed or assumed, one sentence each, for the user's eyes.
    path : Path or None
        Where it was read from.
    dpi : (float, float) or None
        Horizontal and vertical resolution per inch.
    density : (float, float) or None
        The same per a length of which a TIFF does not say the unit.
    xmp : bytes or None
        XMP packet, of the upright picture.
    texts : tuple of (str, str)
        Keywords and texts of a PNG; the comment of a JPEG under ``Comment``.
    arrangement : Arrangement or None
        What a microscope's TIFF says of its planes: axes, spacing, unit and times.
    clipped : int
        How many samples `from_float` had to clip; 0 for a picture that was read.
    is_measured : bool
        Whether the channels are known to be no red, green and blue for a screen, as in a TIFF that says gray.
    clipped_low : int
        How many of these lay below the range.
    jpeg_table : (8, 8) array or None
        Luminance quantization table of a JPEG, vertical frequency first: which detail its compression took away.
    byte_order : str
        The order of bytes of a TIFF or an array, ``<`` or ``>``; ``=`` for that of the machine.
    unknown : bool array or None
        True where the file says that a sample is not to be used, of the shape of `samples`.
    weights : array or None
        How much every sample counts by the file, 1 / variance; `weights_name` is what the file calls it.
    weights_name : str
        See `weights`.
    document : Document or None
        What else a file of science holds: header and extensions of a FITS, axes and channels of an OME-Zarr.
    history : tuple of str
        What was done to the picture, for formats that keep it.
    """

    samples: Samples
    alpha: Samples | None = None
    format: str = "PNG"
    icc: bytes | None = None
    colour_chunks: tuple[tuple[bytes, bytes], ...] = ()
    exif: bytes | None = None
    planes: int = 0
    stored_axes: str = ""
    plane_axes: str = ""
    plane_shape: tuple[int, ...] = ()
    channel_axis: int | None = None
    notes: tuple[str, ...] = ()
    path: Path | None = None
    dpi: tuple[float, float] | None = None
    density: tuple[float, float] | None = None
    xmp: bytes | None = None
    texts: tuple[tuple[str, str], ...] = ()
    arrangement: Arrangement | None = None
    clipped: int = 0
    is_measured: bool = False
    clipped_low: int = 0
    jpeg_table: Samples | None = None
    byte_order: ByteOrder = "="
    unknown: Samples | None = None
    weights: Samples | None = None
    weights_name: str = ""
    document: Document | None = None
    history: tuple[str, ...] = ()

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the samples."""
        return self.samples.dtype

    @property
    def bit_depth(self) -> int:
        """Bits per sample; 1 for bool."""
        return 1 if self.dtype.kind == "b" else 8 * self.dtype.itemsize

    @property
    def has_integer_samples(self) -> bool:
        """Whether the samples are whole numbers, so that writing clips and rounds; True for bool too."""
        return self.dtype.kind in "bui"

    @property
    def channels(self) -> int:
        """Colour channels, alpha not counted; 1 for gray."""
        return 1 if self.channel_axis is None else int(self.samples.shape[-1])

    @property
    def height(self) -> int:
        """Rows."""
        return int(self.samples.shape[1 if self.planes else 0])

    @property
    def width(self) -> int:
        """Columns."""
        return int(self.samples.shape[2 if self.planes else 1])

    @property
    def keeps_arrangement(self) -> bool:
        """Whether what the file said of its planes is true of these samples."""
        return self.arrangement is not None and self.arrangement.describes(self.samples.shape, str(self.dtype))

    @property
    def calibration(self) -> Calibration:
        """What the file says of its voxels, lens and light."""
        if self.document is not None:
            return self.document.calibration
        per_micrometre = None if self.dpi is None else (self.dpi[0] / 25400, self.dpi[1] / 25400)
        return calibration_of(self.arrangement, self.density, per_micrometre)

    @property
    def oversampling(self) -> int:
        """How many samples along an axis a PSF has in one of the detector's."""
        if self.document is not None:
            return self.document.oversampling
        return 1 if self.arrangement is None else self.arrangement.oversampling

    @property
    def marks_missing(self) -> bool:
        """Whether NaN is how its kind of file says that there is no sample."""
        return self.format == "FITS"

    @property
    def is_stack(self) -> bool:
        """Whether the file, or the caller, says that its planes are slices, times or channels."""
        return bool(set(self.stored_axes) & set("ZTC") - {self.stored_axes[-1:]})

    def made_finer(self, step: int) -> Picture:
        """Return what the file says of its samples for those of a grid finer by a factor along rows and columns.

        The samples are those of a picture that `from_float` made from such a grid. Raises PictureError for coordinates
        that hold for the file's own samples alone.
        """
        try:
            document = None if self.document is None else self.document.made_finer(step)
        except PictureError as error:
            raise PictureError(self.path or error.path, error.what, error.remedy) from None
        dpi, density = (None if pair is None else (pair[0] * step, pair[1] * step) for pair in (self.dpi, self.density))
        arrangement = None if self.arrangement is None else self.arrangement.made_finer(step, self.samples.shape)
        return replace(
            self,
            dpi=dpi,
            density=density,
            arrangement=arrangement,
            document=document,
            unknown=None,
            weights=None,
            weights_name="",
        )

    @property
    def clipped_share(self) -> float:
        """Share of the samples that `from_float` clipped, 0 to 1."""
        return self.clipped / self.samples.size

    def describe(self) -> str:
        """One line for a log, such as ``16-bit RGB PNG, 640 x 480, ICC profile, EXIF``."""
        depth = f"{self.bit_depth}-bit" if self.dtype.kind in "bu" else str(self.dtype)
        colour = {1: "gray", 3: "RGB"}.get(self.channels, f"{self.channels}-channel")
        alpha = "" if self.alpha is None else " with alpha"
        extras = (
            (f"{self.planes} planes{self._axes()}", self.planes),
            ("ICC profile", self.icc),
            ("EXIF", self.exif),
        )
        parts = [f"{depth} {colour} {self.format}{alpha}", f"{self.width} x {self.height}"]
        return ", ".join(parts + [text for text, present in extras if present])

    def _axes(self) -> str:
        """Return what the planes lie along, where several axes say so."""
        lengths = [f"{axis} {n}" for axis, n in zip(self.plane_axes, self.plane_shape, strict=True)]
        return f" ({' x '.join(lengths)})" if len(lengths) > 1 else ""


def joined(picture: Picture) -> Samples:
    """Append alpha to the samples as the last channel, the layout of files."""
    if picture.alpha is None:
        return picture.samples
    colour = picture.samples if picture.channel_axis is not None else picture.samples[..., None]
    return np.concatenate([colour, picture.alpha[..., None]], axis=-1)
