"""From a box that the user draws in the picture to a point-spread function, measured there."""

from __future__ import annotations

from typing import Any

import numpy as np

import restore
from deconv.errors import UsageError
from deconv.inputs.kernel import Kernel
from deconv.inputs.linear_light import LightPicture
from deconv.settings import PSFChoice


def measure(choice: PSFChoice, light: LightPicture) -> restore.PSFMeasurement:
    """Measure the PSF at the point or edge that the user has boxed."""
    for name in choice.parameters:
        raise UsageError(f"--{name} does not belong to --psf-from-{choice.evidence}, which measures it")
    method = restore.psf_from_edge if choice.point is None else restore.psf_from_point
    return method(
        light.planes[0],
        choice.box or (),
        model=choice.psf or "auto",
        saturation=_saturation(light),
        channel_axis=light.channel_axis,
    )


def measured_kernel(choice: PSFChoice, light: LightPicture) -> Kernel:
    """Return the PSF to restore with; a sharp edge tells none."""
    measurement = measure(choice, light)
    if measurement.confidence == "none":
        raise UsageError(f"{measurement.verdict} (take another one, or give the blur, for example --psf gaussian)")
    return Kernel(
        psf=measurement.psf,
        family=measurement.family,
        parameters=measurement.parameters,
        estimated=measurement.uncertainty,
        confidence=measurement.confidence,
        evidence=details(choice, measurement),
    )


def details(choice: PSFChoice, measurement: restore.PSFMeasurement) -> dict[str, Any]:
    """Return where the PSF was measured and how well that went, for the report."""
    record: dict[str, Any] = {"from": choice.evidence, "box": choice.box, "center": measurement.center}
    if measurement.edge_angle is not None:
        record["edge_angle"] = measurement.edge_angle
    return record | {"residual": measurement.residual, "noise": measurement.noise}


def _saturation(light: LightPicture) -> float | None:
    """Return the light of the file's top code; None, leaving it to the measurement, where the type has no top."""
    if not light.picture.has_integer_samples:
        return None
    clipped = light.clipped()
    return float(light.image[clipped].min()) if clipped.any() else float(np.inf)
