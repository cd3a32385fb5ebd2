"""How long a work will still take: what was expected of it at first, then more and more how long it took so far."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

#: Share of the work by whose time an expectation counts, and from which on none is needed.
TRUSTED, ENOUGH = 0.03, 0.02


class TimeLeft:
    """A guess that runs down between two shares that are heard of.

    `expected` is how many seconds the work takes as a rule, where that is known. The time counts from the first share.
    """

    def __init__(self, expected: float | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._expected, self._clock = expected, clock
        self._begun = self._heard = math.nan
        self._at_first = self._share = 0.0

    def hear(self, share: float) -> None:
        """Note the share of the work that is done."""
        self._heard = self._clock()
        if math.isnan(self._begun):
            self._begun, self._at_first = self._heard, share
        self._share = share

    @property
    def seconds(self) -> float | None:
        """Return the seconds that are left, None while nothing is known of them."""
        if math.isnan(self._begun):
            return self._expected
        done, took = self._share - self._at_first, self._heard - self._begun
        if self._expected is not None:
            done, took = done + TRUSTED, took + TRUSTED * self._expected
        elif done < ENOUGH:
            return None
        return max(took * (1 - self._share) / done - (self._clock() - self._heard), 1.0)


def in_words(seconds: float) -> str:
    """Return a time as people say it.

    >>> in_words(7.2), in_words(59.5), in_words(203)
    ('8 s', '1 min', '3 min 30 s')
    """
    if seconds <= 59:
        return f"{math.ceil(seconds)} s"
    minutes, rest = divmod(10 * math.ceil(seconds / 10), 60)
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"
