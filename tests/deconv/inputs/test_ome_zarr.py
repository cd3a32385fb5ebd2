"""An OME-Zarr goes in and comes out as any other stack: every volume by itself, all that is said of it unchanged."""

import errno
import json
import os
import shutil

import numpy as np
import pytest
import tifffile

import restore
from deconv.pictures import Outputs, PictureError, losses, one_channel, read, write

zarr = pytest.importorskip("zarr")

PSF = restore.psf.gaussian((0.5, 0.8, 0.8))
WORDS = ["--no-figure", "--method", "wiener", "--nsr", 0.01, "--clipped", "keep", "--json"]
LENGTHS = {"T": 2, "C": 2, "Z": 5, "Y": 18, "X": 21}
SPACE = {"type": "space", "unit": "micrometer"}
AXES = {
    "T": {"name": "t", "type": "time", "unit": "second"},
    "C": {"name": "c", "type": "channel"},
    "Z": {"name": "z", **SPACE},
    "Y": {"name": "y", **SPACE},
    "X": {"name": "x", **SPACE},
}
SCALES = {"T": 2.5, "C": 1.0, "Z": 0.29, "Y": 0.13, "X": 0.13}
CHANNELS = [
    {"label": name, "color": colour, "active": True, "window": {"min": 0, "max": 65535, "start": 9, "end": 900}}
    for name, colour in (("DAPI", "0000FF"), ("Cy5", "FF0000"))
]


def said(axes):
    """What a microscope's program says of a stack of these axes."""
    scale, shift = [SCALES[axis] for axis in axes], [0.5] * len(axes)
    steps = [{"type": "scale", "scale": scale}, {"type": "translation", "translation": shift}]
    picture = {
        "name": "cells",
        "type": "gaussian",
        "metadata": {"method": "of the microscope"},
        "axes": [AXES[axis] for axis in axes],
        "datasets": [{"path": "0", "coordinateTransformations": steps}],
    }
    return {"version": "0.5", "multiscales": [picture], **({"omero": {"channels": CHANNELS}} if "C" in axes else {})}


def stack_of(axes, dtype=np.uint16):
    """Beads on dark ground, other ones at every time and in every channel."""
    rng = np.random.default_rng(1)
    others = [n for axis, n in LENGTHS.items() if axis in axes and axis not in "ZYX"]
    volumes = np.full((*others, *(LENGTHS[axis] for axis in "ZYX")), 0.05)
    volumes += 0.4 * (rng.random(volumes.shape) > 0.985)
    blurred = np.stack([restore.blur(v, PSF, boundary="reflect") for v in volumes.reshape(-1, 5, 18, 21)])
    ours = [*(axis for axis in "TC" if axis in axes), *"ZYX"]
    array = blurred.reshape(volumes.shape).transpose([ours.index(axis) for axis in axes])
    return (array * 60000).round().astype(dtype) if np.dtype(dtype).kind == "u" else array.astype(dtype)


def save(path, array, axes, **attributes):
    group = zarr.create_group(str(path), attributes={"ome": said(axes), **attributes})
    group.create_array("0", shape=array.shape, chunks=(1,) * (array.ndim - 2) + (16, 16), dtype=array.dtype)[...] = (
        array
    )
    return path


def by_hand(path):
    """What a store holds, by its files alone, and its array."""
    attributes = json.loads((path / "zarr.json").read_text())["attributes"]
    array = json.loads((path / "0" / "zarr.json").read_text())
    return attributes, array["data_type"], array["dimension_names"], zarr.open_array(str(path / "0"), mode="r")[...]


def right(array, axes):
    """The library's result on every volume, put where the volume was."""
    others = [axis for axis in axes if axis not in "ZYX"]
    order = [axes.index(axis) for axis in (*others, *"ZYX")]
    volumes = array.transpose(order).reshape(-1, 5, 18, 21)
    light = (volumes / np.float32(65535)).astype(np.float32)
    results = [restore.deconvolve(volume, PSF, method="wiener", nsr=0.01).image for volume in light]
    back = np.stack(results).reshape([array.shape[place] for place in order]).transpose(np.argsort(order))
    return np.rint(np.clip(back, 0, 1) * 65535).astype(int)


