"""A file as a feature map, and back: .npy arrays as they are, pictures with their colours as channels."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from deconv import pictures
from deconv.options import UsageError
from deconv.pictures import Picture, PictureError

Array = NDArray[Any]
Light = Literal["srgb", "linear"]

_MAGIC = b"\x93NUMPY"
_SHAPES = "(H, W), (C, H, W) or (N, C, H, W)"


@dataclass(frozen=True)
class FeatureMap:
    """Numbers to enlarge, and the picture they came from, if any."""

    values: Array
    layout: str  # where the channels stand, as convert_weight names it
    picture: Picture | None = None
    light: Light = "linear"
    notes: tuple[str, ...] = ()

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

    def check_output(self, output: Path) -> None:
        """Refuse a file that cannot hold the result, before anything is computed."""
        if output.suffix.lower() == ".npy":
            return
        if self.picture is None:
            raise UsageError(f"{output}: the result of a .npy map is a .npy file (name it so with --output)")
        pictures.check_format(self.picture, output)

    def write(self, result: Array, output: Path, final: Path) -> tuple[str, ...]:
        """Write the enlarged map to `output`, later to be called `final`; return what had to be changed."""
        if final.suffix.lower() == ".npy":
            with output.open("wb") as file:
                np.save(file, result, allow_pickle=False)
            return ()
        made = pictures.from_float(self._checked(result, final), self._like_picture(result), light=self.light)
        pictures.write(made, output)
        share = made.clipped_share
        return (f"{share:.1%} of the samples left the range of the file and were clipped",) if share > 0 else ()

    def _checked(self, result: Array, final: Path) -> Picture:
        assert self.picture is not None
        channels = result.shape[-3] if result.ndim > 2 else 1
        if channels != self.picture.channels:
            raise PictureError(
                final,
                f"cannot hold the {channels} channels that the kernel makes of {self.picture.channels}",
                "write .npy instead",
            )
        return self.picture

    def _like_picture(self, result: Array) -> Array:
        """Return the result with the axes of the picture: planes first, colour last."""
        assert self.picture is not None
        if self.picture.channel_axis is not None:
            return np.ascontiguousarray(np.moveaxis(result, -3, -1))
        return result if result.ndim == 2 else result[..., 0, :, :]


def read_map(arguments: argparse.Namespace, path: str) -> FeatureMap:
    """Read a .npy map or a picture; other files are refused with what they are."""
    if not is_array(path):
        return _from_picture(arguments, path)
    asked = {
        "srgb": arguments.light == "srgb",
        "frame": arguments.frame is not None,
        "axes": arguments.axes is not None,
    }
    foreign = [option for option, given in asked.items() if given]
    if foreign:
        remedy = f"a map is {_SHAPES}; --layout keras has its channels last"
        raise PictureError(path, f"is a .npy map, which takes no --{foreign[0]}", remedy)
    values, note = read_array(path, arguments.max_samples, "map")
    if values.ndim not in (2, 3, 4):
        raise PictureError(path, f"holds an array of shape {values.shape}", f"save a map of shape {_SHAPES}")
    return FeatureMap(values, arguments.layout, notes=note)


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
    try:
        stored = np.load(path, mmap_mode="r", allow_pickle=False)
    except Exception as error:  # a damaged header raises nearly anything
        if "Python objects" in str(error):
            raise PictureError(path, "holds Python objects (a pickle)", "save plain numbers") from error
        reason = " ".join(str(error).split())[:100]
        raise PictureError(path, f"is damaged: {reason}", "save the array again") from error
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
    if kind in "fc":
        return np.array(stored, dtype=stored.dtype.newbyteorder("="), order="C"), ()
    converted = np.float32 if size <= 2 else np.float64
    note = f"the {role}'s {stored.dtype} values were converted to {np.dtype(converted)}, not scaled"
    return np.array(stored, dtype=converted, order="C"), (note,)


def _from_picture(arguments: argparse.Namespace, path: str) -> FeatureMap:
    picture = pictures.read(path, frame=arguments.frame, axes=arguments.axes, max_pixels=arguments.max_pixels)
    notes = picture.notes
    if picture.alpha is not None:
        notes += ("transparency was left out: a map has none",)
        picture = replace(picture, alpha=None)
    light: Light = "srgb" if arguments.light == "srgb" else "linear"
    values: Array = pictures.to_float(picture, light=light)
    if picture.channel_axis is not None:
        values = np.moveaxis(values, -1, -3)
    elif picture.planes:
        values = values[:, None]
    return FeatureMap(np.ascontiguousarray(values), "torch", picture, light, notes)
