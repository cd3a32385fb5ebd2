"""OME-XML for a TIFF of planes whose own file says in other words what they lie along and how large a voxel is."""

from __future__ import annotations

import numpy as np

from deconv.pictures.stacks.arrangement import Arrangement
from deconv.pictures.stacks.calibration import Calibration

#: Types of samples of which OME-XML has words.
TYPES = ("uint8", "uint16", "uint32", "int8", "int16", "int32", "float32", "float64")


def ome_stack(
    axes: str, lengths: tuple[int, ...], shape: tuple[int, ...], dtype: str, calibration: Calibration
) -> Arrangement | None:
    """Return OME-XML for planes along these axes, whose samples have a shape; None where OME has no words for them."""
    import tifffile

    if not set(axes) <= set("TCZYX") or len(set(axes)) < len(axes) or dtype not in TYPES:
        return None
    sizes = {f"PhysicalSize{axis}": step for axis, step in calibration.spacing.items()}
    units = {f"PhysicalSize{axis}Unit": "\N{MICRO SIGN}m" for axis in calibration.spacing}
    names = {"Channel": {"Name": list(calibration.names)}} if calibration.names and "C" in axes else {}
    words = tifffile.OmeXml()
    stored = int(np.prod(lengths[:-2])), 1, 1, lengths[-2], lengths[-1], 1
    words.addimage(dtype, lengths, stored, axes=axes, **sizes, **units, **names)
    text = words.tostring(declaration=True).encode("ascii", "xmlcharrefreplace")
    return Arrangement(text=text, shape=shape, dtype=dtype)
