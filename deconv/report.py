"""What a run tells: lines for people on stderr, one JSON object per input on stdout."""

from __future__ import annotations

import argparse
import json
import math
import sys
from typing import Any


class Report:
    """Collects what is said of one input and prints it once, when its outputs exist."""

    def __init__(self, arguments: argparse.Namespace, source: str) -> None:
        self._arguments = arguments
        self._lines: list[tuple[str, str]] = []
        self.source = source
        self.record: dict[str, Any] = {"input": source}

    def say(self, topic: str, text: str) -> None:
        """Add a line for people."""
        self._lines.append((topic, text))

    def publish(self) -> None:
        """Print the lines and, if asked for, the JSON object."""
        if not self._arguments.quiet:
            print(self.source, file=sys.stderr)  # noqa: T201
            for topic, text in self._lines:
                print(f"  {topic:<10s}{text}", file=sys.stderr)  # noqa: T201
        if self._arguments.json:
            print(json.dumps(_plain(self.record), allow_nan=False), flush=True)  # noqa: T201


def _plain(value: Any) -> Any:
    """Turn NumPy numbers into Python's, and numbers JSON has no word for into null."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
