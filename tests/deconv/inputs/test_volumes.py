"""A PSF of three axes is applied along the depth of a stack, and never across its channels or times."""

import json

import numpy as np
import pytest
import tifffile

import restore
from deconv.pictures import read

PSF = restore.psf.gaussian((0.5, 0.8, 0.8))
WORDS = ["--no-figure", "--method", "wiener", "--nsr", 0.01, "--clipped", "keep"]


@pytest.fixture(scope="module")
def scene():
    """Two blurred volumes, (2, 6, 20, 24): beads, and a wall that they shall not see."""
    rng = np.random.default_rng(3)
    sharp = np.full((2, 6, 20, 24), 0.05)
    sharp[0, rng.integers(0, 6, 9), rng.integers(0, 20, 9), rng.integers(0, 24, 9)] = 0.9
    sharp[1] += 0.4 + 0.3 * np.sin(np.arange(24) / 3)
    blurred = np.stack([restore.degrade(volume, PSF, boundary="reflect") for volume in sharp])
    return np.rint(np.clip(blurred, 0, 1) * 60000).astype(np.uint16)


@pytest.fixture(scope="module")
def right(scene):
    light = (scene / np.float32(65535)).astype(np.float32)
    volumes = [restore.deconvolve(volume, PSF, method="wiener", nsr=0.01).image for volume in light]
    return np.rint(np.clip(np.stack(volumes), 0, 1) * 65535).astype(int)


@pytest.fixture
def deblur(run, tmp_path, capsys):
    np.save(tmp_path / "psf.npy", PSF)

    def deblurred(stack, *words, output="out.tif", **options):
        tifffile.imwrite(tmp_path / "stack.tif", stack, **options)
        names = ["--frame", "all", "--psf", tmp_path / "psf.npy", "-o", tmp_path / output]
        code = run("deblur", tmp_path / "stack.tif", *names, *WORDS, *words, "--force", "--json")
        out, err = capsys.readouterr()
        return (code, err) if code else (json.loads(out), tmp_path / output)

    return deblurred


@pytest.mark.parametrize(
    ("axes", "options"),
    [
        ("ZCYX", {"imagej": True, "metadata": {"axes": "ZCYX"}}),
        ("CZYX", {"ome": True, "metadata": {"axes": "CZYX"}}),
        ("TZYX", {"photometric": "minisblack", "metadata": {"axes": "TZYX"}}),
        ("TZYX", None),
    ],
    ids=["imagej", "ome", "shaped", "named"],
)
def test_every_channel_and_time_is_restored_by_itself(deblur, scene, right, axes, options):
    stack = np.moveaxis(scene, 0, axes.replace("Z", "").index(axes.strip("ZYX")) + axes.startswith("Z"))
    words = [] if options else ["--axes", axes]
    record, output = deblur(stack, *words, **(options or {"photometric": "minisblack"}))
    restored = np.moveaxis(tifffile.imread(output).reshape(stack.shape), axes.index(axes.strip("ZYX")), 0)
    assert np.abs(restored - right).max() <= 1
    assert f"the PSF is applied along Z, to each {axes.strip('ZYX')} by itself" in record["notes"]


@pytest.mark.parametrize("axes", ["CYX", "TYX", "TCYX"])
def test_a_stack_without_a_depth_is_refused(deblur, scene, axes):
    stack = scene if len(axes) == 4 else scene[0]
    code, err = deblur(stack, imagej=True, metadata={"axes": axes})
    assert code == 2
    assert err.count("\n") == 1
    assert "none along Z, and the PSF has three axes (if they are slices say so with --axes" in err


def test_planes_along_two_axes_without_names_are_refused_in_words(deblur, scene):
    code, err = deblur(scene, photometric="minisblack")
    assert code == 2
    assert "along an axis of 2 that the file does not name and an axis of 6 that the file does not name" in err
    assert "--axes, for example CZYX" in err


def test_planes_of_no_stated_kind_are_slices_and_that_is_said(deblur, scene, right):
    record, output = deblur(scene[0], photometric="minisblack")
    assert np.abs(tifffile.imread(output) - right[0]).max() <= 1
    assert any("taken as slices of a volume" in note for note in record["notes"])


def test_an_array_comes_back_in_its_axes(run, scene, right, tmp_path, capsys):
    np.save(tmp_path / "psf.npy", PSF)
    for axes, stack in (("ZCYX", np.moveaxis(scene, 0, 1)), ("CTZYX", scene[:, None])):
        np.save(tmp_path / "a.npy", stack.astype(">u2"))
        words = ["--axes", axes, "--psf", tmp_path / "psf.npy", "-o", tmp_path / "b.npy", *WORDS, "--force", "--json"]
        assert run("deblur", tmp_path / "a.npy", *words) == 0
        assert json.loads(capsys.readouterr().out)["light"] == "linear"
        back = np.load(tmp_path / "b.npy")
        assert (back.shape, back.dtype) == (stack.shape, np.dtype(">u2"))
        restored = np.moveaxis(back, axes.index("C"), 0).reshape(right.shape)
        assert np.abs(restored.astype(int) - right).max() <= 1


