"""The blur command: g = h * f + eta on a picture file."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

EXAMPLES = """examples:
  cli.py blur photo.png --psf gaussian --sigma 2 --noise 0.01 -o blurred.png
  cli.py blur photo.png --psf motion --length 21 --angle 11 --bsnr 40
  cli.py blur stars.tif --psf moffat --fwhm 4 --photons 2000 --seed 1
"""


def add_parser(commands: Any) -> None:
    """Add the command and its options."""
    from deconv import options

    parser = commands.add_parser(
        "blur",
        help="blur a picture and add noise",
        description="Blur a picture by a point-spread function and add noise: g = h * f + eta.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    options.add_files(parser, "blurred")
    options.add_psf(parser)
    group = parser.add_argument_group("degradation (in linear light, full scale 1)")
    noise = group.add_mutually_exclusive_group()
    noise.add_argument("--noise", type=options.number(0), metavar="SIGMA", help="standard deviation of Gaussian noise")
    noise.add_argument("--bsnr", type=options.number(), metavar="DB", help="Gaussian noise as signal-to-noise ratio")
    group.add_argument(
        "--photons", type=options.number(0, above=True), metavar="N", help="photon noise: photons at full scale"
    )
    group.add_argument("--seed", type=options.whole(0), default=0, metavar="N", help="seed of the noise (0)")
    group.add_argument("--boundary", default="reflect", metavar="WORD", help="outside of the frame (reflect)")
    options.add_report(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Blur every input."""
    from deconv.batch import run_batch

    return run_batch(arguments, _blur_one)


def _blur_one(arguments: argparse.Namespace, source: str) -> Any:
    import restore
    from deconv.figures.comparison import Panel, comparison, display
    from deconv.inputs import psf as kernels
    from deconv.inputs.linear_light import figure_path, output_path, read_light, reserving
    from deconv.options import UsageError
    from deconv.pictures import check_format, write
    from deconv.report import Report

    started = time.perf_counter()
    light = read_light(arguments, source)
    kernel = kernels.given_kernel(arguments)
    if kernel is None:
        raise UsageError(
            f"--psf {arguments.psf} needs its parameters to blur with (for example --psf gaussian --sigma 2)"
        )
    output = output_path(arguments, source, "blurred")
    figure = figure_path(arguments, output)
    check_format(light.picture, output)
    with reserving(arguments, source) as outputs:
        result_file = outputs.reserve(output)
        figure_file = outputs.reserve(figure) if figure else None
        image = light.mapped(
            lambda plane, _: restore.degrade(
                plane,
                kernel.psf,
                noise_sigma=arguments.noise,
                bsnr=arguments.bsnr,
                photons=arguments.photons,
                rng=arguments.seed,
                boundary=arguments.boundary,
                channel_axis=light.channel_axis,
            )
        )
        blurred = light.stored(image)
        write(blurred, result_file)
        if figure_file:
            panels = [Panel(display(light.picture), "input"), Panel(display(blurred), "blurred")]
            facts = [("PSF", kernel.describe()), ("noise", _noise(arguments)), ("boundary", arguments.boundary)]
            comparison(figure_file, panels, kernel.psf, f"{Path(source).name}: blurred", facts)
    report = Report(arguments, source)
    report.say("picture", light.describe())
    report.say("psf", kernel.describe())
    report.say("noise", _noise(arguments))
    report.say("written", ", ".join(str(p) for p in (output, figure) if p))
    report.record |= {
        "output": str(output),
        "figure": str(figure) if figure else None,
        "psf": kernel.record(),
        "light": light.light,
        "noise": {"sigma": arguments.noise, "bsnr": arguments.bsnr, "photons": arguments.photons},
        "seed": arguments.seed,
        "boundary": arguments.boundary,
        "seconds": round(time.perf_counter() - started, 3),
    }
    return report


def _noise(arguments: argparse.Namespace) -> str:
    parts = []
    if arguments.photons is not None:
        parts.append(f"{arguments.photons:g} photons at full scale")
    if arguments.noise is not None:
        parts.append(f"sigma {arguments.noise:g}")
    if arguments.bsnr is not None:
        parts.append(f"BSNR {arguments.bsnr:g} dB")
    return ", ".join(parts) or "none"
