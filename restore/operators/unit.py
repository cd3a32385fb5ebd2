"""The unit that a picture is computed in: a power of two near its largest sample.

Restoration is homogeneous: a times the data give a times the picture. Floating types are not. The square of 1e-24 is
nothing in float32 and that of 1e20 infinite, and so are in float64 those of 1e-170 and 1e160: fluxes in W/m^2/Hz are
restored wrongly where counts are restored well. Therefore every door that takes a picture divides it by its unit
before anything is computed, and whatever else has units with it, and multiplies what it returns.

What has units does so to a degree: samples, standard deviations and the gain of a detector to the first, variances and
powers to the second, what is counted per unit of light to the minus first. A settings class says it of its fields by
`AS_SAMPLES` or `AS_VARIANCE`.

Division by a power of two is exact, and pictures of usual size keep the unit 1: of those nothing is touched at all.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any, TypeVar, overload

import numpy as np

from restore.checks import Array, InvalidValue

Record = TypeVar("Record")

#: The unit is 1 for a largest sample between 2^-7 and 2^6: one gray value of 255 to HDR pictures.
USUAL = 6
#: A noise or a weight that is so many times the picture leaves nothing of it, and the products of more would overflow.
MOST = 2.0**40
#: Metadata of the field of a dataclass that has units, to this degree.
AS_SAMPLES, AS_VARIANCE = {"degree": 1}, {"degree": 2}


@dataclass(frozen=True)
class Unit:
    """Two to the power of `exponent`."""

    exponent: int = 0

    @classmethod
    def of(cls, *pictures: Array | float) -> Unit:
        """Return the unit of finite samples, one for several pictures."""
        peak = max(max(float(np.max(p)), -float(np.min(p))) for p in pictures)
        mantissa, exponent = math.frexp(peak)
        exponent -= mantissa == 0.5  # a picture of the range 0..1 is computed in that range, whatever its unit
        return cls(exponent if abs(exponent) > USUAL else 0)

    @overload
    def inside(self, values: None, degree: int = 1) -> None: ...
    @overload
    def inside(self, values: float, degree: int = 1) -> float: ...
    @overload
    def inside(self, values: Array, degree: int = 1) -> Array: ...
    def inside(self, values: Any, degree: int = 1) -> Any:
        """Return a number or an array divided by the unit, the largest number of the type where that is too large."""
        return _shifted(values, -degree * self.exponent)

    @overload
    def outside(self, values: None, degree: int = 1) -> None: ...
    @overload
    def outside(self, values: float, degree: int = 1) -> float: ...
    @overload
    def outside(self, values: Array, degree: int = 1) -> Array: ...
    def outside(self, values: Any, degree: int = 1) -> Any:
        """Return a number or an array multiplied by the unit, the way back of `inside`."""
        return _shifted(values, degree * self.exponent)

    def result(self, values: Array, degree: int = 1) -> Array:
        """Return an array multiplied by the unit; refuse one that its type does not hold in the unit of the picture.

        Samples so small that their type is coarse there are rounded to it.
        """
        if self.exponent == 0:
            return values
        with np.errstate(over="ignore", under="ignore"):
            array = np.asarray(np.ldexp(values, degree * self.exponent))
        if not np.isfinite(array).all() or (degree > 1 and np.any(values) and not array.any()):
            raise InvalidValue(
                f"image must be in a unit in which {array.dtype} holds the result, got samples near 2^{self.exponent}: "
                "divide it by a number near its largest sample" + (", or use float64" if array.itemsize < 8 else "")
            )
        return array

    def of_fields(self, record: Record) -> Record:
        """Return the settings of a method with what has units in them divided by the unit."""
        degrees = {f.name: f.metadata["degree"] for f in dataclasses.fields(record) if "degree" in f.metadata}  # type: ignore[arg-type]
        values = {name: self.argument(getattr(record, name), degree) for name, degree in degrees.items()}
        return dataclasses.replace(record, **values) if values else record  # type: ignore[type-var]

    def argument(self, value: Any, degree: int) -> Any:
        """Return an argument divided by the unit, and no more than is as good as infinite beside the picture."""
        if np.asarray(value).dtype.kind not in "iuf":  # nothing, or to be refused where it is used
            return value
        divided = self.inside(value, degree)
        return np.minimum(divided, MOST) if np.ndim(value) else min(divided, MOST)


#: That of pictures of usual size.
ONE = Unit()


def _shifted(values: Any, exponent: int) -> Any:
    """Return values times 2^exponent, held to the range of their type."""
    if exponent == 0 or values is None:
        return values
    with np.errstate(over="ignore", under="ignore"):
        array = np.asarray(np.ldexp(values, exponent))
    largest = np.finfo(array.dtype).max
    array = np.clip(array, -largest, largest)
    return array if np.ndim(values) else float(array)
