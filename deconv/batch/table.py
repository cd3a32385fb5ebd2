"""The table that closes a run over several inputs: a row for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from deconv.batch.outcome import Outcome

HEAD = ("input", "psf", "strength", "seconds", "remarks")


def table(outcomes: Sequence[Outcome]) -> list[str]:
    """Return the lines of the table; a column that says nothing is left out."""
    rows = [_row(outcome) for outcome in outcomes]
    columns = [column for column in zip(HEAD, *rows, strict=True) if any(column[1:])]
    widths = [max(map(len, column)) for column in columns]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in zip(*columns, strict=True)
    ]


def _row(outcome: Outcome) -> tuple[str, ...]:
    if outcome.report is None:
        return (outcome.source, "", "", "", f"failed: {_what(outcome)}")
    record, psf = outcome.report.record, outcome.report.line("psf")
    return (outcome.source, psf, _strength(record), _seconds(record), _remarks(record))


def _what(outcome: Outcome) -> str:
    """Return what went wrong, without the name that the row begins with and without what to do about it."""
    return outcome.error.removeprefix(f"{outcome.source}: ").partition(" (")[0]


def _strength(record: dict[str, Any]) -> str:
    value, rule = record.get("parameter"), record.get("rule")
    return "" if value is None else f"{value:.3g}{f' ({rule})' if rule else ''}"


def _seconds(record: dict[str, Any]) -> str:
    return f"{record['seconds']:.1f}" if "seconds" in record else ""


def _remarks(record: dict[str, Any]) -> str:
    if record.get("passed_over"):
        return "passed over"
    return "; ".join(record.get("warnings") or [record.get("verdict", "")])
