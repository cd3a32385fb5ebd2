"""Options of the deblur command: the method and its strength, what is unknown, how the result is judged."""

from __future__ import annotations

import argparse

from deconv import options

#: Methods of `restore.deconvolve`, the linear ones first.
METHODS = (
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


def add_method(parser: argparse.ArgumentParser) -> None:
    """Add the method and the arguments of each."""
    group = parser.add_argument_group("method (strengths are found from the picture when left out)")
    group.add_argument(
        "--method",
        choices=METHODS,
        metavar="NAME",
        help="wiener (default), cls (constrained least squares), inverse; iterative: hyper_laplacian (default after "
        "--psf blind), total_variation, richardson_lucy (counted light), nonlocal and nonlocal_fast (similar patches: "
        "slow, best); for teaching: landweber, van_cittert, tikhonov_miller",
    )
    group.add_argument("--nsr", type=options.number(0), metavar="K", help="wiener: noise-to-signal ratio")
    group.add_argument("--regularization", type=options.number(0), metavar="L", help="cls: multiplier of the roughness")
    group.add_argument(
        "--noise",
        type=options.number(0),
        metavar="SIGMA",
        help="cls, nonlocal: noise level, in linear light of full scale 1",
    )
    group.add_argument(
        "--rule",
        metavar="NAME",
        help="cls: upre, gcv, discrepancy, corrected_discrepancy, textbook, whiteness or l_curve",
    )
    group.add_argument(
        "--strength",
        type=options.number(0),
        metavar="S",
        help="hyper_laplacian, total_variation: charge for differences",
    )
    group.add_argument(
        "--iterations",
        type=options.whole(1),
        metavar="N",
        help="richardson_lucy: how many (found); landweber (50), van_cittert (10), tikhonov_miller (50)",
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
        default=0.0,
        metavar="SIGMA",
        help="richardson_lucy: noise of the read-out",
    )
    group.add_argument("--operator", metavar="NAME", help="cls: laplacian, gradient or identity")


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
        choices=("auto", "mask", "keep"),
        default="auto",
        help="samples at the top code: unknown light (mask), as they are (keep), or masked while they are few (auto)",
    )
    group.add_argument(
        "--nan", choices=("refuse", "mask"), default="refuse", help="NaN samples: refuse, or take them as unknown"
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
