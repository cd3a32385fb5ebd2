"""What a run tells: lines for people on stderr, one JSON object per input on stdout."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from deconv.console import put, tell
from deconv.settings import Reporting

if TYPE_CHECKING:
    from deconv.pictures import Picture


class Report:
    """Collects what is said of one input and prints it once, when its outputs exist."""

    def __init__(self, source: str) -> None:
        self._lines: list[tuple[str, str]] = []
        self.source = source
        self.record: dict[str, Any] = {"input": source}

    def say(self, topic: str, text: str) -> None:
        """Add a line for people."""
        self._lines.append((topic, text))

    def line(self, topic: str) -> str:
        """Return what is said of a topic, nothing where nothing is."""
        return next((text for name, text in self._lines if name == topic), "")

    def publish(self, reporting: Reporting) -> None:
        """Print the lines and, if asked for, the JSON object."""
        if not reporting.quiet:
            tell(self.source)
            for topic, text in self._lines:
                tell(f"  {topic:<10s}{text}")
        if reporting.json:
            put(json.dumps(plain(self.record), allow_nan=False))


def percent(share: float) -> str:
    """Return a share in per cent, to two digits: a few samples of millions are not 0.0 %."""
    return f"{100 * share:.2g} %"


def clipped_words(picture: Picture) -> str:
    """Say how much of a result did not fit into its file."""
    ends = {"at the bottom": picture.clipped_low, "at the top": picture.clipped - picture.clipped_low}
    parts = [f"{percent(count / picture.samples.size)} {end}" for end, count in ends.items() if count]
    return f"{' and '.join(parts)}: samples of the result that the range of the file cut off"


def plain(value: Any) -> Any:
    """Turn NumPy numbers into Python's, and numbers JSON has no word for into null."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
