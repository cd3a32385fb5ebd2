"""How much memory the machine has."""

from __future__ import annotations

import os

#: What is taken where the machine does not say.
USUAL = 8 << 30


def machine_memory() -> int:
    """Return the bytes of physical memory."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return USUAL
