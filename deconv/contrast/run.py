"""The contrast command: one picture through both meanings of deconvolution, side by side."""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from deconv.contrast.figure import Shown
    from deconv.contrast.meanings import Meanings
    from deconv.inputs.linear_light import LightPicture
    from deconv.inputs.psf import Kernel
    from deconv.report import Report

EXAMPLES = """examples:
  cli.py contrast photo.png                                    # photo.contrast.png and photo.contrast.numbers.png
  cli.py contrast photo.png --psf motion --length 11 --angle 30 -o lecture.png
  cli.py contrast photo.png --sigma 3 --noise 0.01 --stride 4
  cli.py contrast photo.png --json --no-figure                 # PSNR, lambda, and how exactly the laws hold
"""

DESCRIPTION = """Show on one sharp picture what the two operations called deconvolution do:
the restoration (C'C + lambda L'L)^-1 C' g of signal processing, and the transposed convolution C' of deep learning.
A second figure has the same in numbers."""

#: Longest edge that is worked on, shortest edge, and how much longer one edge may be: what a slide can show.
LONGEST, SHORTEST, RATIO = 320, 8, 2
#: Default blur in pixels, and the share of the shorter edge it is at most; default noise, share of the full scale.
SIGMA, SHARE, NOISE = 2.0, 1 / 32, 0.002


