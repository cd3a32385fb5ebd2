"""What is read off a picture once, and holds for each of its parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from restore.operators.unit import Unit


@dataclass(frozen=True, eq=False)
class Whole:
    """The unit of the whole picture, and by their names the properties of an `Observation` that all parts share.

    Parts that measure for themselves measure differently: noise, strength and spectrum of their own would leave a step
    between two of them.
    """

    unit: Unit
    facts: Mapping[str, Any] = field(default_factory=dict)
