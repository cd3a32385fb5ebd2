"""Tone curves: from the codes of an encoding, 0 to 1, to the light they stand for, and back.

Every curve is odd (``f(-v) = -f(v)``) and goes on above 1, so that what leaves the range comes back and nothing
becomes NaN.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floating: TypeAlias = NDArray[np.floating[Any]]
Law: TypeAlias = Callable[[Floating], Floating]

# Above these the power law holds, below them a straight line (IEC 61966-2-1, as amended).
_ENCODED_KNEE = 0.04045
_LINEAR_KNEE = 0.0031308


def srgb_to_linear(encoded: Floating) -> Floating:
    """Decode sRGB: ``((v + 0.055) / 1.055) ** 2.4``, and ``v / 12.92`` up to 0.04045.

    Values above 1 follow the same power; negative ones mirror it (``f(-v) = -f(v)``), so nothing becomes NaN.

    Parameters
    ----------
    encoded : ndarray
        Floating samples, nominally 0 to 1.

    Returns
    -------
    ndarray
        Linear light, same shape and dtype.

    Examples
    --------
    >>> import numpy as np
    >>> srgb_to_linear(np.array([0.0, 0.5, 1.0])).round(4).tolist()
    [0.0, 0.214, 1.0]
    """
    size = np.abs(encoded)
    with np.errstate(invalid="ignore"):  # damaged files hold NaN that signal
        curve = ((size + 0.055) / 1.055) ** 2.4
        return np.copysign(np.where(size <= _ENCODED_KNEE, size / 12.92, curve), encoded)


def linear_to_srgb(linear: Floating) -> Floating:
    """Encode linear light as sRGB: ``1.055 v ** (1 / 2.4) - 0.055``, and ``12.92 v`` up to 0.0031308.

    The inverse of `srgb_to_linear`, continued beyond [0, 1] in the same way.

    Parameters
    ----------
    linear : ndarray
        Floating samples, nominally 0 to 1.

    Returns
    -------
    ndarray
        Encoded samples, same shape and dtype.
    """
    size = np.abs(linear)
    with np.errstate(invalid="ignore"):
        curve = 1.055 * size ** (1 / 2.4) - 0.055
        return np.copysign(np.where(size <= _LINEAR_KNEE, size * 12.92, curve), linear)


@dataclass(frozen=True, eq=False)
class Curve:
    """One tone curve.

    Attributes
    ----------
    name : str
        As a sentence names it.
    decode, encode : callable
        From codes to light and back, in the dtype they are given.
    """

    name: str
    decode: Law
    encode: Law

    def follows(self, other: Curve, tolerance: float) -> bool:
        """Return whether both decode the codes of a picture alike."""
        codes = np.linspace(0, 1, 1025)
        return bool(np.abs(self.decode(codes) - other.decode(codes)).max() <= tolerance)


LINEAR = Curve("linear", np.array, np.array)
SRGB = Curve("the curve of sRGB", srgb_to_linear, linear_to_srgb)


def power(gamma: float) -> Curve:
    """Return ``v ** gamma``."""
    return odd(f"gamma {gamma:.4g}", lambda v: v**gamma, lambda v: v ** (1 / gamma))


def parametric(gamma: float, a: float, b: float, c: float, d: float, *, high: float = 0.0, low: float = 0.0) -> Curve:
    """Return ``(a v + b) ** gamma + high`` from `d` on, and ``c v + low`` below (ICC.1:2022, 10.18)."""

    def decode(v: Floating) -> Floating:
        return np.where(v >= d, np.maximum(a * v + b, 0) ** gamma + high, c * v + low)

    knee = max(a * d + b, 0) ** gamma + high

    def encode(light: Floating) -> Floating:
        above = (np.maximum(light - high, 0) ** (1 / gamma) - b) / a
        below = (light - low) / c if c > 0 else np.zeros_like(light)
        return np.where(light >= knee, above, below)

    return odd(f"gamma {gamma:.4g} with a straight part" if c > 0 else f"gamma {gamma:.4g}", decode, encode)


def sampled(values: Floating) -> Curve:
    """Return the curve through `values` at even steps from 0 to 1, which rise; above 1 its last step goes on."""
    codes = np.linspace(0, 1, len(values))

    def through(v: Floating, x: Floating, y: Floating) -> Floating:
        slope = (y[-1] - y[-2]) / (x[-1] - x[-2]) if x[-1] > x[-2] else 0.0
        return np.interp(v, x, y) + np.maximum(v - x[-1], 0) * slope

    return odd(
        f"a table of {len(values)} entries", lambda v: through(v, codes, values), lambda v: through(v, values, codes)
    )


def odd(name: str, decode: Law, encode: Law) -> Curve:
    """Return the curve of two laws for what is not negative, mirrored below 0."""

    def mirrored(law: Law) -> Law:
        return lambda v: np.copysign(law(np.abs(v)), v).astype(v.dtype, copy=False)

    return Curve(name, mirrored(decode), mirrored(encode))
