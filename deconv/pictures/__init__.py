"""Picture files without loss: reading, writing, light, whole-or-nothing outputs.

`read` gives a `Picture` in the depth of its file, `to_float` turns it into light and `from_float` back,
`write` puts it into a file, and `Outputs` lets several files appear whole or not at all. Every failure that a
file can cause is a `PictureError`.
"""

from deconv.pictures.channels import one_channel
from deconv.pictures.light import (
    alpha_to_float,
    from_float,
    from_float_unrounded,
    light_of,
    premultiply,
    to_float,
    tone_of,
    unpremultiply,
)
from deconv.pictures.losses import losses
from deconv.pictures.outputs import Outputs
from deconv.pictures.picture import Picture, PictureError
from deconv.pictures.reading import read
from deconv.pictures.tone.curves import linear_to_srgb, srgb_to_linear
from deconv.pictures.writing import check_format, write

__all__ = [
    "Outputs",
    "Picture",
    "PictureError",
    "alpha_to_float",
    "check_format",
    "from_float",
    "from_float_unrounded",
    "light_of",
    "linear_to_srgb",
    "losses",
    "one_channel",
    "premultiply",
    "read",
    "srgb_to_linear",
    "to_float",
    "tone_of",
    "unpremultiply",
    "write",
]
