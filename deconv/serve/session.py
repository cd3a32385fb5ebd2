"""Where the page keeps things: a folder for its user alone, which goes with the process, and the pictures in it."""

from __future__ import annotations

import re
import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

if sys.platform != "win32":  # elsewhere what a killed process leaves stays
    import fcntl

PREFIX = "deconv-serve-"
#: How many pictures are kept; the oldest goes for a further one.
MOST = 8
#: Longest name of a file, without its suffix.
LONGEST = 80


@contextmanager
def session_folder() -> Iterator[Path]:
    """Give a folder that only its owner may look into, removed at the end; remove those of killed processes."""
    _remove_left_over(Path(tempfile.gettempdir()))
    with tempfile.TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with (folder / "lock").open("w") as lock:
            if sys.platform != "win32":
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield folder


def _remove_left_over(place: Path) -> None:
    """Remove the folders whose process is gone: it held a lock as long as it was there."""
    if sys.platform == "win32":
        return
    for folder in place.glob(f"{PREFIX}*"):
        with suppress(OSError), (folder / "lock").open("r") as lock:  # other users' folders cannot be opened
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)


def stripped(name: str) -> str:
    """Return a name for a file that is nothing but that: letters, digits, dots and dashes, its suffix kept.

    >>> stripped("../../Big picture.TIF"), stripped("-o"), stripped(".png")
    ('Big-picture.TIF', 'o', 'picture.png')
    """
    stem, suffix = re.fullmatch(r"(.*?)(\.[A-Za-z0-9]{1,8})?", bare(name), re.DOTALL).groups()  # type: ignore[union-attr]
    stem = re.sub(r"[^A-Za-z0-9]+", "-", stem).strip("-")[:LONGEST]
    return f"{stem or 'picture'}{suffix or ''}"


def bare(name: str) -> str:
    """Return a file's name without the folders before it, whichever system they are of."""
    return re.split(r"[/\\]", name)[-1]


@dataclass(frozen=True)
class Kept:
    """A picture of the session: its secret name, the file, and what its user calls it."""

    key: str
    path: Path
    shown: str  # as a command line names the file

    @property
    def folder(self) -> Path:
        """Return where its results go."""
        return self.path.parent


class Shelf:
    """The pictures of a session, the last one first to be looked at."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._pictures: dict[str, Kept] = {}

    def place(self, name: str, *, shown: str | None = None) -> Kept:
        """Return where a picture of this name goes; `keep` it when it is there."""
        key = secrets.token_hex(16)
        path = self.folder / key / stripped(name)
        path.parent.mkdir(mode=0o700)
        return Kept(key, path, shown or bare(name) or path.name)

    def keep(self, picture: Kept) -> None:
        """Add a picture; the oldest goes where there are too many."""
        self._pictures[picture.key] = picture
        while len(self._pictures) > MOST:
            self.forget(next(iter(self._pictures)))

    def adopt(self, source: str) -> Kept:
        """Add a copy of a file of the user's own choice."""
        picture = self.place(source, shown=source)
        try:
            shutil.copyfile(source, picture.path)
        except OSError:
            self.discard(picture)
            raise
        self.keep(picture)
        return picture

    def find(self, key: object) -> Kept | None:
        """Return the picture of a secret name, None where there is none."""
        return self._pictures.get(key) if isinstance(key, str) else None

    def forget(self, key: str) -> None:
        """Remove a picture with its results."""
        self.discard(self._pictures.pop(key))

    def discard(self, picture: Kept) -> None:
        """Remove what lies where a picture was to go."""
        shutil.rmtree(picture.folder, ignore_errors=True)

    def __iter__(self) -> Iterator[Kept]:
        return iter(self._pictures.values())
