"""Checks at the public edge: each argument once, one style of message.

A message names the argument, the rule and the value received. Private functions behind the edge trust their callers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[Any]

#: A PSF given as an array sums to one up to the rounding of the type that stored it.
UNIT_SUM_TOLERANCE = 1e-4


class Refusal(Exception):
    """What was given cannot be computed with: a program may show its user the text, and no more than the text.

    Any other error is a fault of the package.
    """


class InvalidValue(Refusal, ValueError):
    """An argument of the right kind has a value that its rule forbids."""


class InvalidType(Refusal, TypeError):
    """An argument is of the wrong kind."""


def as_image(image: ArrayLike, name: str = "image", *, channel_axis: int | None = None) -> Array:
    """Return `image` as a finite float32 or float64 array with its channels, if any, on the last axis."""
    array = np.asarray(image)
    if array.dtype.kind in "biu":
        raise InvalidType(
            f"{name} must be floating, got {array.dtype}: convert it, for example "
            f"{name}.astype(np.float32) / {np.iinfo(array.dtype).max if array.dtype.kind != 'b' else 1}"
        )
    if array.dtype.kind == "c":
        raise InvalidType(f"{name} must be real, got {array.dtype}: restore the real and imaginary parts apart")
    array = array.astype(array.dtype.newbyteorder("="), copy=False)  # files may hold the other order of bytes
    if array.dtype not in (np.float32, np.float64):
        raise InvalidType(f"{name} must be float32 or float64, got {array.dtype}: use {name}.astype(np.float64)")
    if array.size == 0 or array.ndim == 0:
        raise InvalidValue(f"{name} must hold samples, got shape {array.shape}")
    require_finite(array, name)
    return array if channel_axis is None else np.moveaxis(array, as_axis(channel_axis, array.ndim), -1)


def as_planar_image(image: ArrayLike, *, channel_axis: int | None = None) -> Array:
    """Return `image`, of two spatial axes, as a finite float32 or float64 array (H, W, C); a gray one has C = 1."""
    array = as_image(image, channel_axis=channel_axis)
    if array.ndim != (2 if channel_axis is None else 3):
        raise InvalidValue(
            f"image must have two spatial axes, got shape {array.shape}: "
            "pass channel_axis for colour, or one plane of a stack"
        )
    return array[..., None] if channel_axis is None else array


def as_axis(channel_axis: int, ndim: int) -> int:
    """Return the channel axis counted from the front."""
    if not -ndim <= channel_axis < ndim or ndim < 2:
        raise InvalidValue(f"channel_axis must name an axis of a {ndim}-D image, got {channel_axis}")
    return channel_axis % ndim


def channels_last(image: Array, channel_axis: int | None) -> Array:
    """Return an image with its channels last, one of a gray image."""
    return image[..., None] if channel_axis is None else np.moveaxis(image, channel_axis, -1)


def laid_out(image: Array, channel_axis: int | None) -> Array:
    """Return an image with its channels last as `channel_axis` has them, the way back of `channels_last`."""
    return image[..., 0] if channel_axis is None else np.moveaxis(image, -1, channel_axis)


def spatial_shape(image_shape: Sequence[int], channel_axis: int | None) -> tuple[int, ...]:
    """Return the shape of an image without its channels."""
    if channel_axis is None:
        return tuple(image_shape)
    axis = as_axis(channel_axis, len(image_shape))
    return (*image_shape[:axis], *image_shape[axis + 1 :])


def as_mask(mask: ArrayLike, image_shape: Sequence[int], channel_axis: int | None) -> Array:
    """Return a mask of an image, or of one of its channels, as bool with all channels last (one of a gray image)."""
    hidden = np.asarray(mask)
    if hidden.dtype != bool:
        raise InvalidType(f"mask must be bool, True where samples are unknown, got {hidden.dtype}")
    spatial = spatial_shape(image_shape, channel_axis)
    channels = 1 if channel_axis is None else image_shape[channel_axis]
    if channel_axis is not None and hidden.shape == tuple(image_shape):
        hidden = np.moveaxis(hidden, channel_axis, -1)
    elif hidden.shape == spatial:
        hidden = hidden[..., None]
    elif hidden.shape != (*spatial, 1) or channel_axis is None:
        raise InvalidValue(
            f"mask must have the shape {tuple(image_shape)} of the image or {spatial}, got {np.shape(mask)}"
        )
    return np.broadcast_to(hidden, (*spatial, channels))


def require_finite(array: Array, name: str) -> None:
    """Refuse NaN and infinity, saying how many there are and where the first one lies."""
    with np.errstate(over="ignore", invalid="ignore"):
        if np.isfinite(array.sum()):  # one pass, no temporary; an overflowing sum of finite samples is looked at below
            return
    bad = ~np.isfinite(array)
    if bad.any():
        first = tuple(int(i) for i in np.argwhere(bad)[0])
        raise InvalidValue(
            f"{name} must be finite, got {int(bad.sum())} NaN or infinite samples, the first at {first}: "
            "replace them (for example by a local median) before restoring"
        )


def as_psf(psf: ArrayLike, image_shape: Sequence[int]) -> Array:
    """Return `psf` as a float64 array fit for an image whose spatial shape is `image_shape`."""
    array = as_kernel(psf, "psf", image_shape)
    total = float(array.sum())
    if abs(total) < UNIT_SUM_TOLERANCE * float(np.abs(array).sum()) or total == 0:
        raise InvalidValue(f"psf must have a positive sum, got {total:.6g}: an all-zero or zero-mean PSF blurs nothing")
    if abs(total - 1) > UNIT_SUM_TOLERANCE:
        raise InvalidValue(f"psf must sum to 1, got {total:.6g}: pass psf / psf.sum()")
    return array


def as_kernel(kernel: ArrayLike, name: str, image_shape: Sequence[int]) -> Array:
    """Return `kernel` as a finite, real float64 array that has the axes of the image and fits into it."""
    array = as_real(kernel, name, ": pass the impulse response, not a transfer function")
    if array.ndim != len(image_shape):
        raise InvalidValue(
            f"{name} must have {len(image_shape)} axes like the image's spatial shape {tuple(image_shape)}, got shape "
            f"{array.shape}: pass channel_axis for a colour image, or a {len(image_shape)}-D {name} for a stack"
        )
    if array.size == 0:
        raise InvalidValue(f"{name} must hold samples, got shape {array.shape}")
    require_finite(array, name)
    if any(k > n for k, n in zip(array.shape, image_shape, strict=True)):
        raise InvalidValue(
            f"{name} must fit into the image of shape {tuple(image_shape)}, got shape {array.shape}: cut its rim off"
        )
    return array


def as_count(value: int, name: str) -> int:
    """Return a whole number >= 1."""
    if not isinstance(value, int | np.integer) or isinstance(value, bool):
        raise InvalidType(f"{name} must be an integer, got {value!r}")
    if value < 1:
        raise InvalidValue(f"{name} must be >= 1, got {value}")
    return int(value)


def as_shape(shape: Sequence[int], name: str) -> tuple[int, ...]:
    """Return the lengths of some axes, whole numbers >= 1."""
    if np.ndim(shape) != 1:
        raise InvalidType(f"{name} must be a sequence of whole numbers, got {shape!r}")
    return tuple(as_count(length, name) for length in shape)


def as_finite(value: float, name: str, *, rule: str = "finite") -> float:
    """Return a finite number."""
    if np.ndim(value) != 0 or np.asarray(value).dtype.kind not in "biuf":
        raise InvalidType(f"{name} must be a number, got {value!r}")
    number = float(value)
    if not np.isfinite(number):
        raise InvalidValue(f"{name} must be {rule}, got {value}")
    return number


def as_real(values: ArrayLike, name: str, remedy: str = "") -> Array:
    """Return a float64 copy of real samples."""
    array = np.asarray(values)
    if array.dtype.kind not in "biuf":
        raise InvalidType(f"{name} must be real, got {array.dtype}{remedy}")
    with np.errstate(over="ignore"):  # of what is wider; infinity is refused where samples must be finite
        return array.astype(np.float64)


def as_nonnegative(value: float, name: str) -> float:
    """Return a finite number >= 0."""
    number = as_finite(value, name, rule="finite and >= 0")
    if number < 0:
        raise InvalidValue(f"{name} must be finite and >= 0, got {value}")
    return number


def as_positive(value: float, name: str) -> float:
    """Return a finite number > 0."""
    number = as_finite(value, name, rule="finite and > 0")
    if number <= 0:
        raise InvalidValue(f"{name} must be finite and > 0, got {value}")
    return number


def per_axis(values: float | Sequence[float], name: str) -> list[float]:
    """Return one positive number per axis; a single number stands for the two axes of a picture."""
    numbers: list[Any] = [values, values] if np.ndim(values) == 0 else list(values)  # type: ignore[arg-type]
    if not numbers:
        raise InvalidValue(f"{name} must hold one number per axis, got {values!r}")
    return [as_positive(number, name) for number in numbers]


def one_of(value: str, allowed: Sequence[str], name: str) -> str:
    """Return `value` if it is one of the documented words."""
    if value not in allowed:
        raise InvalidValue(f"{name} must be one of {', '.join(allowed)}, got {value!r}")
    return value
