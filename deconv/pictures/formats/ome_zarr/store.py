"""A Zarr store as a picture: which array of it is meant, what its axes are, and what OME says of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from deconv.pictures.content import Content
from deconv.pictures.picture import PictureError, Samples
from deconv.pictures.planes import in_our_letters, plane_letters, plane_shape
from deconv.pictures.request import Request
from deconv.pictures.stacks.ome_zarr import VERSION, OMEZarr, ome_zarr_of

#: What a folder holds that is a Zarr array or group.
MARKS = ("zarr.json", ".zarray", ".zgroup")
#: What is said of a pyramid.
PYRAMID = "of the pyramid the largest picture is read; smaller ones of an OME-Zarr are made anew, by local means"
#: Types of samples that are read and written.
DTYPES = (*(f"{sign}int{bits}" for sign in ("u", "") for bits in (8, 16, 32, 64)), "float16", "float32", "float64")


@dataclass(frozen=True, eq=False)
class Stored:
    """The array of a store: its name there, its axes in our letters and by their names, and what OME says of it."""

    name: str
    array: Any
    axes: str
    names: tuple[str | None, ...] | None
    document: OMEZarr | None
    notes: tuple[str, ...]

    def content(self, request: Request, samples: Samples, planes: int) -> Content:
        """Return samples with what the store says of them; `planes` is 0 for a single one."""
        lengths = plane_shape(request, self.array.shape, self.axes)
        is_chosen = not planes and int(np.prod(lengths, dtype=object)) > 1  # one plane out of several
        document = self.document
        return Content(
            format="ZARR",
            array=samples,
            planes=planes,
            stored_axes=self.axes.upper(),
            plane_axes=plane_letters(self.axes),
            plane_shape=lengths,
            colour="C" in self.axes,
            document=document.along("YX") if document is not None and is_chosen else document,
            notes=self.notes,
        )


def is_zarr(path: Path) -> bool:
    """Return whether a folder is a Zarr array or group."""
    return any((path / mark).is_file() for mark in MARKS)


def library(path: Path) -> Any:
    """Return zarr, or refuse."""
    try:
        import zarr
    except ImportError:
        raise PictureError(path, "is a Zarr store", "pip install './[big]' in a clone, or zarr itself") from None
    return zarr


def array_at(path: Path, name: str, mode: str = "r") -> Any:
    """Return an array of a store."""
    return library(path).open_array(str(path / name), mode=mode)


def stored_at(request: Request) -> Stored:
    """Return the array of a store: its only one, or the largest of an OME pyramid."""
    root = library(request.path).open(str(request.path), mode="r")
    group, name, notes = (None, "", ()) if hasattr(root, "shape") else _in_group(root, request)
    array = root if group is None else group[name]
    _check(array, request)
    names = getattr(array.metadata, "dimension_names", None)
    stored = Stored(_under(group, name), array, "", None if names is None else tuple(names), None, notes)
    letters = None if group is None else _letters(dict(group.attrs), array.ndim)
    if request.axes is not None:
        axes = in_our_letters(request.axes, array.shape)
        is_same = letters is not None and sorted(letters) == sorted(request.axes.upper())
        return replace(stored, axes=axes, document=_document(group, request, request.axes.upper()) if is_same else None)
    if letters is not None:
        return replace(stored, axes=letters.replace("C", "c"), document=_document(group, request, letters))
    return replace(stored, axes=_plain_axes(array, stored.names, request))


def _under(group: Any, name: str) -> str:
    """Return the name of an array of a group as seen from the store."""
    return name if group is None or not group.path else f"{group.path}/{name}"


def _in_group(group: Any, request: Request) -> tuple[Any, str, tuple[str, ...]]:
    """Return the group that holds the array, the name of that there, and what is to be said of it."""
    attributes = dict(group.attrs)
    ome = attributes.get("ome", attributes)
    if ome.get("multiscales"):
        datasets = ome["multiscales"][0]["datasets"]
        notes = [PYRAMID] if len(datasets) > 1 else []
        if "ome" not in attributes:
            notes.append(f"OME-Zarr of an older version, written as {VERSION}")
        return group, str(datasets[0]["path"]), tuple(notes)
    names = sorted(name for name, _ in group.arrays())
    if len(names) == 1:
        return group, names[0], ()
    groups = [] if names else sorted(name for name, one in group.groups() if _has_pictures(one))
    if len(groups) == 1:
        return _in_group(group[groups[0]], request)
    what = f"is a group of {len(groups)} pictures" if groups else f"is a group of {len(names)} arrays"
    examples = ", ".join(f"{request.path}/{_under(group, name)}" for name in (groups or names)[:3])
    raise request.refuse(what, f"name one: {examples}" if examples else "name the group that holds a picture")


def _document(group: Any, request: Request, letters: str) -> OMEZarr:
    """Return what is said of a picture, with the shapes of its pyramid and the place of its labels."""
    attributes = dict(group.attrs)
    ome = attributes.get("ome", attributes)
    arrays = [(str(dataset["path"]), group.get(str(dataset["path"]))) for dataset in ome["multiscales"][0]["datasets"]]
    shapes = {path: tuple(array.shape) for path, array in arrays if all(getattr(array, "shape", (0,)))}
    document = ome_zarr_of(attributes, letters, shapes)
    if "labels" not in group:
        return document
    if "ome" not in attributes:
        return replace(document, has_other_labels=True)
    return replace(document, labels=request.path / group.path / "labels")


def _has_pictures(group: Any) -> bool:
    attributes = dict(group.attrs)
    return bool(attributes.get("ome", attributes).get("multiscales"))


def _letters(attributes: Mapping[str, Any], ndim: int) -> str | None:
    """Return the letters of the axes that OME names, None where they are none of ours."""
    ome = attributes.get("ome", attributes)
    axes = ome["multiscales"][0].get("axes", []) if ome.get("multiscales") else []
    letters = []
    for axis in axes:
        name, kind = (axis, None) if isinstance(axis, str) else (str(axis.get("name", "")), axis.get("type"))
        letters.append({"time": "T", "channel": "C"}.get(str(kind), name.upper()))
    is_known = len(letters) == ndim == len(set(letters)) and set("YX") <= set(letters)
    return "".join(letters) if is_known and all(len(letter) == 1 for letter in letters) else None


def _plain_axes(array: Any, names: tuple[str | None, ...] | None, request: Request) -> str:
    """Return the axes of an array by the names of its dimensions."""
    letters = [name for name in names or () if isinstance(name, str) and len(name) == 1]
    if len(letters) == array.ndim:
        return in_our_letters("".join(letters), array.shape)
    if array.ndim == 2:
        return "YX"
    lengths = " x ".join(map(str, array.shape))
    raise request.refuse(
        f"has {array.ndim} axes ({lengths})", "name them with `axes`, e.g. YXC for colour, ZYX for planes"
    )


def _check(array: Any, request: Request) -> None:
    if str(np.dtype(array.dtype).newbyteorder("=")) not in DTYPES:
        raise request.refuse(f"holds {np.dtype(array.dtype)} values", "save integers or float16/32/64")
    if 0 in array.shape or array.ndim < 2:
        raise request.refuse(
            f"holds an array of shape {tuple(array.shape)}", "save an array of two axes or more, not empty"
        )