def save_fits(path, array, axes):
    fits = pytest.importorskip("astropy.io.fits")
    unit = fits.PrimaryHDU(array)
    for place, axis in enumerate(axes[:-2]):
        unit.header[f"CTYPE{len(axes) - place}"] = {"Z": "DEPTH", "T": "TIME", "C": "CHANNEL"}[axis]
    unit.writeto(path)


@pytest.mark.parametrize("axes", ["ZCYX", "CZYX", "TZYX", "TCZYX"])
def test_every_channel_and_time_is_the_library_s_result_in_all_formats(axes, run, tmp_path, capsys):
    array = stack_of(axes)
    expected = right(array, axes)
    np.save(tmp_path / "psf.npy", PSF)
    np.save(tmp_path / "a.npy", array)
    save(tmp_path / "a.zarr", array, axes)
    save_fits(tmp_path / "a.fits", array, axes)
    tifffile.imwrite(tmp_path / "a.tif", array, ome=True, metadata={"axes": axes})
    words = ["--psf", tmp_path / "psf.npy", *WORDS, "-o"]
    for name in ("a.zarr", "a.npy", "a.fits", "a.tif"):
        output = tmp_path / f"r.{name}"
        said = ["--axes", axes] if name == "a.npy" else []
        assert run("deblur", tmp_path / name, *said, *words, output) == 0, capsys.readouterr().err
        back = read(output, frame="all", axes=axes if name == "a.npy" else None)
        assert back.dtype == np.uint16
        assert np.abs(back.samples.reshape(array.shape) - expected).max() <= 1, name


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32", "float64", "int16"])
def test_all_that_is_said_comes_back_and_a_second_reader_finds_it(dtype, tmp_path):
    array = (1000 * stack_of("TCZYX", "float64")).astype(dtype)
    path = save(tmp_path / "a.zarr", array, "TCZYX", lab={"slide": 7})
    picture = read(path, frame="all")
    assert picture.calibration.spacing == {"Z": 0.29, "Y": 0.13, "X": 0.13}
    assert picture.calibration.names == ("DAPI", "Cy5")
    assert (picture.plane_axes, picture.plane_shape) == ("TCZ", (2, 2, 5))
    write(picture, tmp_path / "b.zarr")
    attributes, kind, names, back = by_hand(tmp_path / "b.zarr")
    assert attributes == {"ome": said("TCZYX"), "lab": {"slide": 7}}
    assert (kind, names) == (dtype, ["t", "c", "z", "y", "x"])
    np.testing.assert_array_equal(back, array)


def test_axes_of_one_sample_come_back_and_a_chosen_plane_has_its_own_words(tmp_path):
    array = stack_of("TCZYX")
    path = save(tmp_path / "a.zarr", array[:1, :1, :1], "TCZYX")
    write(read(path, frame="all"), tmp_path / "b.zarr")
    attributes, _, _, back = by_hand(tmp_path / "b.zarr")
    assert attributes["ome"] == said("TCZYX")
    np.testing.assert_array_equal(back, array[:1, :1, :1])
    plane = read(save(tmp_path / "c.zarr", array, "TCZYX"), frame=7)
    write(plane, tmp_path / "d.zarr")
    attributes, _, names, back = by_hand(tmp_path / "d.zarr")
    np.testing.assert_array_equal(back, array[0, 1, 2])
    assert names == ["y", "x"]
    assert attributes["ome"]["multiscales"] == said("YX")["multiscales"]


def test_one_channel_keeps_its_name_and_scales(tmp_path):
    array = stack_of("TCZYX")
    picture = one_channel(read(save(tmp_path / "a.zarr", array, "TCZYX"), frame="all"), 1)
    write(picture, tmp_path / "b.zarr")
    attributes, _, _, back = by_hand(tmp_path / "b.zarr")
    np.testing.assert_array_equal(back, array[:, 1])
    assert attributes["ome"] == {**said("TZYX"), "omero": {"channels": CHANNELS[1:]}}


