# PYTHON_ARGCOMPLETE_OK
"""Deconv: both meanings of deconvolution on the command line; the program is the package `deconv`."""

from __future__ import annotations

import sys
from pathlib import Path

if __name__ == "__main__":  # started as a file from any folder
    sys.path.insert(0, str(Path(__file__).resolve().parent))

from deconv.main import build_parser, main

__all__ = ["build_parser", "main"]

if __name__ == "__main__":
    sys.exit(main(program="cli.py"))
