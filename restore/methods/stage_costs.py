"""How long the stages of a restoration take beside each other, for whoever tells the time that is left."""

from __future__ import annotations

import math
from collections.abc import Sequence

from restore.methods.method import Method

#: A picture of so many samples is looked at for wrong ones before a method of so much effort restores it: to restore it
#: twice would cost more. To the default a look is a sixth of its time, which one picture in three would have to repay.
LARGE, DEAR = 1 << 21, 10.0
#: How long it takes to resolve contradictions, as the effort of a method counts.
RESOLVED = 3.5
#: How much of that is reckoned with where it is not known whether there are any, in small pictures and in large ones.
SELDOM, OFTEN = 0.15, 0.4


def looks_first(method: Method, shape: Sequence[int]) -> bool:
    """Return whether a picture of spatial `shape` is looked at for wrong samples before a method restores it."""
    return math.prod(shape) >= LARGE and method.effort >= DEAR


def stage_costs(method: Method, shape: Sequence[int], *, looks: bool) -> dict[str, float]:
    """Return how long the stages of a restoration take beside each other; `looks` if it looks for wrong samples."""
    before = {"look": 1.5, "resolve": RESOLVED} if looks and looks_first(method, shape) else {}
    chance = OFTEN if looks and math.prod(shape) >= LARGE else SELDOM
    after = {} if before else {"resolve": chance * RESOLVED, "restore again": chance * method.effort}
    return {"observe": 8.0, **before, "restore": method.effort, **after, "guard": 0.1, "judge": 0.5}
