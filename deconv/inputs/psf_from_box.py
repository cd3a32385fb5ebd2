"""From a box that the user draws in the picture to a point-spread function, measured there."""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np

import restore
from deconv.batch import explained
from deconv.inputs.linear_light import LightPicture
from deconv.inputs.psf import Kernel, given_parameters
from deconv.options import UsageError


def asked(arguments: argparse.Namespace) -> bool:
    """Return whether the PSF is to be measured in a part of the picture."""
    return _box(arguments) is not None


def measure(arguments: argparse.Namespace, light: LightPicture, source: str) -> restore.PSFMeasurement:
    """Measure the PSF at the point or edge that the user has boxed."""
    given = given_parameters(arguments)
    if given:
        raise UsageError(f"--{next(iter(given))} does not belong to --psf-from-{_kind(arguments)}, which measures it")
    method = restore.psf_from_point if _kind(arguments) == "point" else restore.psf_from_edge
    box = _box(arguments)
    return explained(
        source,
        lambda: method(
            light.planes[0],
            box,  # type: ignore[arg-type]
            model=arguments.psf or "auto",
            saturation=_saturation(light),
            channel_axis=light.channel_axis,
        ),
    )


def measured_kernel(arguments: argparse.Namespace, light: LightPicture, source: str) -> Kernel:
    """Return the PSF to restore with; a sharp edge tells none."""
    found = measure(arguments, light, source)
    if found.confidence == "none":
        raise UsageError(f"{source}: {found.verdict} (take another one, or give the blur, for example --psf gaussian)")
    return Kernel(
        found.psf,
        found.family,
        found.parameters,
        found.uncertainty,
        found.confidence,
        evidence=details(arguments, found),
    )


def details(arguments: argparse.Namespace, found: restore.PSFMeasurement) -> dict[str, Any]:
    """Return where the PSF was measured and how well that went, for the report."""
    record: dict[str, Any] = {"from": _kind(arguments), "box": _box(arguments), "center": found.center}
    if found.edge_angle is not None:
        record["edge_angle"] = found.edge_angle
    return record | {"residual": found.residual, "noise": found.noise}


def _kind(arguments: argparse.Namespace) -> str:
    return "edge" if arguments.psf_from_point is None else "point"


def _box(arguments: argparse.Namespace) -> tuple[int, int, int, int] | None:
    return arguments.psf_from_edge if arguments.psf_from_point is None else arguments.psf_from_point


def _saturation(light: LightPicture) -> float | None:
    """Return the light of the file's top code; None, leaving it to the measurement, where the type has no top."""
    if not light.picture.has_integer_samples:
        return None
    clipped = light.clipped()
    return float(light.image[clipped].min()) if clipped.any() else float(np.inf)
