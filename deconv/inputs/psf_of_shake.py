"""The kernel of a shaken camera (--psf blind) for the program, and its refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

import restore
from deconv import pictures
from deconv.errors import UsageError
from deconv.inputs.kernel import Kernel
from deconv.inputs.linear_light import LightPicture
from deconv.progress import progress
from deconv.settings import PSFChoice, Reporting


def estimate_shake(choice: PSFChoice, light: LightPicture, reporting: Reporting) -> restore.KernelEstimate:
    """Look for a kernel of any shape in the picture."""
    size = choice.kernel_size
    with progress(reporting, "kernel") as advance:
        return restore.estimate_kernel(_codes(light), size=size, channel_axis=light.channel_axis, callback=advance)


def shake_kernel(choice: PSFChoice, light: LightPicture, reporting: Reporting) -> Kernel:
    """Find a kernel of any shape in the picture, or refuse."""
    kernel = estimate_shake(choice, light, reporting)
    if kernel.confidence == "none":
        raise UsageError(
            f"{kernel.verdict} (try another --psf-size, or --psf auto for a blurred lens or straight motion)"
        )
    return Kernel(
        psf=kernel.psf,
        family="blind",
        parameters={"size": float(kernel.size)},
        confidence=kernel.confidence,
        notes=(kernel.verdict,),
        error=kernel.error,
    )


def _codes(light: LightPicture) -> NDArray[Any]:
    """Return the first plane as the file stores it, whose contrast the search is made for; light where alpha varies."""
    if light.opacity is not None:
        return light.planes[0]
    codes = np.asarray(pictures.to_float(light.picture, light="linear"))
    return codes[0] if light.picture.planes else codes
