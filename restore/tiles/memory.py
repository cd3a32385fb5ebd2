"""How much memory the machine has."""

from __future__ import annotations

import os
from pathlib import Path

#: What is taken where the machine does not say.
USUAL = 8 << 30
#: Where Linux says how much a container may take.
LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def machine_memory() -> int:
    """Return the bytes of physical memory, or those that the container may take where they are fewer."""
    try:
        physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        physical = USUAL
    return min([physical, *_limits()])


def _limits() -> list[int]:
    """Return what control groups allow, of version 2 and 1; a word instead of a number means no limit."""
    limits = []
    for path in LIMITS:
        try:
            limits.append(int(Path(path).read_text(encoding="ascii")))
        except (OSError, ValueError):
            continue
    return [limit for limit in limits if limit > 0]
