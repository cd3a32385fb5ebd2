"""A bar on a terminal while something iterates."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress(arguments: argparse.Namespace, title: str) -> Iterator[Callable[[float], None] | None]:
    """Give a callback for the share of the work that is done; None where nobody looks.

    The bar appears with the first call, so that what does not iterate shows none.
    """
    if arguments.quiet or not sys.stderr.isatty():
        yield None
        return
    from tqdm import tqdm

    bars: list[tqdm] = []

    def advance(share: float) -> None:
        if not bars:
            layout = "{desc}: {percentage:3.0f}%|{bar}| {elapsed}"
            bars.append(tqdm(total=1.0, desc=title, file=sys.stderr, leave=False, bar_format=layout))
        bars[0].n = share
        bars[0].refresh()

    try:
        yield advance
    finally:
        for bar in bars:
            bar.close()
