"""One input or many: progress, and going on after a bad file."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Sequence

from scipy import fft

from deconv.errors import UsageError, user_error
from deconv.progress import each_shown
from deconv.report import Report
from deconv.settings import Reporting

Work = Callable[[str], Report]


def run_batch(inputs: Sequence[str], work: Work, reporting: Reporting, *, figure: str | None = None) -> int:
    """Run `work` on every input and return the exit code; `figure` is the file that was named for one figure.

    A single bad input raises. Of several, a bad one is passed over and named at the end, with exit code 2.
    """
    if len(inputs) > 1 and figure is not None:
        raise UsageError("--figure names one file: leave it out for several pictures, each gets its own")
    with fft.set_workers(reporting.threads or os.cpu_count() or 1):
        if len(inputs) == 1:
            work(inputs[0]).publish(reporting)
            return 0
        failures = _run_many(inputs, work, reporting)
    for line in failures:
        print(f"error: {line}", file=sys.stderr)  # noqa: T201
    if failures:
        print(f"{len(failures)} of {len(inputs)} pictures failed", file=sys.stderr)  # noqa: T201
    return 2 if failures else 0


def _run_many(inputs: Sequence[str], work: Work, reporting: Reporting) -> list[str]:
    failures = []
    for source in each_shown(inputs, reporting):
        try:
            report = work(source)
        except Exception as error:
            line = user_error(error, source)
            if line is None:
                raise
            if reporting.debug:
                traceback.print_exc()
            failures.append(line)
        else:
            report.publish(reporting)
    return failures
