"""The figure of a restoration: pictures side by side, the PSF, the numbers, and the diagnostics below."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from deconv.deblur.finer import magnified
from deconv.deblur.work import Work
from deconv.figures.comparison import Panel, comparison, panel_of
from deconv.figures.diagnostics import Diagnostics
from deconv.figures.display import SAID
from deconv.figures.views import shown_words
from deconv.quality import isnr_words, psnr_words, ssim_words
from deconv.report import percent


def panels_of(work: Work) -> list[Panel]:
    """Return the pictures that figure and page show."""
    quality = work.quality
    before = f"PSNR {quality['psnr_before']:.2f} dB" if quality else ""
    after = f"PSNR {quality['psnr_after']:.2f} dB, SSIM {quality['ssim_after']:.3f}" if quality else ""
    box = work.kernel.evidence.get("box")
    step, picture = work.restored.subsampling, work.light.picture
    if step > 1:  # the finer samples of both, for one place to be one place
        picture, box = magnified(picture, step), None if box is None else tuple(step * edge for edge in box)
    panels = [panel_of(picture, "input", before, box), panel_of(work.drawn, "restored", after)]
    if work.reference is not None:
        panels.append(panel_of(work.reference, "reference"))
    return panels


def draw(path: Path, work: Work, panels: Sequence[Panel], *, diagnostics: bool) -> None:
    """Write the figure."""
    first = work.restored.first
    below = Diagnostics(first, first.diagnosis) if diagnostics and first.diagnosis is not None else None
    title = f"{Path(work.source).name}: restored by {first.method}"
    warnings, white = work.restored.doubts, work.light.number(1.0)
    comparison(path, panels, work.kernel.psf, title, _facts(work), below, warnings=warnings, white=white)


def _facts(work: Work) -> list[tuple[str, str]]:
    """Return the numbers beside the pictures."""
    first, strength = work.restored.first, work.method.strength
    facts = [("PSF", work.kernel.describe()), ("method", first.method)]
    if strength is not None:
        facts.append((strength.symbol, f"{first.parameter:.3g} ({first.rule})"))
    colour = "" if work.restored.noise_is_white else ", coloured"
    facts += [
        ("noise", f"sigma {work.light.number(work.restored.noise_sigma):.3g}{colour}"),
        ("boundary", first.boundary),
    ]
    if work.quality:
        facts += [("PSNR", psnr_words(work.quality))]
        facts += [("SSIM", ssim_words(work.quality))]
        facts += [("ISNR", isnr_words(work.quality))]
    if work.drawn is work.picture and work.picture.clipped_share >= SAID:
        facts.append(("cut off", f"{percent(work.picture.clipped_share)} by the file's range"))
    if shown := shown_words(work.picture):
        facts.append(("seen", shown))
    return facts
