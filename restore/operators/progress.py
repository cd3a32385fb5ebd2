"""How far a long work is, told to whoever watches it from wherever it is done.

A work has `Stages`, each with the time that it takes beside the others. One that turns out not to be needed leaves its
time to those behind it, one that nobody foresaw takes some of theirs: the share that is done grows and ends at 1,
whatever happens. A stage may have stages of its own.

Who watches is kept in a context variable, as SciPy keeps the number of threads, and no function hands it on. It hears
of every step, and ends the work by raising.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

#: Called after every step with the share of the work that is done, a float that grows to 1.
Progress = Callable[[float], object]


def silent(share: float) -> None:
    """Show no progress."""


def part_of(progress: Progress, start: float, end: float) -> Progress:
    """Return the progress of a part of the work, from one share of the whole to another."""
    return lambda share: progress(start + (end - start) * share)


@dataclass(eq=False)
class _Watch:
    """Who watches, and the largest share that was told."""

    listener: Progress
    done: float = 0.0

    def hear(self, share: float) -> None:
        self.done = max(self.done, min(share, 1.0))
        self.listener(self.done)


@dataclass(frozen=True, eq=False)
class _Stretch:
    """The part of the whole that the stage under way fills."""

    watch: _Watch
    start: float = 0.0
    end: float = 1.0

    def at(self, share: float) -> float:
        return self.start + (self.end - self.start) * share


_stretch: ContextVar[_Stretch | None] = ContextVar("stretch", default=None)


@contextmanager
def _working_on(stretch: _Stretch) -> Iterator[None]:
    token = _stretch.set(stretch)
    try:
        yield
        advance(1.0)
    finally:
        _stretch.reset(token)


@contextmanager
def watched(listener: Progress | None) -> Iterator[None]:
    """Tell a listener which share of the work within is done; what it raises ends the work.

    With None whoever watches already goes on with that.
    """
    if listener is None:
        yield
        return
    with _working_on(_Stretch(_Watch(listener))):
        yield


def advance(share: float) -> None:
    """Say which share of the stage under way is done."""
    if (stretch := _stretch.get()) is not None:
        stretch.watch.hear(stretch.at(share))


def beside(callback: Progress | None) -> Progress:
    """Return what tells a caller's own callback, and whoever watches."""
    if callback is None:
        return advance

    def both(share: float) -> None:
        callback(share)
        advance(share)

    return both


class Stages:
    """The stages of a work in their order, each with the time that it takes beside the others."""

    def __init__(self, costs: Mapping[Any, float]) -> None:
        self._left, self._done = dict(costs), 0.0

    @contextmanager
    def stage(self, name: Hashable, cost: float | None = None) -> Iterator[None]:
        """Do a stage, and none of those planned before it; one that was not planned needs a cost."""
        planned = self._reached(name)
        cost = planned if cost is None else cost
        end = self._done + (1 - self._done) * cost / max(cost + sum(self._left.values()), 1e-300)
        if (stretch := _stretch.get()) is None:
            yield
        else:
            with _working_on(_Stretch(stretch.watch, stretch.at(self._done), stretch.at(end))):
                yield
        self._done = end

    def expect(self, name: Hashable, cost: float) -> None:
        """Change what a stage will cost, now that more is known; one that is not planned stays so."""
        if name in self._left:
            self._left[name] = cost

    def _reached(self, name: Hashable) -> float:
        """Take a stage off the plan, with those before it, and return its cost, 0 where it was not planned."""
        if name not in self._left:
            return 0.0
        while next(iter(self._left)) != name:
            del self._left[next(iter(self._left))]
        return self._left.pop(name)
