"""A process that works on one input after the other, for another process that hands them out."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from scipy import fft
from threadpoolctl import threadpool_limits

from deconv import process
from deconv.batch.outcome import Work, outcome_of
from deconv.progress import listened_to

#: Seconds between two words on how far the work is.
PAUSE = 0.2


@dataclass(frozen=True)
class Task:
    """What a process works with: how an input becomes a report, and its share of the processors."""

    work: Work
    threads: int
    debug: bool = False


def serve(channel: Connection, task: Task) -> None:
    """Be the process: work until there is no input left, or the process that hands them out has ended."""
    process.prepare(debug=task.debug)
    if os.name == "posix":  # a terminal sends Ctrl-C to all; who hands out says to each what becomes of it
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        with suppress(KeyboardInterrupt), fft.set_workers(task.threads), threadpool_limits(task.threads):
            answer(channel, task)
    finally:
        if (ended := process.exit_code()) is not None:  # all that was begun is undone: no word of what it broke off
            os._exit(ended)


def answer(channel: Connection, task: Task) -> None:
    """Send the outcome of every input that comes through a channel, and on the way how far it is."""
    while (source := _next(channel)) is not None:
        with listened_to(_Teller(channel)):
            outcome = outcome_of(source, task.work)
        channel.send(outcome)


def _next(channel: Connection) -> Any:
    try:
        return channel.recv()
    except (EOFError, OSError):  # nobody is left to ask
        return None


class _Teller:
    """Sends the share of the work that is done, now and then."""

    def __init__(self, channel: Connection) -> None:
        self._channel, self._last = channel, 0.0

    def __call__(self, title: str, share: float | None) -> None:  # noqa: ARG002
        now = time.monotonic()
        if share is not None and now - self._last >= PAUSE:
            self._last = now
            self._channel.send(float(share))


def _end_with_parent() -> None:
    """End as by SIGTERM, temporaries removed, when the process that hands out was killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