def test_what_a_microscope_s_tiff_says_goes_into_a_store_in_its_order_of_axes(tmp_path, run):
    """ZCYX is no order that OME-Zarr has: time, channels, space."""
    array = stack_of("ZCYX")
    sizes = {"PhysicalSizeX": 0.13, "PhysicalSizeY": 0.13, "PhysicalSizeZ": 290.0, "PhysicalSizeZUnit": "nm"}
    metadata = {"axes": "ZCYX", **sizes, "Channel": {"Name": ["DAPI", "Cy5"]}}
    tifffile.imwrite(tmp_path / "a.ome.tif", array, ome=True, metadata=metadata)
    write(read(tmp_path / "a.ome.tif", frame="all"), tmp_path / "b.zarr")
    attributes, _, names, back = by_hand(tmp_path / "b.zarr")
    np.testing.assert_array_equal(back, array.swapaxes(0, 1))
    picture = attributes["ome"]["multiscales"][0]
    assert names == ["c", "z", "y", "x"]
    assert picture["axes"] == [AXES[axis] for axis in "CZYX"]
    assert picture["datasets"][0]["coordinateTransformations"] == [{"type": "scale", "scale": [1.0, 0.29, 0.13, 0.13]}]
    assert [channel["label"] for channel in attributes["ome"]["omero"]["channels"]] == ["DAPI", "Cy5"]
    assert all(
        set(channel["window"]) == {"min", "max", "start", "end"} for channel in attributes["ome"]["omero"]["channels"]
    )
    assert read(tmp_path / "b.zarr", frame="all").calibration.spacing == pytest.approx(
        {"Z": 0.29, "Y": 0.13, "X": 0.13}
    )


def test_what_a_store_says_goes_into_a_tiff_that_others_read(tmp_path):
    """OME-XML of tifffile's making, read again by it and by us; what has no place there is said."""
    array = stack_of("TCZYX", "float32")
    picture = read(save(tmp_path / "a.zarr", array, "TCZYX"), frame="all")
    assert losses(picture, tmp_path / "b.zarr") == ()
    (sentence,) = losses(picture, tmp_path / "b.ome.tif")
    assert "what OME-Zarr says beside axes, spacing and names of channels" in sentence
    write(picture, tmp_path / "b.ome.tif")
    with tifffile.TiffFile(tmp_path / "b.ome.tif") as file:
        assert file.series[0].axes == "TCZYX"
        np.testing.assert_array_equal(file.asarray(), array)
        pixels = tifffile.xml2dict(file.ome_metadata)["OME"]["Image"]["Pixels"]
    assert [pixels[f"PhysicalSize{axis}"] for axis in "ZYX"] == [0.29, 0.13, 0.13]
    assert [channel["Name"] for channel in pixels["Channel"]] == ["DAPI", "Cy5"]
    again = read(tmp_path / "b.ome.tif", frame="all")
    assert (again.plane_axes, again.calibration.spacing) == ("TCZ", picture.calibration.spacing)
    (sentence,) = losses(again, tmp_path / "c.zarr")
    assert "what OME-XML says beside axes" in sentence
    write(one_channel(picture, 1), tmp_path / "d.tif")
    assert read(tmp_path / "d.tif", frame="all").plane_axes == "TZ"
    write(read(tmp_path / "a.zarr", frame=3), tmp_path / "e.tif")
    assert read(tmp_path / "e.tif").calibration.spacing == {"Y": 0.13, "X": 0.13}


def test_an_older_store_and_one_of_several_pictures(tmp_path):
    array = stack_of("CZYX")
    old = {**said("CZYX")["multiscales"][0], "version": "0.4"}
    attributes = {"multiscales": [old], "omero": {"channels": CHANNELS}, "lab": 1}
    zarr.create_group(str(tmp_path / "a.zarr"), zarr_format=2, attributes=attributes)
    stored = zarr.create_array(str(tmp_path / "a.zarr"), name="0", shape=array.shape, dtype=">u2", zarr_format=2)
    stored[...] = array
    picture = read(tmp_path / "a.zarr", frame="all")
    assert "OME-Zarr of an older version, written as 0.5" in picture.notes
    assert losses(picture, tmp_path / "b.zarr") == ()
    zarr.open_group(str(tmp_path / "a.zarr"), mode="r+").create_group("labels")
    assert "labels of other samples" in losses(read(tmp_path / "a.zarr", frame="all"), tmp_path / "b.zarr")[0]
    write(picture, tmp_path / "b.zarr")
    attributes, _, _, back = by_hand(tmp_path / "b.zarr")
    assert attributes == {"ome": said("CZYX"), "lab": 1}
    np.testing.assert_array_equal(back, array)
    zarr.create_group(str(tmp_path / "c.zarr"), attributes={"ome": {"bioformats2raw.layout": 3}})
    save(tmp_path / "c.zarr" / "0", array, "CZYX")
    assert read(tmp_path / "c.zarr", frame="all").calibration.names == ("DAPI", "Cy5")
    save(tmp_path / "c.zarr" / "1", array, "CZYX")
    with pytest.raises(PictureError, match=r"is a group of 2 pictures \(name one: .*c.zarr/0, .*c.zarr/1"):
        read(tmp_path / "c.zarr", frame="all")


