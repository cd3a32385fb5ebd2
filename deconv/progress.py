"""Lines on a terminal while something takes long: bars over the inputs of a batch and while something iterates."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial

from tqdm import tqdm

from deconv.settings import Reporting

#: Seconds of silence after which a line says what is done, and between its renewals.
SILENCE, RENEWAL = 2.0, 0.5
#: How a share of the work is shown.
BAR = "{desc}: {percentage:3.0f}%|{bar}| {elapsed}"

#: Called with what is being done and the share of it, None where that is not known.
Listener = Callable[[str, float | None], None]
_listener: ContextVar[Listener | None] = ContextVar("listener", default=None)


@contextmanager
def listened_to(listener: Listener) -> Iterator[None]:
    """Tell a program of its own, in the place of a terminal, how far the work is; what it raises passes."""
    before = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(before)


def each_shown(inputs: Sequence[str], reporting: Reporting) -> Iterable[str]:
    """Show a bar over the inputs on a terminal, nothing elsewhere."""
    if reporting.quiet or not sys.stderr.isatty():
        return list(inputs)
    bar: Iterable[str] = tqdm(inputs, unit="picture", file=sys.stderr, dynamic_ncols=True)
    return bar


@contextmanager
def progress(reporting: Reporting, title: str) -> Iterator[Callable[[float], None] | None]:
    """Give a callback for the share of the work that is done; None where nobody looks.

    A bar appears with the first call. Work that calls nothing shows how long it has been going on, after a while.
    """
    if (listener := _listener.get()) is not None:
        listener(title, None)
        yield partial(listener, title)
        return
    if reporting.quiet or not sys.stderr.isatty():
        yield None
        return
    line = _Line(title)
    try:
        yield line.advance
    finally:
        line.close()


class _Line:
    """One line of a terminal: what is done, how much of it where that is known, and for how long."""

    def __init__(self, title: str) -> None:
        self._title, self._begun = title, time.time()
        self._bar: tqdm | None = None
        self._lock, self._over = threading.Lock(), threading.Event()
        self._clock = threading.Thread(target=self._tick, daemon=True)
        self._clock.start()

    def advance(self, share: float) -> None:
        """Show the share of the work that is done."""
        with self._lock:
            bar = self._shown()
            bar.total, bar.n, bar.bar_format = 1.0, share, BAR
            bar.refresh()

    def close(self) -> None:
        """Take the line away."""
        self._over.set()
        self._clock.join()
        if self._bar is not None:
            self._bar.close()

    def _shown(self) -> tqdm:
        if self._bar is None:
            layout = "{desc}: {elapsed}"
            self._bar = tqdm(desc=self._title, file=sys.stderr, leave=False, bar_format=layout, delay=1e-9)
            self._bar.start_t = self._begun
        return self._bar

    def _tick(self) -> None:
        """Show that the work goes on: what is slow between two calls, or calls nothing, is not silent."""
        pause = SILENCE
        while not self._over.wait(pause):
            with self._lock:
                self._shown().refresh()
            pause = RENEWAL
