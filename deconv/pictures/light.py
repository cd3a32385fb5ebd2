"""Between the numbers in a file and the amounts of light that the mathematics works on.

Blur adds light, so restoration belongs in linear light; most photographs store the sRGB encoding of it
(IEC 61966-2-1:1999), a power of about 1/2.2, and a file may state another tone
curve. This module holds both directions, and `from_float` is the only place that clips and rounds.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal, TypeAlias

import numpy as np

from deconv.pictures.formats import FORMATS
from deconv.pictures.picture import Picture, Samples
from deconv.pictures.tone.curves import LINEAR, SRGB, Floating
from deconv.pictures.tone.stated import Tone, stated_tone

Light: TypeAlias = Literal["srgb", "linear", "profile"]


def light_of(picture: Picture) -> Light:
    """Say how the samples are taken to encode light.

    What the file states goes first: a tone curve of cICP (PNG), of the ICC profile, of gAMA (PNG), in this order.
    ``linear`` or ``srgb`` where that curve is one of these, else ``profile``. Of files that state none, ``linear``:
    floating samples, ``.npy``, Zarr, integers of 32 bits and more, 16-bit TIFF of gray or of channels that are none
    (what microscopes and cameras of the laboratory write), gray stacks along Z, time or channels of any depth, FITS,
    TIFF with 2 channels or more than 3. ``srgb``: everything else, that is 8 and 16-bit PNG, JPEG, WebP and RGB TIFF,
    and gray 8-bit TIFF too: 256 linear steps would show as bands, so 8-bit files are almost always scans or exports
    made for looking at.

    Parameters
    ----------
    picture : Picture
        As read.

    Returns
    -------
    "srgb", "linear" or "profile"
    """
    tone = stated_tone(picture)
    if tone is not None:
        return tone.kind
    if not picture.has_integer_samples or picture.bit_depth > 16:
        return "linear"
    record = FORMATS.get(picture.format)
    return "linear" if record is not None and record.stores_light(picture) else "srgb"


def tone_of(picture: Picture, light: str = "auto") -> Tone:
    """Return the tone curve between samples and light.

    Parameters
    ----------
    picture : Picture
        As read.
    light : {"auto", "srgb", "linear", "profile"}
        As for `to_float`.

    Returns
    -------
    Tone
        Its `decode` and `encode`.
    """
    if light not in ("auto", "srgb", "linear", "profile"):
        raise ValueError(f'light must be "auto", "srgb", "linear" or "profile", got {light!r}')
    kind = light_of(picture) if light == "auto" else light
    if kind != "profile":
        return Tone((SRGB if kind == "srgb" else LINEAR,), "")
    stated = stated_tone(picture)
    if stated is None:
        raise ValueError('light must not be "profile" where the file states no tone curve')
    return stated


def to_float(picture: Picture, *, light: Literal["auto", "srgb", "linear", "profile"] = "auto") -> Floating:
    """Turn stored samples into linear light: ``decode(samples / maximum of the integer type)``.

    Parameters
    ----------
    picture : Picture
        As read; alpha stays outside (see `alpha_to_float`).
    light : {"auto", "srgb", "linear", "profile"}
        "srgb" decodes with `srgb_to_linear`, "linear" leaves the numbers, "profile" decodes by the curve that the
        file states, "auto" asks `light_of`.

    Returns
    -------
    ndarray
        Shape of ``picture.samples``. Integers up to 16 bits and float16 give float32, float32 and float64
        stay, wider integers give float64, where 64-bit ones beyond 2**53 are rounded. NaN and infinity pass.

    Raises
    ------
    ValueError
        `light` is none of these, or "profile" where the file states no curve.
    """
    tone = tone_of(picture, light)
    if tone.curves == (LINEAR,):
        return _scaled(picture.samples)
    if picture.dtype in (np.uint8, np.uint16):  # a table of all codes is faster than powers of all samples
        codes = _scaled(np.arange(np.iinfo(picture.dtype).max + 1).astype(picture.dtype))
        tables = [curve.decode(codes) for curve in tone.curves]
        if len(tables) == 1:
            return tables[0][picture.samples]
        return np.stack([table[picture.samples[..., i]] for i, table in enumerate(tables)], axis=-1)
    return tone.decode(_scaled(picture.samples))


def from_float(
    picture: Picture, image: Floating, *, light: Literal["auto", "srgb", "linear", "profile"] = "auto"
) -> Picture:
    """Turn linear light back into samples of the file's own type: the inverse of `to_float`.

    Integers are rounded to nearest and clipped to their type; ``Picture.clipped`` counts the samples whose
    rounded value did not fit. Floating samples are only cast.

    Parameters
    ----------
    picture : Picture
        Gives dtype, metadata, alpha and, through `light_of`, the encoding.
    image : ndarray
        Linear light, of the shape of ``picture.samples``; without alpha, height and width may differ.
    light : {"auto", "srgb", "linear", "profile"}
        As it was for `to_float`.

    Returns
    -------
    Picture
        `picture` with new samples.

    Raises
    ------
    ValueError
        The shape does not fit, `light` is unknown, or NaN would have to become an integer.
    """
    _check_shape(picture, image)
    tone = tone_of(picture, light)
    encoded = image if tone.curves == (LINEAR,) else tone.encode(image)
    if not picture.has_integer_samples:
        with np.errstate(over="ignore"):
            return replace(picture, samples=encoded.astype(picture.dtype), clipped=0, clipped_low=0)
    samples, below, above = _rounded(encoded, picture.dtype)
    return replace(picture, samples=samples, clipped=below + above, clipped_low=below)


def from_float_unrounded(picture: Picture, image: Floating, *, light: Literal["srgb", "linear", "profile"]) -> Picture:
    """Turn linear light into float32 samples in the units of the file: `from_float` that neither rounds nor clips.

    Parameters
    ----------
    picture, image, light
        As for `from_float`.

    Returns
    -------
    Picture
        `picture` with new samples.
    """
    _check_shape(picture, image)
    tone = tone_of(picture, light)
    encoded = image if tone.curves == (LINEAR,) else tone.encode(image)
    full = _limits(picture.dtype)[1] if picture.has_integer_samples else 1
    samples = (encoded * np.asarray(full, encoded.dtype)).astype(np.float32)
    arrangement = None if picture.arrangement is None else picture.arrangement.of_type("float32")
    return replace(picture, samples=samples, arrangement=arrangement, clipped=0, clipped_low=0)


def alpha_to_float(picture: Picture) -> Floating | None:
    """Opacity from 0 to 1 (never decoded as light), or None when the picture has none."""
    return None if picture.alpha is None else _scaled(picture.alpha)


def premultiply(image: Floating, alpha: Floating) -> Floating:
    """Colour times opacity, ``image * alpha``: what may be blurred or restored when alpha varies.

    Parameters
    ----------
    image : ndarray
        Linear light, ``(..., H, W)`` or ``(..., H, W, C)``.
    alpha : ndarray
        ``(..., H, W)``, 0 to 1.

    Returns
    -------
    ndarray
        Shape of `image`.
    """
    return image * _beside(alpha, image)


def unpremultiply(image: Floating, alpha: Floating) -> Floating:
    """Colour divided by opacity, the inverse of `premultiply`; 0 where alpha is 0: no colour is left there.

    Parameters
    ----------
    image : ndarray
        Premultiplied linear light, ``(..., H, W)`` or ``(..., H, W, C)``.
    alpha : ndarray
        ``(..., H, W)``, 0 to 1.

    Returns
    -------
    ndarray
        Shape of `image`.
    """
    divisor = np.broadcast_to(_beside(alpha, image), image.shape)
    return np.divide(image, divisor, out=np.zeros_like(image), where=divisor > 0)


def _scaled(samples: Samples) -> Floating:
    """Integers over the maximum of their type, floats as they are (float16 widened)."""
    dtype = samples.dtype
    if dtype.kind == "f":
        return samples.astype(np.promote_types(dtype, np.float32))
    values: Floating = samples.astype(np.float32 if dtype.itemsize <= 2 else np.float64)
    values /= _limits(dtype)[1]
    return values


def _rounded(values: Floating, dtype: np.dtype[Any]) -> tuple[Samples, int, int]:
    """Nearest integers of `dtype`, and how many had to be clipped at the bottom and at the top."""
    if np.isnan(values).any():
        raise ValueError(f"image must not hold NaN where samples are {dtype}, got {np.isnan(values).sum()} of them")
    low, high = _limits(dtype)
    codes: Floating = values.astype(np.float64 if dtype.itemsize > 2 else np.promote_types(values.dtype, np.float32))
    with np.errstate(over="ignore"):  # what leaves the type is above the top, and counted so
        codes *= high
    codes = np.rint(codes)
    below, above = (int(np.count_nonzero(beyond)) for beyond in (codes < low, codes > high))
    # float64 cannot hold the largest 64-bit integers: stop at the float below, or the cast would wrap round.
    top = float(high) if int(float(high)) == high else float(np.nextafter(float(high), 0.0))
    return np.clip(codes, float(low), top).astype(dtype), below, above


def _limits(dtype: np.dtype[Any]) -> tuple[int, int]:
    if dtype.kind == "b":
        return 0, 1
    return int(np.iinfo(dtype).min), int(np.iinfo(dtype).max)


def _beside(alpha: Floating, image: Floating) -> Floating:
    return alpha[..., None] if image.ndim == alpha.ndim + 1 else alpha


def _check_shape(picture: Picture, image: Floating) -> None:
    old, new = picture.samples.shape, image.shape
    first = 1 if picture.planes else 0
    same_kind = len(old) == len(new) and old[:first] == new[:first] and old[first + 2 :] == new[first + 2 :]
    if not same_kind or (picture.alpha is not None and old != new):
        rule = "the shape of the samples" + (", since alpha has it too" if same_kind else "")
        raise ValueError(f"image must have {rule} {old}, got {new}")
