"""Deconv: both meanings of deconvolution on the command line.

Parse, run one command, turn errors into one line and an exit code (0 done, 2 bad usage or input, 1 a fault of the
program, 130 Ctrl-C).
"""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress

from deconv import __version__
from deconv.blur import options as blur
from deconv.contrast import options as contrast
from deconv.deblur import options as deblur
from deconv.errors import UsageError, user_error
from deconv.estimate import options as estimate
from deconv.options import Parser
from deconv.upsample import options as upsample

DESCRIPTION = """Deconvolution, in both meanings of the word.

  blur, deblur, estimate   signal processing: restore a picture that a known or unknown blur has spoiled
  upsample                 deep learning: enlarge a feature map by transposed convolution, which restores nothing
  contrast                 both on one picture, side by side
"""


def build_parser(program: str = "deconv") -> argparse.ArgumentParser:
    """Return the parser with all commands, of a program started by these words; importing nothing scientific."""
    parser = Parser(prog=program, description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--version", action="version", version=f"deconv {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for command in (blur, deblur, estimate, upsample, contrast):
        command.add_parser(commands)
    return parser


def main(argv: Sequence[str] | None = None, program: str = "deconv") -> int:
    """Run the program, started by the words `program`, and return its exit code."""
    words = sys.argv[1:] if argv is None else list(argv)
    debug = "--debug" in words
    try:
        parser = build_parser(program)
        _complete(parser)
        arguments = parser.parse_args(words)
        return int(arguments.run(arguments))
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        if debug:
            traceback.print_exc()
        line = str(error) if isinstance(error, UsageError) else user_error(error)
        if line is not None:
            print(f"error: {line}", file=sys.stderr)  # noqa: T201
            return 2
        print(f"internal error: {type(error).__name__}: {error} (--debug shows where)", file=sys.stderr)  # noqa: T201
        return 1


def _complete(parser: argparse.ArgumentParser) -> None:
    """Answer a shell that asks how a line goes on, and end; it asks through argcomplete, which is optional."""
    if "_ARGCOMPLETE" in os.environ:
        with suppress(ImportError):
            import argcomplete

            argcomplete.autocomplete(parser)
