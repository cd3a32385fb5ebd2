"""The upsample command: enlarge a feature map by transposed convolution and show how."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from deconv.batch.run import run_batch
from deconv.errors import UsageError
from deconv.inputs.linear_light import reserving
from deconv.progress import progress
from deconv.report import Report
from deconv.upsample.drawing.content import Content
from deconv.upsample.feature_maps import FeatureMap, read_map
from deconv.upsample.kernel_file import read_kernel
from deconv.upsample.report import Results, report_of
from deconv.upsample.request import Layer, UpsampleRequest
from upsample.checks import TooManySamples
from upsample.enlargement import Plan, plan_enlargement


def run(request: UpsampleRequest) -> int:
    """Enlarge every input."""
    work = partial(_enlarge_one, request)
    return run_batch(request.inputs, work, request.reporting, figure=request.destination.figure)


def _enlarge_one(request: UpsampleRequest, source: str) -> Report:
    started = time.perf_counter()
    layer = request.layer
    feature_map = read_map(source, request.reading, layout=layer.layout, limit=layer.max_samples)
    kernel, notes = read_kernel(layer, feature_map.layout)
    output = request.destination.result_of(source, "upsampled")
    figure = request.destination.figure_of(output)
    plan = _planned(layer, feature_map, kernel)
    feature_map.check_output(output, plan)
    with reserving(request.destination, source, layer.kernel) as outputs:
        result_file = outputs.reserve(output)
        figure_file = outputs.reserve(figure) if figure else None
        with progress(request.reporting, "enlarging"):
            enlargement = plan.carried_out()
        content = Content.of(Path(source).name, feature_map, enlargement, Path(layer.kernel).name)
        notes = (*feature_map.notes, *notes, *feature_map.write(enlargement.result, result_file, output))
        if figure_file:
            with progress(request.reporting, "drawing"):
                from deconv.upsample.drawing.figure import draw  # drawing is loaded where something is drawn

                draw(figure_file, content)
    results = Results(output=output, figure=figure, notes=notes, seconds=time.perf_counter() - started)
    return report_of(request, source, content, results)


def _planned(layer: Layer, feature_map: FeatureMap, kernel: str | NDArray[Any]) -> Plan:
    try:
        return plan_enlargement(
            feature_map.values,
            kernel,
            stride=layer.stride,
            padding=layer.padding,
            output_padding=layer.output_padding,
            output_size=layer.output_size,
            dilation=layer.dilation,
            groups=layer.groups,
            layout=feature_map.layout,
            border=layer.border,
            limit=layer.max_samples,
        )
    except TooManySamples as error:
        raise UsageError(f"{error} (lower --stride, or raise --max-samples)") from error
