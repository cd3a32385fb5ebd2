"""One after the other, on one thread; of what was asked for again, only the last."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

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


class Turns:
    """The thread that the work of the page is done on, so that two previews never share the processor.

    Parts of a picture are small: more threads would wait for each other, above all beside a job.
    """

    def __init__(self) -> None:
        self._libraries = ThreadpoolController()
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="previews")
        self._newest = Turn()

    async def latest(self, work: Callable[[Turn], Result]) -> Result:
        """Return what work gives; it ends what was asked for by `latest` before, and is ended by the next."""
        self._newest.is_over = True
        self._newest = turn = Turn()
        return await self._done(work, turn)

    async def each(self, work: Callable[[Turn], Result]) -> Result:
        """Return what work gives when its turn comes."""
        return await self._done(work, Turn())

    async def _done(self, work: Callable[[Turn], Result], turn: Turn) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._executor, self._run, work, turn)

    def _run(self, work: Callable[[Turn], Result], turn: Turn) -> Result:
        turn.go_on()
        one_thread = self._libraries.limit(limits=1, user_api="blas")
        with one_thread, fft.set_workers(1), listened_to(lambda _title, share: turn.go_on(share)):
            return work(turn)

    def close(self) -> None:
        """End what is under way as soon as it looks."""
        self._newest.is_over = True
        self._executor.shutdown(wait=False, cancel_futures=True)
