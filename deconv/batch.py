"""One input or many: progress, what went wrong with an input, and going on after a bad one."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Sequence

from scipy import fft

from deconv import process
from deconv.console import tell
from deconv.errors import UsageError, input_error, internal_error
from deconv.progress import each_shown
from deconv.report import Report
from deconv.settings import Reporting

Work = Callable[[str], Report]


def run_batch(inputs: Sequence[str], work: Work, reporting: Reporting, *, figure: str | None = None) -> int:
    """Run `work` on every input and return the exit code; `figure` is the file that was named for one figure.

    A single bad input raises. Of several, a bad one is passed over and named at the end, with exit code 2; 1 if the
    program itself failed on one.
    """
    if len(inputs) > 1 and figure is not None:
        raise UsageError("--figure names one file: leave it out for several pictures, each gets its own")
    with fft.set_workers(reporting.threads or os.cpu_count() or 1):
        if len(inputs) == 1:
            _reported(inputs[0], work, is_alone=True).publish(reporting)
            return 0
        failures = _run_many(inputs, work, reporting)
    for source, error in failures:
        tell(f"error: {error}" if isinstance(error, UsageError) else f"{source}: {internal_error(error)}")
    if failures:
        tell(f"{len(failures)} of {len(inputs)} pictures failed")
    faults = [error for _, error in failures if not isinstance(error, UsageError)]
    return 1 if faults else 2 if failures else 0


def _run_many(inputs: Sequence[str], work: Work, reporting: Reporting) -> list[tuple[str, Exception]]:
    failures = []
    for source in each_shown(inputs, reporting):
        try:
            _reported(source, work, is_alone=False).publish(reporting)
        except Exception as error:
            if process.exit_code() is not None:
                raise
            if reporting.debug:
                traceback.print_exc()
            failures.append((source, error))
    return failures


def _reported(source: str, work: Work, *, is_alone: bool) -> Report:
    """Return the report of one input; whatever the libraries and the system refuse becomes a `UsageError` here."""
    try:
        return work(source)
    except Exception as error:
        refusal = input_error(error, source, is_alone=is_alone)
        if refusal is None:
            raise
        raise refusal from error
