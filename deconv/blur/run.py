"""The blur command: g = h * f + eta on a picture file."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

import numpy as np

import restore
from deconv.batch.finished import results_at
from deconv.batch.run import run_batch
from deconv.blur.request import BlurRequest, Noise
from deconv.blur.seeds import seeds_of
from deconv.errors import UsageError
from deconv.inputs.kernel import Kernel, fitted_to
from deconv.inputs.linear_light import LightPicture, read_light, reserving
from deconv.inputs.psf import given_kernel
from deconv.pictures import Picture, check_format, losses, write
from deconv.progress import progress
from deconv.report import Report, clipped_words
from restore.checks import Array, one_of
from restore.degradation import BLUR_BOUNDARIES


def run(request: BlurRequest) -> int:
    """Blur every input."""
    results = results_at(request.destination, "blurred", request.psf.psf, request.psf.grid)
    work, figure = partial(_blur_one, request), request.destination.figure
    return run_batch(request.inputs, work, request.reporting, figure=figure, results=results)


def _blur_one(request: BlurRequest, source: str) -> Report:
    started = time.perf_counter()
    light = read_light(source, request.reading)
    kernel = given_kernel(request.psf, light)
    if kernel is None:
        raise UsageError(
            f"--psf {request.psf.psf} needs its parameters to blur with (for example --psf gaussian --sigma 2)"
        )
    kernel = fitted_to(kernel, light, source)
    output = request.destination.result_of(source, "blurred")
    figure = request.destination.figure_of(output)
    check_format(light.picture, output)
    one_of(request.boundary, BLUR_BOUNDARIES, "boundary")
    with reserving(request.destination, source, request.psf.psf, request.psf.grid) as outputs:
        result_file = outputs.reserve(output)
        figure_file = outputs.reserve(figure) if figure else None
        with progress(request.reporting, "blurring"):
            blurred = light.stored(_degraded(request, light, kernel, seeds_of(request, source)))
        write(blurred, result_file)
        if figure_file:
            with progress(request.reporting, "drawing"):
                _draw(figure_file, request, source, (light.picture, blurred), kernel)
    report = Report(source)
    report.say("picture", light.describe())
    notes = (*light.picture.notes, *kernel.notes, *light.stack_notes(kernel.psf.ndim), *losses(blurred, output))
    for note in notes:
        report.say("note", note)
    report.say("psf", kernel.describe())
    report.say("noise", _describe(request.noise))
    if blurred.clipped:
        report.say("clipped", clipped_words(blurred))
    report.say("written", ", ".join(str(p) for p in (output, figure) if p))
    report.record |= {
        "output": str(output),
        "figure": str(figure) if figure else None,
        "psf": kernel.record(),
        "light": light.light,
        "noise": {"sigma": request.noise.sigma, "bsnr": request.noise.bsnr, "photons": request.noise.photons},
        "seed": request.noise.seed,
        "boundary": request.boundary,
        "notes": notes,
        "seconds": round(time.perf_counter() - started, 3),
    }
    return report


def _degraded(request: BlurRequest, light: LightPicture, kernel: Kernel, seeds: np.random.SeedSequence) -> Array:
    """Blur every plane, or every volume, and add noise of its own to each."""

    def degraded(image: Array, channel: int) -> Array:
        own = seeds.spawn(1)[0] if light.picture.planes else seeds
        return restore.degrade(
            image,
            kernel.of_channel(channel),
            noise_sigma=request.noise.sigma,
            bsnr=request.noise.bsnr,
            photons=request.noise.photons,
            rng=np.random.default_rng(own),
            boundary=request.boundary,
            channel_axis=light.channel_axis,
        )

    return light.mapped(degraded, ndim=kernel.psf.ndim)


def _draw(path: Path, request: BlurRequest, source: str, pair: tuple[Picture, Picture], kernel: Kernel) -> None:
    from deconv.figures.comparison import comparison, panel_of  # drawing is loaded where something is drawn
    from deconv.figures.views import shown_words

    panels = [panel_of(picture, title) for picture, title in zip(pair, ("input", "blurred"), strict=True)]
    facts = [("PSF", kernel.describe()), ("noise", _describe(request.noise)), ("boundary", request.boundary)]
    facts += [("seen", shown)] if (shown := shown_words(pair[0])) else []
    comparison(path, panels, kernel.psf, f"{Path(source).name}: blurred", facts)


def _describe(noise: Noise) -> str:
    parts = []
    if noise.photons is not None:
        parts.append(f"{noise.photons:g} photons at full scale")
    if noise.sigma is not None:
        parts.append(f"sigma {noise.sigma:g}")
    if noise.bsnr is not None:
        parts.append(f"BSNR {noise.bsnr:g} dB")
    return ", ".join(parts) or "none"
