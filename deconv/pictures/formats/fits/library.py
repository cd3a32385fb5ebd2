"""The library that reads and writes FITS, which is installed only where somebody asked for it."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

from deconv.pictures.picture import PictureError


def astropy_fits(path: Path) -> ModuleType:
    """Return `astropy.io.fits`, or say how it is installed."""
    try:
        from astropy.io import fits
    except ImportError:
        remedy = "pip install './[astro]' in a clone, or astropy itself"
        raise PictureError(
            path, "is FITS, which is read and written by astropy, and that is not installed", remedy
        ) from None
    return fits
