"""The files that pages are put together from; a page is one document, and nothing is loaded beside it."""

from __future__ import annotations

from importlib import resources


def part(package: str, name: str) -> str:
    """Return the text of a file beside the modules of a package."""
    return (resources.files(package) / name).read_text(encoding="utf-8")


def shared(name: str) -> str:
    """Return a file of all pages: style.css, theme.js or viewer.js."""
    return part(__package__, name)
