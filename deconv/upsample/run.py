"""The upsample command: enlarge a feature map by transposed convolution and show how."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from deconv.report import Report
    from deconv.upsample.feature_maps import FeatureMap
    from upsample import Enlargement

EXAMPLES = """examples:
  cli.py upsample fmap.npy --stride 2                       # bilinear: fmap.upsampled.npy and a figure of every step
  cli.py upsample fmap.npy --stride 3 --kernel cubic --explain
  cli.py upsample fmap.npy --stride 2 --kernel weight.npy --padding 1 --output-padding 1 --check
  cli.py upsample fmap.npy --kernel keras.npy --layout keras --padding same
  cli.py upsample photo.png --stride 2 -o large.png         # colours are the channels
"""

KERNELS = ("bilinear", "nearest", "cubic")
LAYOUTS = ("torch", "onnx", "keras", "tensorflow", "jax", "jax-transpose")
#: Largest number on an option: beyond it no array could be made, and no array library counts.
LARGEST = 1_000_000


def add_parser(commands: Any) -> None:
    """Add the command and its options."""
    from deconv import options

    parser = commands.add_parser(
        "upsample",
        help="enlarge a feature map by transposed convolution",
        description="Enlarge a feature map by transposed convolution: y = C' x. It enlarges and restores nothing.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    kinds = ".npy of (H, W), (C, H, W) or (N, C, H, W); or a picture, whose colours are the channels"
    options.add_files(parser, "upsampled", name="MAP", kinds=kinds)
    _add_layer(parser)
    group = parser.add_argument_group("teaching")
    group.add_argument("--explain", action="store_true", help="report the size of every stage and the formula")
    group.add_argument("--check", action="store_true", help="report whether the kernel leaves a checkerboard")
    options.add_report(parser)
    parser.set_defaults(run=run)


def _add_layer(parser: argparse.ArgumentParser) -> None:
    from deconv import options

    group = parser.add_argument_group("transposed convolution")
    group.add_argument("--stride", type=per_axis(1), default=2, metavar="N[,N]", help="enlargement (2); rows, columns")
    group.add_argument(
        "--kernel",
        default="bilinear",
        metavar="NAME|FILE",
        help="bilinear (default), nearest, cubic; or a .npy: (k, k) for every channel, or a weight with four axes",
    )
    group.add_argument(
        "--padding",
        type=padding,
        metavar="P",
        help="samples cropped from every side: N, N,N, begin:end pairs 0:1,0:1, same or valid "
        "(default: what gives stride x size for a name, 0 for a file)",
    )
    group.add_argument(
        "--output-padding", type=per_axis(0), default=0, metavar="N[,N]", help="samples kept at the end all the same"
    )
    group.add_argument("--output-size", type=per_axis(1), metavar="H,W", help="wanted size; replaces --output-padding")
    group.add_argument("--dilation", type=per_axis(1), default=1, metavar="N[,N]", help="distance of the taps (1)")
    group.add_argument("--groups", type=options.whole(1), metavar="N", help="channel groups of a weight (1)")
    group.add_argument(
        "--layout",
        choices=LAYOUTS,
        default="torch",
        help="axes of weight and .npy map (torch); the last four: channels last",
    )
    group.add_argument(
        "--border",
        choices=("replicate", "zero"),
        help="outside of the map: its repeated edge (default for a name) or zeros (default for a file)",
    )
    group.add_argument(
        "--max-samples", type=options.whole(1), default=1 << 28, metavar="N", help="refuse larger outputs (268435456)"
    )


def per_axis(low: int) -> Callable[[str], int | tuple[int, ...]]:
    """Return an argument type: one whole number, or one for rows and one for columns."""

    def parse(text: str) -> int | tuple[int, ...]:
        words = text.split(",")
        if len(words) > 2 or not all(w.strip().isdecimal() and low <= int(w) <= LARGEST for w in words):
            raise argparse.ArgumentTypeError(
                f"must be one or two whole numbers from {low} to {LARGEST}, such as 2 or 2,3, got {text!r}"
            )
        return int(text) if len(words) == 1 else tuple(int(w) for w in words)

    return parse


def padding(text: str) -> Any:
    """Parse a padding: the words same and valid, whole numbers, or begin:end pairs, one for all or one per axis."""
    if text in ("same", "valid"):
        return text
    if ":" not in text:
        return per_axis(0)(text)
    try:
        pairs = [tuple(int(end) for end in pair.split(":")) for pair in text.split(",")]
    except ValueError:
        pairs = []
    if len(pairs) not in (1, 2) or any(len(pair) != 2 or max(map(abs, pair)) > LARGEST for pair in pairs):
        raise argparse.ArgumentTypeError(
            f"must be same, valid, one or two whole numbers, or begin:end pairs such as 0:1,0:1, got {text!r}"
        )
    return pairs * (3 - len(pairs))


def run(arguments: argparse.Namespace) -> int:
    """Enlarge every input."""
    if arguments.threads and "numpy" not in sys.modules:  # matrix products read it once, when NumPy is loaded
        for library in ("OMP", "OPENBLAS", "MKL"):
            os.environ[f"{library}_NUM_THREADS"] = str(arguments.threads)
    from deconv.batch import run_batch

    return run_batch(arguments, _enlarge_one)


def _enlarge_one(arguments: argparse.Namespace, source: str) -> Report:
    from deconv.batch import explained
    from deconv.inputs.linear_light import figure_path, output_path, reserving
    from deconv.upsample.feature_maps import read_map

    started = time.perf_counter()
    given = read_map(arguments, source)
    kernel, notes = _kernel(arguments, given)
    output = output_path(arguments, source, "upsampled")
    figure = figure_path(arguments, output)
    given.check_output(output)
    with reserving(arguments, source) as outputs:
        result_file = outputs.reserve(output)
        figure_file = outputs.reserve(figure) if figure else None
        done = explained(source, lambda: _enlarged(arguments, given, kernel))
        notes = (*given.notes, *notes, *given.write(done.result, result_file, output))
        if figure_file:
            from deconv.upsample.figure import draw

            draw(figure_file, Path(source).name, given, done, arguments.kernel)
    return _report(arguments, source, (given, done), notes, (output, figure), time.perf_counter() - started)


def _kernel(arguments: argparse.Namespace, given: FeatureMap) -> tuple[Any, tuple[str, ...]]:
    """Return the kernel by name or from its file, in the layout of the map."""
    import upsample
    from deconv.batch import explained
    from deconv.options import UsageError
    from deconv.upsample.feature_maps import is_array, read_array

    path = arguments.kernel
    if path in KERNELS:
        return path, ()
    if not is_array(path):
        what = "is not a .npy file" if Path(path).exists() else "no such kernel or file"
        raise UsageError(f"--kernel {path}: {what} (kernels: {', '.join(KERNELS)}; or name a .npy file)")
    weight, notes = read_array(path, arguments.max_samples, "kernel")
    if given.layout != arguments.layout and weight.ndim == 4:
        weight = explained(path, lambda: upsample.convert_weight(weight, arguments.layout, given.layout))
    return weight, notes


def _enlarged(arguments: argparse.Namespace, given: FeatureMap, kernel: Any) -> Enlargement:
    import upsample

    try:
        return upsample.enlarge(
            given.values,
            kernel,
            stride=arguments.stride,
            padding=arguments.padding,
            output_padding=arguments.output_padding,
            output_size=arguments.output_size,
            dilation=arguments.dilation,
            groups=arguments.groups,
            layout=given.layout,
            border=arguments.border,
            limit=arguments.max_samples,
        )
    except ValueError as error:
        if "must have at most" in str(error):
            raise ValueError(f"{error} (lower --stride, or raise --max-samples)") from error
        raise


def _report(
    arguments: argparse.Namespace,
    source: str,
    work: tuple[FeatureMap, Enlargement],
    notes: tuple[str, ...],
    files: tuple[Path, Path | None],
    seconds: float,
) -> Report:
    from deconv.report import Report
    from deconv.upsample.stages import Geometry, verdict

    (given, done), (output, figure) = work, files
    geometry = Geometry.of(given, done)
    report = Report(arguments, source)
    report.say("map", given.describe())
    for note in notes:
        report.say("note", note)
    report.say("kernel", f"{arguments.kernel}, {geometry.describe()}")
    if arguments.explain:
        report.say("stages", "y = C' x: the transpose of a convolution enlarges and restores nothing")
        for line in geometry.explanation(done).splitlines():
            report.say("", line)
    if arguments.check:
        report.say("check", " ".join(verdict(done)))
    sizes = f"{' x '.join(map(str, given.values.shape))} -> {' x '.join(map(str, done.result.shape))}"
    report.say("enlarged", sizes)
    report.say("written", f"{', '.join(str(p) for p in (output, figure) if p)} ({seconds:.1f} s)")
    report.record |= {
        "output": str(output),
        "figure": str(figure) if figure else None,
        "kernel": arguments.kernel,
        "stride": done.stride,
        "padding": geometry.crop if arguments.padding is None else arguments.padding,
        "crop": geometry.crop,
        "output_padding": arguments.output_padding,
        "dilation": done.dilation,
        "groups": done.groups,
        "layout": arguments.layout,
        "border": geometry.border(arguments.border, named=arguments.kernel in KERNELS),
        "input_shape": given.values.shape,
        "output_shape": done.result.shape,
        "stages": geometry.sizes,
        **({"checkerboard": _checkerboard(done)} if arguments.check else {}),
        "notes": notes,
        "seconds": round(seconds, 3),
    }
    return report


def _checkerboard(done: Enlargement) -> dict[str, Any]:
    found = done.diagnosis
    sums = abs(found.phase_sums) if found.phase_sums.dtype.kind == "c" else found.phase_sums
    return {
        "even": found.even,
        "imbalance": found.imbalance,
        "overlap": found.overlap.tolist(),
        "phase_sums": {"min": sums.min(), "max": sums.max()},
    }
