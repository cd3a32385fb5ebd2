"""What a restoration is: the picture, how it came about, and what speaks against it."""

from __future__ import annotations

from dataclasses import dataclass

from restore.checks import Array
from restore.diagnosis.diagnosis import Diagnosis
from restore.methods.doubts import Evidence
from restore.methods.robust.contradictions import Contradictions
from restore.parameter_choice.rules import StrengthChoice


@dataclass(frozen=True, eq=False)
class Restoration:
    """A restored picture and how it came about.

    Attributes
    ----------
    image : array of the observed picture's shape and dtype, not clipped
    psf : float64 array, the PSF that was used
    method : str
    parameter : float
        Strength. Its meaning is the method's: the noise-to-signal ratio of "wiener" (of the variances, where a spectrum
        was fitted), the multiplier of "cls" and "tikhonov_miller", the weight of the prior of "hyper_laplacian" and
        "total_variation", the noise's standard deviation of "aggregate" and "nonlocal", the iterations of
        "richardson_lucy", "landweber" and "van_cittert"; 0 of "inverse".
    rule : str
        How the strength was found: "given", "usual" (the number of iterations that the method takes by default),
        "whittle" (fitted to the spectrum), "evidence" (from the noise and the first estimate), "held-out", or a rule of
        `restore.parameter_choice`.
    noise_sigma : float
        Standard deviation of the noise per sample, image units: estimated, or as given. What the blur cannot explain
        counts as noise, so that it may be more than what flat places show.
    boundary : str
        What was assumed outside the frame.
    iterations : int
        0 for the linear filters.
    choice : StrengthChoice or None
        The curve that the rule saw and the residuals it could reach, where a rule chose.
    diagnosis : Diagnosis or None
        What is left over, and whether the picture looks blurred by this PSF.
    noise_is_white : bool
        False where the strength comes from coloured noise, as demosaicing, denoising, resizing, sharpening and JPEG
        leave it: more at some frequencies than at others.
    quality : str or None
        The word by which the method was chosen; None of a method that was named.
    smoothness : float
        The factor on the strength that was asked for; `parameter` includes it.
    raised : float
        The factor by which the strength was raised besides, because the result was darker than can be; `parameter`
        includes it. Only where method and strength were chosen.
    gave_up : bool
        Whether that did not help either: then `image` is the observed one.
    dead : bool array of the picture's spatial shape, or None
        True where there is no picture, None where there is one everywhere: areas of exactly equal samples whose edges
        the blur could not have left, such as letterbox bars. They were taken as unknown, and stay as they were.
    is_frame_limited : bool
        Whether there is so little noise that what the frame does not hold limits the sharpness.
    contradictions : Contradictions or None
        The samples that contradict the PSF, and the clipped ones that are brighter than they say: `wrong` and
        `brighter`, bool arrays of the picture's shape. None where the residual did not ask for a closer look.
    reason : str
        Why the method was taken, where the picture decided it: "71% of it is dark ground, ..."; else empty.
    banding : float
        Noise that rows or columns shared and that was taken off before, relative to that of single samples (standard
        deviations); 0 where there was none.
    target : float, array or None
        What the image looks seen by, where it was restored to a PSF and not to points: the full width at half maximum
        of a Gaussian, or that PSF.
    """

    image: Array
    psf: Array
    method: str
    parameter: float
    rule: str
    noise_sigma: float
    boundary: str
    iterations: int = 0
    choice: StrengthChoice | None = None
    diagnosis: Diagnosis | None = None
    noise_is_white: bool = True
    quality: str | None = None
    smoothness: float = 1.0
    raised: float = 1.0
    gave_up: bool = False
    dead: Array | None = None
    is_frame_limited: bool = False
    contradictions: Contradictions | None = None
    reason: str = ""
    banding: float = 0.0
    target: float | Array | None = None

    @property
    def doubts(self) -> tuple[str, ...]:
        """Return in words what speaks against the result."""
        contradictions, choice = self.contradictions, self.choice
        evidence = Evidence(
            diagnosis=self.diagnosis,
            raised=self.raised,
            gave_up=self.gave_up,
            is_frame_limited=self.is_frame_limited,
            contradicting=contradictions.share if contradictions is not None and contradictions.are_too_many else None,
            edge=choice if choice is not None and choice.at_edge else None,
        )
        return evidence.doubts
