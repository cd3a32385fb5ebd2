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


#: What the refusals of `restore` and `upsample` call things that have an option of another name, phrases first.
LIBRARY = {
    "pass channel_axis for colour, or one plane of a stack": "choose one plane with --frame N, or name the axes with "
    "--axes",
    "pass channel_axis for a colour image": "name the axes with --axes",
    "see convert_weight": "say which with --layout",
    "noise_var": "--noise",
    "output_padding": "--output-padding",
    "output_size": "--output-size",
    "read_noise": "--read-noise",
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
        raise UsageError(f"{source}: {in_options(str(error))}") from error


def in_options(refusal: str) -> str:
    """Return what a package says of its arguments, in the words of the command line."""
    for words, option in LIBRARY.items():
        refusal = refusal.replace(words, option)
    return refusal


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
