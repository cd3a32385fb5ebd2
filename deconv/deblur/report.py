"""What a run of the deblur command tells: lines for people and the JSON object."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from deconv import __version__
from deconv.deblur.card import Variant
from deconv.deblur.work import Work
from deconv.inputs.kernel import Kernel
from deconv.inputs.masks import CLIPPED
from deconv.pictures import losses
from deconv.quality import isnr_words, psnr_words, ssim_words
from deconv.report import Report, clipped_words, percent
from restore.diagnosis.diagnosis import Diagnosis
from restore.methods.doubts import WRONG

#: Parts of a stack of which the strength is said one by one.
MOST_PARTS = 6
#: Share of clipped samples from which they are worth a line.
MANY_CLIPPED = 0.001
#: Noise of less than this share of the largest sample is none: a picture's type rounds more.
NO_NOISE = 1e-12


@dataclass(frozen=True)
class Files:
    """The files that one input gives, by the names that the user knows."""

    output: Path
    figure: Path | None
    card: str | None
    page: str | None

    @property
    def named(self) -> dict[str, Path]:
        """Return those that are written, by what they are."""
        files = {"output": self.output, "figure": self.figure, "card": self.card, "page": self.page}
        return {name: Path(path) for name, path in files.items() if path}

    def __str__(self) -> str:
        return ", ".join(map(str, filter(None, (self.output, self.figure, self.card, self.page))))


def report_of(work: Work, files: Files, variants: Sequence[Variant], seconds: float) -> Report:
    """Return the report of one input."""
    report = Report(work.source)
    notes = (*work.notes, *losses(work.picture, files.output))
    _say(report, work, notes)
    for variant in variants:
        report.say("card", f"{variant.title}: misfit {variant.misfit:.1f}, residual {variant.residual:.2f}")
    report.say("written", f"{files} ({seconds:.1f} s)")
    report.record |= {
        "output": str(files.output),
        "figure": str(files.figure) if files.figure else None,
        **_restoration(work),
        **work.quality,
        "card": files.card,
        "report": files.page,
        "sensitivity": [variant.record() for variant in variants],
        "notes": [*notes, *_hints(work)],
        "warnings": list(work.restored.doubts),
        "seconds": round(seconds, 3),
    }
    return report


def history_of(work: Work) -> tuple[str, ...]:
    """Return what a file that keeps its history is told of the restoration."""
    first = work.restored.first
    steps = (f"{first.iterations} iterations",) if first.iterations else ()
    return (
        f"Deconv {__version__}: deconvolved, method {_method(work)}",
        f"PSF {work.kernel.describe()}",
        ", ".join(
            (f"boundary {first.boundary}", f"noise sigma {work.light.number(work.restored.noise_sigma):.4g}", *steps)
        ),
        *(f"part {number}: {words}" for number, words in enumerate(_strengths(work))),
    )


def _strengths(work: Work) -> list[str]:
    """Return the strength of every part of a stack, where they differ."""
    parts, strength = work.restored.planes, work.method.strength
    if strength is None or len({part.parameter for part in parts}) < 2:
        return []
    return [f"{strength.name} {part.parameter:.3g}" for part in parts]


def _say(report: Report, work: Work, notes: Sequence[str]) -> None:
    """Tell people what was done."""
    mask, clipped = work.restored.mask, work.light.clipped_share()
    report.say("picture", work.light.describe())
    for note in notes:
        report.say("note", note)
    report.say("psf", work.kernel.describe())
    report.say("method", f"{_method(work)}, boundary {work.restored.first.boundary}")
    if work.restored.first.reason:
        report.say("because", work.restored.first.reason)
    if strengths := _strengths(work):
        report.say("each", "; ".join(strengths[:MOST_PARTS]) + ", ..." * (len(strengths) > MOST_PARTS))
    report.say("noise", _noise(work))
    if mask is not None:
        report.say("unknown", work.restored.hidden.describe(float(mask.mean())))
    elif clipped > MANY_CLIPPED:
        report.say("note", f"{CLIPPED}: {percent(clipped)}, {_taken(work)}")
    if share := work.restored.contradicting_share:
        is_resolved = any(p.contradictions is not None and p.contradictions.are_resolved for p in work.restored.planes)
        report.say("outliers", contradiction_words(share, is_resolved=is_resolved))
    if work.restored.banding:
        report.say("banding", banding_words(work.restored.banding))
    if work.restored.dead_share:
        report.say("note", dead_words(work.restored.dead_share))
    if work.picture.clipped and not work.floating:
        report.say("clipped", clipped_words(work.picture))
    if work.quality:
        quality = work.quality
        report.say("quality", f"PSNR {psnr_words(quality)}, SSIM {ssim_words(quality)}, ISNR {isnr_words(quality)}")
    for doubt in work.restored.doubts:
        report.say("warning", doubt)
    for hint in _hints(work):
        report.say("hint", hint)


def _taken(work: Work) -> str:
    """Return what clipped samples were taken for."""
    return "used as they are" if np.isinf(work.restored.settings["white_level"]) else "taken for that light or more"


def dead_words(share: float, why: str = "with edges that no blur leaves") -> str:
    """Return what is said of areas that hold no picture."""
    return f"{share:.1%} of the picture holds nothing (equal samples, {why}): taken as unknown, left as it was"


def banding_words(strength: float) -> str:
    """Return what is said of noise that was taken off."""
    return f"rows or columns share noise, {strength:.1f} times that of samples: taken off"


def contradiction_words(share: float, *, is_resolved: bool = True) -> str:
    """Return what to say of samples that contradict the PSF."""
    return f"{percent(share)} of the samples contradict the PSF: {'solved for' if is_resolved else 'used as they are'}"


def _hints(work: Work) -> tuple[str, ...]:
    """Return what to try where the PSF that was found does not suit the picture."""
    return hints_of(work.kernel, (plane.diagnosis for plane in work.restored.planes))


def hints_of(kernel: Kernel, diagnoses: Iterable[Diagnosis | None]) -> tuple[str, ...]:
    """Return the same by what is known of each plane."""
    looks = {diagnosis.psf_looks for diagnosis in diagnoses if diagnosis is not None}
    if not kernel.estimated or not looks & set(WRONG):
        return ()
    return ("the blur may be of another kind: try --psf blind for a shaken camera",)


def _noise(work: Work) -> str:
    sigma, largest = work.restored.noise_sigma, float(np.nanmax(np.abs(work.light.image)))
    return f"sigma {work.light.level(sigma)}{_colour(work)}" if sigma > NO_NOISE * largest > 0 else "none"


def _colour(work: Work) -> str:
    """Return what to say after the level of the noise."""
    return "" if work.restored.noise_is_white else ", coloured (demosaiced, denoised, resized or compressed)"


def _method(work: Work) -> str:
    """Return the method with its strength, as its record calls it."""
    first, strength = work.restored.first, work.method.strength
    words = [first.method if first.quality is None else f"{first.method} (quality {first.quality})"]
    if strength is not None:
        words.append(f"{strength.name} {first.parameter:.3g} ({first.rule})")
    if first.target is not None:
        words.append(f"seen by a Gaussian of {first.target:g} px at half maximum")
    if work.restored.subsampling > 1:
        words.append(f"on a grid finer by {work.restored.subsampling}, each sample as bright as one of the picture")
    if first.smoothness != 1:
        factor, word = max((first.smoothness, "smoother"), (1 / first.smoothness, "sharper"))
        words.append(f"{factor:.3g} times {word}")
    if work.restored.keep_flat:
        words.append(
            f"the file's own samples where its contrast is below {work.restored.keep_flat:.3g} times the noise"
        )
    return ", ".join(words)


def _restoration(work: Work) -> dict[str, Any]:
    """Return the part of the JSON object about the restoration itself."""
    first, mask = work.restored.first, work.restored.mask
    return {
        "method": first.method,
        "quality": first.quality,
        "smoothness": first.smoothness,
        "keep_flat": work.restored.keep_flat,
        "target": first.target,
        "subsampling": work.restored.subsampling,
        "reason": first.reason,
        "raised": max(plane.raised for plane in work.restored.planes),
        "gave_up": any(plane.gave_up for plane in work.restored.planes),
        "psf": work.kernel.record(),
        "noise_sigma": work.restored.noise_sigma,
        "noise_is_white": work.restored.noise_is_white,
        "parameter": first.parameter,
        "rule": first.rule,
        "iterations": first.iterations,
        "boundary": first.boundary,
        **judgement(first.diagnosis),
        **_parts(work),
        "light": work.light.light,
        "dead": work.restored.dead_share,
        "banding": work.restored.banding,
        "contradicting": work.restored.contradicting_share,
        "masked": 0.0 if mask is None else float(mask.mean()),
        "clipped_input": work.light.clipped_share(),
        "clipped_output": work.picture.clipped_share,
        "clipped_output_low": work.picture.clipped_low / work.picture.samples.size,
    }


def _parts(work: Work) -> dict[str, Any]:
    """Return what was found for each part of a stack, in the order of the file."""
    parts = work.restored.planes
    keys = ("parameter", "iterations", "noise_sigma")
    return {"parts": [{key: getattr(part, key) for key in keys} for part in parts]} if len(parts) > 1 else {}


def judgement(diagnosis: Diagnosis | None) -> dict[str, Any]:
    """Return what the residual says, for the JSON object."""
    if diagnosis is None:
        return {}
    return {
        "residual_sigma": diagnosis.residual_sigma,
        "whiteness": diagnosis.whiteness,
        "psf_looks": diagnosis.psf_looks,
        "undershoot": diagnosis.undershoot,
    }
