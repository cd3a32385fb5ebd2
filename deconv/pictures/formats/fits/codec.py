"""FITS through astropy: the first picture of a file, with its header, and what else the file holds beside it."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, ClassVar

import numpy as np

from deconv.pictures.content import Content
from deconv.pictures.formats.fits.extensions import HDU, beside, flagged, kind_of, others_of, weights_of
from deconv.pictures.formats.fits.finer import make_finer
from deconv.pictures.formats.fits.library import astropy_fits
from deconv.pictures.formats.format import Format
from deconv.pictures.picture import Picture, Samples
from deconv.pictures.planes import in_our_letters, plane_letters, plane_shape, take_plane
from deconv.pictures.request import Request
from deconv.pictures.stacks.calibration import Calibration

#: What astronomers call the axes behind the two of the picture, by the letter of ours.
_AXES = {"TIME": "T", "STOKES": "S", "DEPTH": "Z"}
#: Letters of a card behind its keyword.
_CARD = 72
#: Cards that speak of the numbers that were stored.
_OF_NUMBERS = ("BSCALE", "BZERO", "BLANK", "DATASUM", "CHECKSUM", "DATAMIN", "DATAMAX")


@dataclass(frozen=True, eq=False)
class Document:
    """A file in memory: its units, and which of them holds the picture."""

    hdus: tuple[HDU, ...]
    place: int
    dropped: tuple[int, ...]  # what said how sure every sample was, which is no longer true of a restored one

    kind: ClassVar[str] = "fits"
    words: ClassVar[str] = "the header and extensions of FITS"
    others: ClassVar[Mapping[str, str]] = {}
    calibration: ClassVar[Calibration] = Calibration()

    def of_channel(self, channel: int) -> Document:  # noqa: ARG002
        """Return the same: the header is of the whole file."""
        return self

    def made_finer(self, step: int) -> Document:
        """Return the file for a picture whose rows and columns are finer by a factor; flags go to all parts."""
        shape, hdus = self.hdus[self.place].shape, list(self.hdus)
        own = beside(hdus, self.place)
        for place, hdu in enumerate(self.hdus):
            is_flags = (
                place in own and kind_of(hdu) == "flags" and hdu.data is not None and hdu.data.shape[-2:] == shape[-2:]
            )
            if place == self.place or is_flags:
                data = np.repeat(np.repeat(hdu.data, step, -2), step, -1) if is_flags else hdu.data
                hdus[place] = type(hdu)(data=data, header=hdu.header.copy())
                make_finer(hdus[place].header, step)
        return replace(self, hdus=tuple(hdus))

    @property
    def oversampling(self) -> int:
        """Return how many samples of a PSF lie in one of the detector, as programs that compute PSFs write it."""
        header = self.hdus[self.place].header
        factor = header.get("DET_SAMP", header.get("OVERSAMP", 1))
        return int(factor) if isinstance(factor, int | float) and factor >= 1 else 1


def read_fits(request: Request) -> Content:
    """Read the first picture of a file, one plane of it or all."""
    fits = astropy_fits(request.path)
    with fits.open(request.path, memmap=False, lazy_load_hdus=False) as file:
        hdus = list(file)
        place = next((i for i, hdu in enumerate(hdus) if hdu.is_image and hdu.header.get("NAXIS", 0) >= 2), None)
        if place is None:
            raise request.refuse("holds no picture, only tables or headers", "name a file with an image")
        hdu = hdus[place]
        shape = tuple(int(n) for n in hdu.shape)
        _check_size(request, shape)
        is_scaled = not _is_whole(hdu.header)
        array = np.asarray(hdu.data)
        for other in hdus:
            other.data  # noqa: B018  # read it now, while the file is open
    axes = in_our_letters(request.axes, shape) if request.axes else _axes(hdu.header, shape)
    array, axes = _without_ones(array, axes) if request.axes is None else (array, axes)
    samples, planes = take_plane(request, array, axes)
    own = beside(hdus, place)
    unknown, flags = flagged([hdus[i] for i in own], shape, str(hdus[0].header.get("TELESCOP", "")))
    weights, errors = weights_of([hdus[i] for i in own], shape)
    dropped = tuple(i for i in own if kind_of(hdus[i]) in ("errors", "weights", "variances"))
    notes = [f"samples flagged in the extension {flags} are taken as unknown"] if flags and np.any(unknown) else []
    lost = " and ".join(dict.fromkeys(hdus[i].name for i in dropped))
    notes += [f"{lost}: left out of the result, of which it would not be true"] if lost else []
    if others := others_of(hdus, place):
        names = ", ".join(_name(other) for other in others)
        notes.append(f"{_name(hdu)} alone is read: {names} stays as it was (for its own result, a file of its own)")
    notes += ["the file's scaled integers (BSCALE) are written as floating numbers"] if is_scaled else []
    return Content(
        format="FITS",
        array=samples,
        planes=planes,
        stored_axes=axes,
        plane_axes=plane_letters(axes),
        plane_shape=plane_shape(request, array.shape, axes),
        colour="C" in axes,
        is_measured=True,
        byte_order=">",
        unknown=_like(unknown, array, request, axes),
        weights=_like(weights, array, request, axes),
        weights_name=errors,
        document=Document(hdus=tuple(hdus), place=place, dropped=dropped),
        notes=tuple(notes),
    )


def _name(hdu: HDU) -> str:
    """Return how astronomers name one of several pictures."""
    return f"{hdu.name or 'the picture'} {hdu.ver}"


def _check_size(request: Request, shape: tuple[int, ...]) -> None:
    request.check_pixels(int(np.prod(shape, dtype=object)) if request.frame == "all" else int(np.prod(shape[-2:])))


def _is_whole(header: Any) -> bool:
    """Return whether whole numbers are stored as such: unscaled, or shifted to be unsigned."""
    bits, zero = int(header["BITPIX"]), float(header.get("BZERO", 0))
    usual = {8: (0, -128), 16: (0, 2**15), 32: (0, 2**31), 64: (0, 2**63)}.get(bits, (zero,))
    return bits < 0 or (float(header.get("BSCALE", 1)) == 1 and zero in usual)


def _axes(header: Any, shape: tuple[int, ...]) -> str:
    """Return a letter for each axis; three planes of no stated kind are colours, others channels by themselves."""
    letters = []
    for place, length in enumerate(shape[:-2]):
        name = str(header.get(f"CTYPE{len(shape) - place}", "")).upper()
        known = next((letter for word, letter in _AXES.items() if name.startswith(word)), None)
        letter = known or ("C" if length == 3 and name in ("", "RGB") else "c")
        letters.append(letter if letter not in letters else "UVWQ"[place % 4])
    return "".join(letters) + "YX"


def _without_ones(array: Samples, axes: str) -> tuple[Samples, str]:
    """Leave out axes of one plane, of which radio telescopes write two."""
    dropped = [i for i, n in enumerate(array.shape[:-2]) if n == 1]
    return array.squeeze(tuple(dropped)), "".join(axis for i, axis in enumerate(axes) if i not in dropped)


def _like(values: Samples | None, array: Samples, request: Request, axes: str) -> Samples | None:
    """Return what is said of every sample in the order of the samples."""
    return None if values is None else take_plane(request, values.reshape(array.shape), axes)[0]


def write_fits(file: BinaryIO, picture: Picture) -> None:
    """Write the picture into its own file's header, with what was done to it as HISTORY; the flags stay beside it."""
    fits = astropy_fits(picture.path or Path("picture"))
    document = Document(hdus=(fits.PrimaryHDU(),), place=0, dropped=())
    if isinstance(picture.document, Document):
        document = picture.document
    header = document.hdus[document.place].header.copy()
    for card in _OF_NUMBERS:
        header.remove(card, ignore_missing=True)
    for line in picture.history:
        for part in textwrap.wrap(line.encode("ascii", "replace").decode(), _CARD, break_on_hyphens=False):
            header.add_history(part)
    if not isinstance(picture.document, Document) and picture.oversampling > 1:
        header["OVERSAMP"] = (picture.oversampling, "samples of the PSF in one of the detector")
    kind = fits.ImageHDU if document.place else fits.PrimaryHDU
    written = kind(data=_as_stored(picture, document), header=header)
    if not isinstance(picture.document, Document) and picture.channel_axis is not None:
        written.header["CTYPE3"] = "RGB"
    hdus = [written if i == document.place else hdu for i, hdu in enumerate(document.hdus) if i not in document.dropped]
    encoded = io.BytesIO()
    fits.HDUList(hdus).writeto(encoded, output_verify="silentfix")
    file.write(encoded.getbuffer())


def _as_stored(picture: Picture, document: Document) -> Samples:
    """Return the samples in the axes of the file: planes and colours before rows."""
    array = picture.samples
    if picture.channel_axis is not None:
        array = np.moveaxis(array, -1, 1 if picture.planes else 0)
    shape = document.hdus[document.place].shape[:-2]
    if array.size == np.prod((*shape, *array.shape[-2:])):
        array = array.reshape(*shape, *array.shape[-2:])
    elif len(picture.plane_shape) > 1:
        array = array.reshape(*picture.plane_shape, *array.shape[1:])
    return np.ascontiguousarray(array)


FITS = Format(
    name="FITS",
    label="FITS",
    suffixes=(".fits", ".fit", ".fts"),
    signature=rb"SIMPLE  =",
    read=read_fits,
    write=write_fits,
    dtypes=("uint8", "int16", "uint16", "int32", "uint32", "int64", "float32", "float64"),
    alpha=False,
    planes=True,
    axes=True,
    keeps=frozenset({"fits"}),
    stores_light=lambda _: True,
    shortest=2880,
)
