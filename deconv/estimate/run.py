"""The estimate command: say what blur a picture file shows, and restore nothing."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from deconv.report import Report
    from restore import PSFEstimate, PSFMeasurement

EXAMPLES = """examples:
  cli.py estimate photo.jpg                        # which blur, and how much of it?
  cli.py estimate photo.png --psf motion --json
  cli.py estimate photo.png -o psf.npy             # keep the PSF for deblur --psf psf.npy
  cli.py estimate night.tif --psf-from-point 412,96,31,31       # from a star
  cli.py estimate photo.jpg --psf-from-edge 200,80,60,90        # from the edge of a roof
"""

FAMILIES = ("auto", "gaussian", "disk", "motion")
#: What only a point can tell.
POINT_FAMILIES = ("moffat", "measured")


def add_parser(commands: Any) -> None:
    """Add the command and its options."""
    from deconv import options

    parser = commands.add_parser(
        "estimate",
        help="find the blur of a picture",
        description="Find the blur of a picture from the picture alone: family, parameters and how sure they are.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    options.add_inputs(parser)
    parser.add_argument(
        "--psf",
        choices=(*FAMILIES, *POINT_FAMILIES),
        default="auto",
        help="family to look for (auto: the likeliest); moffat and measured with --psf-from-point only",
    )
    options.add_evidence(parser)
    parser.add_argument("-o", "--output", metavar="FILE", help="write the PSF as .npy, for deblur --psf FILE")
    parser.add_argument("--force", action="store_true", help="replace an existing PSF file")
    options.add_report(parser)
    parser.set_defaults(
        run=run, figure=None, **dict.fromkeys(("sigma", "radius", "length", "angle", "size", "fwhm", "beta"))
    )


def run(arguments: argparse.Namespace) -> int:
    """Look at every input."""
    from deconv.batch import run_batch
    from deconv.options import UsageError

    if arguments.output is not None and len(arguments.inputs) > 1:
        raise UsageError("--output names one PSF file: leave it out for several pictures")
    if arguments.psf in POINT_FAMILIES and arguments.psf_from_point is None:
        raise UsageError(f"--psf {arguments.psf} is found from a point only (box one with --psf-from-point x,y,w,h)")
    return run_batch(arguments, _estimate_one)


def _estimate_one(arguments: argparse.Namespace, source: str) -> Report:
    import numpy as np

    import restore
    from deconv.batch import explained
    from deconv.inputs import psf as kernels
    from deconv.inputs import psf_from_box as evidence
    from deconv.inputs.linear_light import read_light
    from deconv.pictures import Outputs

    started = time.perf_counter()
    light = read_light(arguments, source)
    found: PSFEstimate | PSFMeasurement
    if evidence.asked(arguments):
        found = evidence.measure(arguments, light, source)
    else:
        found = explained(
            source,
            lambda: kernels.estimate(
                arguments, light.planes[0], channel_axis=light.channel_axis, jpeg=light.picture.jpeg_table
            ),
        )
    if arguments.output is not None:
        with (
            Outputs(force=arguments.force, inputs=[source]) as outputs,
            outputs.reserve(arguments.output).open("wb") as file,
        ):
            np.save(file, found.psf)
    report = _report(arguments, source, light.describe(), found, time.perf_counter() - started)
    if not isinstance(found, restore.PSFEstimate):
        report.record |= evidence.details(arguments, found)
    return report


def _report(
    arguments: argparse.Namespace, source: str, picture: str, found: PSFEstimate | PSFMeasurement, seconds: float
) -> Report:
    from deconv.report import Report

    report = Report(arguments, source)
    report.say("picture", picture)
    report.say("blur", found.verdict)
    if found.runner_up is not None and found.confidence != "none":
        family, parameters = found.runner_up[:2]
        report.say("next", f"{family}, {', '.join(f'{name} {value:.4g}' for name, value in parameters.items())}")
    if arguments.output is not None:
        report.say("written", str(Path(arguments.output)))
    report.record |= {
        "output": arguments.output,
        "psf": {"family": found.family, **found.parameters, "estimated": list(found.parameters)},
        "uncertainty": found.uncertainty,
        "confidence": found.confidence,
        "drop": getattr(found, "drop", None),
        "runner_up": None if found.runner_up is None else {"family": found.runner_up[0], **found.runner_up[1]},
        "verdict": found.verdict,
        "seconds": round(seconds, 3),
    }
    return report
