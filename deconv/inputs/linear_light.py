"""A picture file as light to compute with, and back: planes, alpha and encoding are dealt with here, once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deconv import pictures
from deconv.inputs.volumes import volumes_of
from deconv.inputs.white_level import white_level
from deconv.pictures import Outputs, Picture, PictureError
from deconv.settings import Destination, Reading
from restore.noise.jpeg_history import coarsest_table, jpeg_history, rounding_in
from restore.noise.jpeg_rounding import rounding_variance
from restore.operators.progress import Stages

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class LightPicture:
    """A picture and its samples as linear light, multiplied by alpha where alpha varies."""

    picture: Picture
    light: str  # "srgb", "linear" or "profile": how the file encodes
    image: Array
    opacity: Array | None
    white: float | None = None  # the code from which light counts as clipped; None looks for it
    channel: int | None = None  # which one of the file's it is, None for all of them

    @property
    def channel_axis(self) -> int | None:
        """Return the axis of the colour channels."""
        return self.picture.channel_axis

    def grid(self, ndim: int) -> tuple[int, ...]:
        """Return the spatial shape that a PSF of `ndim` axes blurs: of a plane, or of a volume of a stack."""
        is_volume = self.picture.planes and ndim == 3
        part = volumes_of(self.picture).apart(self.image)[0] if is_volume else self.planes[0]
        return part.shape[: part.ndim - (self.channel_axis is not None)]

    @property
    def channel_count(self) -> int:
        """Return how many channels of a stack are restored by themselves."""
        return dict(zip(self.picture.plane_axes, self.picture.plane_shape, strict=True)).get("C", 1)

    @property
    def planes(self) -> list[Array]:
        """Return the planes of the picture, one for a single picture."""
        return list(self.image) if self.picture.planes else [self.image]

    def stored(self, image: Array) -> Picture:
        """Return the picture with new light, in the depth and encoding of the file; refuse what has left its range."""
        self._refuse_overflow(~np.isfinite(image), image.dtype)
        picture = self._encoded(image)
        if not picture.has_integer_samples:
            self._refuse_overflow(np.isinf(picture.samples) & np.isfinite(image), picture.dtype)
        return picture

    def _refuse_overflow(self, overflown: Array, dtype: np.dtype[Any]) -> None:
        count = int(np.count_nonzero(overflown))
        if count:
            what = f"gives a result of which {count} samples leave the range of {dtype}"
            raise PictureError(self.picture.path or "picture", what, "scale its samples, for example to 0 to 1")

    def stored_unrounded(self, image: Array) -> Picture:
        """Return the picture with new light as float32 samples in the units of the file; alpha has none."""
        return pictures.from_float_unrounded(self.picture, image, light=self.light)  # type: ignore[arg-type]

    def _encoded(self, image: Array) -> Picture:
        if self.opacity is not None:
            visible = pictures.unpremultiply(image, self.opacity)
            hidden = self.opacity == 0
            hidden = hidden[..., None] if self.channel_axis is not None else hidden
            image = np.where(hidden, pictures.to_float(self.picture, light=self.light), visible)  # type: ignore[arg-type]
        return pictures.from_float(self.picture, image, light=self.light)  # type: ignore[arg-type]

    def mapped(self, work: Callable[..., Array], *beside: Array | None, ndim: int = 2) -> Array:
        """Apply `work` to each plane, its channel and its part of what lies beside, and put the planes together again.

        With `ndim` 3, the axes of a PSF, to each volume of a stack. What leaves the range of the numbers on the way is
        seen in the result, by `stored`.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            return self._mapped(work, beside, ndim)

    def _mapped(self, work: Callable[..., Array], beside: tuple[Array | None, ...], ndim: int) -> Array:
        if not self.picture.planes:
            return work(self.image, 0, *beside)
        volumes = volumes_of(self.picture, ndim)
        images = volumes.apart(self.image)
        parts = ([None] * len(images) if one is None else volumes.apart(one) for one in beside)
        stages = Stages(dict.fromkeys(range(len(images)), 1.0))

        def staged(number: int, *part: Any) -> Array:
            with stages.stage(number):
                return work(*part)

        return volumes.together(list(map(staged, range(len(images)), images, volumes.channels, *parts)))

    def stack_notes(self, ndim: int) -> tuple[str, ...]:
        """Return what is to be said of a PSF of `ndim` axes on this stack."""
        note = volumes_of(self.picture, ndim).note if self.picture.planes else None
        return () if note is None else (note,)

    @property
    def full_scale(self) -> float:
        """Return the number of the file that is light 1."""
        return float(np.iinfo(self.picture.dtype).max) if self.picture.dtype.kind in "ui" else 1.0

    def level(self, light: float) -> str:
        """Return an amount of light in words, and in the numbers of a file of integers that counts it."""
        words = f"{light:.4g} in linear light"
        return words if self.light != "linear" or self.full_scale == 1 else f"{words}, {self.number(light):.4g} counts"

    def number(self, light: float) -> float:
        """Return an amount of light in the numbers of a file that counts it."""
        return light * self.full_scale if self.light == "linear" else light

    def require_counts(self) -> None:
        """Refuse amounts in the numbers of a file that does not store light."""
        if self.light != "linear":
            what = "stores no counts: its samples are an encoding of light"
            raise PictureError(self.picture.path or "picture", what, "say --linear if they are counts")

    @property
    def unknown(self) -> NDArray[np.bool_] | None:
        """Return which samples the file flags, or has no number for; None where there are none."""
        unknown = ~np.isfinite(self.image)
        flagged = self.picture.unknown
        if flagged is not None:
            unknown |= flagged if flagged.ndim == unknown.ndim else flagged[..., None]
        return unknown if unknown.any() else None

    def clipped(self) -> NDArray[np.bool_]:
        """Return where light was cut off: at the white level that was given, else that of an integer file."""
        samples, level = self.picture.samples, self._white_level
        return np.zeros(samples.shape, bool) if level is None else np.asarray(samples >= level)

    @cached_property
    def _white_level(self) -> float | None:
        if self.white is not None:
            return self.white
        if not self.picture.has_integer_samples or self.picture.samples.dtype.kind == "b":
            return None
        return white_level(self.picture.samples, self.channel_axis)

    def white_light(self, clipped: NDArray[np.bool_]) -> float:
        """Return the light at which clipped samples were cut off."""
        return float(self.image[clipped].min()) if clipped.any() else 1.0

    def clipped_share(self) -> float:
        """Return the share of the samples at the top code."""
        return float(self.clipped().mean())

    def compression_var(self, hidden: Array | None = None) -> float:
        """Return the variance to count for a JPEG's rounding beside what is hidden; 0 for other files."""
        return compression_variance(self.picture, self.light, hidden)

    def describe(self) -> str:
        """Return one line for people."""
        taken = "sRGB decoded to linear light" if self.light == "srgb" else "taken as linear"
        if self.light == "profile":
            taken = f"decoded to linear light by {pictures.tone_of(self.picture).describe()}"
        return f"{self.picture.describe()}; {taken}"


