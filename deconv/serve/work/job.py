"""The whole picture under way: the program in a process of its own, how far it is, and what it gave."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from deconv.serve.command import Command
from deconv.serve.session import Kept
from deconv.serve.work.worker import LAST_SECONDS
from deconv.time_left import TimeLeft, in_words

ROOT = Path(__file__).resolve().parents[3]
#: What is said of a process that ended without a word, as by a lack of memory.
ENDED = "the restoration ended before its time, perhaps for lack of memory (crop the picture, or choose fast)"


class Job:
    """One picture that is being restored."""

    def __init__(
        self, picture: Kept, command: Command, limits: Sequence[str] = (), *, expected: float | None = None
    ) -> None:
        self.key, self.picture = secrets.token_hex(16), picture
        self._files = {"picture": picture.folder / command.output, "report": picture.folder / command.report}
        self._title, self._error, self._cancelled = "starting", "", False
        self._share: float | None = None
        self._begun, self._left = time.monotonic(), TimeLeft(expected)
        self._ended: float | None = None
        line = [*command.words, "--force", *limits]
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "deconv.serve.work.worker", *line],
            cwd=picture.folder,
            env=os.environ | {"PYTHONPATH": str(ROOT), "MPLBACKEND": "Agg"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def is_running(self) -> bool:
        """Return whether it is under way."""
        return self._ended is None

    @property
    def _state(self) -> str:
        if self.is_running:
            return "running"
        return "cancelled" if self._cancelled else "failed" if self._error else "done"

    def result(self, what: str) -> Path | None:
        """Return the file of a result, of a job that is done: what lies there before is a former one's."""
        file = self._files.get(what) if self._state == "done" else None
        return file if file is not None and file.is_file() else None

    def state(self) -> dict[str, Any]:
        """Return how far it is, for the page."""
        now = self._ended or time.monotonic()
        words: dict[str, Any] = {
            "state": self._state,
            "title": self._title,
            "share": self._share,
            "seconds": round(now - self._begun, 1),
        }
        if self.is_running and (left := self._left.seconds) is not None:
            words["left"] = in_words(left)
        return words | ({"error": self._error} if self._error and not self._cancelled else {})

    def cancel(self) -> None:
        """End it; what it has begun is removed."""
        self._cancelled = self.is_running
        with suppress(OSError):
            self._process.terminate()

    def close(self) -> None:
        """End it and wait for that."""
        self.cancel()
        try:
            self._process.wait(LAST_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._reader.join(LAST_SECONDS)

    def _read(self) -> None:
        """Follow what the process says to its end."""
        said = ErrorLines(self._process)
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with suppress(ValueError, KeyError, TypeError):  # what a library prints past Python is no message
                self._hear(json.loads(line))
        code = self._process.wait()
        self._error = "" if code == 0 else said.last() or ENDED
        self._ended = time.monotonic()
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            with suppress(OSError, AttributeError):
                stream.close()  # type: ignore[union-attr]

    def _hear(self, message: dict[str, Any]) -> None:
        self._title, self._share = message["title"], message["share"]
        if self._share is not None:
            self._left.hear(self._share)


class ErrorLines:
    """What a process says on stderr, read beside its other words so that it never waits."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._lines: list[str] = []
        self._thread = threading.Thread(target=self._read, args=(process,), daemon=True)
        self._thread.start()

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stderr is not None
        for line in process.stderr:
            self._lines = [*self._lines[-20:], line.strip()]

    def last(self) -> str:
        """Return the last line, without the word that says it is an error."""
        self._thread.join()
        return self._lines[-1].removeprefix("error: ") if self._lines else ""
