"""The files that pages are put together from: one document each, and nothing is loaded beside it.

The playground of the guide, which is opened from its file, links style.css and theme.js where they lie.
"""

from __future__ import annotations

from importlib import resources


def part(package: str, name: str) -> str:
    """Return the text of a file beside the modules of a package."""
    return (resources.files(package) / name).read_text(encoding="utf-8")


def shared(name: str) -> str:
    """Return a file of all pages: style.css, theme.js, viewer.css or viewer.js."""
    return part(__package__, name)
