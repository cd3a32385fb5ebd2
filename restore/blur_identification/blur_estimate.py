"""What every answer of blur identification holds, and one line of words for the blur of a family."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from restore.checks import Array

Confidence = Literal["confident", "weak", "none"]


@dataclass(frozen=True, eq=False, kw_only=True)
class BlurEstimate:
    """A blur found in a picture: its PSF, how far to trust it, and one sentence for people."""

    psf: Array
    confidence: Confidence
    verdict: str


@dataclass(frozen=True, eq=False, kw_only=True)
class FamilyEstimate(BlurEstimate):
    """A blur of a family, with the family's parameters and one standard deviation of each."""

    family: str
    parameters: dict[str, float]
    uncertainty: dict[str, float]


def description(family: str, parameters: Mapping[str, float], uncertainty: Mapping[str, float]) -> str:
    """Return the family and its parameters in words, as in "motion, length 15 +- 0.1, angle 30 +- 0.2"."""
    values = [f"{name} {value:.3g} +- {uncertainty[name]:.1g}" for name, value in parameters.items()]
    return f"{family}, {', '.join(values)}"
