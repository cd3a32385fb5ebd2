"""The deblur command: restore a picture file and show what was done."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial
from pathlib import Path

from deconv.batch.finished import Results
from deconv.batch.run import run_batch
from deconv.deblur import card
from deconv.deblur.costs import run_costs
from deconv.deblur.finer import check_finer, check_picture
from deconv.deblur.large.route import opened
from deconv.deblur.large.run import deblur_large
from deconv.deblur.report import Files, history_of, report_of
from deconv.deblur.request import DeblurRequest
from deconv.deblur.restoration import check_words, restored
from deconv.deblur.work import Work
from deconv.errors import UsageError
from deconv.inputs.kernel import Kernel, fitted_to, with_errors
from deconv.inputs.large_light import LargeLight
from deconv.inputs.light_choice import likelier_light
from deconv.inputs.linear_light import LightPicture, read_light, reserving
from deconv.inputs.masks import hidden_samples
from deconv.inputs.psf import estimated_kernel, given_kernel
from deconv.inputs.psf_from_box import measured_kernel
from deconv.pictures import Picture, check_format, write
from deconv.progress import progress
from deconv.quality import check_alike, compare
from deconv.report import Report
from deconv.spelling import suggestion
from restore.methods.method import METHODS
from restore.operators.progress import Stages, advance, watched


def run(request: DeblurRequest) -> int:
    """Restore every input."""
    name = request.method.name
    if name is not None and name not in METHODS:
        raise UsageError(f"argument --method: invalid choice: {name!r} ({suggestion(name, ('auto', *METHODS))})")
    check_finer(request)
    results = Results(
        of=lambda source: tuple(_files(request, source).named.values()),
        made_of=_read_besides(request),
        resume=request.destination.resume,
    )
    work, figure = partial(_deblur_one, request), request.destination.figure
    return run_batch(request.inputs, work, request.reporting, figure=figure, results=results)


def _read_besides(request: DeblurRequest) -> tuple[str | None, ...]:
    """Return the files that are read besides the input."""
    choice = request.psf
    return request.judging.reference, request.unknown.mask, request.method.weights, choice.psf, choice.grid


def _deblur_one(request: DeblurRequest, source: str) -> Report:
    with progress(request.reporting, "reading") as listener, watched(listener):
        return _watched(request, source)


def _watched(request: DeblurRequest, source: str) -> Report:
    started = time.perf_counter()
    light = opened(request, source)
    if isinstance(light, LargeLight):
        return deblur_large(request, source, light, _files(request, source), started)
    reference = read_light(request.judging.reference, request.reading) if request.judging.reference else None
    files = _files(request, source)
    check_format(light.stored_unrounded(light.image) if request.destination.floating else light.picture, files.output)
    check_words(request.method, light, varies=request.psf.grid is not None)
    kernel, hidden = _known_kernel(request, light, source), hidden_samples(request.unknown, light)
    step = request.method.subsampling
    if reference is not None:
        check_alike(light.picture, reference.picture)
    plane = light.planes[0].shape[:2]
    stages = Stages(run_costs(request, plane, light.image.size, is_psf_known=kernel is not None))
    advance(0.0)
    with reserving(request.destination, source, *_read_besides(request)) as outputs:
        places = {name: outputs.reserve(path) for name, path in files.named.items()}
        with stages.stage("looking"):
            light, kernel = _in_likelier_light(request, light, kernel)
        kernel = fitted_to(kernel, light, source)
        if step > 1:
            check_picture(light, kernel, step)
        with stages.stage("restoring"):
            result = restored(request, light, kernel, hidden)
        picture = _of_grid(light.stored(result.image), step)
        work = Work(
            source=source,
            light=light,
            kernel=kernel,
            restored=result,
            picture=picture,
            floating=request.destination.floating,
            reference=None if reference is None else reference.picture,
            quality={} if reference is None else compare(light.picture, picture, reference.picture),
        )
        with stages.stage("writing"), progress(request.reporting, "writing and drawing"):
            floating = request.destination.floating
            written = _of_grid(light.stored_unrounded(result.image), step) if floating else picture
            write(replace(written, history=history_of(work)), places["output"])
            return _show(request, work, files, places, started)


def _of_grid(picture: Picture, step: int) -> Picture:
    """Return what the file says of its samples for those of the result."""
    return picture if step == 1 else picture.made_finer(step)


def _in_likelier_light(
    request: DeblurRequest, light: LightPicture, known: Kernel | None
) -> tuple[LightPicture, Kernel]:
    """Return the picture in the light that suits the PSF, and this, found in that light where the picture tells it."""
    typed = known is not None and request.psf.box is None

    def look(light: LightPicture) -> Kernel:
        if request.psf.box is not None:
            return measured_kernel(request.psf, light)
        return estimated_kernel(request.psf, light, request.reporting)

    kernel = with_errors(look(light) if known is None else known, request.psf.error)
    return likelier_light(light, kernel, request.reading, None if typed else look)


def _files(request: DeblurRequest, source: str) -> Files:
    output = request.destination.result_of(source, "restored")
    figure = request.destination.figure_of(output)
    return Files(output=output, figure=figure, card=request.judging.card, page=request.judging.page)


def _show(request: DeblurRequest, work: Work, files: Files, places: dict[str, Path], started: float) -> Report:
    """Write what is looked at beside the result, and return the report."""
    panels = []
    if {"figure", "page"} & set(places):
        from deconv.deblur import figure  # drawing is loaded where something is drawn

        panels = figure.panels_of(work)
        if "figure" in places:
            figure.draw(places["figure"], work, panels, diagnostics=request.judging.diagnostics)
    variants = []
    if "card" in places:
        from deconv.deblur import card_sheet

        variants = card.try_variants(work)
        card_sheet.draw(places["card"], work, variants)
    report = report_of(work, files, variants, time.perf_counter() - started)
    if "page" in places:
        from deconv.deblur.page import page

        page.write(places["page"], report, panels, work)
    return report


def _known_kernel(request: DeblurRequest, light: LightPicture, source: str) -> Kernel | None:
    """Return the PSF that the options give or the box holds, None where the picture is to be asked."""
    if request.psf.box is not None:
        kernel: Kernel | None = measured_kernel(request.psf, light)
    else:
        kernel = given_kernel(request.psf, light)
    if kernel is not None:
        return fitted_to(kernel, light, source)
    return None
