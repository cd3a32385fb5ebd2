"""The whole picture, in a process of its own: the program, which tells the page how far it is.

The words are those of the command line. On stdout goes one JSON object per line, {"title": ..., "share": ...} while it
works. Nobody holding the other end of stdin any more ends it: the page was closed or killed.
"""

from __future__ import annotations

import json
import os
import runpy
import signal
import sys
import threading
from typing import TextIO

from deconv.progress import listened_to

#: Seconds that a process which was told to end may take to tidy up.
LAST_SECONDS = 5.0


def run(words: list[str]) -> None:
    """Run the program with these words, and end as it does."""
    messages, sys.stdout = sys.stdout, sys.stderr  # what the program itself prints is no message
    threading.Thread(target=_end_with_the_page, daemon=True).start()
    sys.argv = ["deconv", *words, "--quiet"]
    with listened_to(lambda title, share: _tell(messages, title, share)):
        runpy.run_module("deconv", run_name="__main__", alter_sys=True)


def _tell(messages: TextIO, title: str, share: float | None) -> None:
    content = {"title": title, "share": None if share is None else float(share)}
    print(json.dumps(content), file=messages, flush=True)


def _end_with_the_page() -> None:
    """Wait until the page is gone, then end: the files that were begun are removed on the way, if there is time."""
    while os.read(0, 1):  # unbuffered: the interpreter may end meanwhile
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    threading.Event().wait(LAST_SECONDS)
    os._exit(143)


if __name__ == "__main__":
    run(sys.argv[1:])
