"""How many bytes a run may take, and how many it would."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from deconv.deblur.request import Resources
from deconv.inputs.large_light import LargeLight
from restore.tiles.memory import machine_memory
from restore.tiles.preparation import whole_cost

#: Share of the machine's memory that a run may take where nothing is said.
SHARE = 0.5
#: Bytes that interpreter and libraries take, where the system does not say.
PROGRAM = 250 << 20
#: Bytes that reading, encoding and drawing take beside what is restored.
BESIDE = 64 << 20


def allowed(resources: Resources) -> float:
    """Return the bytes that the work on one picture may take: several processes share what a run takes."""
    return (machine_memory() * SHARE if resources.memory is None else resources.memory) / resources.jobs


def resident() -> int:
    """Return the bytes that this process holds now."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return PROGRAM
    return pages * os.sysconf("SC_PAGE_SIZE")


def needed_at_once(large: LargeLight, settings: Mapping[str, Any], ndim: int) -> float:
    """Return the bytes that it takes to read a picture as a whole, to restore it at once and to store the result."""
    stored = 2 * math.prod(large.header.samples.shape) * large.header.dtype.itemsize
    decoded = math.prod(large.header.samples.shape) * large.dtype.itemsize
    part = large.parts(ndim)[0]
    others = {name: value for name, value in settings.items() if name not in ("psf_spread", "channel_axis")}
    return PROGRAM + stored + decoded + whole_cost(part, np.ones((1,) * len(part.shape)), others)
