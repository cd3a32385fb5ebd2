"""Stored codes or decoded light: which of both was blurred.

Blur adds light, but what a camera stores is light under a curve of its own, and a program may have blurred the codes
of a file: sRGB decoding may be farther from the truth than the codes as they are, and then every bright edge rings. So
both are tried on a part of the picture, and the file's own light stays unless the codes are clearly better. A kernel of
any shape, whose errors leave much unexplained, tells by what its restoration leaves of the range.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from deconv import pictures
from deconv.errors import UsageError
from deconv.inputs.kernel import Kernel
from deconv.inputs.linear_light import LightPicture
from deconv.report import percent
from deconv.settings import Reading
from restore.blur_identification.shake.from_shake import share_out_of_range
from restore.blur_identification.tone_curve import Votes, votes_for_codes

#: By how much more of the samples has to stay in range before the codes are taken.
CLEARLY = 1e-3
CODES = "in the stored codes: as decoded light the blur would leave more unexplained (--srgb takes it so)"
EITHER = "light or stored codes: the blur explains both about as well; taken as light (--linear takes the codes)"


def likelier_light(
    light: LightPicture, kernel: Kernel, reading: Reading, again: Callable[[LightPicture], Kernel] | None = None
) -> tuple[LightPicture, Kernel]:
    """Return the picture in the likelier light, and the kernel with a note of both; what the user said holds.

    `again` finds the kernel in the other light, where the picture told it.
    """
    if reading.light != "auto" or light.light == "linear" or light.opacity is not None:
        return light, kernel
    is_plain = not light.picture.planes and kernel.psf.ndim == 2 and kernel.grid is None
    if kernel.error == 0 and not (is_plain and light.picture.has_integer_samples):
        return light, kernel
    codes = replace(light, light="linear", image=pictures.to_float(light.picture, light="linear"))
    if kernel.error > 0:
        return _by_range(light, codes, kernel)
    votes, other = _votes(light, codes, kernel), kernel
    if again is not None and (votes.are_for_codes or votes.are_doubtful):
        try:
            other = again(codes)
        except UsageError:  # no blur in the codes
            return light, kernel
        votes = votes if votes.are_for_codes else _votes(light, codes, other)
    if votes.are_for_codes:
        return codes, replace(other, notes=(*other.notes, CODES))
    return light, replace(kernel, notes=(*kernel.notes, EITHER)) if votes.are_doubtful else kernel


def _votes(light: LightPicture, codes: LightPicture, kernel: Kernel) -> Votes:
    tone = pictures.tone_of(light.picture, light.light).overall
    return votes_for_codes(codes.image, lambda samples: np.asarray(tone.decode(samples)), kernel.psf)


def _by_range(light: LightPicture, codes: LightPicture, kernel: Kernel) -> tuple[LightPicture, Kernel]:
    in_codes, in_light = (_out_of_range(each, kernel) for each in (codes, light))
    is_codes = in_codes + CLEARLY < in_light
    tried = [("stored codes", in_codes), ("decoded light", in_light)]
    (name, share), (other, its_share) = tried if is_codes else tried[::-1]
    note = f"restored in {name}: {percent(share)} of a trial out of range, in {other} {percent(its_share)}"
    better = codes if is_codes else light
    return better, replace(kernel, notes=(*kernel.notes, note))


def _out_of_range(light: LightPicture, kernel: Kernel) -> float:
    return share_out_of_range(light.planes[0], kernel.psf, channel_axis=light.channel_axis)
