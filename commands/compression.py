"""The error that JPEG left in a picture, for the strength of a restoration."""

from __future__ import annotations

import numpy as np

import pictures
from pictures import Picture

#: How often the rounding counts. It is not white, and the frequencies that a restoration lifts suffer most: of 1/2, 1,
#: 2, 4 and 8 times, this one gained most on four pictures, three blurs and qualities 75 to 95 (1.2 dB; not counted, it
#: lost 5).
MARGIN = 4.0


def compression_variance(picture: Picture, light: str) -> float:
    """Return the variance, in the light that is computed with, to count for a JPEG's rounding; 0 for other files.

    A coefficient rounded to steps of q is wrong by q^2 / 12. Only the lower half of the frequencies counts: above, most
    coefficients of a blurred picture are 0 before and after. The slope of the transfer curve carries it over to light.
    """
    if picture.jpeg_table is None:
        return 0.0
    lower = np.add.outer(np.arange(8), np.arange(8)) < 8
    encoded = MARGIN * float(np.mean(picture.jpeg_table[lower].astype(float) ** 2)) / 12 / 255**2
    if light != "srgb":
        return encoded
    samples = pictures.to_float(picture, light="linear").ravel()[::97].astype(float)
    slope = (pictures.srgb_to_linear(samples + 1e-3) - pictures.srgb_to_linear(samples - 1e-3)) / 2e-3
    return encoded * float(np.mean(slope**2))
