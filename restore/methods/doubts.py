"""What speaks against a restored picture, in words: the same for one that was restored at once and for one in tiles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from restore.diagnosis.diagnosis import Diagnosis
from restore.parameter_choice.rules import StrengthChoice

#: Share of samples darker than can be from which a method that was named is doubted; a linear filter rings a little.
MUCH = 0.01
#: Noise that rows share and that was kept, relative to that of single samples, from which it may be all that is seen of
#: a result. (Of 0.5 a restoration loses up to 0.6 dB, of 1.7 up to 24.)
BANDED = 0.8
#: How uneven what is left over may be. (Of 270 restorations with the right PSF none had more.)
UNEVEN = 0.07
#: What to make of a PSF that looks wrong.
WRONG = {
    "too wide": "a smaller one explains it better",
    "too narrow": "a larger one explains it better",
    "turned": "another angle explains it better",
}
#: Why a picture that is almost free of noise may not be restored any better.
OUTSIDE = "beside so little noise, what lies outside the frame limits the sharpness"


@dataclass(frozen=True, eq=False)
class Evidence:
    """What a restoration is judged by.

    As a `Restoration` has it; `contradicting` is the share of samples that contradict the PSF where they are too many
    to be wrong, and `edge` the choice that ended at the edge of its search. None of what does not hold.
    """

    diagnosis: Diagnosis | None = None
    raised: float = 1.0
    gave_up: bool = False
    is_frame_limited: bool = False
    contradicting: float | None = None
    edge: StrengthChoice | None = None

    @property
    def doubts(self) -> tuple[str, ...]:
        """Return in words what speaks against the result."""
        return tuple(self._doubts())

    def _doubts(self) -> Iterator[str]:
        yield from self._of_darkness()
        if self.contradicting is not None:
            yield f"{self.contradicting:.1%} of the samples contradict the PSF: it looks wrong, not they"
        if self.edge is not None:
            yield at_edge(self.edge)
        if self.diagnosis is not None:
            yield from _of_what_is_left(self.diagnosis)

    def _of_darkness(self) -> Iterator[str]:
        """Yield what to say of a restoration that is, or would have been, darker than can be."""
        if self.gave_up:
            yield "no strength gave a possible picture: it was left as it is; the PSF does not fit it"
        elif self.raised > 1:
            cause = "the PSF may be too wide, or the noise of a kind that was not recognised"
            yield (
                f"the strength was raised {self.raised:g} times, for the result was darker than light can be: "
                f"{OUTSIDE if self.is_frame_limited else cause}"
            )
        elif self.diagnosis is not None and self.diagnosis.undershoot > MUCH:
            cause = OUTSIDE if self.is_frame_limited else "a PSF too wide, or a strength too small"
            yield f"{self.diagnosis.undershoot:.1%} of the result is darker than light can be: {cause}"


def _of_what_is_left(diagnosis: Diagnosis) -> Iterator[str]:
    if diagnosis.psf_looks in WRONG:
        yield f"the PSF looks {diagnosis.psf_looks} for this picture: {WRONG[diagnosis.psf_looks]}"
    elif diagnosis.unevenness > UNEVEN:
        yield "what it leaves over lies at edges, and flat places hold no such noise: the PSF looks wrong"
    if diagnosis.banding >= BANDED:
        yield (
            f"rows or columns share noise, {diagnosis.banding:.1f} times as strong as that of single samples: "
            "it was taken for detail"
        )


def at_edge(choice: StrengthChoice) -> str:
    """Return in words that a rule ended at the edge of its search."""
    low, high = choice.feasible
    reached = f"the mean squared residual can lie between {low:.3g} and {high:.3g}"
    noise = "" if choice.noise_var is None else f", the noise variance is {choice.noise_var:.3g}"
    return f"rule {choice.rule!r} ended at the edge of its search, regularization {choice.value:.3g}: {reached}{noise}"
