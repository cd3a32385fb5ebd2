"""What came of one input, as a process can tell another."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable
from dataclasses import dataclass

from deconv import process
from deconv.console import put
from deconv.errors import UsageError, input_error, internal_error
from deconv.report import Report
from deconv.settings import Reporting

Work = Callable[[str], Report]


@dataclass(frozen=True, eq=False)
class Outcome:
    """The report of one input, or the line that says what went wrong with it."""

    source: str
    report: Report | None = None
    error: str = ""
    is_fault: bool = False  # of the program
    trace: str = ""

    @property
    def line(self) -> str:
        """Return the line for an input that failed."""
        return f"{self.source}: {self.error}" if self.is_fault else f"error: {self.error}"

    def to_machines(self, reporting: Reporting) -> None:
        """Print the JSON object of an input that failed, if such are asked for."""
        if reporting.json:
            put(json.dumps({"input": self.source, "error": self.error}))

    @classmethod
    def refused(cls, source: str, reason: str) -> Outcome:
        """Return the outcome of an input that was not or could not be worked on."""
        return cls(source, error=f"{source}: {reason}")


def outcome_of(source: str, work: Work) -> Outcome:
    """Work on one of several inputs; what ends the process passes."""
    try:
        return Outcome(source, reported(source, work, is_alone=False))
    except Exception as error:
        if process.exit_code() is not None:
            raise
        return failed(source, error)


def failed(source: str, error: Exception) -> Outcome:
    """Return the outcome of an input with which something went wrong."""
    is_fault = not isinstance(error, UsageError)
    line = internal_error(error) if is_fault else str(error)
    return Outcome(source, error=line, is_fault=is_fault, trace="".join(traceback.format_exception(error)))


def reported(source: str, work: Work, *, is_alone: bool) -> Report:
    """Return the report of one input; whatever the libraries and the system refuse becomes a `UsageError` here."""
    try:
        return work(source)
    except Exception as error:
        refusal = input_error(error, source, is_alone=is_alone)
        if refusal is None:
            raise
        raise refusal from error
