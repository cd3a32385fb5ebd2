"""The formats of picture files, each one record beside its codec; what can be read and written is a view of these.

A new format is a file here that ends in its `Format`, and an entry of `FORMATS`, or of `READ_ONLY` where it has no
`write`.
"""

from deconv.pictures.formats.avif import AVIF
from deconv.pictures.formats.fits.codec import FITS
from deconv.pictures.formats.format import Format
from deconv.pictures.formats.jpeg import JPEG
from deconv.pictures.formats.jpeg2000 import JPEG2000
from deconv.pictures.formats.jpeg_xl import JPEG_XL
from deconv.pictures.formats.npy import NPY
from deconv.pictures.formats.ome_zarr.codec import ZARR
from deconv.pictures.formats.png import PNG
from deconv.pictures.formats.tiff import TIFF
from deconv.pictures.formats.webp import WEBP

__all__ = ["FORMATS", "READ_ONLY", "Format", "labels", "of_head", "suffixes"]

#: By name, in the order in which messages list them and recommend those that lose nothing.
FORMATS: dict[str, Format] = {record.name: record for record in (PNG, TIFF, JPEG, WEBP, NPY, FITS, ZARR)}
#: Those that are read and not written.
READ_ONLY: dict[str, Format] = {record.name: record for record in (AVIF, JPEG_XL, JPEG2000)}


def of_head(head: bytes) -> Format | None:
    """Return the format of a file that begins with these bytes, None for no known one."""
    return next((record for record in (*FORMATS.values(), *READ_ONLY.values()) if record.begins(head)), None)


def suffixes() -> dict[str, Format]:
    """Return the format that each suffix of a file to be written stands for."""
    return {suffix: record for record in FORMATS.values() for suffix in record.suffixes}


def labels() -> str:
    """Return all formats that are written as a sentence names them: ``PNG, TIFF, JPEG, ... or OME-Zarr``."""
    *others, last = (record.label for record in FORMATS.values())
    return f"{', '.join(others)} or {last}"
