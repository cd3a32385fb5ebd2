"""A .npy file as floating numbers, refused by its header before its data are read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deconv.pictures import PictureError
from deconv.pictures.formats.npy import mapped

Array = NDArray[Any]

_MAGIC = b"\x93NUMPY"


def is_array(path: str) -> bool:
    """Return whether a file begins as NumPy's .npy files do; False where it cannot be read."""
    try:
        if not Path(path).is_file():  # a pipe would wait for ever
            return False
        with Path(path).open("rb") as file:
            return file.read(len(_MAGIC)) == _MAGIC
    except OSError:
        return False


def read_array(path: str, limit: int, role: str) -> tuple[Array, tuple[str, ...]]:
    """Read a .npy file as floating numbers and say if they were converted; the header is checked before the data."""
    stored = _mapped(path)
    _check_header(path, stored, limit)
    if stored.dtype.kind in "fc":
        return np.array(stored, dtype=stored.dtype.newbyteorder("="), order="C"), ()
    floating = np.float32 if stored.dtype.itemsize <= 2 else np.float64
    note = f"the {role}'s {stored.dtype} values were converted to {np.dtype(floating)}, not scaled"
    return np.array(stored, dtype=floating, order="C"), (note,)


def _mapped(path: str) -> Array:
    """Return a .npy file's array without reading its data."""
    try:
        stored: Array = mapped(path)
    except Exception as error:  # a damaged header raises nearly anything
        if "Python objects" in str(error):
            raise PictureError(path, "holds Python objects (a pickle)", "save plain numbers") from error
        reason = " ".join(str(error).split())[:100]
        raise PictureError(path, f"is damaged: {reason}", "save the array again") from error
    return stored


def _check_header(path: str, stored: Array, limit: int) -> None:
    kind, size = stored.dtype.kind, stored.dtype.itemsize
    if kind not in "buifc" or size > (16 if kind == "c" else 8):
        what = "structured" if kind == "V" else "text" if kind in "US" else str(stored.dtype)
        raise PictureError(path, f"holds {what} values", "save integers, float16/32/64 or complex64/128")
    if stored.size == 0:
        raise PictureError(path, f"holds an empty array of shape {stored.shape}", "save one that holds samples")
    if stored.size > limit:
        raise PictureError(
            path, f"holds {stored.size} samples, more than the limit of {limit}", "raise the limit with --max-samples"
        )