def test_a_hyperstack_comes_back_with_all_that_its_file_says(run, tmp_path, scene, right):
    """A second reader finds axes, spacing, names, bytes and type as they were; one channel keeps its own."""
    np.save(tmp_path / "psf.npy", PSF)
    stack = np.stack([scene, scene[::-1]]).transpose(0, 2, 1, 3, 4)  # TZCYX
    sizes = {"PhysicalSizeX": 0.1, "PhysicalSizeXUnit": "µm", "PhysicalSizeZ": 300.0, "PhysicalSizeZUnit": "nm"}
    names = {"Channel": {"Name": ["DAPI", "Cy5"], "EmissionWavelength": [460, 670]}}
    kinds = {
        "ij.tif": {"imagej": True, "resolution": (8, 8), "metadata": {"axes": "TZCYX", "spacing": 0.3, "unit": "um"}},
        "ome.tif": {"ome": True, "metadata": {"axes": "TZCYX", **sizes, **names}},
    }
    words = ["--psf", tmp_path / "psf.npy", *WORDS, "--force", "-o"]
    for name, options in kinds.items():
        tifffile.imwrite(tmp_path / name, stack, byteorder=">", **options)
        assert run("deblur", tmp_path / name, *words, tmp_path / f"r.{name}") == 0
        assert run("deblur", tmp_path / name, "--channel", 1, *words, tmp_path / f"c.{name}") == 0
        with tifffile.TiffFile(tmp_path / name) as before, tifffile.TiffFile(tmp_path / f"r.{name}") as after:
            restored = after.asarray().reshape(stack.shape).astype(int)
            assert np.abs(restored[0].transpose(1, 0, 2, 3) - right).max() <= 1
            assert np.abs(restored[1].transpose(1, 0, 2, 3) - right[::-1]).max() <= 1
            for what in (lambda file: (file.byteorder, file.series[0].axes, file.series[0].dtype), said_of):
                assert what(after) == what(before)
        with tifffile.TiffFile(tmp_path / f"c.{name}") as file:
            assert (file.series[0].axes, file.series[0].shape) == ("TZYX", (2, 6, 20, 24))
            assert np.array_equal(file.asarray(), restored[:, :, 1])
            calibration = read(tmp_path / f"c.{name}", frame="all").calibration
        assert calibration.spacing["Z"] == pytest.approx(0.3)
        assert (calibration.names, calibration.emission) == ((("Cy5",), (0.67,)) if name == "ome.tif" else ((), ()))
    assert run("deblur", tmp_path / "ome.tif", "--channel", 2, *words, tmp_path / "x.tif") == 2


def said_of(file):
    """What a TIFF says of its planes beside their places in the file."""
    if file.is_imagej:
        return file.imagej_metadata, file.pages[0].tags["XResolution"].value
    pixels = tifffile.xml2dict(file.ome_metadata)["OME"]["Image"]["Pixels"]
    return {key: value for key, value in pixels.items() if key not in ("TiffData", "BigEndian")}


def test_what_the_planes_lie_along_is_read(tmp_path, scene):
    tifffile.imwrite(tmp_path / "a.tif", scene, imagej=True, metadata={"axes": "TZYX"})
    picture = read(tmp_path / "a.tif", frame="all")
    assert (picture.plane_axes, picture.plane_shape) == ("TZ", (2, 6))
    assert "12 planes (T 2 x Z 6)" in picture.describe()
    np.save(tmp_path / "a.npy", scene)
    picture = read(tmp_path / "a.npy", frame="all", axes="ZTYX")
    assert (picture.plane_axes, picture.plane_shape) == ("ZT", (2, 6))
    assert read(tmp_path / "a.npy", frame=3, axes="ZTYX").plane_axes == ""


@pytest.mark.parametrize("channel", [0, 2])
def test_a_channel_keeps_its_colours_range_and_labels(run, tmp_path, channel):
    """By tifffile: what ImageJ keeps of every channel in tags of its own."""
    ramp = np.arange(256, dtype=np.uint8)
    luts = [np.stack([ramp * (c == k) for c in range(3)]) for k in range(3)]
    ranges = tuple(float(v) for k in range(3) for v in (10 * k, 1000 + k))
    labels = [f"slice {z} channel {c}" for z in range(2) for c in range(3)]
    metadata = {"axes": "ZCYX", "mode": "composite", "LUTs": luts, "Ranges": ranges, "Labels": labels, "Info": "mine"}
    stack = np.random.default_rng(0).integers(100, 900, (2, 3, 24, 26), np.uint16)
    tifffile.imwrite(tmp_path / "a.tif", stack, imagej=True, metadata=metadata)
    words = ["--psf", "gaussian", "--sigma", 1, "--method", "wiener", "--no-figure", "-o", tmp_path / "b.tif"]
    assert run("deblur", tmp_path / "a.tif", "--channel", channel, *words) == 0
    with tifffile.TiffFile(tmp_path / "b.tif") as file:
        tags = file.imagej_metadata
        assert file.series[0].axes == "ZYX"
    np.testing.assert_array_equal(tags["LUTs"][0] if isinstance(tags["LUTs"], list) else tags["LUTs"], luts[channel])
    assert tuple(tags["Ranges"]) == ranges[2 * channel : 2 * channel + 2]
    assert tags["Labels"] == labels[channel::3]
    assert tags["Info"] == "mine"
