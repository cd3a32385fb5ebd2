"""What is left over of a part, and the spectra: the charts of the report, for the page."""

from __future__ import annotations

import io
from typing import Any

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from deconv.deblur.request import DeblurRequest
from deconv.errors import UsageError
from deconv.figures.diagnostics import charts
from deconv.inputs.kernel import Kernel
from deconv.report import plain
from deconv.serve.work.opened import Opened
from deconv.serve.work.preview import Block, restored_block
from deconv.serve.work.rendering import Shown

#: Inches of a chart, and pixels of an inch.
SIZE, DPI = (4.6, 3.9), 100
#: The colours of the page: ground, writing.
LIGHT, DARK = ("#ffffff", "#1a1f26"), ("#12161b", "#e7eaee")


def drawn_charts(opened: Opened, request: DeblurRequest, block: Block, kernel: Kernel, *, dark: bool) -> Shown:
    """Return the charts of a part that was restored as the program restores a picture, one below the other."""
    result = restored_block(opened, request, block, kernel)
    diagnosis = result.first.diagnosis
    if diagnosis is None:
        raise UsageError("there is nothing to say of this part (take a larger one)")
    row = charts(result.first, diagnosis)
    ground, writing = DARK if dark else LIGHT
    ink = dict.fromkeys(("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"), writing)
    style: Any = {**ink, "axes.facecolor": ground, "figure.facecolor": ground}
    with matplotlib.rc_context(style):
        figure = Figure(figsize=(SIZE[0] * len(row), SIZE[1]), dpi=DPI, layout="constrained")
        FigureCanvasAgg(figure)
        for axes, chart in zip(figure.subplots(1, len(row), squeeze=False)[0], row, strict=True):
            chart.draw(axes)
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png")
    numbers = {
        "meanings": [chart.meaning for chart in row],
        "residual": diagnosis.residual_sigma,
        "noise": result.first.noise_sigma,
        "looks": diagnosis.psf_looks,
        "doubts": list(result.doubts),
    }
    return Shown(buffer.getvalue(), "image/png", plain(numbers))
