"""The psf command: average the points of a picture, and show what came of it."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

import numpy as np

import restore
from deconv.batch.finished import results_at
from deconv.batch.run import run_batch
from deconv.errors import UsageError
from deconv.inputs.linear_light import LightPicture, read_light, reserving
from deconv.inputs.volumes import has_depth, volumes_of
from deconv.pictures import Picture, check_format, write
from deconv.pictures.stacks.arrangement import imagej_stack
from deconv.progress import progress
from deconv.psf.grid import PSFGrid
from deconv.psf.request import PSFRequest
from deconv.psf.words import few, fitted, rejections, widths
from deconv.report import Report
from restore import PSFAverage
from restore.checks import Array
from restore.operators.across_channels import across_channels

#: Endings of files that say how many samples lie in one of the detector.
SAYS_GRID = (".tif", ".tiff", ".fits", ".fit", ".fts")


def run(request: PSFRequest) -> int:
    """Make a PSF of every input."""
    results = results_at(request.destination, "psf")
    work, figure = partial(_one, request), request.destination.figure
    return run_batch(request.inputs, work, request.reporting, figure=figure, results=results)


def _one(request: PSFRequest, source: str) -> Report:
    started = time.perf_counter()
    light = read_light(source, request.reading)
    points, hidden, axes = _points_of(light, source)
    steps = _steps(request, light, axes, source)
    grid = PSFGrid.finer(steps, request.subsampling)
    output = request.destination.result_of(source, "psf")
    figure = request.destination.figure_of(output)
    check_format(_picture(np.zeros((3,) * points.ndim), grid), output)
    with reserving(request.destination, source) as outputs:
        places = outputs.reserve(output), outputs.reserve(figure) if figure else None
        with progress(request.reporting, "averaging points"):
            average = restore.psf_from_points(
                points,
                mask=hidden,
                size=request.size,
                bead=request.bead,
                spacing=1.0 if steps is None else steps,
                clipped=light.white_light(light.clipped()) if light.clipped().any() else None,
                least=request.least,
                subsampling=request.subsampling,
                family=request.family,
            )
        write(_picture(average.psf, grid), places[0])
        if places[1] is not None:
            from deconv.psf.figure import draw  # drawing is loaded where something is drawn

            draw(places[1], average, grid, Path(source).name)
    return _report(source, light, average, grid, (output, figure), time.perf_counter() - started)


def _points_of(light: LightPicture, source: str) -> tuple[Array, Array | None, str]:
    """Return the plane or volume with the points, which of its samples are unknown, and its axes."""
    picture, image, hidden = light.picture, light.image, light.unknown
    if light.channel_axis is not None:
        image = image.mean(axis=-1)
        hidden = None if hidden is None else across_channels(np.logical_or, hidden)
    if not picture.planes:
        return image, hidden, "YX"
    volumes = volumes_of(picture, 3 if has_depth(picture) else 2)
    parts = volumes.apart(image)
    if len(parts) > 1:
        what = f"holds {len(parts)} {'volumes' if has_depth(picture) else 'planes'}"
        raise UsageError(f"{source}: {what}, each with its own points (choose one with --channel N or --frame N)")
    return parts[0], None if hidden is None else volumes.apart(hidden)[0], "ZYX" if has_depth(picture) else "YX"


def _steps(request: PSFRequest, light: LightPicture, axes: str, source: str) -> tuple[float, ...] | None:
    """Return the spacing in micrometres, None where nobody says it."""
    if request.spacing is not None:
        if len(request.spacing) not in (1, len(axes)):
            raise UsageError(f"--spacing must be one number or {','.join(axes)}, got {len(request.spacing)} numbers")
        return request.spacing * (len(axes) if len(request.spacing) == 1 else 1)
    known = [light.picture.calibration.spacing.get(axis) for axis in axes]
    steps = tuple(step for step in known if step is not None)
    if len(steps) == len(axes):
        return steps
    if request.bead > 0:
        raise UsageError(f"{source}: does not say its spacing, and --bead is in micrometres (give --spacing)")
    return None


def _picture(psf: Array, grid: PSFGrid) -> Picture:
    """Return the PSF as a picture of floating samples, with the size of its voxels and how many lie in a sample."""
    samples = psf.astype(np.float32)
    is_volume, steps, step = psf.ndim == 3, grid.steps, grid.subsampling
    arranged = steps is not None or step > 1
    return Picture(
        samples=samples,
        format="TIFF",
        planes=len(psf) if is_volume else 0,
        plane_axes="Z" * is_volume,
        plane_shape=psf.shape[:1] if is_volume else (),
        is_measured=True,
        density=(1 / steps[-1], 1 / steps[-2]) if steps is not None else (step, step) if step > 1 else None,
        arrangement=imagej_stack(psf.shape, "float32", None if steps is None else steps[0], step) if arranged else None,
    )


def _untold(grid: PSFGrid, path: Path) -> str:
    """Return what a file of this kind does not say of the grid."""
    if grid.subsampling == 1 or path.suffix.lower() in SAYS_GRID:
        return ""
    count = grid.subsampling
    remedy = f"name it .tif or .fits, or add --psf-sampling {count} to deblur"
    return f"{path.name} does not say that {count} of its samples lie in one of the picture: {remedy}"


def _report(
    source: str,
    light: LightPicture,
    average: PSFAverage,
    grid: PSFGrid,
    files: tuple[Path, Path | None],
    seconds: float,
) -> Report:
    report = Report(source)
    report.say("picture", light.describe())
    report.say("points", f"{len(average.places)} averaged, {rejections(average)}")
    if average.subsampling > 1:
        report.say("grid", f"finer by {average.subsampling} along every axis")
    if average.parameters:
        report.say("family", fitted(average))
    warnings = [warning for warning in (few(average), _untold(grid, files[0])) if warning]
    for warning in warnings:
        report.say("warning", warning)
    for axis, width in widths(average, grid).items():
        report.say(f"fwhm {axis}", width)
    if average.psf.ndim == 3:
        report.say("asymmetry", f"{average.asymmetry:+.3f} of the light lies more below the middle than above")
    report.say("written", f"{', '.join(str(file) for file in files if file)} ({seconds:.1f} s)")
    report.record |= {
        "output": str(files[0]),
        "figure": None if files[1] is None else str(files[1]),
        "points": len(average.places),
        "warnings": warnings,
        "rejected": [{"place": list(place), "reason": reason} for place, reason in average.rejected],
        "fwhm": list(average.fwhm),
        "fwhm_spread": list(average.spread),
        "spacing": None if grid.steps is None else list(grid.steps),
        "subsampling": average.subsampling,
        "family": average.family,
        "parameters": average.parameters,
        "uncertainty": average.uncertainty,
        "asymmetry": average.asymmetry,
        "seconds": round(seconds, 3),
    }
    return report
