"""The kernel of a shaken camera (--psf blind) for the program, and its refusals."""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np
from numpy.typing import NDArray

import restore
from deconv.options import UsageError
from deconv.progress import progress
from restore import KernelEstimate

#: Of the sparse prior: of 0.0004, 0.0008 and 0.0014 the first two did best on shaken photographs.
STRENGTH = 5e-4


def shake_kernel(arguments: argparse.Namespace, image: NDArray[Any], channel_axis: int | None) -> KernelEstimate:
    """Find a kernel of any shape in the picture, or refuse."""
    if arguments.psf_size is not None and arguments.psf_size % 2 == 0:
        raise UsageError(f"--psf-size must be odd, got {arguments.psf_size} (a kernel has a middle)")
    with progress(arguments, "kernel") as advance:
        found = restore.estimate_kernel(image, size=arguments.psf_size, channel_axis=channel_axis, callback=advance)
    if found.confidence == "none":
        raise UsageError(
            f"{found.verdict} (try another --psf-size, or --psf auto for a blurred lens or straight motion)"
        )
    return found


def restored(
    image: NDArray[Any], psf: NDArray[np.float64], mask: NDArray[Any] | None, options: dict[str, Any]
) -> restore.Restoration:
    """Restore with a kernel that was estimated: errors of the kernel ring less under a sparse prior."""
    boundary, channel_axis = options["boundary"], options["channel_axis"]
    found = restore.hyper_laplacian(
        image, psf, strength=STRENGTH, boundary=boundary, mask=mask, channel_axis=channel_axis
    )
    noise = float(np.max(restore.estimate_noise(image, channel_axis=channel_axis)))
    return restore.Restoration(found, psf, "hyper_laplacian", STRENGTH, "estimated kernel", noise, boundary)
