"""Bars on a terminal: over the inputs of a batch, and while something iterates."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

from tqdm import tqdm

from deconv.settings import Reporting


def each_shown(inputs: Sequence[str], reporting: Reporting) -> Iterable[str]:
    """Show a bar over the inputs on a terminal, nothing elsewhere."""
    if reporting.quiet or not sys.stderr.isatty():
        return list(inputs)
    bar: Iterable[str] = tqdm(inputs, unit="picture", file=sys.stderr, dynamic_ncols=True)
    return bar


@contextmanager
def progress(reporting: Reporting, title: str) -> Iterator[Callable[[float], None] | None]:
    """Give a callback for the share of the work that is done; None where nobody looks.

    The bar appears with the first call, so that what does not iterate shows none.
    """
    if reporting.quiet or not sys.stderr.isatty():
        yield None
        return
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
