"""An averaged PSF in words: what was left out, and how wide it is."""

from __future__ import annotations

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


def widths(average: PSFAverage, steps: tuple[float, ...] | None) -> dict[str, str]:
    """Return the width along every axis, with how much those of the points differ."""
    words = {}
    for place, axis in enumerate("zyx"[-average.psf.ndim :]):
        text = f"{average.fwhm[place]:.2f} \N{PLUS-MINUS SIGN} {average.spread[place]:.2f} px"
        words[axis] = text if steps is None else f"{text}, {1000 * average.fwhm[place] * steps[place]:.0f} nm"
    return words
