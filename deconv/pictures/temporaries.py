"""The hidden files that outputs are written to first: names that say whose they are, and the removal of those that a
killed process left behind.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import secrets
import shutil
import time
from collections.abc import Collection
from contextlib import suppress
from functools import cache
from pathlib import Path

#: Seconds after which a temporary of another machine, about whose processes nothing is known, is taken for left over.
ABANDONED = 86_400.0
#: The suffix of what was in an output's place until then.
FORMER = ".former"
_NAME = re.compile(r"\.deconv-([0-9a-f]{8})-(\d{1,10})-[0-9a-f]{16}(\..*)?", re.DOTALL)


def temporary_stem() -> str:
    """Return a new hidden name without suffix: ``.deconv-MACHINE-PROCESS-RANDOM``."""
    return f".deconv-{_machine()}-{os.getpid()}-{secrets.token_hex(8)}"


def remove_left_over(folder: Path, ended: Collection[int] = ()) -> None:
    """Remove the temporaries in a folder whose processes live no more; those of other machines after a day.

    Of the processes of these numbers it is known that they have `ended`, which not every system tells.
    """
    with suppress(OSError):  # a folder that cannot be listed keeps them
        for path in [Path(entry) for entry in os.scandir(folder) if entry.name.startswith(".deconv-")]:
            with suppress(OSError):
                if _is_left_over(path, ended):
                    shutil.rmtree(path) if path.is_dir() else path.unlink()


def _is_left_over(path: Path, ended: Collection[int]) -> bool:
    match = _NAME.fullmatch(path.name)
    if match is None or path.is_symlink() or not (path.is_file() or path.is_dir()):
        return False
    if path.is_dir() and path.suffix == FORMER:  # a store that was moved aside, and perhaps the only copy
        return False
    machine, process = match[1], int(match[2])
    if machine == _machine():
        return process in ended or not _lives(process)
    return time.time() - path.stat().st_mtime > ABANDONED


def _lives(process: int) -> bool:
    """Return whether a process may still write; one that has ended and was not waited for does not."""
    if os.name != "posix":  # elsewhere the question would end it
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):  # another user's
        return True
    try:
        state = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return True
    return state[:1] not in (["Z"], ["X"])


@cache
def _machine() -> str:
    """Return eight digits for the machine, and the container on it, in which a number of a process has a meaning."""
    words = [platform.node()]
    with suppress(OSError):
        words.append(os.readlink("/proc/self/ns/pid"))
    with suppress(OSError):
        words.append(Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii"))
    return hashlib.blake2b(" ".join(words).encode(), digest_size=4).hexdigest()
