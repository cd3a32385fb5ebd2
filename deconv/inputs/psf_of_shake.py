"""The kernel of a shaken camera (--psf blind) for the program, and its refusals."""

from __future__ import annotations

import restore
from deconv.errors import UsageError
from deconv.inputs.kernel import Kernel
from deconv.inputs.linear_light import LightPicture
from deconv.progress import progress
from deconv.settings import PSFChoice, Reporting


def shake_kernel(choice: PSFChoice, light: LightPicture, reporting: Reporting) -> Kernel:
    """Find a kernel of any shape in the picture, or refuse."""
    size = choice.kernel_size
    with progress(reporting, "kernel") as advance:
        kernel = restore.estimate_kernel(light.planes[0], size=size, channel_axis=light.channel_axis, callback=advance)
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
    )
