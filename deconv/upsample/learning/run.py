"""`upsample --learn`: learn a kernel from pictures, write it, and show how it compares."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from deconv.batch.run import run_batch
from deconv.errors import UsageError
from deconv.inputs.linear_light import reserving
from deconv.pictures.formats.npy import save_array
from deconv.report import Report
from deconv.settings import Destination
from deconv.upsample.geometry import pair_text, size_text
from deconv.upsample.learning import figure as lesson_figure
from deconv.upsample.learning.lesson import Lesson, descent_of, judge_of, lesson_of
from deconv.upsample.learning.pairs import picture_files
from deconv.upsample.request import UpsampleRequest


def learn(request: UpsampleRequest) -> int:
    """Learn one kernel from all inputs."""
    files = picture_files(request.inputs)
    return run_batch([files[0]], lambda _: _learn_from(request, files), request.reporting)


def _learn_from(request: UpsampleRequest, files: list[str]) -> Report:
    started = time.perf_counter()
    output, figure = _outputs(request.destination, files[0])
    judge = judge_of(request, files)
    with reserving(replace(request.destination, many=False), *files) as outputs:
        kernel_file = outputs.reserve(output)
        figure_file = outputs.reserve(figure) if figure else None
        lesson = lesson_of(request, files, judge)
        with kernel_file.open("wb") as file:
            save_array(file, lesson.learned.weight)
        if figure_file:
            lesson_figure.draw(figure_file, lesson, *descent_of(request, lesson))
    return _report_of(lesson, output, figure, time.perf_counter() - started)


def _outputs(destination: Destination, first: str) -> tuple[Path, Path | None]:
    """Return where the kernel and the figure go: one kernel, however many inputs there are."""
    alone = replace(destination, many=False)
    output = alone.result_of(str(Path(first).with_suffix(".npy")), "kernel")
    if output.suffix.lower() != ".npy":
        raise UsageError(f"{output}: a kernel is a .npy file (name it so with --output)")
    return output, alone.figure_of(output)


def _report_of(lesson: Lesson, output: Path, figure: Path | None, seconds: float) -> Report:
    learned, psnr = lesson.learned, lesson.psnr
    stride = pair_text(learned.stride).replace(" and ", ",")
    report = Report(lesson.files[0] if len(lesson.files) == 1 else f"{len(lesson.files)} pictures")
    size = size_text(learned.weight.shape[2:])
    report.say("learned", f"{size} taps, stride {stride}, from means of the blocks of {lesson.teachers}")
    report.say("training", f"{learned.explained_variance:.3%} of the variance explained")
    report.say("judged", f"{lesson.judged}: {lesson.verdict}")
    report.say("", ", ".join(f"{name} {value:.2f} dB" for name, value in psnr.items()))
    report.say(
        "check", f"every phase sums to {learned.weight[0, 0].sum() / np.prod(learned.stride):.4f}: no checkerboard"
    )
    report.say("apply", f"upsample PICTURE --stride {stride} --kernel {output} --padding same --border replicate")
    report.say("written", f"{', '.join(str(path) for path in (output, figure) if path)} ({seconds:.1f} s)")
    report.record |= {
        "input": lesson.files,
        "output": str(output),
        "figure": str(figure) if figure else None,
        **_record(lesson),
        "seconds": round(seconds, 3),
    }
    return report


def _record(lesson: Lesson) -> dict[str, Any]:
    learned, sums = lesson.learned, lesson.diagnosis.phase_sums
    return {
        "kernel": "learned",
        "shape": learned.weight.shape,
        "stride": learned.stride,
        "padding": learned.padding,
        "training_error": learned.training_error,
        "start_error": learned.start_error,
        "explained_variance": learned.explained_variance,
        "judged": lesson.judged,
        "judged_in_training": not lesson.is_fair,
        "psnr": lesson.psnr,
        "phase_sums": {"min": sums.min(), "max": sums.max()},
        "notes": lesson.pair.source.notes,
    }
