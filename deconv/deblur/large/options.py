"""Options of the deblur command for pictures that do not fit into memory."""

from __future__ import annotations

import argparse
import re

#: What the letter behind a number of bytes stands for.
UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
_SIZE = re.compile(r"(\d+(?:\.\d*)?)\s*([KMGT]?)(?:I?B)?", re.IGNORECASE)


def size(text: str) -> int:
    """Return a number of bytes.

    >>> size("2G"), size("512 MiB"), size("1.5g")
    (2147483648, 536870912, 1610612736)
    """
    match = _SIZE.fullmatch(text.strip())
    if match is None or float(match[1]) == 0:
        raise argparse.ArgumentTypeError(f"must be a number of bytes > 0 such as 2G or 500M, got {text!r}")
    return int(float(match[1]) * UNITS[match[2].upper()])


def add_large(parser: argparse.ArgumentParser) -> None:
    """Add how much memory is taken, and what is done about pictures that need more."""
    group = parser.add_argument_group("large pictures (what does not fit into memory is restored tile by tile)")
    group.add_argument(
        "--memory",
        type=size,
        metavar="BYTES",
        help="what the program may take, such as 2G, all --jobs together (default: half of the machine's)",
    )
    group.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="let the workers of a dask.distributed cluster restore the tiles, such as tcp://host:8786; the result is "
        "a Zarr store, which they write themselves",
    )
