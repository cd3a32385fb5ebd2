"""One input or many: progress, and going on after a bad file."""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Callable, Iterable
from typing import TypeVar

from deconv.options import UsageError
from deconv.report import Report

Answer = TypeVar("Answer")
Work = Callable[[argparse.Namespace, str], Report]

#: What the arguments of `deconv.pictures`, of which its remedies speak, are called on the command line.
OPTIONS = {
    "axes": "--axes",
    "force=True": "--force",
    "frame": "--frame N",
    "frame=N": "--frame N",
    'frame="all"': "--frame all",
    "max_pixels": "the limit with --max-pixels",
    "output": "--output",
}


def run_batch(arguments: argparse.Namespace, work: Work) -> int:
    """Run `work` on every input and return the exit code.

    A single bad input raises. Of several, a bad one is passed over and named at the end, with exit code 2.
    """
    from scipy import fft

    inputs = arguments.inputs
    if len(inputs) > 1 and arguments.figure is not None:
        raise UsageError("--figure names one file: leave it out for several pictures, each gets its own")
    with fft.set_workers(arguments.threads or os.cpu_count() or 1):
        if len(inputs) == 1:
            work(arguments, inputs[0]).publish()
            return 0
        failures = _run_many(arguments, work)
    for line in failures:
        print(f"error: {line}", file=sys.stderr)  # noqa: T201
    if failures:
        print(f"{len(failures)} of {len(inputs)} pictures failed", file=sys.stderr)  # noqa: T201
    return 2 if failures else 0


def _run_many(arguments: argparse.Namespace, work: Work) -> list[str]:
    failures = []
    for source in _progress(arguments):
        try:
            report = work(arguments, source)
        except Exception as error:
            line = user_error(error, source)
            if line is None:
                raise
            if arguments.debug:
                traceback.print_exc()
            failures.append(line)
        else:
            report.publish()
    return failures


def explained(source: str, call: Callable[[], Answer]) -> Answer:
    """Run a call of a package; its refusals are about what the user gave."""
    from deconv.pictures import PictureError

    try:
        return call()
    except PictureError:  # names its file itself
        raise
    except (TypeError, ValueError) as error:
        raise UsageError(f"{source}: {error}") from error


def user_error(error: BaseException, source: str | None = None) -> str | None:
    """Return the line that explains an error the user can do something about, None for a fault of the program."""
    from deconv.pictures import PictureError

    if isinstance(error, MemoryError):
        where = f"{source}: " if source else ""
        return f"{where}not enough memory (crop the picture, or use a machine with more)"
    if isinstance(error, (UsageError, PictureError)):
        text = error.in_words(OPTIONS) if isinstance(error, PictureError) else str(error)
        return text if source is None or text.startswith(source) else f"{source}: {text}"
    return None


def _progress(arguments: argparse.Namespace) -> Iterable[str]:
    """Show a bar on a terminal, nothing elsewhere."""
    if arguments.quiet or not sys.stderr.isatty():
        return list(arguments.inputs)
    from tqdm import tqdm

    bar: Iterable[str] = tqdm(arguments.inputs, unit="picture", file=sys.stderr, dynamic_ncols=True)
    return bar
