"""What goes wrong by what the user gave, and the one line that says so."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")

#: What the arguments of `deconv.pictures`, of which its remedies speak, are called on the command line.
OPTIONS = {
    "axes": "--axes",
    "force=True": "--force",
    "frame": "--frame N",
    "frame=N": "--frame N",
    'frame="all"': "--frame all",
    "max_pixels": "the limit with --max-pixels",
    "output": "--output",
}


class UsageError(Exception):
    """The user asked for something that cannot be done; its text says what and what to do."""


def explained(source: str, call: Callable[[], Answer]) -> Answer:
    """Run a call of a package; its refusals are about what the user gave."""
    from deconv.pictures import PictureError  # the parser raises a UsageError without loading NumPy

    try:
        return call()
    except PictureError:  # names its file itself
        raise
    except (TypeError, ValueError) as error:
        raise UsageError(f"{source}: {error}") from error


def user_error(error: BaseException, source: str | None = None) -> str | None:
    """Return the line that explains an error the user can do something about, None for a fault of the program."""
    from deconv.pictures import PictureError

    if isinstance(error, MemoryError):
        where = f"{source}: " if source else ""
        return f"{where}not enough memory (crop the picture, or use a machine with more)"
    if isinstance(error, (UsageError, PictureError)):
        text = error.in_words(OPTIONS) if isinstance(error, PictureError) else str(error)
        return text if source is None or text.startswith(source) else f"{source}: {text}"
    return None
