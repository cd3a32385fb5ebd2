"""How large a voxel is, and by which lens and light it was seen: what a microscope's file says, in micrometres."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias
from xml.etree import ElementTree

from deconv.pictures.stacks.arrangement import Arrangement

#: Micrometres of a unit of length, in the spellings of OME and ImageJ.
MICROMETRES = {
    **dict.fromkeys(("um", "µm", "\N{GREEK SMALL LETTER MU}m", "\\u00b5m", "micron", "microns", "micrometer"), 1.0),
    **dict.fromkeys(("nm", "nanometer"), 1e-3),
    **dict.fromkeys(("mm", "millimeter"), 1e3),
    **dict.fromkeys(("cm", "centimeter"), 1e4),
    **dict.fromkeys(("m", "meter"), 1e6),
    **dict.fromkeys(("Å", "\N{ANGSTROM SIGN}", "angstrom"), 1e-4),
    **dict.fromkeys(("inch", "in"), 25400.0),
}
#: Indices of what lies between lens and cover glass, by OME's words for it.
IMMERSIONS = {"oil": 1.515, "water": 1.333, "waterdipping": 1.333, "air": 1.0, "glycerol": 1.47}


@dataclass(frozen=True)
class Calibration:
    """What is known of a stack's voxels and optics; what the file does not say is absent or None.

    Attributes
    ----------
    program : str
        Whose words they are: "OME-XML" or "ImageJ"; empty where there are none.
    spacing : mapping of str to float
        Micrometres from voxel to voxel along Z, Y and X.
    NA, index : float or None
        Numerical aperture, and refractive index of the immersion.
    names : tuple of str
        Of the channels.
    emission, excitation : tuple of float or None
        Wavelengths of the channels in micrometres.
    """

    program: str = ""
    spacing: Mapping[str, float] = field(default_factory=dict)
    NA: float | None = None
    index: float | None = None
    names: tuple[str, ...] = ()
    emission: tuple[float | None, ...] = ()
    excitation: tuple[float | None, ...] = ()


Density: TypeAlias = tuple[float, float] | None


def calibration_of(arrangement: Arrangement | None, per_unit: Density, per_micrometre: Density) -> Calibration:
    """Return what a file says: by its description, and by its samples per unit or micrometre across and down."""
    if arrangement is None:
        return Calibration()
    if arrangement.program == "ImageJ":
        return _of_imagej(arrangement.text.decode("utf-8", "replace"), per_unit, per_micrometre)
    return _of_ome(arrangement.text) if arrangement.program == "OME-XML" else Calibration()


def _of_imagej(text: str, per_unit: Density, per_micrometre: Density) -> Calibration:
    """Return what ImageJ says: a unit for all, the spacing along Z, and in the TIFF samples per unit."""
    lines = dict(re.findall(r"^(\w+)=(.*?)\s*$", text, re.MULTILINE))
    unit = MICROMETRES.get(lines.get("unit", "").lower())
    if unit is None:
        return Calibration(program="ImageJ")
    places = {"X": lines.get("xunit", ""), "Y": lines.get("yunit", ""), "Z": lines.get("zunit", "")}
    units = {axis: MICROMETRES.get(word.lower(), unit) for axis, word in places.items()}
    spacing = {} if per_micrometre is None else {"X": 1 / per_micrometre[0], "Y": 1 / per_micrometre[1]}
    if per_unit is not None:
        spacing = {"X": units["X"] / per_unit[0], "Y": units["Y"] / per_unit[1]}
    step = abs(_number(lines.get("spacing")) or 0.0)
    return Calibration(program="ImageJ", spacing=spacing | ({"Z": step * units["Z"]} if step else {}))


def _of_ome(text: bytes) -> Calibration:
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError:
        return Calibration()
    pixels = next(_below(root, "Pixels"), None)
    if pixels is None:
        return Calibration()
    sizes = {axis: _length(pixels, f"PhysicalSize{axis}", "µm") for axis in "ZYX"}
    channels = list(_below(pixels, "Channel"))
    objective = next(_below(root, "Objective"), ElementTree.Element("Objective"))
    settings = next(_below(root, "ObjectiveSettings"), ElementTree.Element("ObjectiveSettings"))
    media = (IMMERSIONS.get(word.lower()) for word in (settings.get("Medium", ""), objective.get("Immersion", "")))
    return Calibration(
        program="OME-XML",
        spacing={axis: size for axis, size in sizes.items() if size},
        NA=_number(objective.get("LensNA")),
        index=_number(settings.get("RefractiveIndex")) or next(filter(None, media), None),
        names=tuple(channel.get("Name", "") for channel in channels),
        emission=tuple(_length(channel, "EmissionWavelength", "nm") for channel in channels),
        excitation=tuple(_length(channel, "ExcitationWavelength", "nm") for channel in channels),
    )


def _below(root: ElementTree.Element, tag: str) -> Iterator[ElementTree.Element]:
    """Return the elements of a tag, in whatever version of OME's namespace."""
    return (element for element in root.iter() if element.tag.rpartition("}")[2] == tag)


def _length(element: ElementTree.Element, name: str, usual: str) -> float | None:
    """Return a length in micrometres, None where it is not said or in a unit that is no length."""
    number, unit = _number(element.get(name)), MICROMETRES.get(element.get(f"{name}Unit", usual))
    return None if number is None or unit is None else number * unit


def _number(text: str | None) -> float | None:
    """Return a number > 0, None for anything else."""
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if 0 < number < float("inf") else None
