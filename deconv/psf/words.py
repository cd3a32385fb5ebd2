"""An averaged PSF in words: what was left out, and how wide it is."""

from __future__ import annotations

from deconv.inputs.kernel import unit_of
from deconv.psf.grid import PSFGrid
from restore import PSFAverage

#: Points from which on their average is a good PSF.
ENOUGH = 5


def rejections(average: PSFAverage) -> str:
    """Return how many points were left out for which reason."""
    reasons = [reason for _, reason in average.rejected]
    counts = ", ".join(f"{reasons.count(reason)} {reason}" for reason in dict.fromkeys(reasons))
    return f"left out: {counts}" if counts else "none left out"


def few(average: PSFAverage) -> str:
    """Return what is to be said of an average of a few points, nothing of one of enough."""
    count = len(average.places)
    return f"of so few points ({count}) the average has their noise: {ENOUGH} or more are better" * (count < ENOUGH)


def widths(average: PSFAverage, grid: PSFGrid) -> dict[str, str]:
    """Return the width along every axis in pixels of the picture, with how much those of the points differ."""
    words, steps = {}, grid.steps
    for place, axis in enumerate("zyx"[-average.psf.ndim :]):
        width, spread = (values[place] / average.subsampling for values in (average.fwhm, average.spread))
        text = f"{width:.2f} \N{PLUS-MINUS SIGN} {spread:.2f} px"
        words[axis] = text if steps is None else f"{text}, {1000 * average.fwhm[place] * steps[place]:.0f} nm"
    return words


def fitted(average: PSFAverage) -> str:
    """Return a fitted family with its numbers, lengths in pixels of the picture, and their standard errors."""
    parts = []
    for name, value in average.parameters.items():
        is_length = unit_of(name) == "px"
        scale, unit = (average.subsampling, " px") if is_length else (1, "")
        error = average.uncertainty[name] / scale
        parts.append(f"{name} {value / scale:.4g} \N{PLUS-MINUS SIGN} {error:.2g}{unit}")
    return f"{average.family}, {', '.join(parts)}"
