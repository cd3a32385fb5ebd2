"""What of a long work is done: a line when it begins, and one for every part, on the disk before the next begins."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from deconv.pictures.picture import PictureError

#: Changes when the lines do.
VERSION = 1


class Journal:
    """The journal of an output, which one process at a time writes."""

    def __init__(self, path: Path, target: Path) -> None:
        self._path, self._target = path, target
        self._file: BinaryIO | None = None

    def __enter__(self) -> Self:
        self._file = self._path.open("a+b")
        if not _locked(self._file):
            self._file.close()
            raise PictureError(self._target, "is being written by another process", "wait for it, or end it")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def lines(self) -> list[Any]:
        """Return what was noted, first how the work began; without what a killed process left half written."""
        assert self._file is not None
        self._file.seek(0)
        lines, whole = [], 0
        for line in self._file:
            if not line.endswith(b"\n"):
                break
            with suppress(ValueError):
                lines.append(json.loads(line))
                whole += len(line)
                continue
            break
        self._file.truncate(whole)
        return lines if lines and lines[0].get("version") == VERSION else []

    def begin(self, header: Mapping[str, Any]) -> None:
        """Forget what was noted, and note how a work begins."""
        assert self._file is not None
        self._file.truncate(0)
        self.note({"version": VERSION, **header})

    def note(self, record: Mapping[str, Any]) -> None:
        """Note a part that is done."""
        assert self._file is not None
        self._file.write(json.dumps(record, allow_nan=False).encode() + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())


def _locked(file: BinaryIO) -> bool:
    """Return whether no other process has the file; where files cannot be locked nobody is asked."""
    try:
        import fcntl
    except ImportError:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a network's folder without locks
        return True
    return True
