"""Files, and stores that are folders, that appear whole or not at all, several of them at once.

Every output is written under a temporary name in its own folder. When all are complete they are flushed to
the disk and renamed; after any failure, Ctrl-C included, the temporaries are removed and former files are as
they were. What a killed process left is removed by the next that writes into its folder.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from deconv.pictures.formats.ome_zarr.store import is_zarr
from deconv.pictures.picture import PictureError
from deconv.pictures.temporaries import FORMER, remove_left_over, temporary_stem

_FULL_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass
class _Pending:
    """One output: the name the user gave, the file behind it, and the two temporary names beside that."""

    final: Path
    target: Path
    temporary: Path
    backup: Path


class Outputs:
    """Context in which output files are reserved; on leaving it without an exception all of them appear.

    Parameters
    ----------
    force : bool
        Whether existing files may be replaced (their permissions stay).
    inputs : iterable of path-like
        Files that are never replaced, by whatever name (symbolic or hard link) an output reaches them.
    make_folders : bool
        Whether `reserve` creates missing folders.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> with Outputs() as outputs:
    ...     written = outputs.reserve(folder / "report.txt").write_text("whole")
    >>> (folder / "report.txt").read_text()
    'whole'
    """

    def __init__(
        self,
        *,
        force: bool = False,
        inputs: Iterable[str | os.PathLike[str]] = (),
        make_folders: bool = False,
    ) -> None:
        self._force = force
        self._inputs = [Path(path) for path in inputs]
        self._make_folders = make_folders
        self._pending: list[_Pending] = []

    def reserve(self, path: str | os.PathLike[str]) -> Path:
        """Check that an output can be written and create the temporary file to write it to.

        Parameters
        ----------
        path : path-like
            The final name; a symbolic link is followed to its target.

        Returns
        -------
        Path
            A name in the same folder with the same suffix: an empty file, in whose place a store may be written.

        Raises
        ------
        PictureError
            The file exists (without `force`), is an input, a folder, or reserved already; its folder is
            missing or cannot be written to.
        """
        final = Path(path)
        target = Path(os.path.realpath(final)) if final.is_symlink() else final
        self._check(final, target)
        self._provide_folder(final, target.parent)
        remove_left_over(target.parent)
        name = temporary_stem()
        pending = _Pending(
            final=final,
            target=target,
            temporary=target.with_name(name + target.suffix),
            backup=target.with_name(name + FORMER),
        )
        self._pending.append(pending)  # before the file exists, so that Ctrl-C in between leaves nothing
        try:
            _create(pending.temporary)
        except OSError as error:
            self._pending.remove(pending)
            raise unwritable(final, error) from error
        return pending.temporary

    def _check(self, final: Path, target: Path) -> None:
        if any(os.path.realpath(target) == os.path.realpath(other.target) for other in self._pending):
            raise PictureError(final, "would be written twice", "give the outputs different names")
        try:
            status = target.stat()
        except FileNotFoundError:
            return
        except OSError as error:
            raise unwritable(final, error) from error
        if not stat.S_ISREG(status.st_mode) and not is_zarr(target):
            kind = "a folder" if stat.S_ISDIR(status.st_mode) else "not a regular file"
            raise PictureError(final, f"is {kind}", "name a file for the output")
        if any(path.exists() and os.path.samestat(status, path.stat()) for path in self._inputs):
            raise PictureError(final, "is also an input", "choose another `output`; inputs are never overwritten")
        if not self._force:
            raise PictureError(
                final, "exists already", "allow it to be replaced with `force=True`, or name another `output`"
            )

    def _provide_folder(self, final: Path, folder: Path) -> None:
        try:
            if self._make_folders:
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise unwritable(final, error) from error
        if not folder.is_dir():
            raise PictureError(final, f"cannot be written: there is no folder {folder}", "create it first")
        if not folder.stat().st_mode & 0o222:  # the superuser could, but was told not to
            raise PictureError(final, f"cannot be written: the folder {folder} is read-only", "name another `output`")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self._publish()
            else:
                self._explain(error)
        finally:
            self._remove_temporaries()

    def _remove_temporaries(self) -> None:
        """Remove all of them, the others too where one cannot be or Ctrl-C comes in between."""
        with ExitStack() as removal:
            for pending in self._pending:
                removal.callback(_remove, pending.temporary)
                removal.callback(_remove, pending.backup)
        self._pending.clear()

    def _publish(self) -> None:
        """Flush all, then rename all; new names first, since only they can fail by a race."""
        for pending in self._pending:
            try:
                _flush(pending.temporary)
            except OSError as error:
                raise unwritable(pending.final, error) from error
        with ExitStack() as undo:
            for pending in sorted(self._pending, key=lambda one: one.target.exists()):
                try:
                    self._publish_one(pending, undo)
                except OSError as error:
                    raise unwritable(pending.final, error) from error
            undo.pop_all()

    def _publish_one(self, pending: _Pending, undo: ExitStack) -> None:
        if pending.temporary.is_dir() or (self._force and pending.target.is_dir()):
            _publish_folder(pending, undo, force=self._force)
            return
        if self._force and pending.target.exists():
            _replace(pending, undo)
            return
        undo.callback(_withdraw, pending)
        try:
            os.link(pending.temporary, pending.target)
        except FileExistsError:
            raise
        except OSError:  # FAT and some network folders have no hard links
            _create(pending.target)
            undo.callback(pending.target.unlink, missing_ok=True)
            os.replace(pending.temporary, pending.target)

    def _explain(self, error: BaseException) -> None:
        """Turn an error about a temporary file, or of a write that ended early, into one about the output."""
        for pending in self._pending:
            if isinstance(error, PictureError) and error.path == pending.temporary:
                raise PictureError(pending.final, error.what, error.remedy) from error
        if isinstance(error, OSError) and self._pending:
            names = [str(pending.temporary) for pending in self._pending]
            about = names.index(error.filename) if error.filename in names else 0
            raise unwritable(self._pending[about].final, error) from error


def unwritable(path: Path, error: OSError) -> PictureError:
    """Say why the operating system would not write a file."""
    if isinstance(error, FileExistsError):
        return PictureError(path, "has appeared meanwhile", "allow it to be replaced with `force=True`")
    if error.errno is None:  # an encoder says no more
        return PictureError(path, "cannot be written: writing ended early", "is there space left on the disk?")
    if error.errno in _FULL_DISK:
        return PictureError(path, "cannot be written: the disk is full", "free some space or write elsewhere")
    reason = (error.strerror or str(error)).lower()
    return PictureError(path, f"cannot be written: {reason}", "check the folder and its permissions")


def _create(path: Path) -> None:
    """Make an empty file that was not there, with the permissions the user's umask grants."""
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))


