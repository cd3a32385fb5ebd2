"""The coordinates of a FITS header on a grid finer by a whole factor along rows and columns.

A sample of the header's grid at x, whose first one is at 1, is at step (x - 0.5) + 0.5 on the finer one: edges of the
picture stay edges.

References: E. W. Greisen and M. R. Calabretta, Representations of world coordinates in FITS, Astron. Astrophys. 395,
2002, section 2 (CRPIX, PC, CD, CDELT); D. L. Shupe et al., The SIP convention for representing distortion in FITS image
headers, ADASS XIV, 2005.
"""

from __future__ import annotations

import re
from typing import Any

from deconv.pictures.picture import PictureError

#: Places among the samples, and the places of the samples of the instrument among them.
_PLACES = re.compile(r"CRPIX[12][A-Z]?|LTV[12]")
#: Samples of a picture in one of the instrument: they grow.
_GROWING = re.compile(r"LTM[12]_[12]|(?:A|B|AP|BP)_DMAX")
#: What a step along one of the two axes is in the world: by its matrix, or where there is none, by axis.
_MATRIX = re.compile(r"(CD|PC)(\d+)_([12])([A-Z]?)")
_STEP = re.compile(r"CDELT([12])([A-Z]?)")
#: Coefficients of polynomials of two places among the samples, in samples.
_POLYNOMIAL = re.compile(r"(?:A|B|AP|BP)_(\d)_(\d)")
#: Lengths of a sample that programs write beside them.
_LENGTHS = ("XPIXSZ", "YPIXSZ", "PIXSCALE", "SECPIX", "SECPIX1", "SECPIX2")
#: Distortions by tables on a grid of samples.
_TABLES = re.compile(r"(?:CPDIS|D2IMDIS|CQDIS)[12][A-Z]?")


def make_finer(header: Any, step: int) -> None:
    """Change the cards of a header that speak of samples; refuse tables of distortions, which would have to change."""
    cards = {str(card.keyword): card.value for card in header.cards if card.keyword}
    tables = sorted(filter(_TABLES.fullmatch, cards))
    if tables:
        what = (
            f"has coordinates with tables of distortions ({tables[0]}), which hold for the samples they were made for"
        )
        raise PictureError("picture", what, "keep the samples of the file, or take the tables out of it")
    matrices = {match[4]: match[1] for match in map(_MATRIX.fullmatch, cards) if match}
    for name, value in cards.items():
        changed = _changed(name, value, step, matrices)
        if changed is not None:
            header[name] = changed
    for version, kind in matrices.items():  # what is absent of a PC is 1 on its diagonal
        for axis in (1, 2):
            name = f"PC{axis}_{axis}{version}"
            if kind == "PC" and name not in cards:
                header[name] = 1 / step


def _changed(name: str, value: Any, step: int, matrices: dict[str, str]) -> float | None:
    """Return the number of a card on the finer grid, None where it stays."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if _PLACES.fullmatch(name):
        return step * (value - 0.5) + 0.5
    if _GROWING.fullmatch(name):
        return value * step
    if _MATRIX.fullmatch(name) or name in _LENGTHS:
        return value / step
    if (match := _STEP.fullmatch(name)) and match[2] not in matrices:
        return value / step
    if match := _POLYNOMIAL.fullmatch(name):
        return float(value * float(step) ** (1 - int(match[1]) - int(match[2])))
    return None
