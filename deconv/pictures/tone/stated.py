"""What a file states of its tone curve: by cICP, by an ICC profile or by gAMA, in the order in which PNG ranks them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from deconv.pictures.picture import Picture
from deconv.pictures.tone.curves import LINEAR, SRGB, Curve, Floating, Law, power
from deconv.pictures.tone.icc import icc_curves, icc_name
from deconv.pictures.tone.transfer_characteristics import TRANSFER_CHARACTERISTICS

#: How far, in light of 0 to 1, a stated curve may be from one with a name and still be taken for it.
_SRGB_TOLERANCE, _LINEAR_TOLERANCE = 1e-3, 1e-4
#: The gAMA by which programs say sRGB (PNG_GAMMA_sRGB_INVERSE of libpng), and by how much they round it.
_GAMA_OF_SRGB, _GAMA_ROUNDING = 45455, 100


@dataclass(frozen=True, eq=False)
class Tone:
    """The tone curves of a picture: one for all channels, or one for each.

    Attributes
    ----------
    curves : tuple of Curve
        One, or three.
    source : str
        What states them, as a sentence names it.
    """

    curves: tuple[Curve, ...]
    source: str

    @property
    def kind(self) -> Literal["srgb", "linear", "profile"]:
        """Return the word for it in `light_of`."""
        if all(curve.follows(LINEAR, _LINEAR_TOLERANCE) for curve in self.curves):
            return "linear"
        return "srgb" if all(curve.follows(SRGB, _SRGB_TOLERANCE) for curve in self.curves) else "profile"

    def decode(self, codes: Floating) -> Floating:
        """Return the light of codes of 0 to 1, channels last where each has its curve."""
        return self._each([curve.decode for curve in self.curves], codes)

    def encode(self, light: Floating) -> Floating:
        """Return the codes of light, the inverse of `decode`."""
        return self._each([curve.encode for curve in self.curves], light)

    @property
    def overall(self) -> Tone:
        """Return one curve for all channels, that of green."""
        return Tone((self.curves[len(self.curves) // 2],), self.source)

    def describe(self) -> str:
        """Return which curve it is and what states it."""
        return f"{self.overall.curves[0].name} of the {self.source}"

    @staticmethod
    def _each(laws: list[Law], values: Floating) -> Floating:
        if len(laws) == 1:
            return laws[0](values)
        return np.stack([law(values[..., i]) for i, law in enumerate(laws)], axis=-1)


def stated_tone(picture: Picture) -> Tone | None:
    """Return the tone curve that the file states, None where it states none that is known."""
    chunks = dict(picture.colour_chunks)
    if (curve := _of_cicp(chunks.get(b"cICP", b""))) is not None:
        return Tone((curve,), "cICP chunk")
    if picture.icc is not None:
        return _of_profile(picture.icc, picture.channels)
    if b"sRGB" in chunks:
        return Tone((SRGB,), "sRGB chunk")
    gamma = int.from_bytes(chunks.get(b"gAMA", b""), "big")
    if not gamma:
        return None
    is_srgb = abs(gamma - _GAMA_OF_SRGB) <= _GAMA_ROUNDING
    return Tone((SRGB if is_srgb else power(100_000 / gamma),), "gAMA chunk")


def _of_profile(icc: bytes, channels: int) -> Tone | None:
    """Return the curves of a profile; a gray picture under a profile of colours is taken by that of green."""
    curves = icc_curves(icc)
    if not curves:
        return None
    alike = all(curve.follows(curves[0], _LINEAR_TOLERANCE) for curve in curves)
    if alike or channels != len(curves):
        curves = (curves[len(curves) // 2],)
    return Tone(curves, f"ICC profile {icc_name(icc)}".rstrip())


def _of_cicp(chunk: bytes) -> Curve | None:
    """Return the curve of the transfer characteristics of ITU-T H.273, None for those that are not known here."""
    if len(chunk) != 4:
        return None
    curve = TRANSFER_CHARACTERISTICS.get(chunk[1])
    return curve if curve is None or chunk[3] else _of_narrow_range(curve)


def _of_narrow_range(curve: Curve) -> Curve:
    """Return a curve whose 0 and 1 are the codes 16 and 235 of 255."""
    low, span = 16 / 255, 219 / 255
    return Curve(
        f"{curve.name}, narrow range,",
        lambda v: curve.decode((v - low) / span),
        lambda light: curve.encode(light) * span + low,
    )
