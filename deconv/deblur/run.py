"""The deblur command: restore a picture file and show what was done."""

from __future__ import annotations

import argparse
import time
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from deconv.deblur.card import Variant
    from deconv.figures.comparison import Panel
    from deconv.inputs.linear_light import LightPicture
    from deconv.inputs.psf import Kernel
    from deconv.pictures import Picture
    from deconv.report import Report
    from restore import Restoration

EXAMPLES = """examples:
  cli.py deblur photo.png --psf gaussian                       # sigma, noise and strength are found
  cli.py deblur photo.png --psf motion --length 21 --angle 11 --method cls -o out.png
  cli.py deblur blurred.png --psf disk --radius 4 --reference sharp.png
  cli.py deblur *.tif --psf measured.npy -o restored/          # a folder, with progress
  cli.py deblur photo.png --psf motion --card card.png         # how much hangs on length and angle?
  cli.py deblur night.tif --psf-from-point 412,96,31,31        # the PSF from a star in the picture
  cli.py deblur photo.png --psf gaussian --method nonlocal     # the best on photographs, and slow
  cli.py deblur photo.png --psf disk --report page.html        # a page with a slider, for a browser
"""


def add_parser(commands: Any) -> None:
    """Add the command and its options."""
    from deconv import options
    from deconv.deblur.options import add_evaluation, add_method, add_unknown

    parser = commands.add_parser(
        "deblur",
        help="restore a blurred picture",
        description="Restore a blurred, noisy picture: find f in g = h * f + eta.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    options.add_files(parser, "restored")
    options.add_psf(parser, required=False)
    options.add_evidence(parser)
    add_method(parser)
    add_unknown(parser)
    add_evaluation(parser)
    options.add_report(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Restore every input."""
    from deconv.batch import run_batch
    from deconv.inputs import psf_from_box as evidence
    from deconv.options import UsageError

    if arguments.psf is None and not evidence.asked(arguments):
        raise UsageError(
            "--psf is missing (name a family such as gaussian, auto or a file; or box a point or an edge with "
            "--psf-from-point or --psf-from-edge)"
        )
    if arguments.card is not None and len(arguments.inputs) > 1:
        raise UsageError("--card names one file: leave it out for several pictures")
    if arguments.report is not None:
        _refuse_unfit_report(arguments)

    return run_batch(arguments, _deblur_one)


def _refuse_unfit_report(arguments: argparse.Namespace) -> None:
    from deconv.options import UsageError

    if len(arguments.inputs) > 1:
        raise UsageError("--report names one file: leave it out for several pictures")
    if Path(arguments.report).suffix.lower() not in (".html", ".htm"):
        raise UsageError(f"--report {arguments.report}: a browser opens files that end in .html (name it so)")


@dataclass
class _Work:
    """One input on its way through: what was read, found and restored."""

    light: LightPicture
    kernel: Kernel
    mask: Any = None
    restorations: list[Restoration] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    quality: dict[str, float] = field(default_factory=dict)
    variants: list[Variant] = field(default_factory=list)

    @property
    def first(self) -> Restoration:
        return self.restorations[0]

    @property
    def noise_sigma(self) -> float:
        return float(max(r.noise_sigma for r in self.restorations))


def _deblur_one(arguments: argparse.Namespace, source: str) -> Report:
    from deconv.inputs.linear_light import figure_path, output_path, read_light, reserving
    from deconv.inputs.masks import hidden_samples
    from deconv.pictures import check_format, write

    started = time.perf_counter()
    light = read_light(arguments, source)
    reference = read_light(arguments, arguments.reference) if arguments.reference else None
    output = output_path(arguments, source, "restored")
    figure = figure_path(arguments, output)
    check_format(light.picture, output)
    with reserving(arguments, source) as outputs:
        result_file = outputs.reserve(output)
        figure_file = outputs.reserve(figure) if figure else None
        card_file = outputs.reserve(arguments.card) if arguments.card else None
        page_file = outputs.reserve(arguments.report) if arguments.report else None
        work = _Work(light, _kernel(arguments, light, source), hidden_samples(arguments, light))
        restored = light.stored(_restored(arguments, work, source))
        if reference is not None:
            from deconv.quality import compare

            work.quality = compare(light.picture, restored, reference.picture)
        write(restored, result_file)
        sharp = reference.picture if reference else None
        panels = _panels(work, restored, sharp) if figure_file or page_file else []
        if figure_file:
            _draw(figure_file, source, work, panels, diagnostics=arguments.diagnostics)
        if card_file:
            _draw_card(card_file, arguments, source, work)
        report = _report(arguments, source, work, restored, (output, figure), time.perf_counter() - started)
        if page_file:
            from deconv.deblur.page.page import write as write_page

            write_page(page_file, report, panels, light=work.light, kernel=work.kernel, found=work.first)
    return report


def _kernel(arguments: argparse.Namespace, light: LightPicture, source: str) -> Kernel:
    from deconv.batch import explained
    from deconv.inputs import psf as kernels
    from deconv.inputs import psf_from_box as evidence
    from deconv.options import UsageError

    if evidence.asked(arguments):
        return evidence.measured_kernel(arguments, light, source)
    given = kernels.given_kernel(arguments)
    if given is not None:
        return given
    if light.has_nan:
        raise UsageError(f"{source}: a blur cannot be estimated beside NaN samples (give it, for example with --sigma)")
    plane = light.planes[0]
    return explained(
        source,
        lambda: kernels.estimated_kernel(
            arguments, plane, channel_axis=light.channel_axis, jpeg=light.picture.jpeg_table
        ),
    )


def _restored(arguments: argparse.Namespace, work: _Work, source: str) -> Any:
    import restore
    from deconv.batch import explained
    from deconv.compression import compression_variance
    from deconv.inputs import psf_of_shake as shake
    from deconv.lights import restored_around
    from deconv.progress import progress

    light, options = work.light, _options(arguments, work.light)
    lost = compression_variance(light.picture, light.light)
    sparse = work.kernel.family == "blind" and arguments.method is None and arguments.nsr is None

    def restored(image: Any, mask: Any) -> Any:
        if sparse:
            found = shake.restored(image, work.kernel.psf, mask, options)
        else:
            with progress(arguments, options["method"]) as advance:
                found = restore.deconvolve(
                    image, work.kernel.psf, mask=mask, extra_noise_var=lost, callback=advance, **options
                )
        work.restorations.append(found)
        work.doubts += [doubt for doubt in found.doubts if doubt not in work.doubts]
        return found.image

    def everywhere(mask: Any) -> Any:
        work.restorations.clear()
        work.doubts.clear()
        stack = light.picture.planes and work.kernel.psf.ndim == 3
        return restored(light.image, mask) if stack else light.mapped(restored, mask)

    def work_through() -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", restore.StrengthWarning)  # said by the doubts
            image = everywhere(work.mask)
            if arguments.clipped == "keep" or work.mask is None or work.kernel.psf.ndim != 2:
                return image
            channels = light.channel_axis is not None
            image, work.mask = restored_around(
                everywhere, image, work.mask, light.clipped(), work.kernel.psf, channels=channels
            )
            return image

    return explained(source, work_through)


def _options(arguments: argparse.Namespace, light: LightPicture) -> dict[str, Any]:
    options = {
        "method": arguments.method or "wiener",
        "nsr": arguments.nsr,
        "regularization": arguments.regularization,
        "noise_var": None if arguments.noise is None else arguments.noise**2,
        "rule": arguments.rule,
        "strength": arguments.strength,
        "iterations": arguments.iterations,
        "gain": arguments.gain,
        "read_noise": arguments.read_noise,
        "boundary": arguments.boundary,
        "channel_axis": light.channel_axis,
    }
    if arguments.operator is not None:
        options["operator"] = arguments.operator
    return options


def _draw_card(path: Path, arguments: argparse.Namespace, source: str, work: _Work) -> None:
    import restore
    from deconv.batch import explained
    from deconv.deblur import card

    card.refuse_unfit(work.light, work.kernel)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", restore.StrengthWarning)  # said of the PSF in use already
        options = _options(arguments, work.light)
        for name in ("strength", "iterations", "gain", "read_noise"):  # found anew for every PSF
            del options[name]
        work.variants = explained(source, lambda: card.try_variants(work.light, work.kernel, work.mask, options))
    card.draw(path, source, work.light, work.kernel, work.variants)


def _report(
    arguments: argparse.Namespace,
    source: str,
    work: _Work,
    restored: Picture,
    drawn: tuple[Path, Path | None],
    seconds: float,
) -> Report:
    from deconv.report import Report

    first, output, figure = work.first, *drawn
    clipped = work.light.clipped_share()
    report = Report(arguments, source)
    report.say("picture", work.light.describe())
    for note in (*work.light.picture.notes, *work.kernel.notes):
        report.say("note", note)
    report.say("psf", work.kernel.describe())
    report.say("method", f"{_method(first)}, boundary {first.boundary}")
    report.say("noise", f"sigma {work.noise_sigma:.4g} in linear light")
    if work.mask is not None:
        report.say("mask", f"{int(work.mask.sum())} samples taken as unknown")
    elif clipped > 0.001:
        report.say("note", f"{clipped:.1%} of the samples are clipped at the top and used as they are")
    if work.quality:
        report.say("quality", _quality(work.quality))
    for doubt in work.doubts:
        report.say("warning", doubt)
    for variant in work.variants:
        report.say("card", f"{variant.title}: misfit {variant.misfit:.1f}, residual {variant.residual:.2f}")
    files = [str(path) for path in (output, figure, arguments.card, arguments.report) if path]
    report.say("written", f"{', '.join(files)} ({seconds:.1f} s)")
    report.record |= {
        "output": str(output),
        "figure": str(figure) if figure else None,
        "method": first.method,
        "psf": work.kernel.record(),
        "noise_sigma": work.noise_sigma,
        "parameter": first.parameter,
        "rule": first.rule,
        "iterations": first.iterations,
        "boundary": first.boundary,
        **_judgement(first),
        "light": work.light.light,
        "masked": 0.0 if work.mask is None else float(work.mask.mean()),
        "clipped_input": clipped,
        "clipped_output": restored.clipped_share,
        **work.quality,
        "card": arguments.card,
        "report": arguments.report,
        "sensitivity": [variant.record() for variant in work.variants],
        "notes": [*work.light.picture.notes, *work.kernel.notes],
        "warnings": work.doubts,
        "seconds": round(seconds, 3),
    }
    return report


def _judgement(found: Restoration) -> dict[str, Any]:
    """Return what the residual says, for the JSON object."""
    if found.diagnosis is None:
        return {}
    judged = found.diagnosis
    return {"residual_sigma": judged.residual_sigma, "whiteness": judged.whiteness, "psf_looks": judged.psf_looks}


def _method(found: Restoration) -> str:
    name = {
        "wiener": "nsr",
        "cls": "regularization",
        "hyper_laplacian": "strength",
        "total_variation": "strength",
        "tikhonov_miller": "regularization",
        "richardson_lucy": "iterations",
        "landweber": "iterations",
        "van_cittert": "iterations",
    }.get(found.method)
    return found.method if name is None else f"{found.method}, {name} {found.parameter:.3g} ({found.rule})"


def _quality(quality: dict[str, float]) -> str:
    psnr = f"PSNR {quality['psnr_before']:.2f} -> {quality['psnr_after']:.2f} dB"
    return f"{psnr}, SSIM {quality['ssim_before']:.3f} -> {quality['ssim_after']:.3f}, ISNR {quality['isnr']:+.2f} dB"


def _panels(work: _Work, restored: Picture, reference: Picture | None) -> list[Panel]:
    """Return the pictures that figure and page show."""
    from deconv.figures.comparison import Panel, display

    quality = work.quality
    before = f"PSNR {quality['psnr_before']:.2f} dB" if quality else ""
    after = f"PSNR {quality['psnr_after']:.2f} dB, SSIM {quality['ssim_after']:.3f}" if quality else ""
    box = work.kernel.evidence.get("box")
    panels = [Panel(display(work.light.picture), "input", before, box), Panel(display(restored), "restored", after)]
    if reference is not None:
        panels.append(Panel(display(reference), "reference"))
    return panels


def _draw(path: Path, source: str, work: _Work, panels: list[Panel], *, diagnostics: bool) -> None:
    from deconv.figures.comparison import comparison

    quality, first = work.quality, work.first
    facts = [("PSF", work.kernel.describe()), ("method", first.method)]
    named = {"wiener": "nsr", "cls": "lambda", "tikhonov_miller": "lambda"}
    named |= dict.fromkeys(("richardson_lucy", "landweber", "van_cittert"), "steps")
    if first.method not in ("inverse", "nonlocal", "nonlocal_fast"):
        facts.append((named.get(first.method, "strength"), f"{first.parameter:.3g} ({first.rule})"))
    facts += [("noise", f"sigma {work.noise_sigma:.3g}"), ("boundary", first.boundary)]
    if quality:
        facts += [("PSNR", f"{quality['psnr_before']:.2f} -> {quality['psnr_after']:.2f} dB")]
        facts += [("SSIM", f"{quality['ssim_before']:.3f} -> {quality['ssim_after']:.3f}")]
        facts += [("ISNR", f"{quality['isnr']:+.2f} dB")]
    below = None
    if diagnostics and first.diagnosis is not None:
        from deconv.figures.diagnostics import Diagnostics

        below = Diagnostics(first, first.diagnosis)
    comparison(path, panels, work.kernel.psf, f"{Path(source).name}: restored by {first.method}", facts, below)
