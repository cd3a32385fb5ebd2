"""The kernel of an enlargement: by its name, or from a .npy file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from numpy.typing import NDArray

import upsample
from deconv.errors import UsageError
from deconv.spelling import suggestion
from deconv.upsample.arrays import is_array, read_array
from deconv.upsample.request import KERNELS, Layer


def read_kernel(layer: Layer, layout: str) -> tuple[str | NDArray[Any], tuple[str, ...]]:
    """Return the kernel, a weight in the layout of the map, and notes on it."""
    if layer.has_named_kernel:
        return layer.kernel, ()
    path = layer.kernel
    if not is_array(path):
        what = "is not a .npy file" if Path(path).exists() else "no such kernel or file"
        raise UsageError(f"--kernel {path}: {what} ({suggestion(path, KERNELS)}; or name a .npy file)")
    weight, notes = read_array(path, layer.max_samples, "kernel")
    if layout != layer.layout and weight.ndim == 4:
        weight = upsample.convert_weight(weight, layer.layout, layout)
    return weight, notes
