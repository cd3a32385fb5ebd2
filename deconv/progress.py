"""Lines on a terminal while something takes long: bars over the inputs of a batch and over the work on each."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Self

from tqdm import tqdm

from deconv.settings import Reporting
from deconv.time_left import TimeLeft, in_words

#: Seconds of silence after which a line says what is done, and between its renewals.
SILENCE, RENEWAL = 2.0, 0.5
#: How a share of the work is shown.
BAR = "{desc}: {percentage:3.0f}%|{bar}| {elapsed}{postfix}"

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


class Count:
    """Context with a bar over several inputs on a terminal: how many are done, how many a second, how long still."""

    def __init__(self, total: int, reporting: Reporting) -> None:
        self._total, self._done, self._bar = total, 0, None
        if total > 0 and not reporting.quiet and sys.stderr.isatty():
            layout = "{desc}: {percentage:3.0f}%|{bar}| {elapsed}<{remaining}, {rate_fmt}"
            self._bar = tqdm(total=total, unit="picture", file=sys.stderr, dynamic_ncols=True, bar_format=layout)
            self.show(0.0)

    def show(self, under_way: float) -> None:
        """Show what is done, and what is under way besides, in shares."""
        if self._bar is not None:
            self._bar.n = min(self._done + under_way, self._total)
            self._bar.set_description_str(f"{self._done} of {self._total}", refresh=False)
            self._bar.refresh()

    @contextmanager
    def aside(self, *, done: int) -> Iterator[None]:
        """Take the bar away while something is printed, and count what that says is done."""
        if self._bar is not None:
            self._bar.clear()
        yield
        self._done += done
        self.show(0.0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()


@contextmanager
def progress(reporting: Reporting, title: str) -> Iterator[Callable[[float], None] | None]:
    """Give a callback for the share of the work that is done; None where nobody looks.

    A bar appears with the first call. Work that calls nothing shows how long it has been going on, after a while.
    Within such a work another one only says what is being done: the share is that of the whole.
    """
    if (whole := _shown.get()) is not None:
        whole.call(title)
        yield None
        return
    shown = _begun(reporting, title)
    if shown is None:
        yield None
        return
    before = _shown.set(shown)
    try:
        yield shown.advance
    finally:
        _shown.reset(before)
        shown.close()


def _begun(reporting: Reporting, title: str) -> _Told | _Line | None:
    if (listener := _listener.get()) is not None:
        return _Told(listener, title)
    return None if reporting.quiet or not sys.stderr.isatty() else _Line(title)


class _Told:
    """A listener, and what it was told."""

    def __init__(self, listener: Listener, title: str) -> None:
        self._listener = listener
        self._share: float | None = None
        self.call(title)

    def call(self, title: str) -> None:
        """Say what is being done."""
        self.title = title
        self._listener(title, self._share)

    def advance(self, share: float) -> None:
        """Tell the share of the work that is done."""
        self._share = share
        self._listener(self.title, share)

    def close(self) -> None:
        """Say no more."""


class _Line:
    """One line of a terminal: what is done, how much of it where that is known, for how long, and how long still."""

    def __init__(self, title: str) -> None:
        self.title, self._begun, self._left = title, time.time(), TimeLeft()
        self._bar: tqdm | None = None
        self._lock, self._over = threading.Lock(), threading.Event()
        self._clock = threading.Thread(target=self._tick, daemon=True)
        self._clock.start()

    def call(self, title: str) -> None:
        """Say what is being done."""
        with self._lock:
            self.title = title

    def advance(self, share: float) -> None:
        """Show the share of the work that is done."""
        self._left.hear(share)
        with self._lock:
            bar = self._shown()
            bar.total, bar.n, bar.bar_format = 1.0, share, BAR
            self._refresh()

    def close(self) -> None:
        """Take the line away."""
        self._over.set()
        self._clock.join()
        if self._bar is not None:
            self._bar.close()

    def _shown(self) -> tqdm:
        if self._bar is None:
            layout = "{desc}: {elapsed}"
            self._bar = tqdm(desc=self.title, file=sys.stderr, leave=False, bar_format=layout, delay=1e-9)
            self._bar.start_t = self._begun
        return self._bar

    def _refresh(self) -> None:
        bar, left = self._shown(), self._left.seconds
        bar.set_description_str(self.title, refresh=False)
        bar.set_postfix_str("" if left is None else f"about {in_words(left)} left", refresh=False)
        bar.refresh()

    def _tick(self) -> None:
        """Show that the work goes on: what is slow between two calls, or calls nothing, is not silent."""
        pause = SILENCE
        while not self._over.wait(pause):
            with self._lock:
                self._refresh()
            pause = RENEWAL


_shown: ContextVar[_Told | _Line | None] = ContextVar("shown", default=None)
