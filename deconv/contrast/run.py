"""The contrast command: one picture through both meanings of deconvolution, side by side."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

from deconv.batch.run import run_batch
from deconv.contrast import figure as contrast_figure
from deconv.contrast import numbers as contrast_numbers
from deconv.contrast.learning import figure as circle_figure
from deconv.contrast.learning.circle import Circle, circle_of
from deconv.contrast.learning.training import training_pictures
from deconv.contrast.meanings import Meanings, both_meanings
from deconv.contrast.rendering import rendering_of, shown
from deconv.contrast.report import Contrast, report_of
from deconv.contrast.request import ContrastRequest
from deconv.contrast.scene import Scene, scene_of
from deconv.errors import UsageError
from deconv.inputs.linear_light import read_light, reserving
from deconv.progress import progress
from deconv.report import Report


def run(request: ContrastRequest) -> int:
    """Contrast the meanings on every input."""
    work = partial(_contrast_one, request)
    return run_batch(request.inputs, work, request.reporting, figure=request.destination.figure)


def _contrast_one(request: ContrastRequest, source: str) -> Report:
    started = time.perf_counter()
    figures = _figure_paths(request, source)
    scene = scene_of(request, read_light(source, request.reading), source)
    paths = (source, request.psf.psf)
    with progress(request.reporting, "drawing"), reserving(request.destination, *paths) as outputs:
        files = [outputs.reserve(path) for path in figures]
        meanings = _meanings(request, scene)
        rendering = rendering_of(scene, meanings)
        circle = _circle(request, source, scene, meanings)
        if files:
            contrast_figure.draw(files[0], meanings, rendering)
            contrast_numbers.draw(files[1], contrast_numbers.ARTICLE)
        if files and circle is not None:
            circle_figure.draw(files[2], circle, shown(circle.stored))
    contrast = Contrast(
        scene=scene,
        meanings=meanings,
        rendering=rendering,
        circle=circle,
        figures=figures,
        seconds=time.perf_counter() - started,
    )
    return report_of(request, source, contrast)


def _figure_paths(request: ContrastRequest, source: str) -> tuple[Path, ...]:
    """Return where the figures go; the result of this command is a figure, so -o names it."""
    destination = request.destination
    if destination.no_figure:
        return ()
    result = destination.result_of(str(Path(source).with_suffix(".png")), "contrast")
    figure = result if destination.figure is None else Path(destination.figure)
    if figure.suffix.lower() != ".png":
        raise UsageError(f"{figure}: a figure is a PNG file (name it with .png)")
    words = ("numbers", "learned") if request.taps is not None else ("numbers",)
    return figure, *(figure.with_name(f"{figure.stem}.{word}.png") for word in words)


def _circle(request: ContrastRequest, source: str, scene: Scene, meanings: Meanings) -> Circle | None:
    if request.taps is None:
        return None
    training = training_pictures(request, source, scene)
    return circle_of(scene, meanings, training, taps=request.taps, seed=request.seed)


def _meanings(request: ContrastRequest, scene: Scene) -> Meanings:
    return both_meanings(
        scene.sharp,
        scene.kernel.psf,
        noise_sigma=scene.noise_sigma,
        stride=request.stride,
        seed=request.seed,
        regularization=request.regularization,
    )