def save_pyramid(path, array, axes, sizes=((9, 11), (4, 5)), **words):
    """A store as microscopes write them: with halves along rows and columns, one rounded up, one down; and a mask."""
    words_of_all = said(axes)
    picture = words_of_all["multiscales"][0]
    picture["datasets"] = [
        {
            "path": f"s{level}",
            "coordinateTransformations": [
                {"type": "scale", "scale": [SCALES[axis] * (2**level if axis in "YX" else 1) for axis in axes]},
                {"type": "translation", "translation": [0.5] * len(axes)},
            ],
        }
        for level in range(len(sizes) + 1)
    ]
    picture |= words
    group = zarr.create_group(str(path), attributes={"ome": words_of_all})
    for level, size in enumerate([array.shape[-2:], *sizes]):
        stored = group.create_array(f"s{level}", shape=(*array.shape[:-2], *size), dtype=array.dtype)
        stored[...] = array if level == 0 else 7
    labels = group.create_group("labels", attributes={"ome": {"version": "0.5", "labels": ["nuclei"]}})
    nuclei = labels.create_group("nuclei", attributes={"ome": {**said("ZYX"), "image-label": {"version": "0.5"}}})
    nuclei.create_array("0", data=np.arange(5 * 18 * 21, dtype=np.int32).reshape(5, 18, 21))
    return path


def files_of(folder):
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def cell_means(image, sizes):
    """The mean of cells of two by two samples, those at the end as large as what is left, one by one."""
    means = np.empty(sizes)
    for y, x in np.ndindex(sizes):
        means[y, x] = image[2 * y : 2 * y + 2, 2 * x : 2 * x + 2].mean()
    return means


def test_a_pyramid_and_labels_come_back(run, tmp_path, capsys):
    """What is said is the same; smaller pictures are local means of the result, and masks are the same bytes."""
    array = stack_of("CZYX")
    save_pyramid(tmp_path / "a.zarr", array, "CZYX", type="local_mean")
    np.save(tmp_path / "psf.npy", PSF)
    words = ["--psf", tmp_path / "psf.npy", *WORDS, "-o", tmp_path / "b.zarr"]
    assert run("deblur", tmp_path / "a.zarr", *words) == 0
    captured = capsys.readouterr()
    assert "left out" not in captured.err
    before, after = (zarr.open_group(str(tmp_path / name), mode="r") for name in ("a.zarr", "b.zarr"))
    assert dict(before.attrs) == dict(after.attrs)
    assert files_of(tmp_path / "b.zarr" / "labels") == files_of(tmp_path / "a.zarr" / "labels")
    result = after["s0"][...]
    np.testing.assert_allclose(result, right(array, "CZYX"), atol=1)
    for name, sizes in (("s1", (9, 11)), ("s2", (4, 5))):
        smaller = after[name]
        assert (smaller.shape, smaller.dtype) == (before[name].shape, before[name].dtype)
        assert smaller.metadata.dimension_names == ("c", "z", "y", "x")
        expected = np.stack([cell_means(plane, sizes) for plane in result.reshape(-1, *result.shape[2:])])
        result = smaller[...]
        np.testing.assert_array_equal(result.reshape(expected.shape), np.rint(expected))


def test_smaller_pictures_of_another_kind_are_said_to_be_local_means(tmp_path):
    picture = read(save_pyramid(tmp_path / "a.zarr", stack_of("ZYX"), "ZYX"), frame="all")
    write(picture, tmp_path / "b.zarr")
    (after,) = by_hand_of(tmp_path / "b.zarr")["multiscales"]
    assert after["type"] == "local_mean"
    assert "method" not in after["metadata"]


