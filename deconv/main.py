"""Deconv: both meanings of deconvolution on the command line.

Parse, run one command, turn errors into one line and an exit code (0 done, 2 bad usage or input, 1 a fault of the
program, 130 Ctrl-C).
"""

from __future__ import annotations

import argparse
import sys
import traceback
from collections.abc import Sequence

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


def build_parser() -> argparse.ArgumentParser:
    """Return the parser with all commands; importing nothing scientific."""
    parser = Parser(prog="cli.py", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for command in (blur, deblur, estimate, upsample, contrast):
        command.add_parser(commands)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program and return its exit code."""
    words = sys.argv[1:] if argv is None else list(argv)
    debug = "--debug" in words
    try:
        arguments = build_parser().parse_args(words)
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
