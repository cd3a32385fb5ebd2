"""Deconv: both meanings of deconvolution on the command line.

Parse, run one command, turn errors into one line and an exit code (0 done, 2 bad usage or input, 1 a fault of the
program, 130 Ctrl-C, 143 ended by SIGTERM).
"""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress

from deconv import __version__, process
from deconv.blur import options as blur
from deconv.console import put, tell
from deconv.contrast import options as contrast
from deconv.deblur import options as deblur
from deconv.errors import UsageError, internal_error, user_error
from deconv.estimate import options as estimate
from deconv.options import Parser
from deconv.psf import options as psf
from deconv.serve import options as serve
from deconv.upsample import options as upsample

DESCRIPTION = """Deconvolution, in both meanings of the word.

  blur, deblur, estimate   signal processing: restore a picture that a known or unknown blur has spoiled
  psf                      the blur of a microscope or telescope, from beads or stars
  upsample                 deep learning: enlarge a feature map by transposed convolution, which restores nothing
  contrast                 both on one picture, side by side
  serve                    a page of this machine: deblur in the browser
"""


def build_parser(program: str = "deconv") -> argparse.ArgumentParser:
    """Return the parser with all commands, of a program started by these words; importing nothing scientific."""
    parser = Parser(prog=program, description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--version", action="version", version=f"deconv {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for command in (blur, deblur, estimate, psf, upsample, contrast, serve):
        command.add_parser(commands)
    return parser


def main(argv: Sequence[str] | None = None, program: str = "deconv") -> int:
    """Run the program, started by the words `program`, and return its exit code.

    Without `argv` as a process, whose streams and signals are its own.
    """
    if argv is not None:
        return _finished(list(argv), program)
    process.prepare(debug="--debug" in sys.argv)
    try:
        code = _finished(sys.argv[1:], program)
    except SystemExit as end:  # of --help, which has printed without looking whether it could
        code = int(end.code or 0)
    return max(code, _answered(put))


def _finished(words: list[str], program: str) -> int:
    return _answered(lambda: _run(words, program), debug="--debug" in words)


def _run(words: list[str], program: str) -> int:
    parser = build_parser(program)
    _complete(parser)
    arguments = parser.parse_args(words)
    return int(arguments.run(arguments))


def _answered(work: Callable[[], int | None], *, debug: bool = False) -> int:
    """Return the exit code of some work, after one line on what went wrong."""
    try:
        return work() or 0
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        if (ended := process.exit_code()) is not None:
            return ended
        if debug:
            traceback.print_exc()
        line = str(error) if isinstance(error, UsageError) else user_error(error)
        tell(internal_error(error) if line is None else f"error: {line}")
        return 1 if line is None else 2


def _complete(parser: argparse.ArgumentParser) -> None:
    """Answer a shell that asks how a line goes on, and end; it asks through argcomplete, which is optional."""
    if "_ARGCOMPLETE" in os.environ:
        with suppress(ImportError):
            import argcomplete

            argcomplete.autocomplete(parser)
