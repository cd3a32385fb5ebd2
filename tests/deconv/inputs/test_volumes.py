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


def test_planes_of_no_stated_kind_are_slices_and_that_is_said(deblur, scene, right):
    record, output = deblur(scene[0], photometric="minisblack")
    assert np.abs(tifffile.imread(output) - right[0]).max() <= 1
    assert any("taken as slices of a volume" in note for note in record["notes"])


def test_channels_named_by_the_caller_are_restored_together_and_are_linear(deblur, scene, right):
    record, output = deblur(
        np.moveaxis(scene, 0, 1), "--axes", "ZCYX", output="out.npy", imagej=True, metadata={"axes": "ZCYX"}
    )
    assert record["light"] == "linear"
    assert np.load(output).shape == (6, 20, 24, 2)


def test_what_the_planes_lie_along_is_read(tmp_path, scene):
    tifffile.imwrite(tmp_path / "a.tif", scene, imagej=True, metadata={"axes": "TZYX"})
    picture = read(tmp_path / "a.tif", frame="all")
    assert (picture.plane_axes, picture.plane_shape) == ("TZ", (2, 6))
    assert "12 planes (T 2 x Z 6)" in picture.describe()
    np.save(tmp_path / "a.npy", scene)
    picture = read(tmp_path / "a.npy", frame="all", axes="ZTYX")
    assert (picture.plane_axes, picture.plane_shape) == ("ZT", (2, 6))
    assert read(tmp_path / "a.npy", frame=3, axes="ZTYX").plane_axes == ""
