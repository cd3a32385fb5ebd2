"""The tone curves that video and high dynamic range files name by a number (ITU-T H.273, table 3)."""

from __future__ import annotations

import numpy as np

from deconv.pictures.tone.curves import LINEAR, SRGB, Curve, Floating, odd, parametric, power


def _pq() -> Curve:
    """Return the curve of SMPTE ST 2084; light 1 is 10 000 candela per square metre."""
    m, n = 2610 / 16384, 2523 / 32
    c1, c2, c3 = 3424 / 4096, 2413 / 128, 2392 / 128

    def decode(v: Floating) -> Floating:
        root = v.astype(np.float64) ** (1 / n)
        return (np.maximum(root - c1, 0) / np.maximum(c2 - c3 * root, 1e-6)) ** (1 / m)

    def encode(light: Floating) -> Floating:
        root = light.astype(np.float64) ** m
        return ((c1 + c2 * root) / (1 + c3 * root)) ** n

    return odd("PQ", decode, encode)


def _hlg() -> Curve:
    """Return the curve of ARIB STD-B67, of the light of the scene."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073

    def decode(v: Floating) -> Floating:
        return np.where(v <= 0.5, v**2 / 3, (np.exp((np.minimum(v, 4) - c) / a) + b) / 12)

    def encode(light: Floating) -> Floating:
        return np.where(light <= 1 / 12, np.sqrt(3 * light), a * np.log(np.maximum(12 * light - b, 1e-9)) + c)

    return odd("HLG", decode, encode)


_TELEVISION = parametric(1 / 0.45, 1 / 1.099, 0.099 / 1.099, 1 / 4.5, 0.081)
#: By their numbers.
TRANSFER_CHARACTERISTICS: dict[int, Curve] = {
    **dict.fromkeys((1, 6, 14, 15), _TELEVISION),
    4: power(2.2),
    5: power(2.8),
    8: LINEAR,
    13: SRGB,
    16: _pq(),
    17: odd("gamma 2.6", lambda v: 52.37 / 48 * v**2.6, lambda light: (48 / 52.37 * light) ** (1 / 2.6)),
    18: _hlg(),
}
