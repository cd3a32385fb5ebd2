"""What the upsample command reports of one input, for people and as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deconv.report import Report
from deconv.upsample.drawing.content import Content
from deconv.upsample.geometry import Geometry, size_text
from deconv.upsample.request import Layer, Teaching, UpsampleRequest
from deconv.upsample.verdict import verdict
from upsample import Checkerboard, Enlargement


@dataclass(frozen=True)
class Results:
    """What was written, what had to be changed on the way, and how long all took."""

    output: Path
    figure: Path | None
    notes: tuple[str, ...]
    seconds: float


def report_of(request: UpsampleRequest, source: str, content: Content, results: Results) -> Report:
    """Return the report of one enlargement."""
    report = Report(source)
    _say_inputs(report, request.layer, content, results)
    _say_teaching(report, request.teaching, content)
    sizes = content.feature_map.values.shape, content.enlargement.result.shape
    report.say("enlarged", " -> ".join(map(size_text, sizes)))
    files = ", ".join(str(path) for path in (results.output, results.figure) if path)
    report.say("written", f"{files} ({results.seconds:.1f} s)")
    report.record |= {
        "output": str(results.output),
        "figure": str(results.figure) if results.figure else None,
        **_layer_record(request.layer, content.geometry, content.enlargement),
        "input_shape": content.feature_map.values.shape,
        "output_shape": content.enlargement.result.shape,
        "stages": content.geometry.sizes,
        **({"checkerboard": _checkerboard(content.enlargement.diagnosis)} if request.teaching.check else {}),
        "notes": results.notes,
        "seconds": round(results.seconds, 3),
    }
    return report


def _say_inputs(report: Report, layer: Layer, content: Content, results: Results) -> None:
    report.say("map", content.feature_map.describe())
    for note in results.notes:
        report.say("note", note)
    report.say("kernel", f"{layer.kernel}, {content.geometry.describe()}")


def _say_teaching(report: Report, teaching: Teaching, content: Content) -> None:
    if teaching.explain:
        report.say("stages", "y = C' x: the transpose of a convolution enlarges and restores nothing")
        for line in content.geometry.explanation(content.enlargement).splitlines():
            report.say("", line)
    if teaching.check:
        report.say("check", " ".join(verdict(content.enlargement)))


def _layer_record(layer: Layer, geometry: Geometry, enlargement: Enlargement) -> dict[str, Any]:
    return {
        "kernel": layer.kernel,
        "stride": enlargement.stride,
        "padding": geometry.crop if layer.padding is None else layer.padding,
        "crop": geometry.crop,
        "output_padding": layer.output_padding,
        "dilation": enlargement.dilation,
        "groups": enlargement.groups,
        "layout": layer.layout,
        "border": layer.border or ("replicate" if layer.has_named_kernel else "zero"),
    }


def _checkerboard(diagnosis: Checkerboard) -> dict[str, Any]:
    sums = diagnosis.phase_sums
    sums = abs(sums) if sums.dtype.kind == "c" else sums
    return {
        "even": diagnosis.even,
        "imbalance": diagnosis.imbalance,
        "overlap": diagnosis.overlap.tolist(),
        "phase_sums": {"min": sums.min(), "max": sums.max()},
    }