def by_hand_of(path):
    return json.loads((path / "zarr.json").read_text())["attributes"]["ome"]


def test_a_part_of_a_pyramid_has_the_pyramid_of_that_part(tmp_path):
    array = stack_of("CZYX")
    picture = read(save_pyramid(tmp_path / "a.zarr", array, "CZYX"), frame="all")
    one = one_channel(picture, 1)
    assert "labels of other samples" in losses(one, tmp_path / "b.zarr")[0]
    write(one, tmp_path / "b.zarr")
    group = zarr.open_group(str(tmp_path / "b.zarr"), mode="r")
    assert [group[name].shape for name in ("s0", "s1", "s2")] == [(5, 18, 21), (5, 9, 11), (5, 4, 5)]
    assert "labels" not in group
    np.testing.assert_array_equal(group["s1"][2, 3, 4], np.rint(array[1, 2, 6:8, 8:10].mean()))
    assert "the labels" in losses(picture, tmp_path / "b.ome.tif")[0]
    assert losses(picture, tmp_path / "b.zarr") == ()
    finer = picture.made_finer(2)
    (datasets,) = (one["datasets"] for one in finer.document.ome["multiscales"])
    assert [dataset["coordinateTransformations"][0]["scale"][2:] for dataset in datasets] == [
        [0.065, 0.065],
        [0.13, 0.13],
        [0.26, 0.26],
    ]
    assert finer.document.shapes == ((2, 5, 36, 42), (2, 5, 18, 22), (2, 5, 8, 10))


def test_a_pyramid_that_is_damaged_costs_only_itself(tmp_path):
    array = stack_of("ZYX")
    save_pyramid(tmp_path / "a.zarr", array, "ZYX")
    shutil.rmtree(tmp_path / "a.zarr" / "s2")
    write(read(tmp_path / "a.zarr", frame="all"), tmp_path / "b.zarr")
    assert [dataset["path"] for dataset in by_hand_of(tmp_path / "b.zarr")["multiscales"][0]["datasets"]] == [
        "s0",
        "s1",
    ]
    shutil.copytree(tmp_path / "a.zarr" / "s1", tmp_path / "a.zarr" / "smaller" / "s1")
    said_there = json.loads((tmp_path / "a.zarr" / "zarr.json").read_text())
    said_there["attributes"]["ome"]["multiscales"][0]["datasets"][1]["path"] = "smaller/s1"
    (tmp_path / "a.zarr" / "zarr.json").write_text(json.dumps(said_there))
    write(read(tmp_path / "a.zarr", frame="all"), tmp_path / "c.zarr")
    paths = [dataset["path"] for dataset in by_hand_of(tmp_path / "c.zarr")["multiscales"][0]["datasets"]]
    assert paths == ["0", "1"]
    assert zarr.open_array(str(tmp_path / "c.zarr" / "1"), mode="r").shape == (5, 9, 11)


def test_a_store_appears_whole_or_not_at_all(tmp_path):
    array = stack_of("ZYX")
    old, new = read(save(tmp_path / "a.zarr", array, "ZYX"), frame="all"), tmp_path / "b.zarr"
    before = sorted(p.name for p in tmp_path.iterdir())

    def written(**options):
        with Outputs(**options) as outputs:
            place = outputs.reserve(new)
            assert place.name.startswith(".deconv-")
            write(old, place)
            assert not (new / "zarr.json").exists() or options.get("force")
            if options.get("force"):
                raise KeyboardInterrupt

    written()
    np.testing.assert_array_equal(by_hand(new)[3], array)
    with pytest.raises(PictureError, match="exists already"):
        written()
    (new / "0" / "mark").write_text("former")
    with pytest.raises(KeyboardInterrupt):
        written(force=True)
    assert (new / "0" / "mark").read_text() == "former"
    assert sorted(p.name for p in tmp_path.iterdir()) == [*before, "b.zarr"]
    with Outputs(force=True) as outputs:
        write(old, outputs.reserve(new))
    assert not (new / "0" / "mark").exists()
    with pytest.raises(PictureError, match="is also an input"), Outputs(force=True, inputs=[new]) as outputs:
        outputs.reserve(new)
    (tmp_path / "folder.zarr").mkdir()
    with pytest.raises(PictureError, match="is a folder"), Outputs(force=True) as outputs:
        outputs.reserve(tmp_path / "folder.zarr")


