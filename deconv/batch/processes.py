"""Several processes that share the inputs: each gets the next one when it is done with one.

A pool of the standard library is broken by the first process that the system kills, and a file would take all the
others with it; so every process has a channel of its own here, and its end is the end of its file alone. Processes are
started afresh (`spawn`), as Windows and macOS do it, on every system.
"""

from __future__ import annotations

import multiprocessing
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from types import TracebackType
from typing import Self

from deconv.batch.outcome import Outcome
from deconv.batch.worker import Task, serve

#: Seconds that a process has to remove what it has begun.
GRACE = 10.0


class Processes:
    """Context with up to `count` processes at work; on leaving it all have ended.

    `lost` holds the inputs in whose middle a process has ended without a word or was ended, and that process's number.
    """

    def __init__(self, task: Task, count: int) -> None:
        self._task, self._count = task, count
        self._workers: list[_Worker] = []
        self.lost: list[tuple[str, int]] = []

    def outcomes(self, sources: Sequence[str]) -> Iterator[Outcome | float]:
        """Yield the outcome of every input as it comes, and between them how many inputs are under way, in shares."""
        remaining = list(reversed(sources))
        while remaining or self._workers:
            while remaining and len(self._workers) < self._count:
                self._workers.append(_Worker(self._task, remaining.pop()))
            ready = wait([worker.channel for worker in self._workers])
            for worker in [worker for worker in self._workers if worker.channel in ready]:
                outcome = self._heard(worker)
                if outcome is not None:
                    self._go_on(worker, remaining)
                    yield outcome
            yield sum(worker.share for worker in self._workers)

    def _heard(self, worker: _Worker) -> Outcome | None:
        """Return what a process says of its input at last, None while that goes on."""
        try:
            message = worker.channel.recv()
        except (EOFError, OSError):
            self.lost.append(worker.hands)
            return worker.lost()
        if isinstance(message, Outcome):
            return message
        worker.share = message
        return None

    def _go_on(self, worker: _Worker, remaining: list[str]) -> None:
        """Give a process its next input, or let it go."""
        if remaining and worker.takes(remaining[-1]):
            remaining.pop()
            return
        worker.channel.close()
        worker.process.join(GRACE)
        self._workers.remove(worker)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.lost += [worker.hands for worker in self._workers]
        try:
            for worker in self._workers:
                worker.process.terminate()
            end = time.monotonic() + GRACE
            for worker in self._workers:
                worker.process.join(max(end - time.monotonic(), 0))
        finally:  # whoever asks twice does not wait
            for worker in self._workers:
                worker.process.kill()
                worker.process.join()


class _Worker:
    """A process, the channel to it, the input in its hands and the share of it that is done."""

    def __init__(self, task: Task, source: str) -> None:
        context = multiprocessing.get_context("spawn")
        self.channel: Connection
        self.channel, far = context.Pipe()
        self.process: SpawnProcess = context.Process(target=serve, args=(far, task), daemon=True)
        with _undisturbed():
            self.process.start()
        far.close()
        self.source, self.share = source, 0.0
        self.takes(source)

    @property
    def hands(self) -> tuple[str, int]:
        """Return the input and whose hands it is in."""
        return self.source, self.process.pid or 0

    def takes(self, source: str) -> bool:
        """Hand over an input; return whether there still is a process to take it."""
        try:
            self.channel.send(source)
        except OSError:
            return False
        self.source, self.share = source, 0.0
        return True

    def lost(self) -> Outcome:
        """Return the outcome of an input whose process has ended without a word."""
        self.process.join()
        code = self.process.exitcode or 0
        if code in (-getattr(signal, "SIGKILL", 9), -signal.SIGTERM, 128 + signal.SIGTERM):
            remedy = "the system does that where memory runs out: give fewer --jobs, or crop the picture"
            return Outcome.refused(self.source, f"its process was ended from outside ({remedy})")
        words = f"internal error: its process has ended by itself, exit code {code} (--debug shows where)"
        return Outcome(self.source, error=words, is_fault=True)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Hold Ctrl-C back while a process is started, which inherits that: it would end in the middle of its imports."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # the first process starts it, and that lets Ctrl-C through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
