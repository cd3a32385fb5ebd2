"""The figure of a lesson: the same detail by every kernel, the kernels, the way of the learning, and the phase sums."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import upsample
from deconv.figures.cells import draw_values
from deconv.figures.display import busiest, display_range
from deconv.figures.notation import Notation, decimal_notation, magnitudes
from deconv.figures.sheet import ACCENT, WIDTH, Sheet
from deconv.upsample.geometry import pair_text, size_text
from deconv.upsample.learning.lesson import Lesson
from upsample import LearnedKernel

Array = NDArray[Any]

#: Inches: the rim, the space between panels, a title above a panel, the edge of a panel below.
MARGIN, GAP, TITLE, EDGE = 0.4, 0.2, 0.42, 3.3
#: Inches: the column of the phase sums.
SUMS = 2.6
#: Least edge of the detail, in samples.
LEAST = 72
#: The colour of each kernel in words and curves.
COLOURS = {"nearest": "#7a7a7a", "bilinear": "#3b6ea8", "cubic": "#8a5a9e", "learned": ACCENT}


def draw(path: Path, lesson: Lesson, by_steps: LearnedKernel, at_once: LearnedKernel) -> None:
    """Write the figure."""
    size = f"{size_text(lesson.learned.weight.shape[2:])} taps, stride {pair_text(lesson.learned.stride)}"
    count = len(lesson.files)
    sheet = Sheet(title=f"A kernel learned from {count} picture{'s' * (count != 1)}: {size}")
    sheet.top = 0.6
    _draw_details(sheet, lesson)
    _draw_kernels(sheet, lesson)
    _draw_curve(sheet, lesson, by_steps, at_once)
    _draw_sums(sheet, lesson)
    sheet.top += TITLE + EDGE + 0.55
    sheet.text(MARGIN, 0, _words(lesson), fontsize=13, color="#444444", linespacing=1.5)
    sheet.top += 1.15
    sheet.save(path)


def _draw_details(sheet: Sheet, lesson: Lesson) -> None:
    """Draw the busiest detail of the picture, and what each kernel makes of the small map there."""
    sharp = lesson.pair.like_picture(lesson.pair.large)
    window = busiest(sharp, LEAST)
    low, high = display_range([sharp])
    images = {name: lesson.pair.like_picture(image) for name, image in lesson.enlarged.items()}
    panels = {f"{Path(lesson.judged).name}, a detail": (sharp, "#404040")}
    panels |= {f"{name}: {lesson.psnr[name]:.2f} dB": (image, COLOURS[name]) for name, image in images.items()}
    across = (WIDTH - 2 * MARGIN - 4 * GAP) / 5
    tall = across * sharp[window].shape[0] / sharp[window].shape[1]
    for i, (title, (image, colour)) in enumerate(panels.items()):
        axes = sheet.axes(MARGIN + i * (across + GAP), TITLE, across, tall)
        axes.imshow(np.clip((image[window] - low) / (high - low), 0, 1), cmap="gray", vmin=0, vmax=1, aspect="auto")
        axes.set(xticks=[], yticks=[])
        axes.set_title(title, fontsize=15, loc="left", color=colour)
    sheet.top += TITLE + tall + 0.3


def _draw_kernels(sheet: Sheet, lesson: Lesson) -> None:
    """Draw the bilinear and the learned kernel in cells, one scale for both."""
    learned = lesson.learned.weight[0, 0]
    start = upsample.bilinear_kernel(lesson.learned.stride)
    limit = max(float(np.abs(kernel).max()) for kernel in (start, learned))
    for i, (title, kernel) in enumerate({"bilinear": start, "learned": learned}.items()):
        rows, columns = kernel.shape
        cell = EDGE / max(max(rows, columns), 6)
        left = MARGIN + i * (EDGE + 3 * GAP)
        sheet.text(left, 0.06, f"the {title} kernel", fontsize=15, color=COLOURS[title])
        axes = sheet.axes(left, TITLE, columns * cell, rows * cell)
        draw_values(axes, kernel, decimal_notation(magnitudes(kernel)), cell, limit=limit)


def _draw_curve(sheet: Sheet, lesson: Lesson, by_steps: LearnedKernel, at_once: LearnedKernel) -> None:
    """Draw the error on the training pictures along the descent, and that of the exact solution."""
    left = MARGIN + 2 * EDGE + 6 * GAP + 0.75
    sheet.text(left, 0.06, "learned step by step, and at once", fontsize=15)
    axes = sheet.axes(left, TITLE, WIDTH - left - MARGIN - SUMS, EDGE - 0.45)
    axes.plot(_decibels(by_steps.curve, lesson), color=ACCENT, linewidth=2.5, label="gradient descent")
    exact = float(_decibels(at_once.curve[-1:], lesson)[0])
    axes.axhline(exact, color="#404040", linewidth=1.5, linestyle=(0, (4, 3)), label="exact solution")
    axes.set_xlabel("per cent of the steps", fontsize=13)
    axes.set_ylabel("training PSNR, dB", fontsize=13)
    axes.legend(fontsize=12, loc="lower right", frameon=False)
    axes.tick_params(labelsize=12)
    axes.grid(color="#e6e6e6")


def _draw_sums(sheet: Sheet, lesson: Lesson) -> None:
    """Draw what each phase of the learned kernel sums to."""
    sums = lesson.diagnosis.phase_sums[0, 0]
    cell = min(0.85, (SUMS - 0.5) / sums.shape[1], (EDGE - 0.5) / sums.shape[0])
    left = WIDTH - MARGIN - SUMS + 0.4
    sheet.text(left, 0.06, "its phase sums", fontsize=15)
    axes = sheet.axes(left, TITLE, sums.shape[1] * cell, sums.shape[0] * cell)
    draw_values(axes, sums, Notation(1, 4), cell, limit=2.0)


def _decibels(errors: Array, lesson: Lesson) -> Array:
    return 10 * np.log10(lesson.pair.span**2 / np.maximum(errors, np.finfo(float).tiny))


def _words(lesson: Lesson) -> str:
    """Return in three lines what was done and what came out."""
    stride, explained = size_text(lesson.learned.stride), lesson.learned.explained_variance
    return (
        f"{lesson.teachers.capitalize()} were shrunk to the means of {stride} blocks. The learned taps are those with "
        "which the\ntransposed convolution of the small map comes closest to the picture, every phase held to sum to 1 "
        "(no checkerboard): they explain "
        f"{explained:.2%} of its variance.\n"
        f"{lesson.verdict[0].upper()}{lesson.verdict[1:]}."
    )
