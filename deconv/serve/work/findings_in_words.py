"""What the page says of a picture that was dropped on it: what it is, and how it seems to be blurred."""

from __future__ import annotations

from typing import Any

from deconv.report import plain
from deconv.serve.work.opened import Opened
from restore import PSFEstimate

#: A blur in a sentence, with its size in pixels.
SENTENCES = {
    "gaussian": "It looks soft all over, as by a Gaussian of sigma {sigma:.3g} px.",
    "disk": "It looks out of focus: every point has become a disk of radius {radius:.3g} px.",
    "motion": "It looks moved: every point has become a line of {length:.3g} px at {angle:.3g}\N{DEGREE SIGN}.",
}
CONFIDENCE = {
    "confident": "The picture shows this clearly.",
    "weak": "The picture shows this weakly: look whether the preview gains by it.",
    "none": "No blur shows in it. Choose a kind of blur, tap a star or draw a box on an edge; a shaken camera is found "
    "by “shake”.",
}


def facts(opened: Opened) -> dict[str, Any]:
    """Return what a picture is."""
    width, height = opened.size
    return {
        "width": width,
        "height": height,
        "about": opened.light.describe(),
        "window": list(opened.window),
        "notes": list(opened.light.picture.notes),
    }


def blur_of(blur: PSFEstimate) -> dict[str, Any]:
    """Return a blur that was looked for, in words and numbers."""
    return plain(
        {
            "words": _sentence(blur),
            "confidence": blur.confidence,
            "trust": CONFIDENCE[blur.confidence],
            "verdict": blur.verdict,
            "family": blur.family,
            "parameters": blur.parameters,
            "uncertainty": blur.uncertainty,
            "rivals": blur.rivals,
        }
    )


def _sentence(blur: PSFEstimate) -> str:
    if blur.confidence == "none" or blur.family not in SENTENCES:
        return ""
    return SENTENCES[blur.family].format(**blur.parameters)