def write_both(picture, folder):
    with Outputs(force=True) as outputs:
        for name in ("b.zarr", "c.zarr"):
            write(picture, outputs.reserve(folder / name))


def test_two_stores_both_appear_or_neither(tmp_path, monkeypatch):
    picture = read(save(tmp_path / "a.zarr", stack_of("ZYX"), "ZYX"), frame="all")
    write(picture, tmp_path / "b.zarr")
    (tmp_path / "b.zarr" / "mark").write_text("former")
    before = sorted(p.relative_to(tmp_path) for p in tmp_path.rglob("*"))
    renamed = os.rename

    def rename(a, b):
        if b == tmp_path / "b.zarr" and ".former" not in a.name:  # the second, which replaces
            raise OSError(errno.EIO, "input/output error")
        renamed(a, b)

    monkeypatch.setattr("os.rename", rename)
    with pytest.raises(PictureError, match="input/output error"):
        write_both(picture, tmp_path)
    assert sorted(p.relative_to(tmp_path) for p in tmp_path.rglob("*")) == before
    assert (tmp_path / "b.zarr" / "mark").read_text() == "former"


def test_blur_and_psf_take_stores(run, tmp_path, capsys):
    sharp = np.zeros((9, 33, 33), np.float32)
    sharp[4, 16, 16] = 1
    save(tmp_path / "a.zarr", sharp, "ZYX")
    wide = restore.psf.gaussian((0.8, 1.2, 1.2))
    np.save(tmp_path / "psf.npy", wide)
    words = ["--no-figure", "--json", "-o"]
    assert run("blur", tmp_path / "a.zarr", "--psf", tmp_path / "psf.npy", *words, tmp_path / "b.zarr") == 0
    attributes, kind, _, back = by_hand(tmp_path / "b.zarr")
    assert (attributes["ome"], kind) == (said("ZYX"), "float32")
    np.testing.assert_allclose(back, restore.blur(sharp, wide, boundary="reflect"), atol=1e-6)
    assert run("psf", tmp_path / "b.zarr", "--size", "5,9,9", *words, tmp_path / "p.zarr") == 0
    attributes, _, names, average = by_hand(tmp_path / "p.zarr")
    assert (average.shape, names) == ((5, 9, 9), ["z", "y", "x"])
    scale = attributes["ome"]["multiscales"][0]["datasets"][0]["coordinateTransformations"][0]["scale"]
    assert scale == pytest.approx([0.29, 0.13, 0.13])
    capsys.readouterr()
    assert run("deblur", tmp_path / "b.zarr", "--psf", tmp_path / "p.zarr", *WORDS, "-o", tmp_path / "r.zarr") == 0
    assert "resampled" not in capsys.readouterr().out


def test_stores_in_a_folder_and_pictures_in_a_store_are_inputs(run, tmp_path, monkeypatch, capsys):
    folder = tmp_path / "of"
    folder.mkdir()
    for name in ("a.zarr", "b.zarr"):
        save(folder / name, stack_of("ZYX"), "ZYX")
    np.save(tmp_path / "psf.npy", PSF)
    words = ["--psf", tmp_path / "psf.npy", *WORDS]
    assert run("deblur", folder, *words, "-o", tmp_path / "to") == 0
    assert run("deblur", folder / "*.zarr", *words, "-o", tmp_path / "to", "--resume") == 0
    assert capsys.readouterr().err.count("passed over") >= 2
    assert sorted(p.name for p in (tmp_path / "to").iterdir()) == ["a.zarr", "b.zarr"]
    assert by_hand(tmp_path / "to" / "a.zarr")[0]["ome"] == said("ZYX")
    assert run("deblur", folder / "a.zarr" / "0", "--axes", "ZYX", *words) == 0
    assert sorted(p.name for p in folder.iterdir()) == ["a.0.restored.zarr", "a.zarr", "b.zarr"]
