"""How a method restores a large picture part by part, so that nobody sees where the parts meet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from restore.checks import Array
from restore.observation.observation import Observation
from restore.parameter_choice.agreement import Survey


def never(_: Any) -> bool:
    """Leave nothing to the data."""
    return False


def always(_: Any) -> bool:
    """Leave something to the data, whatever is given."""
    return True


def nothing(_: Any) -> str | None:
    """Speak against nothing."""
    return None


def as_given(_: Survey, settings: Any) -> Any:
    """Return the settings as they are: nothing is left to the data, or all of it is shared by the parts already."""
    return settings


@dataclass(frozen=True)
class Tiling:
    """What a method needs to restore parts as it restores the whole.

    `agreed` returns settings that leave nothing to the data, found in windows of the picture and in the unit of these.
    `asks` says whether how far the method looks depends on that; then the windows are completed ones. `reach` returns
    what the method makes of a point, about, as far as it is seen; None where the method is linear and tells it itself.
    `beyond` is how much of that may lie beyond the halo: the least for what shrinks to nothing below a threshold.
    `arrays` is how many of the size of the data are in memory at once. `completes` is False of a method that is told
    where data are unknown, and `refused` says what settings are wrong for it.
    """

    arrays: float
    agreed: Callable[[Survey, Any], Any] = as_given
    asks: Callable[[Any], bool] = never
    reach: Callable[[Observation, Any], Array] | None = None
    beyond: float = 1e-3
    completes: bool = True
    refused: Callable[[Any], str | None] = nothing
