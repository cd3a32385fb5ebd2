"""How far the blurs found at one size of a picture are to be trusted, and what to say of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from restore.blur_identification.blur_estimate import Confidence, description
from restore.blur_identification.spectral.blur_models import Parameters
from restore.blur_identification.spectral.blur_search import CORRELATED, Candidate

#: A drop of J from which an estimate is called confident, and one below which straight motion is not believed.
CONFIDENT_DROP = 0.08
MOTION_DROP = 0.1
#: A size less certain than this share of itself is no estimate, and one less certain than WEAK a weak one.
VAGUE = 0.5
WEAK = 0.12
#: Zeros fix the length of a straight motion; one less certain than this share of itself shows none, and any other
#: family is likelier.
STRAIGHT = 0.08
#: A smaller drop does not tell a blur from none. Noise that may bend explains a little softness too: beside it a blur
#: must show in a larger drop, and in a larger size by a factor.
LEAST_DROP, LEAST_DROP_COLOURED = 0.01, 0.03
CLEARLY_VISIBLE = 1.3


@dataclass(frozen=True, eq=False)
class Judgement:
    """The blurs found at a size `factor` times smaller than the picture, the likeliest first, in pixels of that size.

    `sharp` is the misfit J without blur, and `detail` the share of the picture in the upper half of the frequencies,
    beside noise. The parameters in `constants` were given. No blur explains the picture where all are contradicted.
    """

    candidates: list[Candidate]
    sharp: float
    detail: float
    constants: Parameters
    factor: int
    is_contradicted: bool = False

    @property
    def best(self) -> Candidate:
        """Return the likeliest blur."""
        return self.candidates[0]

    @property
    def is_given(self) -> bool:
        """Return whether the size of the likeliest blur was given."""
        return self.best.model.size in self.constants

    @property
    def drop(self) -> float:
        """Return by which share the likeliest blur lowers the misfit."""
        return max(1 - self.best.objective / self.sharp, 0.0)

    @property
    def confidence(self) -> Confidence:
        """Return whether the likeliest blur is one, and beyond doubt."""
        if self.reason_for_none is not None:
            return "none"
        return "weak" if self.drop < CONFIDENT_DROP or self.best.vagueness > WEAK else "confident"

    @cached_property
    def reason_for_none(self) -> str | None:
        """Return why the likeliest blur is none, None where it is one."""
        best = self.best
        if self.is_given:
            return None
        if best.vagueness > VAGUE and not (best.coloured and best.size < best.model.spectrum.visible):
            return "cannot tell: the picture has too little texture, or too much noise"
        if self.is_contradicted or _may_be_sharp(best, self.drop):
            names = " or ".join(sorted(c.model.name for c in self.candidates))
            return f"no {names} blur found: the picture looks sharp, or is blurred in another way"
        return None

    @property
    def verdict(self) -> str:
        """Return one sentence for people."""
        if self.reason_for_none is not None:
            return self.reason_for_none
        doubt = ", but the evidence is weak" if self.confidence == "weak" else ""
        where = "" if self.factor == 1 else f"; seen at 1/{self.factor} of the size"
        also = "".join(f"; {words} fits nearly as well" for words in self.rivals.values())
        return f"{_in_words(self.enlarged(self.best))}{doubt}{where}{also}"

    @property
    def rivals(self) -> dict[str, str]:
        """Return the families that fit nearly as well as the best, in words."""
        best, *others = self.candidates
        near = (c for c in others if c.objective < best.objective + CORRELATED and c.size >= c.model.spectrum.visible)
        return {c.model.name: _in_words(self.enlarged(c)) for c in near} if self.reason_for_none is None else {}

    def enlarged(self, candidate: Candidate) -> Candidate:
        """Return a candidate in pixels of the picture."""
        name = candidate.model.size
        parameters, uncertainty = (
            {**values, name: self.factor * values[name]} for values in (candidate.parameters, candidate.uncertainty)
        )
        return replace(candidate, parameters=parameters, uncertainty=uncertainty)


def by_likelihood(candidates: list[Candidate], sharp: float, constants: Parameters) -> list[Candidate]:
    """Return the least J first, but motion that is not told from a liking for one direction last."""

    def mistakable(c: Candidate) -> bool:
        free = c.model.has_angle and c.model.size not in constants
        return free and (c.vagueness > STRAIGHT or _may_be_sharp(c, 1 - c.objective / sharp))

    return sorted(candidates, key=lambda c: (mistakable(c), c.objective))


def _may_be_sharp(candidate: Candidate, drop: float) -> bool:
    """Return whether a sharp picture, or one that was shaken, could look like this."""
    model, coloured = candidate.model, candidate.coloured
    least = model.spectrum.visible * (CLEARLY_VISIBLE if coloured else 1)
    least_drop = MOTION_DROP if model.has_angle else LEAST_DROP_COLOURED if coloured else LEAST_DROP
    return candidate.size < least or drop < least_drop


def _in_words(candidate: Candidate) -> str:
    return description(candidate.model.name, candidate.parameters, candidate.uncertainty)
