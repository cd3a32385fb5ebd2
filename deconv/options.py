"""Command-line options that several commands share, and the one-line style of their errors."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any, NoReturn

from deconv.errors import UsageError
from deconv.settings import PSF_WORDS
from deconv.spelling import meant, suggestion

PICTURES = "PNG, TIFF, JPEG, WebP, .npy, FITS or OME-Zarr"
READABLE = f"{PICTURES}; AVIF, JPEG XL and JPEG 2000 are read, and their results written as PNG"


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line and exit code 2; an epilog may name the program by %(prog)s."""

    def error(self, message: str) -> NoReturn:
        """Raise the message for `main` to print."""
        raise UsageError(f"{message} (see '{self.prog} --help')")


def number(low: float = -math.inf, *, above: bool = False) -> Callable[[str], float]:
    """Return an argument type: a finite number >= `low`, or > `low` with `above`."""

    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value) or value < low or (above and value == low):
            rule = "a number" if low == -math.inf else f"a number {'>' if above else '>='} {low:g}"
            raise argparse.ArgumentTypeError(f"must be {rule}, got {text!r}")
        return value

    return parse


def whole(low: int) -> Callable[[str], int]:
    """Return an argument type: a whole number >= `low`."""

    def parse(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = low - 1
        if value < low:
            raise argparse.ArgumentTypeError(f"must be a whole number >= {low}, got {text!r}")
        return value

    return parse


def one_of(names: Collection[str]) -> dict[str, Any]:
    """Return the settings of an option that takes one of these names, in any spelling."""

    def parse(text: str) -> str:
        name = meant(text, names)
        if name not in names:
            raise argparse.ArgumentTypeError(f"there is no {text!r} here ({suggestion(text, names)})")
        return name

    return {"type": parse, "choices": names}


def name_or_file(names: Collection[str]) -> Callable[[str], str]:
    """Return an argument type: a name in any spelling, unless a file is called so; other words as they are."""

    def parse(text: str) -> str:
        return text if text in names or Path(text).exists() else meant(text, names)

    return parse


def completing(action: argparse.Action, names: Collection[str]) -> None:
    """Let shells complete these names where an option takes other words too."""
    action.completer = lambda **_: names  # type: ignore[attr-defined]  # what argcomplete looks for


def frame(text: str) -> int | str:
    """Parse a plane number or the word all."""
    return "all" if text == "all" else whole(0)(text)


def box(text: str) -> tuple[int, int, int, int]:
    """Parse x,y,w,h: a part of the picture in pixels."""
    try:
        x, y, width, height = (int(part) for part in text.split(","))
    except ValueError:
        x, y, width, height = -1, -1, 0, 0
    if min(x, y) < 0 or min(width, height) < 1:
        raise argparse.ArgumentTypeError(f"must be x,y,width,height in whole pixels, got {text!r}")
    return x, y, width, height


def add_evidence(parser: argparse.ArgumentParser) -> None:
    """Add the options that measure the PSF in a part of the picture."""
    group = parser.add_argument_group("PSF measured in the picture (pixels from the top left corner)")
    either = group.add_mutually_exclusive_group()
    either.add_argument(
        "--psf-from-point",
        type=box,
        metavar="X,Y,W,H",
        help="box around one point (star, bead) on dark ground; --psf gaussian, moffat, disk, motion or measured says "
        "what to make of it (default: what fits)",
    )
    either.add_argument(
        "--psf-from-edge",
        type=box,
        metavar="X,Y,W,H",
        help="box across one straight edge between even grounds; --psf gaussian or disk (default: what fits)",
    )


def numbers(low: float, *, above: bool = False) -> Callable[[str], tuple[float, ...]]:
    """Return an argument type: numbers >= `low`, or > `low` with `above`, between commas."""
    parse = number(low, above=above)
    return lambda text: tuple(map(parse, text.split(",")))


def add_stack(parser: argparse.ArgumentParser) -> None:
    """Add how stacks are read: all planes, unless one of them or one channel is asked for."""
    parser.add_argument(
        "--channel",
        type=whole(0),
        metavar="N",
        help="one channel of a stack or picture, from 0 (default: each by itself)",
    )
    parser.set_defaults(whole_stack=True)


#: The numbers of a microscope's model: the words of the help.
OPTICS = {
    "NA": "numerical aperture",
    "wavelength": "of the light that is seen, in micrometres; several for several channels",
    "excitation": "confocal: of the laser, in micrometres",
    "ni": "refractive index of the immersion (1.515)",
    "ni0": "gibson_lanni: immersion that the lens was made for (--ni)",
    "ns": "gibson_lanni: refractive index of the sample (1.47)",
    "ng": "gibson_lanni: refractive index of the cover glass (1.515)",
    "ng0": "gibson_lanni: cover glass that the lens was made for (1.515)",
    "tg": "gibson_lanni: thickness of the cover glass in micrometres (170)",
    "tg0": "gibson_lanni: thickness that the lens was made for (170)",
    "ti0": "gibson_lanni: working distance in micrometres (150)",
    "pz": "gibson_lanni: depth of the sample below the cover glass in micrometres (0)",
    "pinhole": "confocal: diameter in Airy units (1)",
}


def add_optics(parser: argparse.ArgumentParser) -> None:
    """Add the numbers of a microscope's PSF."""
    group = parser.add_argument_group("PSF of a microscope (what is left out is taken from the file, or is as usual)")
    for name, words in OPTICS.items():
        several = numbers(0, above=name not in ("pz", "tg", "tg0", "ti0", "pinhole"))
        group.add_argument(f"--{name.lower()}", dest=name, type=several, metavar=name.upper(), help=words)
    group.add_argument(
        "--spacing",
        type=numbers(0, above=True),
        metavar="Z,Y,X",
        help="edges of a voxel in micrometres, or Y,X of a plane; one number for all",
    )


#: What --psf may be where it is known, and where the picture can tell it.
GIVEN_PSF = (
    "gaussian, disk (defocus), motion, box, airy or moffat with its parameters; born_wolf, gibson_lanni, richards_wolf "
    "or confocal: a microscope; or a file with a measured PSF (.npy or a picture of a point)"
)
ESTIMATED_PSF = (
    "gaussian, disk (defocus) or motion: a missing parameter is estimated; auto: the family too (default); box, airy "
    "or moffat; blind: camera shake, a kernel of any shape from the picture; born_wolf, gibson_lanni, richards_wolf or "
    "confocal: a microscope; or a file with a measured PSF (.npy or a picture of a point)"
)


def add_psf(
    parser: argparse.ArgumentParser, *, required: bool = False, estimates: bool = False, varies: bool = False
) -> None:
    """Add --psf and the parameters of its families; `estimates` says whether the picture is asked what is missing.

    `varies` says whether the PSF may change over the picture.
    """
    group = parser.add_argument_group("point-spread function (PSF)")
    either = group.add_mutually_exclusive_group(required=required)
    if varies:
        either.add_argument(
            "--psf-grid",
            metavar="FILE.npz",
            help="a PSF that changes over the picture: psfs (K, h, w), one for each of K places, and positions (K, 2), "
            "their rows and columns in samples from the top left; between them it is interpolated",
        )
    psf = either.add_argument(
        "--psf",
        type=name_or_file(PSF_WORDS),
        metavar="FAMILY|FILE",
        help=ESTIMATED_PSF if estimates else GIVEN_PSF,
    )
    completing(psf, PSF_WORDS[not estimates and 2 :])
    size = number(0, above=True)
    group.add_argument("--sigma", type=size, metavar="PX", help="gaussian: standard deviation")
    group.add_argument("--radius", type=size, metavar="PX", help="disk: radius of defocus; airy: first dark ring")
    group.add_argument("--length", type=size, metavar="PX", help="motion: length of the path")
    group.add_argument("--angle", type=number(), metavar="DEG", help="motion: counter-clockwise from the right")
    group.add_argument("--size", type=size, metavar="PX", help="box: edge length")
    group.add_argument("--fwhm", type=size, metavar="PX", help="moffat: full width at half maximum")
    group.add_argument("--beta", type=number(1, above=True), metavar="B", help="moffat: fall of the wings (4.765)")
    group.add_argument(
        "--obstruction", type=number(0), metavar="E", help="airy: diameter of the second mirror, a share of the first's"
    )
    if estimates:
        group.add_argument(
            "--psf-size",
            type=whole(3),
            metavar="K",
            help="blind: odd edge of the square that holds the kernel, a little more than the blur is long (found)",
        )
    group.add_argument(
        "--background",
        metavar="LEVEL",
        help="measured PSF: level to subtract, 'border' for the median of its rim (the default for a picture), "
        "or a number (0 is the default for .npy)",
    )
    group.add_argument(
        "--psf-photo",
        action="store_true",
        help="measured PSF: a photograph of a point, its codes decoded to light as any photograph's "
        "(default: the codes are the weights)",
    )
    group.add_argument(
        "--psf-sampling",
        type=whole(1),
        metavar="N",
        help="measured PSF: samples of it along a side of one of the picture, as --subsampling (default: what "
        "the file says; .npy says nothing)",
    )
    group.add_argument(
        "--center",
        action=argparse.BooleanOptionalAction,
        help="measured PSF: move its centroid to the middle (default for FITS, by less than a pixel)",
    )


def add_files(parser: argparse.ArgumentParser, result: str, *, name: str = "PICTURE", kinds: str = READABLE) -> None:
    """Add inputs, how they are read, and outputs."""
    add_inputs(parser, name=name, kinds=kinds)
    group = parser.add_argument_group("outputs")
    group.add_argument(
        "-o",
        "--output",
        metavar="PATH",
        help=f"result file, or a folder for several inputs (default: beside the input, NAME.{result}.EXT)",
    )
    group.add_argument("--figure", metavar="FILE", help="figure file (default: beside the result, NAME.figure.png)")
    group.add_argument("--no-figure", action="store_true", help="write no figure")
    group.add_argument("--force", action="store_true", help="replace existing outputs (never an input)")


def add_inputs(parser: argparse.ArgumentParser, *, name: str = "PICTURE", kinds: str = READABLE) -> None:
    """Add inputs and how they are read."""
    parser.add_argument("inputs", nargs="+", metavar=name, help=kinds)
    group = parser.add_argument_group("reading")
    light = group.add_mutually_exclusive_group()
    light.add_argument(
        "--linear",
        action="store_const",
        dest="light",
        const="linear",
        help="samples are linear already: use them as is",
    )
    light.add_argument(
        "--srgb",
        action="store_const",
        dest="light",
        const="srgb",
        help="samples are sRGB-encoded: decode them to light",
    )
    group.add_argument("--frame", type=frame, metavar="N|all", help="plane of a multi-page file, or every plane")
    group.add_argument("--axes", metavar="LETTERS", help="meaning of an array's axes, for example YXC or ZYX")
    group.add_argument(
        "--max-pixels", type=whole(1), default=200_000_000, metavar="N", help="refuse larger pictures (200 million)"
    )
    parser.set_defaults(light="auto")


def add_reporting(parser: argparse.ArgumentParser) -> None:
    """Add how the run is reported."""
    group = parser.add_argument_group("report")
    group.add_argument("--json", action="store_true", help="print one JSON object per input on stdout")
    group.add_argument("--quiet", action="store_true", help="no report on stderr, errors only")
    group.add_argument("--debug", action="store_true", help="show the traceback of an error")


def add_threads(parser: argparse.ArgumentParser) -> None:
    """Add how much of the machine is used."""
    group = parser.add_argument_group("machine")
    group.add_argument("--threads", type=whole(1), metavar="N", help="processor threads (default: all)")


def add_jobs(parser: argparse.ArgumentParser, *, writes: bool = True) -> None:
    """Add how several inputs are worked on, where the command `writes` a result of each."""
    group = parser.add_argument_group("several inputs (files, folders, or patterns in quotes)")
    group.add_argument(
        "--jobs",
        type=whole(1),
        default=1,
        metavar="N",
        help="processes, which share the threads and the memory (1)",
    )
    if writes:
        group.add_argument(
            "--resume",
            action="store_true",
            help="go on where a run was cut off: pass over inputs whose results are there and no older than what they "
            "are made of (other options than before are not noticed; with --force, older results are replaced), and "
            "keep the tiles of a large picture that were written",
        )
