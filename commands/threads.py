"""How many threads matrix products take."""

from __future__ import annotations

import argparse
import os
import sys


def limit_matrix_threads(arguments: argparse.Namespace) -> None:
    """Tell the libraries, which read it once, when NumPy is loaded.

    The large products of an enlargement take what --threads says. Those of an estimate are small, and take ten times
    as long on two threads that wait for each other: one, unless the environment says otherwise. FFTs, which run many at
    a time, are not meant here.
    """
    if "numpy" in sys.modules:
        return
    for library in ("OMP", "OPENBLAS", "MKL"):
        if arguments.command != "upsample":
            os.environ.setdefault(f"{library}_NUM_THREADS", "1")
        elif arguments.threads is not None:
            os.environ[f"{library}_NUM_THREADS"] = str(arguments.threads)
