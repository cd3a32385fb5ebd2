"""A file as a feature map, and back: .npy arrays as they are, pictures with their colours as channels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from deconv import pictures
from deconv.errors import UsageError
from deconv.pictures import Picture, PictureError
from deconv.pictures.formats.npy import save_array
from deconv.settings import Reading
from deconv.upsample.arrays import is_array, read_array
from upsample.enlargement import Plan

Array = NDArray[Any]
Light = Literal["srgb", "linear"]

#: Layouts whose channels stand before rows and columns; how many channels pictures have.
FIRST, COLOURS = ("torch", "onnx"), (3, 4)

_WIDER = "write .npy instead"
_SHAPES = "(H, W), (C, H, W) or (N, C, H, W)"


@dataclass(frozen=True, eq=False)
class FeatureMap:
    """Numbers to enlarge, and the picture they came from, if any."""

    values: Array
    layout: str  # where the channels stand, as convert_weight names it
    picture: Picture | None = None
    light: Light = "linear"
    notes: tuple[str, ...] = ()

    @property
    def size(self) -> tuple[int, ...]:
        """Return the rows and columns."""
        return self.values.shape[-3:-1] if self.has_channels_last else self.values.shape[-2:]

    @property
    def has_channels_last(self) -> bool:
        """Return whether the channels stand behind rows and columns."""
        return self.values.ndim > 2 and self.layout not in FIRST

    @property
    def is_colour(self) -> bool:
        """Return whether the channels are red, green and blue."""
        return self.picture is not None and self.picture.channels == 3

    def describe(self) -> str:
        """Return one line for people."""
        if self.picture is None:
            return f"{self.values.dtype} .npy, {' x '.join(map(str, self.values.shape))}"
        taken = "sRGB decoded to linear light" if self.light == "srgb" else "stored samples over their maximum"
        return f"{self.picture.describe()}; {taken}"

    def check_output(self, output: Path, plan: Plan) -> None:
        """Refuse a file that cannot hold the result, before that is computed."""
        if output.suffix.lower() == ".npy":
            return
        if self.picture is None:
            raise UsageError(f"{output}: the result of a .npy map is a .npy file (name it so with --output)")
        pictures.check_format(self.picture, output)
        if plan.is_complex:
            raise PictureError(output, "cannot hold the complex samples that the kernel makes", _WIDER)
        if plan.channels != self.picture.channels:
            what = f"cannot hold the {plan.channels} channels that the kernel makes of {self.picture.channels}"
            raise PictureError(output, what, _WIDER)

    def write(self, result: Array, output: Path, final: Path) -> tuple[str, ...]:
        """Write the enlarged map to `output`, later to be called `final`; return what had to be changed."""
        if final.suffix.lower() == ".npy":
            with output.open("wb") as file:
                save_array(file, result)
            return ()
        assert self.picture is not None
        picture = pictures.from_float(self.picture, self._like_picture(result), light=self.light)
        if not picture.has_integer_samples and np.isinf(picture.samples).any():
            raise PictureError(final, f"cannot hold the result, which leaves the range of {picture.dtype}", _WIDER)
        pictures.write(picture, output)
        share = picture.clipped_share
        clipped = (f"{share:.1%} of the samples left the range of the file and were clipped",) if share > 0 else ()
        return (*pictures.losses(picture, final), *clipped)

    def _like_picture(self, result: Array) -> Array:
        """Return the result with the axes of the picture: planes first, colour last."""
        assert self.picture is not None
        if self.picture.channel_axis is not None:
            return np.ascontiguousarray(np.moveaxis(result, -3, -1))
        return result if result.ndim == 2 else result[..., 0, :, :]


def read_map(path: str, reading: Reading, *, layout: str, limit: int) -> FeatureMap:
    """Read a .npy map of that layout and at most `limit` samples, or a picture; refuse other files."""
    if not is_array(path):
        return _from_picture(path, reading)
    _refuse_picture_options(path, reading)
    values, notes = read_array(path, limit, "map")
    if values.ndim not in (2, 3, 4):
        raise PictureError(path, f"holds an array of shape {values.shape}", f"save a map of shape {_SHAPES}")
    return FeatureMap(values=values, layout=layout, notes=(*notes, *_of_colours(values.shape, layout)))


def _of_colours(shape: tuple[int, ...], layout: str) -> tuple[str, ...]:
    """Return what to say of a map that looks like rows, columns and colours where its channels come first."""
    if len(shape) < 3 or layout not in FIRST or shape[-1] not in COLOURS or min(shape[-3:-1]) <= max(COLOURS):
        return ()
    channels, rows, columns = shape[-3:]
    taken = f"taken as {channels} channels of {rows} x {columns}"
    return (f"{taken}; were its {columns} colours meant, the last axis is the channels: say --layout keras",)


def _refuse_picture_options(path: str, reading: Reading) -> None:
    options = {"srgb": reading.light == "srgb", "frame": reading.frame is not None, "axes": reading.axes is not None}
    for option, is_set in options.items():
        if is_set:
            remedy = f"a map is {_SHAPES}; --layout keras has its channels last"
            raise PictureError(path, f"is a .npy map, which takes no --{option}", remedy)


def _from_picture(path: str, reading: Reading) -> FeatureMap:
    picture = pictures.read(path, frame=reading.frame, axes=reading.axes, max_pixels=reading.max_pixels)  # type: ignore[arg-type]
    notes = picture.notes
    if picture.alpha is not None:
        notes += ("transparency was left out: a map has none",)
        picture = replace(picture, alpha=None)
    light: Light = "srgb" if reading.light == "srgb" else "linear"
    values: Array = pictures.to_float(picture, light=light)
    if picture.channel_axis is not None:
        values = np.moveaxis(values, -1, -3)
    elif picture.planes:
        values = values[:, None]
    return FeatureMap(values=np.ascontiguousarray(values), layout="torch", picture=picture, light=light, notes=notes)
