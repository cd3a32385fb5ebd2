"""Pictures as pairs (small, large) to learn from: the small map is made of the means of blocks of the large one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import upsample
from deconv.errors import UsageError
from deconv.pictures import PictureError
from deconv.pictures.formats import READ_ONLY, suffixes
from deconv.settings import Reading
from deconv.upsample.feature_maps import FeatureMap, read_map
from deconv.upsample.request import Layer

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Pair:
    """A picture (N, 1, H, W), every channel and plane by itself, and what shrinking makes of it."""

    source: FeatureMap
    small: Array
    large: Array

    @property
    def span(self) -> float:
        """Return the full scale: 1 for pictures, else the range of the samples."""
        return 1.0 if self.source.picture is not None else float(np.ptp(self.large)) or 1.0

    def like_picture(self, maps: Array) -> Array:
        """Return the first plane of maps (N, 1, H, W) as a screen shows it: gray, or colour last."""
        colours = maps[:3, 0] if self.source.is_colour else maps[:1, 0]
        return np.moveaxis(colours, 0, -1) if len(colours) == 3 else colours[0]


def picture_files(inputs: Iterable[str]) -> list[str]:
    """Return the files that are named, and for a folder the pictures in it, sorted by name."""
    files: list[str] = []
    for name in inputs:
        if not Path(name).is_dir():
            files.append(name)
            continue
        inside = sorted(str(path) for path in Path(name).iterdir() if path.suffix.lower() in _readable())
        if not inside:
            raise UsageError(f"{name}: the folder holds no picture (name pictures, or a folder of them)")
        files += inside
    return files


def _readable() -> set[str]:
    read_only = {suffix for record in READ_ONLY.values() for suffix in record.suffixes}
    return {*suffixes(), *read_only, ".npy"}


def read_pair(path: str, reading: Reading, layer: Layer, strides: tuple[int, ...]) -> Pair:
    """Read a picture or a .npy map and shrink it; rows and columns that fill no block are left out."""
    source = read_map(path, reading, layout=layer.layout, limit=layer.max_samples)
    values = source.values
    if values.ndim > 2:
        values = upsample.convert_map(values, source.layout, axes=2)
    maps = values.reshape(-1, 1, *values.shape[-2:])
    rows, columns = (n // s * s for n, s in zip(maps.shape[-2:], strides, strict=True))
    if not rows or not columns:
        size = " x ".join(map(str, maps.shape[-2:]))
        raise PictureError(path, f"is too small to shrink, {size} samples", "lower --stride, or leave it out")
    large = maps[..., :rows, :columns]
    return Pair(source, shrunken(large, strides), large)


def shrunken(large: Array, strides: tuple[int, ...]) -> Array:
    """Return the means of blocks: the transpose of nearest enlargement, divided by the samples of a block."""
    kernel = upsample.nearest_kernel(strides) / (strides[0] * strides[1])
    return upsample.conv(large, kernel[None, None].astype(large.dtype), stride=strides)


def each_pair(files: Iterable[str], reading: Reading, layer: Layer, strides: tuple[int, ...]) -> Iterator[Pair]:
    """Read one picture after the other."""
    for path in files:
        yield read_pair(path, reading, layer, strides)
