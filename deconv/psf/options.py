"""Options of the psf command, and what they ask for."""

from __future__ import annotations

import argparse
from typing import Any

from deconv import options
from deconv.batch.sources import with_sources
from deconv.psf.request import PSFRequest
from deconv.settings import Destination, Reading, Reporting

#: What a PSF of points may be, as `restore.psf_from_points` names it.
FAMILIES = ("empirical", "moffat", "gaussian")
EXAMPLES = """examples:
  %(prog)s beads.ome.tif -o psf.tif                # for deblur --psf psf.tif
  %(prog)s beads.tif --bead 0.175 --spacing 0.2,0.065,0.065
  %(prog)s field.fits -o psf.fits --least 5        # from the stars of a field
  %(prog)s field.fits -o psf.fits --subsampling 2  # stars narrower than 1.5 px, for deblur --subsampling 2
  %(prog)s field.fits -o psf.fits --family moffat  # width and wings with their errors
"""


def add_parser(commands: Any) -> None:
    """Add the command and its options."""
    parser = commands.add_parser(
        "psf",
        help="make a PSF from a picture of beads or stars",
        description="Find the bright points of a picture or stack, leave out what is clipped, faint, crowded or odd, "
        "and average the rest to a point-spread function.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    options.add_files(parser, "psf")
    options.add_stack(parser)
    group = parser.add_argument_group("points")
    group.add_argument(
        "--size",
        type=sizes,
        metavar="Z,Y,X",
        help="odd edges of the PSF in its samples (found: five times the width at half maximum)",
    )
    group.add_argument(
        "--bead",
        type=options.number(0),
        default=0.0,
        metavar="UM",
        help="diameter of the beads in micrometres, whose width is taken back (default: points)",
    )
    group.add_argument(
        "--spacing",
        type=options.numbers(0, above=True),
        metavar="Z,Y,X",
        help="edges of a voxel in micrometres, or Y,X of a plane (default: what the file says)",
    )
    group.add_argument(
        "--subsampling",
        type=options.whole(1),
        default=1,
        metavar="N",
        help="samples of the PSF along a side of one of the picture, for points narrower than 1.5 px: many of them (1)",
    )
    group.add_argument(
        "--family",
        choices=FAMILIES,
        default=FAMILIES[0],
        help="empirical: the mean of the points; the others are fitted to all at once (empirical)",
    )
    group.add_argument("--least", type=options.whole(1), default=1, metavar="N", help="good points to insist on (1)")
    options.add_reporting(parser)
    options.add_threads(parser)
    options.add_jobs(parser)
    parser.set_defaults(run=_run)


def sizes(text: str) -> tuple[int, ...]:
    """Return whole numbers between commas."""
    return tuple(map(options.whole(1), text.split(",")))


def request_of(arguments: argparse.Namespace) -> PSFRequest:
    """Return what the options ask for."""
    arguments = with_sources(arguments)
    return PSFRequest(
        inputs=tuple(arguments.inputs),
        reading=Reading.of(arguments),
        size=arguments.size,
        bead=arguments.bead,
        spacing=arguments.spacing,
        least=arguments.least,
        subsampling=arguments.subsampling,
        family=arguments.family,
        destination=Destination.of(arguments),
        reporting=Reporting.of(arguments),
    )


def _run(arguments: argparse.Namespace) -> int:
    from deconv.psf.run import run

    return run(request_of(arguments))
