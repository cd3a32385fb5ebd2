"""The program as a process of its own: its streams, its signals, and what Python would print by itself."""

from __future__ import annotations

import ctypes
import gc
import os
import signal
import sys
import threading
import warnings
from contextlib import suppress
from types import FrameType
from typing import NoReturn

#: Signals that end a process and that can be caught; Ctrl-C is an exception of Python already.
ENDING = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]

#: Parameters of mallopt, from glibc's malloc.h, and the most mappings where none is said.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_MMAP_MAX, _M_ARENA_MAX, _MAPPINGS = -1, -3, -4, -8, 65536
#: Bytes from which on an array of a process that lives long is handed back, and of free memory that it keeps.
_LARGE, _SPARE = 16 << 20, 64 << 20

_received: list[int] = []


def exit_code() -> int | None:
    """Return the exit code of a process that a signal has ended, None while none has.

    A module that is being loaded makes an ImportError of the exception by which the process ends.
    """
    return 128 + _received[0] if _received else None


def prepare(*, debug: bool) -> None:
    """Make the process fit to run in.

    Warnings are for programmers: they are shown with `debug`, or where Python was told how to treat them.
    """
    _open_streams()
    _keep_memory()
    if not debug and not sys.warnoptions:
        warnings.simplefilter("ignore")
    if threading.current_thread() is threading.main_thread():
        for number in ENDING:
            if signal.getsignal(number) == signal.SIG_DFL:  # what `nohup` ignores stays ignored
                signal.signal(number, _end)


def _open_streams() -> None:
    """Open a standard stream that was closed: else the next file would get its number, and what is printed on it."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # Python found it closed
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115


def _keep_memory() -> None:
    """Keep the memory of large arrays for the next ones, where the C library is glibc's.

    It hands every large array back to the system and asks for it anew, page by page: up to half of the time that a
    picture of 12 megapixels takes.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # another C library
        return
    mallopt(_M_TRIM_THRESHOLD, -1)
    mallopt(_M_MMAP_MAX, 0)


def live_long() -> None:
    """Hand the memory of large arrays back again: for a process that mostly waits, and works on parts of pictures."""
    with suppress(AttributeError, OSError, TypeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_MMAP_MAX, _MAPPINGS)
        mallopt(_M_MMAP_THRESHOLD, _LARGE)
        mallopt(_M_ARENA_MAX, 1)  # what one thread has left is taken by the next
        mallopt(_M_TRIM_THRESHOLD, _SPARE)


def release_memory() -> None:
    """Hand all memory back that is free."""
    gc.collect()
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)


def _end(number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001
    """End as Ctrl-C does, everything begun being undone on the way; once, so that nothing disturbs that."""
    for other in ENDING:
        signal.signal(other, signal.SIG_IGN)
    _received.append(number)
    raise SystemExit(128 + number)
