"""Zarr stores: which array is meant, what its axes are, and that no two tiles share a shard."""

import json
from itertools import product

import numpy as np
import pytest

from deconv.pictures import PictureError
from deconv.pictures.tiled.opening import open_source, sink_for

zarr = pytest.importorskip("zarr")

PYRAMID = {
    "version": "0.5",
    "multiscales": [
        {
            "axes": [
                {"name": "c", "type": "channel"},
                {"name": "z", "type": "space", "unit": "micrometer"},
                {"name": "y", "type": "space", "unit": "micrometer"},
                {"name": "x", "type": "space", "unit": "micrometer"},
            ],
            "datasets": [
                {"path": "full", "coordinateTransformations": [{"type": "scale", "scale": [1, 0.5, 0.1, 0.1]}]},
                {"path": "half", "coordinateTransformations": [{"type": "scale", "scale": [1, 1, 0.2, 0.2]}]},
            ],
            "name": "cells",
        }
    ],
}


@pytest.fixture
def pyramid(tmp_path):
    path = tmp_path / "cells.zarr"
    group = zarr.create_group(str(path), attributes={"ome": PYRAMID})
    full = np.random.default_rng(0).integers(0, 4000, (2, 5, 60, 70)).astype(np.uint16)
    group.create_array("full", shape=full.shape, chunks=(1, 2, 32, 32), dtype=full.dtype)[:] = full
    group.create_array("half", shape=(2, 3, 30, 35), chunks=(1, 3, 30, 35), dtype=full.dtype)
    return path, full


def local_means(volume, factors, shape):
    """The mean of each cell, cells at the end as small as what is left, one by one."""
    means = np.empty(shape)
    for place in np.ndindex(shape):
        means[place] = volume[tuple(slice(i * f, i * f + f) for i, f in zip(place, factors, strict=True))].mean()
    return np.rint(means).astype(volume.dtype) if volume.dtype.kind == "u" else means.astype(volume.dtype)


def test_of_a_pyramid_the_largest_is_read_by_its_axes(pyramid):
    path, full = pyramid
    source = open_source(path, frame="stack")
    header = source.header
    assert (header.plane_axes, header.plane_shape, header.height, header.width) == ("CZ", (2, 5), 60, 70)
    assert any("of the pyramid the largest picture is read" in note for note in header.notes)
    part = source.read([6, 7, 8], slice(10, 40), slice(0, 70))
    assert np.array_equal(part[..., 0], full[1, 1:4, 10:40])


def test_axes_and_scale_of_ome_are_handed_on(pyramid, tmp_path):
    path, full = pyramid
    source, target = open_source(path, frame="stack"), tmp_path / "out.zarr"
    sink = sink_for(target, target, source.header, source)
    sink.create({"Y": 60, "X": 70, "Z": 5})
    for channel in range(2):
        planes = range(5 * channel, 5 * channel + 5)
        sink.write(planes, slice(0, 60), slice(0, 70), source.read(planes, slice(0, 60), slice(0, 70)))
    group = zarr.open_group(str(target), mode="r")
    scales = group.attrs["ome"]["multiscales"][0]
    for what in ("axes", "datasets", "name"):
        assert scales[what] == PYRAMID["multiscales"][0][what]
    assert np.array_equal(group["full"][:], full)
    sink.finish([])
    half = np.stack([local_means(channel, (2, 2, 2), (3, 30, 35)) for channel in full])
    assert np.array_equal(group["half"][:], half)
    again = open_source(target, frame="stack").header
    assert again.plane_axes == "CZ"


@pytest.mark.parametrize("tile", [{"Y": 256, "X": 512}, {"Y": 700, "X": 256}, {"Y": 700, "X": 900}], ids=str)
def test_every_tile_is_whole_shards(tile, tmp_path):
    """Two writers of one shard lose each other's samples: zarr-python says nothing of it."""
    np.save(tmp_path / "a.npy", np.zeros((700, 900), np.float32))
    source, target = open_source(tmp_path / "a.npy"), tmp_path / "b.zarr"
    sink = sink_for(target, target, source.header, source)
    sink.create(tile)
    array = zarr.open_array(str(target / "0"), mode="r")
    for edge, shard, chunk, size in zip(tile.values(), array.shards, array.chunks, array.shape, strict=True):
        assert shard % chunk == 0
        assert edge >= size or edge % shard == 0
    keys = []
    for y, x in product(*(range(0, n, tile[axis]) for n, axis in zip(array.shape, "YX", strict=True))):
        before = {p for p in (target / "0" / "c").rglob("*") if p.is_file()}
        rows, columns = slice(y, min(y + tile["Y"], 700)), slice(x, min(x + tile["X"], 900))
        sink.write([0], rows, columns, np.ones((1, rows.stop - y, columns.stop - x, 1), np.float32))
        keys += {p for p in (target / "0" / "c").rglob("*") if p.is_file()} - before
    assert len(keys) == len(set(keys)) == sum(1 for p in (target / "0" / "c").rglob("*") if p.is_file())
    assert (array[:] == 1).all()


def test_a_group_of_one_array_is_that_array(tmp_path):
    group = zarr.create_group(str(tmp_path / "g.zarr"))
    group.create_array("data", shape=(4, 5), dtype="f4")[:] = 7
    assert open_source(tmp_path / "g.zarr").read([0], slice(0, 4), slice(0, 5)).max() == 7
    group.create_array("other", shape=(4, 5), dtype="f4")
    with pytest.raises(PictureError, match=r"is a group of 2 arrays \(name one: .*g.zarr/data"):
        open_source(tmp_path / "g.zarr")


def test_names_of_axes_are_read_and_others_asked_for(tmp_path):
    named = zarr.create_array(str(tmp_path / "a"), shape=(3, 20, 30), dtype="u2", dimension_names=("z", "y", "x"))
    assert named.ndim == 3
    assert open_source(tmp_path / "a", frame="stack").header.plane_axes == "Z"
    zarr.create_array(str(tmp_path / "b"), shape=(20, 30, 3), dtype="u1")
    with pytest.raises(PictureError, match=r"has 3 axes .*name them with axes"):
        open_source(tmp_path / "b", frame="stack")
    assert open_source(tmp_path / "b", frame="stack", axes="YXC").header.channels == 3


@pytest.mark.parametrize(("dtype", "words"), [("bool", "holds bool values"), ("complex64", "holds complex64 values")])
def test_what_is_no_picture_is_refused(dtype, words, tmp_path):
    zarr.create_array(str(tmp_path / "a"), shape=(20, 30), dtype=dtype)
    with pytest.raises(PictureError, match=words):
        open_source(tmp_path / "a")


def test_a_damaged_store_is_a_line(tmp_path):
    zarr.create_array(str(tmp_path / "a"), shape=(20, 30), dtype="u1")
    (tmp_path / "a" / "zarr.json").write_text(json.dumps({"zarr_format": 3, "node_type": "array"}))
    with pytest.raises(PictureError, match="is damaged or not supported"):
        open_source(tmp_path / "a")
