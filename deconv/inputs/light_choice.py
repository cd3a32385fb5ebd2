"""Stored codes or decoded light: the one in which a PSF that was found in the picture restores without ringing.

Blur adds light, but what a camera stores is light under a curve of its own: sRGB decoding may be farther from the truth
than the codes as they are, and then every bright edge rings far below black. So both are tried on a part of the
picture, and the file's own light stays unless the codes are clearly better.
"""

from __future__ import annotations

from dataclasses import replace

from deconv import pictures
from deconv.inputs.kernel import Kernel
from deconv.inputs.linear_light import LightPicture
from deconv.report import percent
from deconv.settings import Reading
from restore.blur_identification.shake.from_shake import share_out_of_range

#: By how much more of the samples has to stay in range before the codes are taken.
CLEARLY = 1e-3


def likelier_light(light: LightPicture, kernel: Kernel, reading: Reading) -> tuple[LightPicture, Kernel]:
    """Return the picture in the likelier light, and the kernel with a note of both; what the user said holds."""
    if reading.light != "auto" or light.light == "linear" or light.opacity is not None:
        return light, kernel
    codes = replace(light, light="linear", image=pictures.to_float(light.picture, light="linear"))
    in_codes, in_light = (_out_of_range(each, kernel) for each in (codes, light))
    is_codes = in_codes + CLEARLY < in_light
    tried = [("stored codes", in_codes), ("decoded light", in_light)]
    (name, share), (other, its_share) = tried if is_codes else tried[::-1]
    note = f"restored in {name}: {percent(share)} of a trial out of range, in {other} {percent(its_share)}"
    better = codes if is_codes else light
    return better, replace(kernel, notes=(*kernel.notes, note))


def _out_of_range(light: LightPicture, kernel: Kernel) -> float:
    return share_out_of_range(light.planes[0], kernel.psf, channel_axis=light.channel_axis)
