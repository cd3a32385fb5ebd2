"""Picture files without loss: reading, writing, light, whole-or-nothing outputs.

`read` gives a `Picture` in the depth of its file, `to_float` turns it into light and `from_float` back,
`write` puts it into a file, and `Outputs` lets several files appear whole or not at all. Every failure that a
file can cause is a `PictureError`.
"""

from pictures._picture import Picture, PictureError
from pictures._reading import read
from pictures._writing import check_format, write
from pictures.light import (
    alpha_to_float,
    from_float,
    light_of,
    linear_to_srgb,
    premultiply,
    srgb_to_linear,
    to_float,
    unpremultiply,
)
from pictures.outputs import Outputs

__all__ = [
    "Outputs",
    "Picture",
    "PictureError",
    "alpha_to_float",
    "check_format",
    "from_float",
    "light_of",
    "linear_to_srgb",
    "premultiply",
    "read",
    "srgb_to_linear",
    "to_float",
    "unpremultiply",
    "write",
]
