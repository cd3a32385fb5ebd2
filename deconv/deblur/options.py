"""Options of the deblur command: the method and its strength, what is unknown, how the result is judged."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

from deconv import options
from deconv.batch.sources import with_sources
from deconv.deblur.large.options import add_large
from deconv.deblur.request import DeblurRequest, Judging, MethodChoice, Resources
from deconv.errors import UsageError
from deconv.settings import Destination, PSFChoice, Reading, Reporting, UnknownSamples
from deconv.spelling import meant

EXAMPLES = """examples:
  %(prog)s photo.jpg                                      # the blur is found too
  %(prog)s photo.png --psf gaussian                       # sigma, noise and strength are found
  %(prog)s photo.png --psf motion --length 21 --angle 11 --method cls -o out.png
  %(prog)s blurred.png --psf disk --radius 4 --reference sharp.png
  %(prog)s *.tif --psf measured.npy -o restored/          # a folder, with progress
  %(prog)s photo.png --psf motion --card card.png         # how much hangs on length and angle?
  %(prog)s night.tif --psf-from-point 412,96,31,31        # the PSF from a star in the picture
  %(prog)s photo.png --psf gaussian --quality best        # slow, for the picture that matters
  %(prog)s photo.png --psf disk --smoother 2              # less noise and ringing, less detail
  %(prog)s photo.png --psf disk --report page.html        # a page with a slider, for a browser
