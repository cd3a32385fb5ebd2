"""From the settings of the page to the words of the command line, which say exactly the same."""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeGuard

from deconv.deblur.options import add_parser, request_of
from deconv.deblur.request import DeblurRequest
from deconv.errors import UsageError
from deconv.options import Parser
from deconv.settings import PSF_WORDS, Destination

#: What the page may set of `deblur`, in the order in which the command line says it. None of it names a file.
FAMILIES = tuple(word for word in PSF_WORDS if word != "measured")
PARAMETERS = ("sigma", "radius", "length", "angle", "size", "fwhm", "beta", "psf-size")
BOXES = ("psf-from-point", "psf-from-edge")
WORDS = ("quality", "method", "boundary", "clipped", "outliers", "rule", "operator")
NUMBERS = ("smoother", "sharper", "nsr", "regularization", "noise", "strength", "iterations", "psf-spread")
LIGHT = {"auto": [], "linear": ["--linear"], "srgb": ["--srgb"]}
#: No number of an option is as large.
LARGEST = 1e15
#: What a word of an option may look like.
WORD = re.compile(r"[a-z][a-z_-]{0,40}")


@dataclass(frozen=True)
class Command:
    """The words of one run: what is restored and how, and the files that it writes."""

    source: str
    settings: tuple[str, ...]
    output: Path
    report: Path

    @classmethod
    def on(cls, source: str, settings: tuple[str, ...]) -> Command:
        """Return the command that restores a file and puts the results beside it."""
        source = f"./{source}" if source.startswith("-") else source  # no option
        output = Path(Destination().result_of(source, "restored"))
        return cls(source, settings, output, output.with_name(f"{Path(source).stem}.report.html"))

    @property
    def words(self) -> list[str]:
        """Return the words behind the program's name."""
        output, report = (
            f"./{path}" if str(path).startswith("-") else str(path) for path in (self.output, self.report)
        )
        return ["deblur", self.source, *self.settings, "-o", output, "--report", report, "--no-figure"]

    def line(self, program: str) -> str:
        """Return the line for a shell; `program` is what the program was started by."""
        start = ["python", program] if program.endswith(".py") else program.split()
        return shlex.join([*start, *self.words])


def words_of(settings: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the words that settings of the page are on the command line; refuse what the page cannot set."""
    names = {"psf", "light", "frame", *PARAMETERS, *BOXES, *WORDS, *NUMBERS}
    for name in settings:
        if name not in names:
            raise UsageError(f"there is no setting {str(name)[:40]!r} (reload the page)")
    values = {name: value for name, value in settings.items() if value is not None}
    words: list[str] = []
    if "psf" in values:
        words += ["--psf", _one_of(values["psf"], FAMILIES)]
    for group, spelt in (
        (PARAMETERS, _number),
        (BOXES, _box),
        (WORDS, _word),
        (NUMBERS, _number),
        (("frame",), _frame),
    ):
        words += _options(group, values, spelt)
    light = _one_of(values.get("light", "auto"), tuple(LIGHT))
    return (*words, *LIGHT[light])


def _options(names: tuple[str, ...], values: Mapping[str, Any], spelt: Callable[[Any], str]) -> list[str]:
    return [word for name in names if name in values for word in (f"--{name}", spelt(values[name]))]


def request_for(words: list[str]) -> DeblurRequest:
    """Return what the program itself reads in these words."""
    return request_of(_parser().parse_args(words))


@cache
def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="deconv")
    add_parser(parser.add_subparsers())
    return parser


def _number(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < LARGEST:
        raise UsageError(f"a setting must be a number, got {str(value)[:40]!r} (type it again)")
    return f"{value:.8g}"


def is_box(value: Any) -> TypeGuard[list[int]]:
    """Return whether the page has sent a box: x, y, width, height."""
    return isinstance(value, list) and len(value) == 4 and all(type(part) is int for part in value)


def _box(value: Any) -> str:
    if not is_box(value):
        raise UsageError("a box must be four whole numbers (draw it again)")
    return ",".join(map(str, value))


def _frame(value: Any) -> str:
    return "all" if value == "all" else _number(value)


def _word(value: Any) -> str:
    if not isinstance(value, str) or not WORD.fullmatch(value):
        raise UsageError(f"a setting must be a word, got {str(value)[:40]!r} (choose one)")
    return value


def _one_of(value: Any, names: tuple[str, ...]) -> str:
    if value not in names:
        raise UsageError(f"there is no {str(value)[:40]!r} here (choose from {', '.join(names)})")
    return str(value)
