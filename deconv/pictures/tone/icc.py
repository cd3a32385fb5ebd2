"""What an ICC profile says: its name and the tone curves that lead from codes to light (ICC.1:2022)."""

from __future__ import annotations

import io
import struct
from functools import lru_cache

import numpy as np

from deconv.pictures.tone.curves import LINEAR, Curve, parametric, power, sampled

_TAG_COUNT, _TAGS, _TAG_SIZE = 128, 132, 12
_MOST_TAGS = 1000
#: Numbers of parameters of a parametric curve, by its type.
_PARAMETERS = (1, 3, 4, 5, 7)


@lru_cache(maxsize=16)
def icc_name(icc: bytes) -> str:
    """Read the description inside an ICC profile, such as ``Adobe RGB (1998)``; empty if unreadable."""
    from PIL import ImageCms

    try:
        return ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(icc))).strip()
    except (ImportError, OSError, ImageCms.PyCMSError):  # Pillow may be built without LittleCMS
        return ""


@lru_cache(maxsize=16)
def icc_curves(icc: bytes) -> tuple[Curve, ...]:
    """Read the tone curves of a profile: of gray, or of red, green and blue; none where it has no such curves."""
    try:
        tags = _tags(icc)
        if b"kTRC" in tags:
            return (_curve(tags[b"kTRC"]),)
        return tuple(_curve(tags[name]) for name in (b"rTRC", b"gTRC", b"bTRC"))
    except (KeyError, ValueError, IndexError, struct.error, ZeroDivisionError):  # a table of colours, or damaged
        return ()


def _tags(icc: bytes) -> dict[bytes, bytes]:
    (count,) = struct.unpack_from(">I", icc, _TAG_COUNT)
    entries = (struct.unpack_from(">4sII", icc, _TAGS + _TAG_SIZE * i) for i in range(min(count, _MOST_TAGS)))
    return {name: icc[start : start + size] for name, start, size in entries}


def _curve(tag: bytes) -> Curve:
    if tag.startswith(b"curv"):
        (count,) = struct.unpack_from(">I", tag, 8)
        return LINEAR if count == 0 else _of_table(np.frombuffer(tag, ">u2", count, 12))
    if tag.startswith(b"para"):
        (kind,) = struct.unpack_from(">H", tag, 8)
        return _of_function(kind, [n / 65536 for n in struct.unpack_from(f">{_PARAMETERS[kind]}i", tag, 12)])
    raise ValueError("no tone curve")


def _of_table(entries: np.ndarray) -> Curve:
    if len(entries) == 1:
        return power(_positive(entries[0] / 256))
    values = entries / 65535
    if values[-1] <= values[0] or (np.diff(values) < 0).any():
        raise ValueError("falls")
    return sampled(values)


def _of_function(kind: int, parameters: list[float]) -> Curve:
    gamma, a, b, c, d, e, f = parameters + [0.0] * (7 - len(parameters))
    if kind == 0:
        return power(_positive(gamma))
    _positive(gamma), _positive(a)
    if kind in (1, 2):  # constant below the zero of the bracket
        return parametric(gamma, a, b, 0, max(-b / a, 0), high=c, low=c)
    return parametric(gamma, a, b, c, d, high=e, low=f)


def _positive(value: float) -> float:
    if value <= 0:
        raise ValueError("no power")
    return float(value)
