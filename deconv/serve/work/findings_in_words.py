"""What the page says of a picture that was dropped on it: what it is, and how it seems to be blurred."""

from __future__ import annotations

from typing import Any

from deconv.deblur.request import DeblurRequest
from deconv.inputs.psf import estimate
from deconv.report import plain
from deconv.serve.work.opened import Opened, within
from restore import PSFEstimate

#: From so many pixels on a part is looked at first, and the edge of that.
LARGE, FIRST = 1_000_000, 640
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


def first_look(opened: Opened, request: DeblurRequest) -> dict[str, Any]:
    """Return what blur a part of a large picture shows, soon; no words of a picture that is looked at soon itself."""
    width, height = opened.size
    if width * height < LARGE:
        return {"words": ""}
    x, y, wide, high = opened.window
    box = within((x + wide // 2 - FIRST // 2, y + high // 2 - FIRST // 2, FIRST, FIRST), width, height)
    blur = estimate(request.psf, opened.part(box))
    return plain({"words": _sentence(blur), "settings": {"psf": blur.family, **blur.parameters}})


def blur_of(opened: Opened, request: DeblurRequest) -> dict[str, Any]:
    """Return what blur a picture shows, in words and numbers."""
    blur = opened.estimate(request.psf, opened.light)
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
