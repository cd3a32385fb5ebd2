"""Options of the blur command, and what they ask for."""

from __future__ import annotations

import argparse
from typing import Any

from deconv import options
from deconv.batch.sources import with_sources
from deconv.blur.request import BlurRequest, Noise
from deconv.settings import Destination, PSFChoice, Reading, Reporting

EXAMPLES = """examples:
  %(prog)s photo.png --psf gaussian --sigma 2 --noise 0.01 -o blurred.png
  %(prog)s photo.png --psf motion --length 21 --angle 11 --bsnr 40
  %(prog)s stars.tif --psf moffat --fwhm 4 --photons 2000 --seed 1
"""


def add_parser(commands: Any) -> None:
    """Add the command and its options."""
    parser = commands.add_parser(
        "blur",
        help="blur a picture and add noise",
        description="Blur a picture by a point-spread function and add noise: g = h * f + eta.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    options.add_files(parser, "blurred")
    options.add_stack(parser)
    options.add_psf(parser, required=True, varies=True)
    options.add_optics(parser)
    group = parser.add_argument_group("degradation (in linear light, full scale 1)")
    noise = group.add_mutually_exclusive_group()
    noise.add_argument("--noise", type=options.number(0), metavar="SIGMA", help="standard deviation of Gaussian noise")
    noise.add_argument("--bsnr", type=options.number(), metavar="DB", help="Gaussian noise as signal-to-noise ratio")
    group.add_argument(
        "--photons", type=options.number(0, above=True), metavar="N", help="photon noise: photons at full scale"
    )
    group.add_argument("--seed", type=options.whole(0), default=0, metavar="N", help="seed of the noise (0)")
    group.add_argument("--boundary", default="reflect", metavar="WORD", help="outside of the frame (reflect)")
    options.add_reporting(parser)
    options.add_threads(parser)
    options.add_jobs(parser)
    parser.set_defaults(run=_run)


def request_of(arguments: argparse.Namespace) -> BlurRequest:
    """Return what the options ask for."""
    arguments = with_sources(arguments)
    return BlurRequest(
        inputs=tuple(arguments.inputs),
        reading=Reading.of(arguments),
        psf=PSFChoice.of(arguments),
        noise=Noise(sigma=arguments.noise, bsnr=arguments.bsnr, photons=arguments.photons, seed=arguments.seed),
        boundary=arguments.boundary,
        destination=Destination.of(arguments),
        reporting=Reporting.of(arguments),
    )


def _run(arguments: argparse.Namespace) -> int:
    from deconv.blur.run import run

    return run(request_of(arguments))
