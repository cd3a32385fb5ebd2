"""What the name of a rule says about a strength, in a sentence."""

from __future__ import annotations

#: By the `rule` of a `Restoration`.
MEANINGS = {
    "given": "The strength was given by the user.",
    "usual": "The usual number of iterations; nothing was found in the picture.",
    "whittle": "The strength follows from signal and noise, both fitted to the picture's spectrum.",
    "evidence": "The strength follows from the noise and a first estimate.",
    "held-out": "The strength was tested on samples that were held out.",
    "upre": "The strength of least predicted risk, an unbiased estimate from the noise.",
    "gcv": "The strength that predicts left-out samples best (generalized cross-validation).",
    "expected_error": "The strength of least error, as the fitted spectra of picture and noise expect it.",
    "discrepancy": "The strength at which the residual is as large as the noise.",
    "corrected_discrepancy": "The strength at which the residual is as large as the noise of the samples left free.",
    "textbook": "The strength at which the residual is as large as the noise, found by increments.",
    "whiteness": "The strength whose residual has the flattest spectrum.",
    "l_curve": "The corner of the curve of residual against roughness.",
}


def meaning(rule: str) -> str:
    """Return the sentence for a rule, a plain one for a rule that is not listed."""
    return MEANINGS.get(rule, "How the strength was found in the picture.")
