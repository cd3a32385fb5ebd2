"""Options of the estimate command, and what they ask for."""

from __future__ import annotations

import argparse
from typing import Any

from deconv import options
from deconv.batch.sources import with_sources
from deconv.errors import UsageError
from deconv.estimate.request import EstimateRequest
from deconv.settings import PSFChoice, Reading, Reporting

EXAMPLES = """examples:
  %(prog)s photo.jpg                        # which blur, and how much of it?
  %(prog)s photo.png --psf motion --json
  %(prog)s photo.png -o psf.npy             # keep the PSF for deblur --psf psf.npy
  %(prog)s shaken.jpg --psf blind -o kernel.npy          # a path of any shape
  %(prog)s night.tif --psf-from-point 412,96,31,31       # from a star
  %(prog)s photo.jpg --psf-from-edge 200,80,60,90        # from the edge of a roof
"""

#: What a picture can tell of itself, and what only a point in it can.
FAMILIES = ("auto", "gaussian", "disk", "motion", "blind")
POINT_FAMILIES = ("moffat", "measured")


def add_parser(commands: Any) -> None:
    """Add the command and its options."""
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
        **options.one_of((*FAMILIES, *POINT_FAMILIES)),
        default="auto",
        help="family to look for (auto: the likeliest; blind: camera shake, a kernel of any shape); "
        "moffat and measured with --psf-from-point only",
    )
    parser.add_argument(
        "--psf-size",
        type=options.whole(3),
        metavar="K",
        help="blind: odd edge of the square that holds the kernel, a little more than the blur is long (found)",
    )
    options.add_evidence(parser)
    parser.add_argument("-o", "--output", metavar="FILE", help="write the PSF as .npy, for deblur --psf FILE")
    parser.add_argument("--force", action="store_true", help="replace an existing PSF file")
    options.add_reporting(parser)
    options.add_threads(parser)
    options.add_jobs(parser, writes=False)
    parser.set_defaults(run=_run)


def request_of(arguments: argparse.Namespace) -> EstimateRequest:
    """Return what the options ask for; refuse what cannot be."""
    arguments = with_sources(arguments, writes_beside=False)
    if arguments.output is not None and len(arguments.inputs) > 1:
        raise UsageError("--output names one PSF file: leave it out for several pictures")
    if arguments.psf in POINT_FAMILIES and arguments.psf_from_point is None:
        raise UsageError(f"--psf {arguments.psf} is found from a point only (box one with --psf-from-point x,y,w,h)")
    if arguments.psf_size is not None and arguments.psf != "blind":
        raise UsageError(f"--psf-size does not belong to --psf {arguments.psf} (it is the square of --psf blind)")
    if arguments.psf == "blind" and (arguments.psf_from_point or arguments.psf_from_edge) is not None:
        raise UsageError("--psf blind looks at the whole picture (leave --psf-from-point and --psf-from-edge out)")
    return EstimateRequest(
        inputs=tuple(arguments.inputs),
        reading=Reading.of(arguments),
        psf=PSFChoice.of(arguments),
        output=arguments.output,
        force=arguments.force,
        reporting=Reporting.of(arguments),
    )


def _run(arguments: argparse.Namespace) -> int:
    from deconv.estimate.run import run

    return run(request_of(arguments))
