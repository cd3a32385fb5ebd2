"""Samples of 9 to 15 bits, which decoders leave in the lower part of 16."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from deconv.pictures.content import Content, noted


def widened(content: Content, depth: int) -> Content:
    """Return content whose codes of `depth` bits are spread over the whole range of their type, and say so."""
    array = content.array
    bits = 8 * array.dtype.itemsize
    if array.dtype.kind != "u" or depth == bits:
        return content
    top, full = 2**depth - 1, 2**bits - 1
    table = np.rint(np.arange(top + 1) * (full / top)).astype(array.dtype)
    note = f"{depth}-bit samples widened to {bits} bits"
    return noted(replace(content, array=table[np.minimum(array, top)]), note)
