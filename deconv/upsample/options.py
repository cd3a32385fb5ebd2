"""Options of the upsample command, and what they ask for."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from typing import Any

from deconv import options
from deconv.errors import UsageError
from deconv.settings import Destination, Reading, Reporting
from deconv.upsample.request import KERNELS, Layer, Learning, Padding, PerAxis, Teaching, UpsampleRequest

EXAMPLES = """examples:
  %(prog)s fmap.npy --stride 2                       # bilinear: fmap.upsampled.npy and a figure of every step
  %(prog)s fmap.npy --stride 3 --kernel cubic --explain
  %(prog)s fmap.npy --stride 2 --kernel weight.npy --padding 1 --output-padding 1 --check
  %(prog)s fmap.npy --kernel keras.npy --layout keras --padding same
  %(prog)s photo.png --kernel learned -o large.png   # by 2, as photographs taught; colours are the channels
  %(prog)s --learn photos/ --stride 2 --size 8 -o kernel.npy     # the kernel that suits these photographs best
  %(prog)s photo.png --stride 2 --kernel kernel.npy --padding same --border replicate
"""

LAYOUTS = ("torch", "onnx", "keras", "tensorflow", "jax", "jax-transpose")
#: Largest number on an option: beyond it no array could be made, and no array library counts.
LARGEST = 1_000_000


def add_parser(commands: Any) -> None:
    """Add the command and its options."""
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
    group = parser.add_argument_group("learning")
    group.add_argument(
        "--learn",
        action="store_true",
        help="learn a kernel: the inputs, pictures or a folder of them, are shrunk to the means of blocks of the "
        "stride, and the kernel that enlarges these best is written (NAME.kernel.npy); the last picture is kept out "
        "and judges",
    )
    group.add_argument("--size", type=per_axis(1), metavar="N[,N]", help="taps of the learned kernel (4 x stride)")
    group = parser.add_argument_group("teaching")
    group.add_argument("--explain", action="store_true", help="report the size of every stage and the formula")
    group.add_argument("--check", action="store_true", help="report whether the kernel leaves a checkerboard")
    options.add_reporting(parser)
    options.add_threads(parser)
    parser.set_defaults(run=_run)


def _add_layer(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("transposed convolution")
    group.add_argument("--stride", type=per_axis(1), default=2, metavar="N[,N]", help="enlargement (2); rows, columns")
    kernel = group.add_argument(
        "--kernel",
        type=options.name_or_file(KERNELS),
        default="bilinear",
        metavar="NAME|FILE",
        help="bilinear (default), nearest, cubic, or learned: 8 x 8 taps that enlarge photographs by 2 best; or a "
        ".npy: (k, k) for every channel, or a weight with four axes",
    )
    options.completing(kernel, KERNELS)
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
        **options.one_of(LAYOUTS),
        default="torch",
        help="axes of weight and .npy map (torch); the last four: channels last",
    )
    group.add_argument(
        "--border",
        **options.one_of(("replicate", "zero")),
        help="outside of the map: its repeated edge (default for a name) or zeros (default for a file)",
    )
    group.add_argument(
        "--max-samples", type=options.whole(1), default=1 << 28, metavar="N", help="refuse larger outputs (268435456)"
    )


def per_axis(low: int) -> Callable[[str], PerAxis]:
    """Return an argument type: one whole number, or one for rows and one for columns."""

    def parse(text: str) -> PerAxis:
        words = text.split(",")
        if len(words) > 2 or not all(w.strip().isdecimal() and low <= int(w) <= LARGEST for w in words):
            raise argparse.ArgumentTypeError(
                f"must be one or two whole numbers from {low} to {LARGEST}, such as 2 or 2,3, got {text!r}"
            )
        return int(text) if len(words) == 1 else tuple(int(w) for w in words)

    return parse


def padding(text: str) -> Padding:
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


def request_of(arguments: argparse.Namespace) -> UpsampleRequest:
    """Return what the options ask for."""
    return UpsampleRequest(
        inputs=tuple(arguments.inputs),
        reading=Reading.of(arguments),
        layer=_layer_of(arguments),
        teaching=Teaching(explain=arguments.explain, check=arguments.check),
        destination=Destination.of(arguments),
        reporting=Reporting.of(arguments),
        learning=_learning_of(arguments),
    )


#: What a learned kernel settles by itself, and what it is without.
_SETTLED = {"kernel": "bilinear", "padding": None, "output_padding": 0, "output_size": None, "dilation": 1}
_SETTLED |= {"groups": None, "border": None, "explain": False, "check": False}


def _learning_of(arguments: argparse.Namespace) -> Learning | None:
    if not arguments.learn:
        if arguments.size is not None:
            raise UsageError("--size is that of a learned kernel: add --learn, or leave it out")
        return None
    for name, default in _SETTLED.items():
        if vars(arguments)[name] != default:
            raise UsageError(
                f"--{name.replace('_', '-')} does not go with --learn, which makes the kernel: leave it out"
            )
    strides = _pair(arguments.stride)
    sizes = _pair(arguments.size) if arguments.size is not None else tuple(4 * s for s in strides)
    if any(k < s for k, s in zip(sizes, strides, strict=True)):
        raise UsageError(f"--size must be at least --stride, or the kernel leaves holes, got {sizes} and {strides}")
    return Learning(sizes)


def _pair(setting: PerAxis) -> tuple[int, ...]:
    return (setting, setting) if isinstance(setting, int) else setting


def _layer_of(arguments: argparse.Namespace) -> Layer:
    return Layer(
        kernel=arguments.kernel,
        stride=arguments.stride,
        padding=arguments.padding,
        output_padding=arguments.output_padding,
        output_size=arguments.output_size,
        dilation=arguments.dilation,
        groups=arguments.groups,
        layout=arguments.layout,
        border=arguments.border,
        max_samples=arguments.max_samples,
    )


def _run(arguments: argparse.Namespace) -> int:
    request = request_of(arguments)
    _limit_threads(request.reporting.threads)
    if request.learning is not None:
        from deconv.upsample.learning.run import learn

        return learn(request)
    from deconv.upsample.run import run

    return run(request)


def _limit_threads(threads: int | None) -> None:
    """Tell the libraries of matrix products, which read it once: when NumPy is loaded."""
    if threads and "numpy" not in sys.modules:
        for library in ("OMP", "OPENBLAS", "MKL"):
            os.environ[f"{library}_NUM_THREADS"] = str(threads)
