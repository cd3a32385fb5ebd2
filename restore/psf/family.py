"""A family of PSFs as one record: its drawing, its parameters, and the forms by which a picture gives it away.

Whatever lists families reads `FAMILIES` when it is called: a family registered at run time takes part at once. Which of
its forms are there decides where: `estimate_psf` looks for families with a spectrum, `psf_from_point` for those with a
sub-pixel form, `psf_from_edge` for those with an edge form, and `psf_variants` takes them all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from restore.checks import Array, InvalidValue


@dataclass(frozen=True)
class Parameter:
    """A number that a family is drawn by."""

    name: str
    unit: str  # "px", "deg", or "" for a pure number
    required: bool = True  # without it the PSF is not determined; the others have a usual value


@dataclass(frozen=True, eq=False)
class SpectrumModel:
    """|H|^2 in closed form: a profile p(size s) along a coordinate s of the frequency plane, or nearly so.

    s is the distance from the origin or, for a family with an angle, the distance along it, in cycles per pixel.
    """

    smallest: float  # sizes that are looked for, in pixels
    largest: float
    visible: float  # below this size a blur is not told from a sharp picture
    extent: float  # edge of the PSF for size 1
    profile: Callable[[Array], Array]
    #: |H|^2 at u (right), v (down), size and angle in radians, for a family whose samples differ from the profile.
    power: Callable[[Array, Array, float, float], Array] | None = None


@dataclass(frozen=True, eq=False)
class PointModel:
    """The PSF around any place between the pixels, in coordinates theta in which all numbers are allowed."""

    values: Callable[[Array, Array, Array], Array]  # rows and columns from the centre, theta; any scale
    start: Callable[[Array], list[float]]  # second moments of a point (rows, columns) -> a first guess of theta
    parameters: Callable[[Array], Array]  # theta -> the family's parameters, in their order


@dataclass(frozen=True, eq=False)
class EdgeModel:
    """The edge spread function: what the blur makes of a sharp step from 0 to 1, for a family drawn by its size."""

    profile: Callable[[Array, float], Array]  # distance from the edge, size
    per_deviation: float  # size, in deviations of the line spread function
    sharp: float  # below this size an edge is as good as sharp


@dataclass(frozen=True, eq=False)
class Family:
    """A family of PSFs: ``draw(**parameters)`` gives the array; the first parameter is its size."""

    name: str
    draw: Callable[..., Array]
    parameters: tuple[Parameter, ...]
    spectrum: SpectrumModel | None = None
    point: PointModel | None = None
    edge: EdgeModel | None = None

    @property
    def size(self) -> str:
        """Return the name of the parameter that is the size in pixels."""
        return self.parameters[0].name

    @property
    def angle(self) -> str | None:
        """Return the name of the parameter that is a direction in degrees, None for a family without."""
        return next((parameter.name for parameter in self.parameters if parameter.unit == "deg"), None)


#: Name to family, in the order in which they are tried and listed.
FAMILIES: dict[str, Family] = {}


def register(family: Family) -> None:
    """Let a family take part wherever families are listed; ``del FAMILIES[name]`` takes it out again."""
    if family.name in FAMILIES:
        raise InvalidValue(f"family must have a name of its own, got {family.name!r}, which is registered already")
    if not family.parameters or family.parameters[0].unit != "px":
        raise InvalidValue(f"family must have a size in px as its first parameter, got {family.parameters}")
    FAMILIES[family.name] = family
