"""What the extensions of a FITS file say of the picture in it: which samples are unknown, and how much each counts."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

from deconv.pictures.picture import Samples
from deconv.pictures.planes import native

# astropy's classes have no hints.
HDU: TypeAlias = Any

#: Names of extensions; a number or a letter may follow.
FLAGS = ("DQ", "MASK", "FLAGS", "BPM")
#: By what is to be done to one to get weights.
ERRORS, INVERSE_VARIANCES, VARIANCES = (
    ("ERR", "ERROR", "UNCERT", "SIGMA", "RMS"),
    ("IVAR", "WHT", "WEIGHT"),
    ("VAR", "VARIANCE"),
)
#: Of the flags of these telescopes the lowest bit alone says that a sample is not to be used.
DO_NOT_USE = {"JWST", "ROMAN"}


def kind_of(hdu: HDU) -> str:
    """Return "flags", "errors", "weights" or "variances", "" for anything else."""
    name = str(hdu.name).upper().rstrip("0123456789")
    for kind, names in (("flags", FLAGS), ("errors", ERRORS), ("weights", INVERSE_VARIANCES), ("variances", VARIANCES)):
        if name in names or any(name.startswith(f"{one}_") for one in names):
            return kind
    return ""


def others_of(hdus: list[HDU], place: int) -> list[HDU]:
    """Return the other pictures of a file: those of the name that the one at a place has, as the chips of a camera."""
    alike = [i for i, hdu in enumerate(hdus) if hdu.is_image and hdu.name == hdus[place].name and hdu.data is not None]
    return [hdus[i] for i in alike if i != place and hdus[i].data.ndim >= 2]


def beside(hdus: list[HDU], place: int) -> list[int]:
    """Return the places of what may speak of the picture at a place.

    Where a file holds several, EXTVER says which is whose.
    """
    chosen = hdus[place]
    has_others = bool(others_of(hdus, place))
    return [i for i, hdu in enumerate(hdus) if i != place and (not has_others or hdu.ver == chosen.ver)]


def flagged(hdus: list[HDU], shape: tuple[int, ...], telescope: str) -> tuple[Samples | None, str]:
    """Return which samples the extensions of flags call unknown, and the name of the first such extension."""
    unknown, name = None, ""
    for hdu in hdus:
        if kind_of(hdu) != "flags" or hdu.data is None or hdu.data.shape not in (shape, shape[-2:]):
            continue
        flags = native(hdu.data)
        bad = (flags.astype(np.int64) & 1 if telescope.upper() in DO_NOT_USE else flags) != 0
        unknown = np.broadcast_to(bad, shape) if unknown is None else unknown | bad
        name = name or hdu.name
    return unknown, name


def weights_of(hdus: list[HDU], shape: tuple[int, ...]) -> tuple[Samples | None, str]:
    """Return 1 / variance of every sample, 0 where it is not known, and the name of the extension."""
    for hdu in hdus:
        kind = kind_of(hdu)
        if (
            kind not in ("errors", "weights", "variances")
            or hdu.data is None
            or hdu.data.shape not in (shape, shape[-2:])
        ):
            continue
        values = native(hdu.data).astype(np.float64)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            weights = {"errors": values**-2.0, "variances": 1 / values, "weights": values}[kind]
        known = np.isfinite(weights) & (values > 0)
        return np.broadcast_to(np.where(known, weights, 0), shape), hdu.name
    return None, ""
