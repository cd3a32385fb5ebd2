"""How the numbers of a table are written: in few letters, as whole numbers over a common denominator where they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

#: Denominators of the kernels that people write down.
DENOMINATORS = (1, 2, 3, 4, 5, 8, 9, 10, 16, 25, 36, 64, 81, 100, 144, 256, 625, 1024)
#: Largest numerator of whole numbers over a common denominator.
LARGEST_NUMERATOR = 9999


@dataclass(frozen=True)
class Notation:
    """How the numbers of several tables are written: multiplied by `scale`, with so many decimals."""

    scale: float
    decimals: int
    unit: str = ""  # what every number is to be multiplied or divided by, in words

    def text(self, value: float) -> str:
        """Return a number in few letters."""
        text = f"{value * self.scale:.{self.decimals}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
        return "0" if text in ("-0", "") else text


def decimal_notation(*tables: Array) -> Notation:
    """Return a notation of at most about four letters for the largest number of the tables."""
    top = max((float(np.abs(table).max()) for table in tables if table.size), default=0.0)
    if top == 0:
        return Notation(1, 0)
    if top < 10_000 and all(np.array_equal(table, np.rint(table)) for table in tables):
        return Notation(1, 0)
    power = 0 if 0.1 <= top < 1000 else 3 * int(np.floor(np.log10(top) / 3))
    scaled = top / 10.0**power
    return Notation(10.0**-power, 2 if scaled < 100 else 1, f"x 1e{power}" if power else "")


def fraction_notation(table: Array, denominators: Iterable[int] = DENOMINATORS, *, units: int = 8) -> Notation:
    """Return whole numbers over the first common denominator that fits, else decimals.

    Parameters
    ----------
    table : floating array
    denominators : whole numbers to try, in this order
    units : int
        Rounding that is let pass, in units in the last place of the largest number.

    Examples
    --------
    >>> fraction_notation(np.array([0.25, 0.75])).unit
    '/ 4'
    """
    tolerance = units * float(np.finfo(table.dtype).eps) * float(np.abs(table).max())
    for denominator in denominators:
        whole = np.rint(table * denominator)
        if np.abs(whole).max() <= LARGEST_NUMERATOR and np.abs(table - whole / denominator).max() <= tolerance:
            return Notation(denominator, 0, f"/ {denominator}" if denominator > 1 else "")
    return decimal_notation(table)


def magnitudes(values: Array) -> Array:
    """Return real numbers as they are and complex ones as magnitudes."""
    return np.abs(values) if np.iscomplexobj(values) else values
