"""A part that is read is what reading the whole has there; what was written part by part reads as the whole."""

import pickle
from itertools import product

import numpy as np
import pytest
import tifffile

from deconv.pictures import PictureError, read
from deconv.pictures.tiled.opening import open_source, sink_for
from deconv.pictures.tiled.source import depth_of

OME = {"metadata": {"axes": "ZYX", "PhysicalSizeX": 0.1, "PhysicalSizeXUnit": "µm", "PhysicalSizeZ": 0.5}}
KINDS = {
    "strips": ((61, 83), {}),
    "tiles": ((150, 170), {"tile": (64, 48), "compression": "zlib", "predictor": True}),
    "colour": ((150, 170, 3), {"tile": (64, 64), "photometric": "rgb", "compression": "zlib"}),
    "alpha": ((70, 90, 4), {"photometric": "rgb", "extrasamples": ["unassalpha"], "rowsperstrip": 7}),
    "big": ((150, 170), {"tile": (64, 64), "bigtiff": True, "byteorder": ">", "compression": "zlib"}),
    "pages": ((5, 61, 83), {"photometric": "minisblack", "compression": "zlib", "metadata": None}),
    "ome": ((5, 61, 83), {"photometric": "minisblack", **OME}),
    "imagej": ((5, 61, 83), {"photometric": "minisblack", "imagej": True, "metadata": {"axes": "ZYX"}}),
}


def written(path, kind, dtype, rng):
    shape, words = KINDS[kind]
    samples = (200 * rng.random(shape)).astype(dtype)
    if dtype == np.float32:
        words = {name: value for name, value in words.items() if name != "predictor"}
    tifffile.imwrite(path, samples, **words)
    return samples


def boxes(header, edges):
    """The tiles of all planes."""
    rows, columns = (
        [slice(start, min(start + edge, n)) for start in range(0, n, edge)]
        for n, edge in zip((header.height, header.width), edges, strict=True)
    )
    return product(range(max(header.planes, 1)), rows, columns)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32], ids=lambda t: t.__name__)
@pytest.mark.parametrize("kind", KINDS)
def test_a_part_of_a_tiff_is_that_part_of_the_whole(kind, dtype, tmp_path):
    rng = np.random.default_rng(0)
    path = tmp_path / "a.tif"
    samples = written(path, kind, dtype, rng)
    source, whole = open_source(path, frame="stack"), read(path, frame="stack")
    header = source.header
    assert header.describe() == whole.describe()
    assert (header.plane_axes, header.plane_shape, header.notes) == (whole.plane_axes, whole.plane_shape, whole.notes)
    assert header.samples.strides == (0,) * whole.samples.ndim  # it takes no memory
    source = pickle.loads(pickle.dumps(source))  # as a worker gets it
    all_of_it = samples.reshape(max(header.planes, 1), header.height, header.width, depth_of(header))
    for _ in range(4):
        z, y, x = (slice(*sorted(rng.choice(n + 1, 2, replace=False))) for n in all_of_it.shape[:3])
        assert np.array_equal(source.read(range(z.start, z.stop), y, x), all_of_it[z, y, x])


@pytest.mark.parametrize("suffix", [".tif", ".npy", ".zarr"])
@pytest.mark.parametrize("kind", ["strips", "colour", "alpha", "big", "ome"])
def test_what_is_written_in_parts_in_any_order_is_the_whole(kind, suffix, tmp_path):
    if suffix == ".zarr":
        pytest.importorskip("zarr")
    rng = np.random.default_rng(1)
    samples = written(tmp_path / "a.tif", kind, np.uint16, rng)
    source = open_source(tmp_path / "a.tif", frame="stack")
    target = tmp_path / f"b{suffix}"
    sink = sink_for(target, target, source.header, source)
    sink.create({"Y": 256, "X": 256})
    notes = []
    for plane, rows, columns in sorted(boxes(source.header, (256, 256)), key=lambda _: rng.random()):
        notes.append(sink.write([plane], rows, columns, source.read([plane], rows, columns)))
    sink.finish(notes)
    if suffix == ".tif":
        assert np.array_equal(tifffile.imread(target), samples)
        assert read(target, frame="stack").describe() == source.header.describe()
        return
    axes = None if samples.ndim == 2 else "ZYX" if kind == "ome" else "YXC"
    again = open_source(target, frame="stack", axes=axes)
    planes = range(max(again.header.planes, 1))
    parts = again.read(planes, slice(0, again.header.height), slice(0, again.header.width))
    assert np.array_equal(parts.reshape(samples.shape), samples)


