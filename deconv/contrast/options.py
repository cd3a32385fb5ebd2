"""Options of the contrast command, and what they ask for."""

from __future__ import annotations

import argparse
from typing import Any

from deconv import options
from deconv.contrast.request import NOISE, TAPS, ContrastRequest
from deconv.errors import UsageError
from deconv.settings import Destination, PSFChoice, Reading, Reporting

EXAMPLES = """examples:
  %(prog)s photo.png                                    # photo.contrast.png and photo.contrast.numbers.png
  %(prog)s photo.png --psf motion --length 11 --angle 30 -o lecture.png
  %(prog)s photo.png --sigma 3 --noise 0.01 --stride 4
  %(prog)s photos/*.png --noise 0.01 --learn            # a layer trained on the other photos restores each
  %(prog)s photo.png --json --no-figure                 # PSNR, lambda, and how exactly the laws hold
"""

DESCRIPTION = """Show on one sharp picture what the two operations called deconvolution do:
the restoration (C'C + lambda L'L)^-1 C' g of signal processing, and the transposed convolution C' of deep learning.
A second figure has the same in numbers. Without --psf the blur is a Gaussian."""


def add_parser(commands: Any) -> None:
    """Add the command and its options."""
    parser = commands.add_parser(
        "contrast",
        help="show both meanings of deconvolution on one picture",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    options.add_inputs(parser)
    _add_outputs(parser)
    options.add_psf(parser)
    group = parser.add_argument_group("what is done with the picture")
    group.add_argument(
        "--noise", type=options.number(0), metavar="SIGMA", help=f"noise in linear light ({NOISE} of the full scale)"
    )
    group.add_argument("--seed", type=options.whole(0), default=0, metavar="N", help="seed of the noise (0)")
    group.add_argument(
        "--regularization", type=options.number(0), metavar="L", help="lambda of the restoration (found from g)"
    )
    group.add_argument(
        "--stride", type=options.whole(2), default=2, metavar="N", help="enlargement of the transposed convolution (2)"
    )
    group = parser.add_argument_group("learning")
    group.add_argument(
        "--learn",
        action="store_true",
        help="train the layer of deep learning to restore, on the other pictures (on itself, if it is the only one), "
        "and draw it beside the Wiener filter: NAME.contrast.learned.png",
    )
    group.add_argument("--taps", type=options.whole(1), metavar="N", help="edge of the trained kernel (17)")
    options.add_reporting(parser)
    options.add_threads(parser)
    parser.set_defaults(run=_run)


def _add_outputs(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("outputs")
    either = group.add_mutually_exclusive_group()
    either.add_argument(
        "-o",
        "--output",
        metavar="PATH",
        help="figure (.png), or a folder for several inputs (default: beside the input, NAME.contrast.png); the second "
        "figure is named after it, NAME.numbers.png",
    )
    either.add_argument("--figure", metavar="FILE", help="the same as -o, the figure being the result")
    either.add_argument("--no-figure", action="store_true", help="write nothing, report only")
    group.add_argument("--force", action="store_true", help="replace existing outputs (never an input)")


def request_of(arguments: argparse.Namespace) -> ContrastRequest:
    """Return what the options ask for."""
    return ContrastRequest(
        inputs=tuple(arguments.inputs),
        reading=Reading.of(arguments),
        psf=PSFChoice.of(arguments),
        noise_sigma=arguments.noise,
        seed=arguments.seed,
        regularization=arguments.regularization,
        stride=arguments.stride,
        destination=Destination.of(arguments),
        reporting=Reporting.of(arguments),
        taps=_taps_of(arguments),
    )


def _taps_of(arguments: argparse.Namespace) -> int | None:
    if arguments.taps is not None and not arguments.learn:
        raise UsageError("--taps is that of a trained layer: add --learn, or leave it out")
    return (arguments.taps or TAPS) if arguments.learn else None


def _run(arguments: argparse.Namespace) -> int:
    from deconv.contrast.run import run

    return run(request_of(arguments))
