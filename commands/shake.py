"""The kernel of a shaken camera (--psf blind) for the program: progress on a terminal, and refusals."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from numpy.typing import NDArray

import restore
from commands.options import UsageError
from restore import KernelEstimate


def shake_kernel(arguments: argparse.Namespace, image: NDArray[Any], channel_axis: int | None) -> KernelEstimate:
    """Find a kernel of any shape in the picture, or refuse."""
    if arguments.psf_size is not None and arguments.psf_size % 2 == 0:
        raise UsageError(f"--psf-size must be odd, got {arguments.psf_size} (a kernel has a middle)")
    with _progress(arguments) as advance:
        found = restore.estimate_kernel(image, size=arguments.psf_size, channel_axis=channel_axis, callback=advance)
    if found.confidence == "none":
        raise UsageError(
            f"{found.verdict} (try another --psf-size, or --psf auto for a blurred lens or straight motion)"
        )
    return found


@contextmanager
def _progress(arguments: argparse.Namespace) -> Iterator[Any]:
    """Show a bar on a terminal, nothing elsewhere."""
    if arguments.quiet or not sys.stderr.isatty():
        yield None
        return
    from tqdm import tqdm

    layout = "{desc}: {percentage:3.0f}%|{bar}| {elapsed}"
    with tqdm(total=1.0, desc="kernel", file=sys.stderr, leave=False, bar_format=layout) as bar:

        def advance(share: float) -> None:
            bar.n = share
            bar.refresh()

        yield advance
