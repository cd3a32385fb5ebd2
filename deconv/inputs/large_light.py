"""A picture that is read a part at a time, as light to compute with, and back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deconv import pictures
from deconv.inputs.linear_light import LightPicture, decoded
from deconv.inputs.volumes import volumes_of
from deconv.pictures import Picture
from deconv.pictures.tiled.source import Source, block_of, nothing_of, samples_of
from restore.tiles.plan import Box

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class LargeLight:
    """A picture and the light that its samples encode."""

    source: Source
    light: str  # "srgb", "linear" or "profile"
    floating: bool = False  # whether results are float32 in the units of the file
    white: float | None = None  # the code from which samples are unknown for being clipped
    nan: bool = False  # whether NaN is taken as unknown
    drawn: Array | None = None  # what a mask says is unknown, of a plane or of all

    @property
    def has_mask(self) -> bool:
        """Return whether samples may be unknown."""
        return self.white is not None or self.nan or self.drawn is not None

    @property
    def header(self) -> Picture:
        """Return the picture without its samples."""
        return self.source.header

    @property
    def dtype(self) -> np.dtype[Any]:
        """Return the type that light is computed in."""
        one = replace(self.header, samples=np.zeros(1, self.header.dtype), alpha=None, channel_axis=None)
        return pictures.to_float(one, light="linear").dtype

    @property
    def outline(self) -> LightPicture:
        """Return the picture as light without its samples: what asks for shape, type and metadata needs no more."""
        header = self.header
        image = nothing_of(header.samples.shape, self.dtype)
        return LightPicture(picture=header, light=self.light, image=image, opacity=None)

    @property
    def result(self) -> Picture:
        """Return the restored picture without its samples."""
        if not self.floating:
            return self.header
        header = self.header
        arrangement = None if header.arrangement is None else header.arrangement.of_type("float32")
        samples = nothing_of(header.samples.shape, np.float32)
        alpha = None if header.alpha is None else nothing_of(header.alpha.shape, np.float32)
        return replace(header, samples=samples, alpha=alpha, arrangement=arrangement)

    def block(self, planes: Sequence[int], rows: slice, columns: slice) -> LightPicture:
        """Return a part of some planes."""
        picture = block_of(self.header, self.source.read(planes, rows, columns))
        image, opacity = decoded(picture, self.light), pictures.alpha_to_float(picture)
        image = image if opacity is None else pictures.premultiply(image, opacity)
        return LightPicture(picture=picture, light=self.light, image=image, opacity=opacity)

    def window(self, plane: int, rows: slice, columns: slice) -> LightPicture:
        """Return a part of a plane as a picture of its own."""
        block = self.block([plane], rows, columns)
        picture = replace(
            block.picture,
            samples=block.picture.samples[0],
            alpha=None if block.picture.alpha is None else block.picture.alpha[0],
            planes=0,
            plane_axes="",
            plane_shape=(),
            arrangement=None,
        )
        opacity = None if block.opacity is None else block.opacity[0]
        return replace(block, picture=picture, image=block.image[0], opacity=opacity)

    def parts(self, ndim: int) -> list[LightPart]:
        """Return what a PSF of so many axes is applied to: the picture, or each of its planes or volumes."""
        if not self.header.planes:
            return [LightPart(self, (0,), 2, 0)]
        volumes = volumes_of(self.header, ndim)
        numbers = volumes.apart(np.arange(self.header.planes))
        places = zip(numbers, volumes.channels, strict=True)
        return [LightPart(self, tuple(map(int, np.atleast_1d(n))), ndim, channel) for n, channel in places]


@dataclass(frozen=True, eq=False)
class LightPart:
    """A plane or a volume as `restore` reads it: boxes of light, channels last."""

    whole: LargeLight
    planes: tuple[int, ...]
    ndim: int
    channel: int  # of a stack
    _last: dict[Box, LightPicture] = field(default_factory=dict)

    @property
    def is_lazy(self) -> bool:
        """Return that samples are read when they are asked for."""
        return False

    @property
    def shape(self) -> tuple[int, ...]:
        """Return the spatial shape."""
        plane = self.whole.header.height, self.whole.header.width
        return plane if self.ndim == 2 else (len(self.planes), *plane)

    @property
    def channels(self) -> int:
        """Return the number of colours."""
        return self.whole.header.channels

    @property
    def dtype(self) -> np.dtype[Any]:
        """Return the type of the light."""
        return self.whole.dtype

    def where(self, box: Box) -> tuple[tuple[int, ...], slice, slice]:
        """Return a box as planes, rows and columns of the file."""
        rows, columns = (slice(*span) for span in box[-2:])
        return (self.planes if self.ndim == 2 else self.planes[slice(*box[0])]), rows, columns

    def read(self, box: Box) -> Array:
        """Return the light in a box, channels last."""
        image = self._block(box).image
        image = image if self.whole.header.channel_axis is not None else image[..., None]
        return image[0] if self.ndim == 2 else image

    def _block(self, box: Box) -> LightPicture:
        """Return what lies in a box; it is asked for twice where samples may be unknown."""
        if not self.whole.has_mask:
            return self.whole.block(*self.where(box))
        if box not in self._last:
            self._last.clear()
            self._last[box] = self.whole.block(*self.where(box))
        return self._last[box]

    def hidden(self, box: Box) -> Array | None:
        """Return which samples of a box are unknown, channels last; None where all are known."""
        whole = self.whole
        if not whole.has_mask:
            return None
        planes, rows, columns = self.where(box)
        block = self._block(box)
        hidden = np.zeros(block.image.shape, bool) if not whole.nan else ~np.isfinite(block.image)
        if whole.white is not None:
            hidden |= block.picture.samples >= whole.white
        hidden = hidden if whole.header.channel_axis is not None else hidden[..., None]
        if whole.drawn is not None:
            drawn = whole.drawn[list(planes)] if whole.drawn.ndim == 3 else whole.drawn
            hidden |= drawn[..., rows, columns, None]
        return hidden[0] if self.ndim == 2 else hidden

    def stored(self, box: Box, image: Array) -> tuple[Array, int, int]:
        """Return restored light as the file holds it, and how many samples left its range: in all, and below."""
        where = self.where(box)
        image = image if self.whole.header.channel_axis is not None else image[..., 0]
        image = image[None] if self.ndim == 2 else image
        if self.whole.header.alpha is not None:
            light = self.whole.block(*where)
        else:
            empty = replace(self.whole.header, samples=nothing_of(image.shape, self.whole.header.dtype))
            light = replace(self.whole.outline, picture=replace(empty, planes=len(image)), image=image)
        picture = light.stored(image)
        written = light.stored_unrounded(image) if self.whole.floating else picture
        return samples_of(written), picture.clipped, picture.clipped_low

    def call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call a function."""
        return function(*arguments)

    def now(self, value: Any) -> Any:
        """Return a value."""
        return value