def add_parser(commands: Any) -> None:
    """Add the command and its options."""
    from deconv import options

    parser = commands.add_parser(
        "contrast",
        help="show both meanings of deconvolution on one picture",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    options.add_inputs(parser)
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
    options.add_psf(parser, required=False)
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
    options.add_report(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Contrast the meanings on every input."""
    from deconv.batch import run_batch

    return run_batch(arguments, _contrast_one)


@dataclass(frozen=True)
class _Ground:
    """The picture f that is worked on, how it differs from the file, the kernel and the noise."""

    light: LightPicture
    sharp: Any
    changes: tuple[str, ...]
    kernel: Kernel
    asked_noise: float | None

    @property
    def noise_sigma(self) -> float:
        """Return the noise: as asked for, or a share of the full scale."""
        return NOISE * self.span if self.asked_noise is None else self.asked_noise

    @property
    def span(self) -> float:
        """Return the full scale: 1 for integer files, else the range of the samples."""
        stored = self.light.picture.has_integer_samples
        return 1.0 if stored else float(self.sharp.max() - self.sharp.min()) or 1.0

    @property
    def size(self) -> str:
        """Return the size, and what was done to reach it."""
        rows, columns = self.sharp.shape[:2]
        return f"{columns} x {rows} pixels" + "".join(f", {change}" for change in self.changes)


def _contrast_one(arguments: argparse.Namespace, source: str) -> Report:
    from deconv.batch import explained
    from deconv.contrast.meanings import both_meanings
    from deconv.contrast.numbers import ARTICLE
    from deconv.inputs.linear_light import read_light, reserving

    started = time.perf_counter()
    figures = _figure_paths(arguments, source)
    ground = _ground(arguments, read_light(arguments, source), source)
    with reserving(arguments, source) as outputs:
        files = [outputs.reserve(path) for path in figures]
        made = explained(
            source,
            lambda: both_meanings(
                ground.sharp,
                ground.kernel.psf,
                noise_sigma=ground.noise_sigma,
                stride=arguments.stride,
                seed=arguments.seed,
                regularization=arguments.regularization,
            ),
        )
        shown = _shown(ground, made)
        if files:
            from deconv.contrast import figure as contrast_figure
            from deconv.contrast import numbers as contrast_numbers

            contrast_figure.draw(files[0], made, shown)
            contrast_numbers.draw(files[1], ARTICLE)
    return _report(arguments, source, (ground, made, shown), figures, time.perf_counter() - started)


def _figure_paths(arguments: argparse.Namespace, source: str) -> tuple[Path, ...]:
    """Return where the two figures go; the result of this command is a figure, so -o names it."""
    from deconv.inputs.linear_light import output_path
    from deconv.options import UsageError

    if arguments.no_figure:
        return ()
    named = output_path(arguments, str(Path(source).with_suffix(".png")), "contrast")
    figure = named if arguments.figure is None else Path(arguments.figure)
    if figure.suffix.lower() != ".png":
        raise UsageError(f"{figure}: a figure is a PNG file (name it with .png)")
    return figure, figure.with_name(f"{figure.stem}.numbers.png")


def _ground(arguments: argparse.Namespace, light: LightPicture, source: str) -> _Ground:
    from deconv.options import UsageError

    if light.picture.planes:
        raise UsageError(f"{source}: contrast shows one plane (choose it with --frame N)")
    sharp, changes = _fitted(light.image, arguments.stride)
    rows, columns = sharp.shape[:2]
    if min(rows, columns) < SHORTEST:
        size = f"{columns} x {rows} pixels, in multiples of --stride {arguments.stride}"
        raise UsageError(f"{source}: {size}, are too few to blur (at least {SHORTEST} x {SHORTEST})")
    return _Ground(light, sharp, changes, _kernel(arguments, min(rows, columns)), arguments.noise)


def _fitted(image: Any, stride: int) -> tuple[Any, tuple[str, ...]]:
    """Return the picture in double precision, gray or RGB, cut and shrunk to what a slide can show."""
    import numpy as np

    from deconv.figures.comparison import shrunk

    changes = []
    picture = np.asarray(image, np.float64)
    if picture.ndim == 3 and picture.shape[2] != 3:
        picture = picture.mean(axis=2)
        changes.append("the mean of its channels")
    cut = _middle(picture, [min(n, RATIO * min(picture.shape[:2])) for n in picture.shape[:2]])
    small = shrunk(cut, LONGEST)
    fit = _middle(small, [n // stride * stride for n in small.shape[:2]])
    if cut.shape != picture.shape:
        changes.append("the middle of the picture")
    if small.shape != cut.shape:
        changes.append(f"shrunk to 1/{cut.shape[0] // small.shape[0]}")
    if fit.shape != small.shape:
        changes.append(f"cut to multiples of {stride}")
    return fit, tuple(changes)


def _middle(picture: Any, size: list[int]) -> Any:
    first = [(n - s) // 2 for n, s in zip(picture.shape, size, strict=False)]
    return picture[first[0] : first[0] + size[0], first[1] : first[1] + size[1]]


def _kernel(arguments: argparse.Namespace, shorter: int) -> Kernel:
    """Return the PSF of the options; left out, a Gaussian that is seen on a picture of this size."""
    from deconv.inputs import psf as kernels
    from deconv.options import UsageError

    if arguments.psf in (None, "gaussian"):
        sigma = min(SIGMA, max(0.5, SHARE * shorter)) if arguments.sigma is None else arguments.sigma
        arguments = argparse.Namespace(**{**vars(arguments), "psf": "gaussian", "sigma": sigma})
    kernel = kernels.given_kernel(arguments)
    if kernel is None:
        raise UsageError(f"--psf {arguments.psf} needs its parameters to blur with (for example --psf disk --radius 3)")
    return kernel


def _shown(ground: _Ground, made: Meanings) -> Shown:
    """Return the pictures as stored samples would be seen, one range for all, and their PSNR on these samples."""
    import numpy as np

    from deconv import pictures
    from deconv.contrast.figure import NAMES, Shown
    from deconv.figures.comparison import display_range

    stored = {name: getattr(made, name) for name in NAMES}
    if ground.light.light == "srgb":
        stored = {name: pictures.linear_to_srgb(image) for name, image in stored.items()}
    if ground.light.picture.has_integer_samples:
        stored = {name: np.clip(image, 0, 1) for name, image in stored.items()}
    psnr = {}
    for name in ("blurred", "restored", "transposed", "enlarged"):
        error = float(np.mean((stored[name] - stored["sharp"]) ** 2))
        psnr[name] = float(10 * np.log10(ground.span**2 / error)) if error else float("inf")
    low, high = display_range([stored["sharp"]])
    seen = {name: np.clip((image - low) / (high - low), 0, 1) for name, image in stored.items()}
    return Shown(seen, psnr, _setup(ground, made))


def _setup(ground: _Ground, made: Meanings) -> str:
    """Return the set-up and the laws in two lines."""
    family = ground.kernel.describe() if ground.kernel.parameters else "measured"
    noise = f"Noise: sigma {ground.noise_sigma:.3g}"
    setup = f"{ground.size}; periodic beyond the edge. Kernel: {family}. {noise}. {_strength(made)}."
    return f"{setup}\nChecked on these samples: {_laws(made)}."


def _strength(made: Meanings) -> str:
    how = "given" if made.rule == "given" else f"found from g by {made.rule}"
    return f"\N{GREEK SMALL LETTER LAMDA} = {made.regularization:.3g}, {how}"


def _laws(made: Meanings) -> str:
    off = made.deviations
    normal = "(C'C + \N{GREEK SMALL LETTER LAMDA}L'L) f = C'g"
    return (
        f"C'g is conj(H) G, off by {off['transpose_is_conj_h']:.0e} at most; the restoration solves {normal}, "
        f"off by {off['normal_equations']:.0e}"
    )


def _report(
    arguments: argparse.Namespace,
    source: str,
    work: tuple[_Ground, Meanings, Shown],
    figures: tuple[Path, ...],
    seconds: float,
) -> Report:
    from deconv.contrast.numbers import ARTICLE
    from deconv.report import Report

    ground, made, shown = work
    psnr = shown.psnr
    report = Report(arguments, source)
    report.say("picture", ground.light.describe())
    for note in (*ground.light.picture.notes, *ground.kernel.notes):
        report.say("note", note)
    report.say("f", f"{ground.size}, taken as periodic")
    report.say("g", f"{ground.kernel.describe()}; noise sigma {ground.noise_sigma:.3g}; PSNR {psnr['blurred']:.2f} dB")
    report.say("restored", f"(C'C + lambda L'L)^-1 C' g, {_strength(made)}: PSNR {psnr['restored']:.2f} dB")
    report.say("transpose", f"C' g, stride 1: PSNR {psnr['transposed']:.2f} dB; it blurs once more")
    report.say("enlarged", f"from 1/{arguments.stride} by stride {arguments.stride}: PSNR {psnr['enlarged']:.2f} dB")
    report.say("laws", _laws(made))
    for warning in made.warnings:
        report.say("warning", warning)
    if figures:
        report.say("written", f"{', '.join(map(str, figures))} ({seconds:.1f} s)")
    figure, numbers = map(str, figures) if figures else (None, None)
    report.record |= {
        "output": figure,
        "figure": figure,
        "numbers_figure": numbers,
        "method": "cls",
        "psf": ground.kernel.record(),
        "noise_sigma": ground.noise_sigma,
        "seed": arguments.seed,
        "parameter": made.regularization,
        "rule": made.rule,
        "stride": arguments.stride,
        "boundary": "periodic",
        "light": ground.light.light,
        "shape": made.sharp.shape,
        "changes": ground.changes,
        "psnr": psnr,
        "deviations": {**made.deviations, "pseudo_inverse": ARTICLE.deviation()},
        "numbers": ARTICLE.record(),
        "notes": [*ground.light.picture.notes, *ground.kernel.notes],
        "warnings": made.warnings,
        "seconds": round(seconds, 3),
    }
    return report