def test_other_programs_read_the_tiff_and_its_scales(tmp_path):
    written(tmp_path / "a.ome.tif", "ome", np.float32, np.random.default_rng(0))
    source = open_source(tmp_path / "a.ome.tif", frame="stack")
    target = tmp_path / "b.ome.tif"
    sink = sink_for(target, target, source.header, source)
    sink.create({})
    places = [
        sink.write([p], rows, columns, source.read([p], rows, columns))
        for p, rows, columns in boxes(source.header, (256, 256))
    ]
    sink.finish(places)
    with tifffile.TiffFile(target) as tiff:
        assert tiff.is_ome
        assert tiff.series[0].axes == "ZYX"
        assert tiff.pages[0].is_tiled
    assert read(target, frame="stack").calibration == read(tmp_path / "a.ome.tif", frame="stack").calibration


def test_a_tiff_cut_off_in_the_middle_of_a_tile_goes_on_behind_the_last(tmp_path):
    written(tmp_path / "a.tif", "tiles", np.uint8, np.random.default_rng(0))
    source = open_source(tmp_path / "a.tif")
    contents = []
    for is_killed in (False, True):
        target = tmp_path / f"{is_killed}.tif"
        sink = sink_for(target, target, source.header, source)
        sink.create({})
        whole = source.read([0], slice(0, 150), slice(0, 170))
        if is_killed:
            with target.open("ab") as file:
                file.write(b"half a tile")
            sink.resume([])
        # Without a tile that is done nothing can be cut off: what lies between tiles is no part of the picture.
        sink.finish([sink.write([0], slice(0, 150), slice(0, 170), whole)])
        contents.append(tifffile.imread(target))
    assert np.array_equal(*contents)


@pytest.mark.parametrize("photometric", ["palette", "miniswhite", "premultiplied"])
def test_what_has_to_be_changed_on_reading_is_read_as_a_whole(photometric, tmp_path):
    path, samples = tmp_path / "a.tif", np.zeros((40, 50), np.uint8)
    if photometric == "palette":
        tifffile.imwrite(path, samples, photometric="palette", colormap=np.zeros((3, 256), np.uint16))
    elif photometric == "miniswhite":
        tifffile.imwrite(path, samples, photometric="miniswhite")
    else:
        tifffile.imwrite(path, np.zeros((40, 50, 4), np.uint8), photometric="rgb", extrasamples=["assocalpha"])
    assert open_source(path) is None


def test_damaged_files_are_refused_as_they_are_when_read_as_a_whole(tmp_path):
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, np.zeros((400, 500), np.float32), tile=(64, 64))
    path.write_bytes(path.read_bytes()[:-5000])
    with pytest.raises(PictureError, match="is truncated"):
        open_source(path)
    with pytest.raises(PictureError, match="does not exist"):
        open_source(tmp_path / "none.tif")
    with pytest.raises(PictureError, match="is a folder"):
        open_source(tmp_path)


def test_one_strip_of_all_samples_is_read_in_parts_where_nothing_compresses_it(tmp_path, monkeypatch):
    monkeypatch.setattr("deconv.pictures.tiled.tiff_source.LARGEST_SEGMENT", 100)
    samples = np.random.default_rng(0).random((40, 50)).astype(np.float32)
    tifffile.imwrite(tmp_path / "a.tif", samples, rowsperstrip=40)
    assert np.array_equal(
        open_source(tmp_path / "a.tif").read([0], slice(3, 9), slice(4, 8))[0, ..., 0], samples[3:9, 4:8]
    )
    tifffile.imwrite(tmp_path / "b.tif", samples, rowsperstrip=40, compression="zlib")
    assert open_source(tmp_path / "b.tif") is None


def test_an_array_is_read_by_its_axes(tmp_path):
    samples = np.random.default_rng(0).random((30, 4, 20)).astype(">f4")
    np.save(tmp_path / "a.npy", samples)
    source = open_source(tmp_path / "a.npy", frame="stack", axes="YZX")
    part = source.read([1, 2], slice(3, 9), slice(0, 20))
    assert part.dtype.isnative
    assert np.array_equal(part[..., 0], samples.transpose(1, 0, 2)[1:3, 3:9])
    one = open_source(tmp_path / "a.npy", frame=2, axes="YZX")
    assert one.header.planes == 0
    assert np.array_equal(one.read([0], slice(0, 30), slice(5, 6))[0, ..., 0], samples[:, 2, 5:6])
