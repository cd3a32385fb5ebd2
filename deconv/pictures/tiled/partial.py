"""An output that takes hours: hidden beside its place while it is written, with a journal, and renamed when whole.

Unlike the temporaries of `Outputs` it stays when the process is killed, so that another one may go on.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from deconv.pictures.formats.ome_zarr.store import is_zarr
from deconv.pictures.outputs import unwritable
from deconv.pictures.picture import PictureError
from deconv.pictures.tiled.journal import Journal


class Partial:
    """An output under way; on leaving the context without an exception it appears.

    Parameters
    ----------
    target : Path
        Its name.
    force : bool
        Whether what is there may be replaced, a part of an earlier run too.
    resume : bool
        Whether to go on where an earlier run ended.
    inputs : iterable of Path
        What is never replaced.
    """

    def __init__(self, target: Path, *, force: bool, resume: bool, inputs: Iterable[Path] = ()) -> None:
        self._target, self._force, self._resume = target, force, resume
        self.path = target.with_name(f".{target.name}.deconv-part")
        self._former = target.with_name(f".{target.name}.deconv-former")
        self._journal_path = target.with_name(f".{target.name}.deconv-journal")
        self._journal = Journal(self._journal_path, target)
        self._check(list(inputs))
        self.done: list[Any] = []
        self._is_begun = False

    def __enter__(self) -> Self:
        try:
            self._journal.__enter__()
        except OSError as error:
            raise unwritable(self._target, error) from error
        return self

    def begin(self, header: Mapping[str, Any]) -> bool:
        """Return whether an earlier run is gone on with: of the same input and settings, which `header` says."""
        former, *done = self._journal.lines() or [None]
        if former is not None and done and self.path.exists():
            if self._resume:
                self._check_same(former, header)
                self.done, self._is_begun = done, True
                return True
            if not self._force:
                raise PictureError(
                    self._target,
                    f"is written in part already ({len(done)} tiles)",
                    "go on with `resume=True`, or start afresh with `force=True`",
                )
        _remove(self.path)
        self._journal.begin(header)
        self._is_begun = True
        return False

    @property
    def plan(self) -> Any:
        """Return the plan of an earlier run that may be gone on with, None where there is none."""
        lines = self._journal.lines() if self._resume else []
        return lines[0].get("plan") if len(lines) > 1 else None

    def note(self, record: Mapping[str, Any]) -> None:
        """Note a part that is done."""
        self._journal.note(record)
        self.done.append(record)

    def _check_same(self, former: Mapping[str, Any], header: Mapping[str, Any]) -> None:
        words = {
            "input": "the input has changed",
            "settings": "the settings are others",
            "plan": "the tiles are others",
        }
        for key, value in header.items():
            if former.get(key) != value:
                what = f"cannot be gone on with: {words.get(key, 'this version computes otherwise')}"
                raise PictureError(self._target, what, "start afresh with `force=True`")

    def _check(self, inputs: list[Path]) -> None:
        target = self._target
        if not target.parent.is_dir():
            raise PictureError(target, f"cannot be written: there is no folder {target.parent}", "create it first")
        if not target.exists():
            return
        if any(path.exists() and target.samefile(path) for path in inputs):
            raise PictureError(target, "is also an input", "choose another `output`; inputs are never overwritten")
        if target.is_dir() and not is_zarr(target):
            raise PictureError(target, "is a folder", "name a file for the output")
        if not self._force:
            raise PictureError(
                target, "exists already", "allow it to be replaced with `force=True`, or name another `output`"
            )

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self._publish()
        except OSError as problem:
            raise unwritable(self._target, problem) from problem
        finally:
            if error is None or self._is_lost(error):
                self._forget()
            self._journal.__exit__(kind, error, trace)
        if isinstance(error, OSError) and error.errno is not None:
            raise unwritable(self._target, error) from error

    def _is_lost(self, error: BaseException) -> bool:
        """Return whether nothing is to be gone on with: what an earlier run has left stays where it was not begun."""
        if not self._is_begun:
            return not self._journal.lines()
        return not self.done or isinstance(error, ValueError)

    def _forget(self) -> None:
        """Remove what is left of the work."""
        with suppress(OSError):
            _remove(self.path)
        self._journal_path.unlink(missing_ok=True)

    def _publish(self) -> None:
        if self.path.is_file():
            with self.path.open("rb+") as file:
                os.fsync(file.fileno())
        if not self._target.exists():
            os.rename(self.path, self._target)
        elif not self._force:
            raise FileExistsError
        elif self.path.is_file() and self._target.is_file():
            os.replace(self.path, self._target)
        else:
            _remove(self._former)
            os.rename(self._target, self._former)
            os.rename(self.path, self._target)
            _remove(self._former)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
