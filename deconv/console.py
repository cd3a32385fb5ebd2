"""What is printed: lines for people on stderr, results on stdout, either of which may be closed, full or left by its
reader.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TextIO

from deconv.errors import UsageError


def tell(text: str) -> None:
    """Print one line for people; where stderr cannot take it, nobody reads it."""
    if sys.stderr is None:  # closed: `print` would take stdout instead
        return
    try:
        print(_on_one_line(text), file=sys.stderr, flush=True)  # noqa: T201
    except OSError:
        _silence(sys.stderr)


def put(text: str = "") -> None:
    """Print a result on stdout, all of it at once; refuse where it would be lost, unless its reader has left."""
    try:
        if sys.stdout is not None:
            print(text, end="\n" if text else "", flush=True)  # noqa: T201
    except BrokenPipeError:
        _silence(sys.stdout)
    except OSError as error:
        _silence(sys.stdout)
        reason = (error.strerror or str(error)).lower()
        raise UsageError(f"stdout: {reason} (what was to be printed is lost; send it elsewhere)") from error


def _on_one_line(text: str) -> str:
    """Return text with its control characters written out: the name of a file may hold any."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _silence(stream: TextIO) -> None:
    """Let what the stream still holds, and all to come, go nowhere: Python would try again at its end, and complain."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
