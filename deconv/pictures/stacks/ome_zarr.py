"""What an OME-Zarr says of its picture: axes, voxels and channels, in the words of OME-NGFF 0.5.

Moore et al., OME-Zarr: a cloud-optimized bioimaging file format (2023); https://ngff.openmicroscopy.org/0.5/.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from deconv.pictures.stacks.calibration import MICROMETRES, Calibration

VERSION = "0.5"
#: The order that the specification asks for: time, channels, space.
ORDER = "TCZYX"
#: What it calls the axes of these letters.
KINDS = {"T": "time", "C": "channel", "Z": "space", "Y": "space", "X": "space"}
#: Keys of a group's attributes that version 0.4 puts beside others, and 0.5 into "ome".
OWN = ("multiscales", "omero", "bioformats2raw.layout", "image-label", "labels")
#: Digits of a length that came as a ratio.
DIGITS = 12
#: Names of arrays that are taken over.
_NAME = re.compile(r"\w[\w.-]*")
#: What programs call smaller pictures of local means, and what is said of ours.
_MEANS = ("local_mean", "local mean", "mean")
_SMALLER = {"type": "local_mean", "metadata": {"description": "each one of local means of the next larger one"}}


@dataclass(frozen=True, eq=False)
class OMEZarr:
    """The metadata of one picture.

    Attributes
    ----------
    axes : str
        A letter for each axis of the array, in the order of the file.
    ome : mapping
        The attribute ``ome`` of a group that holds this picture alone.
    beside : mapping
        The group's other attributes.
    shapes : tuple of tuples
        Of the arrays, the largest first; empty where they are not known.
    labels : Path or None
        The folder of masks that somebody drew into the picture.
    has_other_labels : bool
        Whether there are labels that do not lie on the samples of this picture, or are of an older version.
    """

    axes: str
    ome: Mapping[str, Any]
    beside: Mapping[str, Any] = field(default_factory=dict)
    shapes: tuple[tuple[int, ...], ...] = ()
    labels: Path | None = None
    has_other_labels: bool = False
    kind: ClassVar[str] = "ome_zarr"
    words: ClassVar[str] = "the axes and scales of OME-Zarr"
    oversampling: ClassVar[int] = 1

    @property
    def calibration(self) -> Calibration:
        """Return how large a voxel is, as far as that is said with a unit, and what the channels are called."""
        picture = self.ome["multiscales"][0]
        scale = _scale((*_transformations(picture["datasets"][0]), *_transformations(picture)), len(self.axes))
        units = [MICROMETRES.get(str(axis.get("unit", "")).lower()) for axis in picture["axes"]]
        lengths = {
            letter: float(step * unit)
            for letter, step, unit in zip(self.axes, scale, units, strict=True)
            if letter in "ZYX" and unit is not None and 0 < step < np.inf
        }
        return Calibration(program="OME-Zarr", spacing=lengths, names=self.names)

    @property
    def names(self) -> tuple[str, ...]:
        """Return what the channels are called, nothing where that is not said."""
        names = tuple(str(channel.get("label", "")) for channel in self.ome.get("omero", {}).get("channels", []))
        return names if any(names) else ()

    @property
    def others(self) -> Mapping[str, str]:
        """Return what there is beside the axes, by the name by which a format says that it keeps it."""
        if self.labels is not None:
            return {"labels": "the labels"}
        return {"other_labels": "labels of other samples or of an older version"} if self.has_other_labels else {}

    @property
    def arrays(self) -> tuple[str, ...]:
        """Return the names of the arrays, the largest first."""
        return tuple(str(dataset["path"]) for dataset in self.ome["multiscales"][0]["datasets"])

    @property
    def factors(self) -> tuple[tuple[float, ...], ...]:
        """Return how much larger samples are than those of the array before, for every array but the first."""
        datasets = self.ome["multiscales"][0]["datasets"]
        scales = [_scale(_transformations(dataset), len(self.axes)) for dataset in datasets]
        with np.errstate(divide="ignore", invalid="ignore"):
            return tuple(tuple((b / a).tolist()) for a, b in pairwise(scales))

    def of_shape(self, shape: tuple[int, ...]) -> OMEZarr:
        """Return what is true of samples of a shape: without smaller pictures and labels that are not of them."""
        if not self.shapes or self.shapes[0] == shape:
            return self
        picture = dict(self.ome["multiscales"][0])
        picture["datasets"] = picture["datasets"][:1]
        return replace(self, ome={**self.ome, "multiscales": [picture]}, shapes=())._without_labels()

    def along(self, axes: str) -> OMEZarr:
        """Return what is true of a part that has only these of the axes."""
        places = [place for place, letter in enumerate(self.axes) if letter in axes]
        picture = dict(self.ome["multiscales"][0])
        picture["axes"] = [picture["axes"][place] for place in places]
        picture["datasets"] = [_restricted(dataset, places) for dataset in picture["datasets"]]
        ome = {**self.ome, "multiscales": [_restricted(picture, places)]}
        shapes = tuple(tuple(shape[place] for place in places) for shape in self.shapes)
        part = replace(self, axes="".join(self.axes[place] for place in places), ome=ome, shapes=shapes)
        return part if part.axes == self.axes else part._without_labels()

    def made_finer(self, step: int) -> OMEZarr:
        """Return what is true where rows and columns are finer by a factor: the first sample begins where it did."""
        picture = dict(self.ome["multiscales"][0])
        picture["datasets"] = [_finer(dataset, self.axes, step) for dataset in picture["datasets"]]
        factor = [step if axis in "YX" else 1 for axis in self.axes]
        shapes = tuple(tuple(n * k for n, k in zip(shape, factor, strict=True)) for shape in self.shapes)
        return replace(self, ome={**self.ome, "multiscales": [picture]}, shapes=shapes)._without_labels()

    def _without_labels(self) -> OMEZarr:
        return replace(self, labels=None, has_other_labels=self.labels is not None or self.has_other_labels)

    def of_channel(self, channel: int) -> OMEZarr:
        """Return what is true of one channel alone."""
        ome = dict(self.ome)
        channels = ome.get("omero", {}).get("channels", [])
        if channel < len(channels):
            ome["omero"] = {**ome["omero"], "channels": [channels[channel]]}
        return replace(self, ome=ome).along(self.axes.replace("C", ""))


def ome_zarr_of(
    attributes: Mapping[str, Any], letters: str, arrays: Mapping[str, tuple[int, ...]] | None = None
) -> OMEZarr:
    """Return what the attributes of a group say of its first pyramid, whose arrays are of these shapes."""
    stated = attributes.get("ome")
    ome = dict(stated) if isinstance(stated, Mapping) else {k: v for k, v in attributes.items() if k in OWN}
    beside = {k: v for k, v in attributes.items() if k != "ome" and (stated is not None or k not in OWN)}
    picture = {key: value for key, value in ome["multiscales"][0].items() if key != "version"}
    first, *smaller = picture["datasets"]
    shapes = {path: shape for path, shape in (arrays or {}).items() if len(shape) == len(letters)}
    datasets = [first, *(dataset for dataset in smaller if str(dataset["path"]) in shapes)]
    names = [str(dataset["path"]) for dataset in datasets]
    if len(set(names)) < len(names) or not all(map(_NAME.fullmatch, names)):
        names = list(map(str, range(len(names))))
    picture["datasets"] = [{**dataset, "path": name} for dataset, name in zip(datasets, names, strict=True)]
    if len(datasets) > 1 and picture.get("type") not in _MEANS:
        picture |= _SMALLER
    known = tuple(shapes[str(dataset["path"])] for dataset in datasets) if shapes else ()
    return OMEZarr(letters, {**ome, "version": VERSION, "multiscales": [picture]}, beside, known)


def ome_zarr_from(
    calibration: Calibration, axes: str, dtype: np.dtype[Any], window: tuple[float, float] | None, name: str
) -> OMEZarr:
    """Return words for a picture of these axes whose own file is of another kind; they are in micrometres."""
    known = {axis: float(f"{step:.{DIGITS}g}") for axis, step in calibration.spacing.items()}
    units = {axis: {"unit": "micrometer"} for axis in known}
    picture = {
        "name": name,
        "axes": [{"name": axis.lower(), "type": KINDS[axis], **units.get(axis, {})} for axis in axes],
        "datasets": [
            {
                "path": "0",
                "coordinateTransformations": [{"type": "scale", "scale": [known.get(axis, 1.0) for axis in axes]}],
            }
        ],
    }
    ome: dict[str, Any] = {"version": VERSION, "multiscales": [picture]}
    if any(calibration.names):
        limits = (0.0, float(np.iinfo(dtype).max) if dtype.kind in "ui" else 1.0)
        ome["omero"] = {"channels": [_channel(label, limits, window or limits) for label in calibration.names]}
    return OMEZarr(axes, ome)


def _channel(label: str, limits: tuple[float, float], window: tuple[float, float]) -> dict[str, Any]:
    """Return what version 0.5 wants to be said of a channel that has a name."""
    shown = {"min": limits[0], "max": limits[1], "start": window[0], "end": window[1]}
    return {"label": label, "color": "FFFFFF", "active": True, "window": shown}


def _transformations(record: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [one for one in record.get("coordinateTransformations") or [] if isinstance(one, Mapping)]


def _scale(transformations: Sequence[Mapping[str, Any]], ndim: int) -> np.ndarray[Any, Any]:
    """Return the product of the scales that are stated for every axis."""
    scale = np.ones(ndim)
    for one in transformations:
        factors = one.get("scale")
        if isinstance(factors, Sequence) and len(factors) == ndim:
            scale = scale * np.asarray(factors, float)
    return scale


def _finer(dataset: Mapping[str, Any], axes: str, step: int) -> dict[str, Any]:
    """Return what is true of an array whose rows and columns are finer by a factor."""
    scale, places = np.ones(len(axes)), np.zeros(len(axes))
    for one in _transformations(dataset):
        factors, offsets = (np.asarray(one.get(key, usual), float) for key, usual in (("scale", 1), ("translation", 0)))
        scale, places = scale * factors, places * factors + offsets
    factor = np.array([step if axis in "YX" else 1 for axis in axes])
    steps = [
        {"type": "scale", "scale": (scale / factor).tolist()},
        {"type": "translation", "translation": (places + (1 / factor - 1) / 2 * scale).tolist()},
    ]
    return {**dataset, "coordinateTransformations": steps}


def _restricted(record: Mapping[str, Any], places: Sequence[int]) -> dict[str, Any]:
    """Return a record whose transformations have only the axes at these places."""
    if "coordinateTransformations" not in record:
        return dict(record)
    lists = ("scale", "translation")
    changed = [
        {k: [v[place] for place in places] if k in lists and isinstance(v, Sequence) else v for k, v in one.items()}
        for one in _transformations(record)
    ]
    return {**record, "coordinateTransformations": changed}
