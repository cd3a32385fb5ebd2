"""From a stack of beads to a PSF file, its figure and a restoration with it."""

import json

import numpy as np
import pytest
import tifffile
from PIL import Image

import restore
from deconv.pictures import read

SPACING = (0.2, 0.1, 0.1)


@pytest.fixture
def beads(tmp_path):
    """Write a stack of beads with its voxels, and return the PSF that it was made with."""
    psf = restore.psf.gaussian((1.7, 1.4, 1.4))
    sharp = np.zeros((26, 70, 90))
    sharp[13, [18, 20, 50, 48], [20, 66, 24, 64]] = 30000
    counts = restore.degrade(sharp, psf) + np.random.default_rng(1).normal(100, 2, sharp.shape)
    options = {"imagej": True, "resolution": (10, 10), "metadata": {"axes": "ZYX", "spacing": 0.2, "unit": "um"}}
    tifffile.imwrite(tmp_path / "beads.tif", np.rint(counts).clip(0).astype(np.uint16), **options)
    return psf


def test_beads_become_a_psf_with_its_voxels(run, beads, tmp_path, capsys):
    assert run("psf", tmp_path / "beads.tif", "-o", tmp_path / "psf.tif", "--json") == 0
    out, err = capsys.readouterr()
    record = json.loads(out)
    assert record["points"] == 4
    np.testing.assert_allclose(record["fwhm"], 2.3548 * np.array([1.7, 1.4, 1.4]), rtol=0.03)
    assert record["spacing"] == pytest.approx(SPACING)
    assert "4 averaged" in err
    assert "nm" in err
    assert (tmp_path / "psf.figure.png").stat().st_size > 10_000
    picture = read(tmp_path / "psf.tif", frame="all")
    assert picture.calibration.spacing == pytest.approx(dict(zip("ZYX", SPACING, strict=True)))
    peak = np.unravel_index(picture.samples.argmax(), picture.samples.shape)
    assert peak == tuple(n // 2 for n in picture.samples.shape)


def test_a_stack_of_other_voxels_gets_the_psf_resampled(run, beads, tmp_path, capsys):
    assert run("psf", tmp_path / "beads.tif", "-o", tmp_path / "psf.tif", "--no-figure", "--size", "9,13,13") == 0
    stack = np.full((12, 30, 30), 1000, np.uint16)
    stack[6, 15, 15] = 50000
    options = {"imagej": True, "resolution": (5, 5), "metadata": {"axes": "ZYX", "spacing": 0.4, "unit": "um"}}
    tifffile.imwrite(tmp_path / "a.tif", stack, **options)
    words = ["--method", "wiener", "--nsr", 0.1, "--no-figure", "--json", "--clipped", "keep", "--outliers", "keep"]
    assert run("deblur", tmp_path / "a.tif", "--psf", tmp_path / "psf.tif", "-o", tmp_path / "b.tif", *words) == 0
    notes = json.loads(capsys.readouterr().out)["notes"]
    assert "the PSF's voxels of 0.2 x 0.1 x 0.1 um were resampled to the picture's of 0.4 x 0.2 x 0.2 um" in notes


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--least", 9], "must show 9 or more good points, got 4 of"),
        (["--spacing", "1,2"], "--spacing must be one number or Z,Y,X, got 2 numbers"),
        (["--size", "8,9,9"], "size must be odd edges that fit"),
    ],
)
def test_what_makes_no_psf_is_refused_in_one_line(refused, beads, words, expected):
    refused("psf", "beads.tif", "-o", "psf.tif", *words, expected=expected)


def test_few_stars_are_said_to_be_few_and_a_plane_has_a_figure(run, tmp_path, capsys):
    sky = np.zeros((96, 100), np.float32)
    places = [(20, 25), (22, 70), (60, 30), (75, 66), (48, 82)]
    for count in (5, 4):
        sky[:] = 0
        sky[tuple(np.transpose(places[:count]))] = 5000
        np.save(tmp_path / "a.npy", restore.degrade(sky, restore.psf.moffat(3.4), noise_sigma=1, rng=0))
        assert run("psf", tmp_path / "a.npy", "--json", "--force", "-o", tmp_path / "psf.tif") == 0
        out, err = capsys.readouterr()
        record = json.loads(out)
        assert record["points"] == count
        assert bool(record["warnings"]) == ("of so few points (4)" in err) == (count < 5)
    with Image.open(tmp_path / "psf.figure.png") as figure:
        width, height = figure.size
    assert width > 2 * height  # a cut with two profiles beside it
