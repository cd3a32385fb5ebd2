"""How long the stages of a restoration take beside each other, for whoever tells the time that is left."""

from __future__ import annotations

from restore.methods.method import Method

#: A picture of so many samples is looked at for wrong ones before it is restored, by a method that costs little: to
#: restore it twice would cost more.
LARGE, FIRST_LOOK = 1 << 21, "wiener"
#: How long it takes to resolve contradictions, as the effort of a method counts.
RESOLVED = 3.5
#: How much of that is reckoned with where it is not known whether there are any, in small pictures and in large ones.
SELDOM, OFTEN = 0.15, 0.4


def stage_costs(method: Method, *, looks_first: bool) -> dict[str, float]:
    """Return how long the stages of a restoration take beside each other."""
    before = {"look": 1.5, "resolve": RESOLVED} if looks_first and method.name != FIRST_LOOK else {}
    chance = OFTEN if looks_first else SELDOM
    after = {} if before else {"resolve": chance * RESOLVED, "restore again": chance * method.effort}
    return {"observe": 8.0, **before, "restore": method.effort, **after, "guard": 0.1, "judge": 0.5}
