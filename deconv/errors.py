"""What goes wrong by what the user gave, and the one line that says so."""

from __future__ import annotations

import re

#: What the arguments of `deconv.pictures`, of which its remedies speak, are called on the command line.
OPTIONS = {
    "axes": "--axes",
    "channel=N": "--channel N",
    "force=True": "--force",
    "frame": "--frame N",
    "frame=N": "--frame N",
    'frame="all"': "--frame all",
    "max_pixels": "the limit with --max-pixels",
    "output": "--output",
    "resume=True": "--resume",
}
#: What the arguments of the two libraries, with which their refusals begin, are called there.
ARGUMENTS = {
    "noise_sigma": "--noise",
    "smoothness": "--smoother",
    "psf_spread": "--psf-spread",
    **{
        name: f"--{name}"
        for name in (
            *("sigma", "radius", "length", "angle", "fwhm", "beta"),
            *("bsnr", "photons", "boundary", "mask"),
            *("method", "nsr", "regularization", "rule", "operator", "strength", "iterations", "gain"),
            *("kernel", "stride", "padding", "dilation", "groups", "border"),
        )
    },
}
#: What the refusals of `restore` and `upsample` call things that have an option of another name, phrases first.
LIBRARY = {
    "pass channel_axis for colour, or one plane of a stack": "choose one plane with --frame N, or name the axes with "
    "--axes",
    "pass channel_axis for a colour image": "name the axes with --axes",
    "scale x or the weight, or use a wider type": "scale the map, or save it as a wider type",
    "learn one by learn_kernel": "learn one with --learn",
    "see convert_weight": "say which with --layout",
    "noise_var": "--noise",
    "output_padding": "--output-padding",
    "output_size": "--output-size",
    "read_noise": "--read-noise",
}


class UsageError(Exception):
    """The user asked for something that cannot be done; its text says what and what to do."""


def user_error(error: BaseException) -> str | None:
    """Return the line that explains an error the user can do something about, None for a fault of the program."""
    from deconv.pictures import PictureError  # the parser raises a UsageError without loading NumPy

    if isinstance(error, PictureError):
        return error.in_words(OPTIONS)
    if isinstance(error, UsageError):
        return str(error)
    return _system_error(error) if isinstance(error, OSError) else _refusal(error)


def in_options(refusal: str) -> str:
    """Return what a package says of its arguments, in the words of the command line."""
    for words, option in LIBRARY.items():
        refusal = refusal.replace(words, option)
    return re.sub(r"^\w+", lambda name: ARGUMENTS.get(name[0], name[0]), refusal)


def input_error(error: Exception, source: str, *, is_alone: bool) -> UsageError | None:
    """Return what went wrong with one input, None for a fault of the program.

    The line begins with the input, unless that is the only one and the line speaks of another file or of an option.
    """
    from deconv.pictures import PictureError

    line = user_error(error)
    if line is None:
        return None
    names_a_file = isinstance(error, PictureError) or (isinstance(error, OSError) and error.filename is not None)
    speaks_for_itself = is_alone and (names_a_file or line.startswith("--"))
    return UsageError(line if speaks_for_itself or line.startswith(source) else f"{source}: {line}")


def internal_error(error: BaseException) -> str:
    """Return the line that admits a fault of the program."""
    return f"internal error: {type(error).__name__}: {error} (--debug shows where)"


def _system_error(error: OSError) -> str | None:
    """Return what the operating system refused; an error without a number is none of its own."""
    if error.errno is None:
        return None
    reason = (error.strerror or str(error)).lower()
    name = "" if error.filename is None else f"{error.filename}: "
    return f"{name}{reason} (check the names, the folders and their permissions)"


def _refusal(error: BaseException) -> str | None:
    """Return what a library would not do, and what was beyond the machine."""
    from restore.checks import Refusal as RestoreRefusal
    from upsample.checks import Refusal as UpsampleRefusal

    if isinstance(error, (RestoreRefusal, UpsampleRefusal)):
        return in_options(str(error))
    if isinstance(error, MemoryError):
        return "not enough memory (crop the picture, or use a machine with more)"
    if isinstance(error, OverflowError):
        return "the numbers are too large to compute with (scale the samples to about 1, or give smaller options)"
    return None
