"""What the contrast command reports of one input, for people and as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deconv.contrast.learning.circle import Circle
from deconv.contrast.meanings import Meanings
from deconv.contrast.numbers import ARTICLE
from deconv.contrast.rendering import Rendering, laws_text, strength_text
from deconv.contrast.request import ContrastRequest
from deconv.contrast.scene import Scene
from deconv.report import Report


@dataclass(frozen=True, eq=False)
class Contrast:
    """One picture, what both meanings and a trained layer make of it, how that looks, and the figures written."""

    scene: Scene
    meanings: Meanings
    rendering: Rendering
    circle: Circle | None
    figures: tuple[Path, ...]
    seconds: float


def report_of(request: ContrastRequest, source: str, contrast: Contrast) -> Report:
    """Return the report of one contrast."""
    report = Report(source)
    _say_scene(report, contrast.scene, contrast.rendering.psnr)
    _say_meanings(report, contrast.meanings, contrast.rendering.psnr)
    if contrast.circle is not None:
        _say_circle(report, contrast.circle)
    if contrast.figures:
        report.say("written", f"{', '.join(map(str, contrast.figures))} ({contrast.seconds:.1f} s)")
    report.record |= {
        **_figures_record(contrast.figures),
        **_settings_record(request, contrast.scene, contrast.meanings),
        "psnr": contrast.rendering.psnr,
        "deviations": {**contrast.meanings.deviations, "pseudo_inverse": ARTICLE.deviation()},
        "numbers": ARTICLE.record(),
        **({} if contrast.circle is None else {"learned": _circle_record(contrast)}),
        "notes": contrast.scene.notes,
        "warnings": contrast.meanings.warnings,
        "seconds": round(contrast.seconds, 3),
    }
    return report


def _say_scene(report: Report, scene: Scene, psnr: dict[str, float]) -> None:
    report.say("picture", scene.light.describe())
    for note in scene.notes:
        report.say("note", note)
    report.say("f", f"{scene.size}, taken as periodic")
    report.say("g", f"{scene.kernel.describe()}; noise sigma {scene.noise_sigma:.3g}; PSNR {psnr['blurred']:.2f} dB")


def _say_meanings(report: Report, meanings: Meanings, psnr: dict[str, float]) -> None:
    stride = meanings.stride
    report.say("restored", f"(C'C + lambda L'L)^-1 C' g, {strength_text(meanings)}: PSNR {psnr['restored']:.2f} dB")
    report.say("transpose", f"C' g, stride 1: PSNR {psnr['transposed']:.2f} dB; it blurs once more")
    report.say("enlarged", f"from 1/{stride} by stride {stride}: PSNR {psnr['enlarged']:.2f} dB")
    report.say("laws", laws_text(meanings))
    for warning in meanings.warnings:
        report.say("warning", warning)


def _say_circle(report: Report, circle: Circle) -> None:
    psnr, count = circle.psnr, len(circle.files)
    where = f"{count} other picture{'s' * (count != 1)}" if circle.is_fair else "this picture itself"
    report.say(
        "trained", f"layer of stride 1, {circle.taps} x {circle.taps} taps, on {where}: PSNR {psnr['learned']:.2f} dB"
    )
    off = f"off conj(H) / (|H|^2 + S_noise / S_mean) by {circle.responses.deviation:.1%} of its largest gain"
    report.say("wiener", f"restoration by the spectrum of g: PSNR {psnr['wiener']:.2f} dB; the trained layer is {off}")


def _circle_record(contrast: Contrast) -> dict[str, Any]:
    circle = contrast.circle
    assert circle is not None
    return {
        "taps": circle.taps,
        "trained_on": circle.files,
        "judged_in_training": not circle.is_fair,
        "psnr": circle.psnr,
        "explained_variance": circle.layer.explained_variance,
        "off_wiener": circle.responses.deviation,
        "figure": str(contrast.figures[2]) if contrast.figures else None,
    }


def _figures_record(figures: tuple[Path, ...]) -> dict[str, Any]:
    figure, numbers = map(str, figures[:2]) if figures else (None, None)
    return {"output": figure, "figure": figure, "numbers_figure": numbers}


def _settings_record(request: ContrastRequest, scene: Scene, meanings: Meanings) -> dict[str, Any]:
    return {
        "method": "cls",
        "psf": scene.kernel.record(),
        "noise_sigma": scene.noise_sigma,
        "seed": request.seed,
        "parameter": meanings.regularization,
        "rule": meanings.rule,
        "stride": meanings.stride,
        "boundary": "periodic",
        "light": scene.light.light,
        "shape": meanings.sharp.shape,
        "changes": scene.changes,
    }
