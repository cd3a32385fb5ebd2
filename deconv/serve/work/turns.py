"""One after the other, on one thread; of what was asked for again, only the last."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar

from scipy import fft
from threadpoolctl import ThreadpoolController

from deconv.progress import listened_to

Result = TypeVar("Result")


class Superseded(Exception):
    """Something newer was asked for."""


class Turn:
    """One piece of work, which may lose its turn to a newer one."""

    def __init__(self) -> None:
        self.is_over = False

    def go_on(self, _: object = None) -> None:
        """Raise where something newer was asked for; a callback for progress."""
        if self.is_over:
            raise Superseded


class _Worker:
    """A thread that does one thing after the other, and that the end of the program does not wait for."""

    def __init__(self, name: str) -> None:
        self._queue: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()
        Thread(target=self._run, name=name, daemon=True).start()

    async def done(self, work: Callable[[], Result]) -> Result:
        """Return what work gives when its turn comes."""
        future: Future[Result] = Future()
        self._queue.put((future, work))
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        """Take nothing more."""
        self._queue.put(None)

    def _run(self) -> None:
        while (entry := self._queue.get()) is not None:
            future, work = entry
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(work())
                except BaseException as error:
                    future.set_exception(error)
            del entry, future, work  # they hold a picture


class Turns:
    """The threads that the work of the page is done on: one, so that two previews never share the processor.

    Parts of a picture are small: more threads would wait for each other, above all beside a job. Another thread looks
    at the whole of a large picture, so that nobody waits for that.
    """

    def __init__(self) -> None:
        self._libraries = ThreadpoolController()
        self._previews, self._beside = _Worker("previews"), _Worker("beside")
        self._newest = Turn()

    async def latest(self, work: Callable[[Turn], Result]) -> Result:
        """Return what work gives; it ends what was asked for by `latest` before, and is ended by the next."""
        self._newest.is_over = True
        self._newest = turn = Turn()
        return await self._done(self._previews, work, turn)

    async def each(self, work: Callable[[Turn], Result]) -> Result:
        """Return what work gives when its turn comes."""
        return await self._done(self._previews, work, Turn())

    async def beside(self, work: Callable[[Turn], Result]) -> Result:
        """Return what work gives that nothing waits for."""
        return await self._done(self._beside, work, Turn())

    async def _done(self, worker: _Worker, work: Callable[[Turn], Result], turn: Turn) -> Result:
        return await worker.done(lambda: self._run(work, turn))

    def _run(self, work: Callable[[Turn], Result], turn: Turn) -> Result:
        turn.go_on()
        one_thread = self._libraries.limit(limits=1, user_api="blas")
        with one_thread, fft.set_workers(1), listened_to(lambda _title, share: turn.go_on(share)):
            return work(turn)

    def close(self) -> None:
        """End what is under way as soon as it looks."""
        self._newest.is_over = True
        for worker in (self._previews, self._beside):
            worker.close()
