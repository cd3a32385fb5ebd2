"""One thread for products of small matrices.

The fits of this package multiply thin matrices thousands of times. Two threads of a BLAS wait for each other longer
than they work: on a busy machine such a fit takes ten times as long. FFTs choose their threads by
`scipy.fft.set_workers`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from typing import ParamSpec, TypeVar

from threadpoolctl import ThreadpoolController

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")


@cache
def _controller() -> ThreadpoolController:
    """Return the libraries that are loaded; finding them takes some milliseconds."""
    return ThreadpoolController()


def on_one_thread(work: Callable[Arguments, Answer]) -> Callable[Arguments, Answer]:
    """Let the BLAS use one thread while a function runs, as many as before when it has ended."""

    @wraps(work)
    def limited(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Answer:
        with _controller().limit(limits=1, user_api="blas"):
            return work(*args, **kwargs)

    return limited