def read_light(path: str, reading: Reading) -> LightPicture:
    """Read a picture for computing."""
    picture = pictures.read(path, frame=reading.frame, axes=reading.axes, max_pixels=reading.max_pixels)  # type: ignore[arg-type]
    if reading.channel is not None:
        picture = pictures.one_channel(picture, reading.channel)
    light = pictures.light_of(picture) if reading.light == "auto" else reading.light
    image = decoded(picture, light)
    if reading.nan == "refuse" and not picture.marks_missing and not np.isfinite(image).all():
        bad = int(image.size - np.isfinite(image).sum())
        first = tuple(int(i) for i in np.argwhere(~np.isfinite(image))[0])
        raise PictureError(
            path,
            f"holds {bad} NaN or infinite sample{'s' * (bad > 1)}, the first at {first}",
            "take them as unknown with deblur --nan mask, or replace them",
        )
    opacity = pictures.alpha_to_float(picture)
    if opacity is not None and opacity.min() == opacity.max():
        opacity = None
    image = image if opacity is None else pictures.premultiply(image, opacity)
    return LightPicture(
        picture=picture, light=light, image=image, opacity=opacity, white=reading.white, channel=reading.channel
    )


def decoded(picture: Picture, light: str) -> Array:
    """Return the light of a picture; refuse samples that are too large for its curve."""
    with np.errstate(over="ignore"):
        image = pictures.to_float(picture, light=light)  # type: ignore[arg-type]
    if np.isinf(image).any() and not np.isinf(picture.samples).any():
        what = "holds samples that are too large to be decoded as sRGB"
        raise PictureError(picture.path or "picture", what, "leave --srgb out, or scale them to 0 to 1")
    return image


def compression_variance(picture: Picture, light: str, hidden: Array | None = None) -> float:
    """Return the variance, in the light that is computed with, to count for a JPEG's rounding.

    What is `hidden`, of the picture without channels, is not looked at. Another file may hold what a JPEG once did: its
    samples tell.
    """
    steps = steps_of(picture)
    if steps is None:
        if picture.planes or jpeg_history(_channels_last(picture)) is None:
            return 0.0
        decoded_samples = pictures.to_float(picture, light=light)  # type: ignore[arg-type]
        return rounding_in(decoded_samples, picture.channel_axis)(hidden)
    encoded = pictures.to_float(picture, light="linear")
    tone = pictures.tone_of(picture, light).overall
    return rounding_variance(encoded, steps, None if light == "linear" else tone.decode, hidden)


def steps_of(picture: Picture) -> Array | None:
    """Return the steps that a JPEG was rounded to, by its table or, where it was saved again, that of before."""
    if picture.jpeg_table is None:
        return None
    return coarsest_table(picture.jpeg_table, _channels_last(picture))


def _channels_last(picture: Picture) -> Array:
    return picture.samples if picture.channel_axis is not None else picture.samples[..., None]


def reserving(destination: Destination, *read: str | None) -> Outputs:
    """Return the outputs of one input: none replaces a file that is read, a folder that was named is made."""
    files = [path for path in read if path and Path(path).exists()]
    return Outputs(force=destination.force, inputs=files, make_folders=destination.is_folder)