def _flush(path: Path) -> None:
    """Force the content to the disk; an output that nobody wrote is a fault of the program."""
    if path.is_dir():
        for part in [part for part in path.rglob("*") if part.is_file()]:
            with part.open("rb+") as file:
                os.fsync(file.fileno())
        return
    with path.open("rb+") as file:
        if file.seek(0, os.SEEK_END) == 0:
            raise RuntimeError(f"nothing was written to the reserved output {path}")
        os.fsync(file.fileno())


def _replace(pending: _Pending, undo: ExitStack) -> None:
    """Put the new file in the place of the former, which stays reachable until all outputs are in place."""
    os.chmod(pending.temporary, stat.S_IMODE(pending.target.stat().st_mode))
    undo.callback(_restore, pending)
    try:
        os.link(pending.target, pending.backup)
    except OSError:  # no hard links here: then this one replacement cannot be undone
        pending.backup.unlink(missing_ok=True)
    os.replace(pending.temporary, pending.target)


def _publish_folder(pending: _Pending, undo: ExitStack, *, force: bool) -> None:
    """Put a new folder into its place, or anything into that of a former one, which is only moved aside until then."""
    if pending.target.exists():
        if not force:
            raise FileExistsError
        os.rename(pending.target, pending.backup)
        undo.callback(os.rename, pending.backup, pending.target)
    os.rename(pending.temporary, pending.target)
    undo.callback(os.rename, pending.target, pending.temporary)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _restore(pending: _Pending) -> None:
    if pending.backup.exists():
        os.replace(pending.backup, pending.target)


def _withdraw(pending: _Pending) -> None:
    """Remove a new output again, if it is ours: the temporary name still leads to the same file."""
    if pending.temporary.exists() and pending.target.exists() and pending.target.samefile(pending.temporary):
        pending.target.unlink()