"""

#: Methods of `restore.deconvolve`, the linear ones first: named here too, since a parser must load nothing scientific.
METHODS = (
    "aggregate",
    "aggregate_patches",
    "wiener",
    "cls",
    "inverse",
    "hyper_laplacian",
    "total_variation",
    "richardson_lucy",
    "nonlocal",
    "nonlocal_fast",
    "landweber",
    "van_cittert",
    "tikhonov_miller",
)


#: Words for what a restoration may cost, named here for the same reason.
QUALITIES = ("fast", "good", "best")


def add_parser(commands: Any) -> None:
    """Add the command and its options."""
    parser = commands.add_parser(
        "deblur",
        help="restore a blurred picture",
        description="Restore a blurred, noisy picture: find f in g = h * f + eta.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    options.add_files(parser, "restored")
    options.add_stack(parser)
    parser.add_argument(
        "--float",
        action="store_true",
        help="32-bit floating samples in the units of the file, neither rounded nor clipped (TIFF, FITS, .npy)",
    )
    options.add_psf(parser, estimates=True, varies=True)
    options.add_optics(parser)
    options.add_evidence(parser)
    add_method(parser)
    add_unknown(parser)
    add_evaluation(parser)
    add_large(parser)
    options.add_reporting(parser)
    options.add_threads(parser)
    options.add_jobs(parser)
    parser.set_defaults(run=_run)


def add_method(parser: argparse.ArgumentParser) -> None:
    """Add the method and the arguments of each."""
    group = parser.add_argument_group("method (strengths are found from the picture when left out)")
    group.add_argument(
        "--quality",
        **options.one_of(QUALITIES),
        help="what to spend where no --method is named: fast (linear filter), good (default: keeps edges and texture, "
        "2 to 4 times as long), best (looks for similar patches too, 10 to 20 times as long)",
    )
    knob = group.add_mutually_exclusive_group()
    factor = options.number(0, above=True)
    knob.add_argument(
        "--smoother", type=factor, metavar="F", help="any method: strength times F (1.5 a little, 4 a lot)"
    )
    knob.add_argument(
        "--sharper", type=factor, metavar="F", help="any method: strength divided by F; noise and ringing grow"
    )
    group.add_argument(
        "--keep-flat",
        type=options.number(0),
        default=0.0,
        metavar="F",
        help="keep the samples of the file where its local contrast is below F times the noise: no ringing on flat "
        "ground, its grain stays (usual: 0.5 to 2; default 0, off)",
    )
    method = group.add_argument(
        "--method",
        type=lambda text: meant(text, ("auto", *METHODS)),
        metavar="NAME",
        help="auto (default: what --quality pays for), aggregate, aggregate_patches; linear: wiener, cls (constrained "
        "least squares), inverse; iterative: hyper_laplacian (default after --psf blind), total_variation, "
        "richardson_lucy (counted light), nonlocal and nonlocal_fast (similar patches); for teaching: landweber, "
        "van_cittert, tikhonov_miller",
    )
    options.completing(method, ("auto", *METHODS))
    group.add_argument(
        "--nsr", type=options.number(0), metavar="K", help="wiener: noise-to-signal ratio (usual: 0.0001 to 0.1)"
    )
    group.add_argument(
        "--regularization",
        type=options.number(0),
        metavar="L",
        help="cls: multiplier of the roughness (usual: 0.0001 to 0.1)",
    )
    group.add_argument(
        "--noise",
        type=options.number(0),
        metavar="SIGMA",
        help="aggregate, cls, nonlocal: noise level, in linear light of full scale 1 (usual: 0.001 to 0.03)",
    )
    group.add_argument(
        "--rule",
        metavar="NAME",
        help="cls: upre, gcv, expected_error, discrepancy, corrected_discrepancy, textbook, whiteness or l_curve",
    )
    group.add_argument(
        "--strength",
        type=options.number(0),
        metavar="S",
        help="hyper_laplacian, total_variation: what a difference between neighbours costs (usual: 0.0001 to 0.005)",
    )
    group.add_argument(
        "--iterations",
        type=options.whole(1),
        metavar="N",
        help="richardson_lucy: how many (found; usual: 5 to 100); landweber (50), van_cittert (10), tikhonov_miller "
        "(50)",
    )
    group.add_argument(
        "--gain",
        type=options.number(0, above=True),
        metavar="G",
        help="richardson_lucy: light of one photo-electron, in linear light of full scale 1",
    )
    group.add_argument(
        "--read-noise",
        type=options.number(0),
        metavar="SIGMA",
        help="richardson_lucy: noise of the read-out",
    )
    group.add_argument(
        "--counts",
        action="store_true",
        help="--gain, --read-noise and --noise are in the numbers of the file, not in light of full scale 1",
    )
    group.add_argument(
        "--sky",
        metavar="LEVEL",
        help="richardson_lucy: light that did not come through the PSF, such as sky, dark current and the camera's "
        "offset: auto, or a number of the file",
    )
    group.add_argument(
        "--damping",
        type=options.number(0),
        metavar="T",
        help="richardson_lucy: follow differences below T standard deviations of the noise less (2 or 3)",
    )
    group.add_argument(
        "--tv-weight",
        type=options.number(0),
        metavar="W",
        help="richardson_lucy: charge for total variation (usual: 0.0003 to 0.05)",
    )
    group.add_argument(
        "--target",
        type=options.number(2),
        metavar="PX",
        help="richardson_lucy: restore to a Gaussian of this full width at half maximum (2 or more), not to points",
    )
    group.add_argument(
        "--subsampling",
        type=options.whole(1),
        default=1,
        metavar="N",
        help="richardson_lucy: restore on a grid finer by N along rows and columns; --target counts its samples "
        "(default: 1)",
    )
    group.add_argument(
        "--weights",
        metavar="FILE",
        help="richardson_lucy: how much each sample counts beside its own photon noise, an array or picture like the "
        "input",
    )
    group.add_argument("--operator", metavar="NAME", help="cls: laplacian, gradient or identity")


def share(text: str) -> float:
    """Return a share, which may be given in per cent."""
    value = options.number(0)(text.removesuffix("%"))
    return value / 100 if text.endswith("%") else value


def add_unknown(parser: argparse.ArgumentParser) -> None:
    """Add what is not known of the data: the outside of the frame and samples in it."""
    group = parser.add_argument_group("unknown data")
    group.add_argument(
        "--boundary",
        default="unknown",
        metavar="WORD",
        help="outside of the frame: unknown (default), unknown-fast, unknown-full, periodic, smooth, reflect, "
        "symmetric, edge, zero or taper",
    )
    group.add_argument("--mask", metavar="FILE", help="picture or array, not 0 where samples are unknown (scratches)")
    group.add_argument(
        "--clipped",
        **options.one_of(("auto", "mask", "keep")),
        default="auto",
        help="clipped samples: light of that or more (auto), unknown together with what very bright lights spread "
        "(mask), or as they are (keep)",
    )
    group.add_argument(
        "--outliers",
        **options.one_of(("auto", "keep")),
        help="samples that contradict the PSF, such as dead pixels and text: found and solved for (auto, default but "
        "with --psf blind), or used as they are (keep)",
    )
    group.add_argument(
        "--banding",
        **options.one_of(("auto", "keep")),
        default="auto",
        help="noise that rows or columns share: taken off where it is seen (auto), or kept",
    )
    group.add_argument(
        "--white",
        type=options.number(0, above=True),
        metavar="LEVEL",
        help="code of the file from which samples are clipped (found: the top code, or one at which they pile up)",
    )
    group.add_argument(
        "--psf-spread",
        type=share,
        metavar="SHARE",
        help="how far the PSF's size may be off, 10%% for a guess; a motion's angle by 3 degrees then (default: the "
        "error of its estimate, 0 for one that was given)",
    )
    group.add_argument(
        "--psf-error",
        type=share,
        metavar="SHARE",
        help="what the errors of a PSF of any shape leave in the picture, a share of its range: 1.3%% for the kernel "
        "of a shaken camera (default with --psf blind; 0 for a file)",
    )
    group.add_argument(
        "--nan",
        **options.one_of(("refuse", "mask")),
        default="refuse",
        help="NaN samples: refuse, or take them as unknown",
    )


def add_evaluation(parser: argparse.ArgumentParser) -> None:
    """Add what helps to judge the result."""
    group = parser.add_argument_group("judging the result")
    group.add_argument(
        "--card",
        metavar="FILE",
        help="figure with the PSF 10 %% smaller and larger (motion: turned by 3 degrees too), to choose by eye",
    )
    group.add_argument(
        "--report",
        metavar="FILE.html",
        help="page for a browser: before and after with a slider and zoom, the numbers, the PSF and the diagnostics",
    )
    group.add_argument(
        "--diagnostics",
        action="store_true",
        help="add to the figure what blur and filter pass, the residual, its spectrum and the curve of the rule",
    )
    group.add_argument("--reference", metavar="SHARP", help="sharp picture to measure against: PSNR, SSIM, ISNR")


def request_of(arguments: argparse.Namespace) -> DeblurRequest:
    """Return what the options ask for; refuse what cannot be."""
    arguments = with_sources(arguments)
    psf, many = PSFChoice.of(arguments), len(arguments.inputs) > 1
    if psf.psf is None and psf.box is None and psf.grid is None:
        psf = replace(psf, psf="auto")
    if psf.box is not None and psf.grid is not None:
        raise UsageError(
            f"--psf-from-{psf.evidence} is about one PSF, and --psf-grid has its own (leave one of them out)"
        )
    if arguments.card is not None and psf.grid is not None:
        raise UsageError("--card tries the neighbours of one PSF, and --psf-grid has many: leave it out")
    if arguments.card is not None and many:
        raise UsageError("--card names one file: leave it out for several pictures")
    if arguments.report is not None and many:
        raise UsageError("--report names one file: leave it out for several pictures")
    if arguments.report is not None and Path(arguments.report).suffix.lower() not in (".html", ".htm"):
        raise UsageError(f"--report {arguments.report}: a browser opens files that end in .html (name it so)")
    return DeblurRequest(
        inputs=tuple(arguments.inputs),
        reading=Reading.of(arguments),
        psf=psf,
        method=MethodChoice.of(arguments),
        unknown=UnknownSamples.of(arguments),
        judging=Judging(
            card=arguments.card,
            page=arguments.report,
            diagnostics=arguments.diagnostics,
            reference=arguments.reference,
        ),
        destination=Destination.of(arguments),
        reporting=Reporting.of(arguments),
        resources=Resources.of(arguments),
    )


def _run(arguments: argparse.Namespace) -> int:
    from deconv.deblur.run import run

    return run(request_of(arguments))
