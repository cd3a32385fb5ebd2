"""Stars narrower than their samples: their PSF in a file that says its grid, and a restoration with it."""

import json

import numpy as np
import pytest
import tifffile
from astropy.io import fits
from PIL import Image

import restore
from deconv.pictures import read

FINE, WIDTH = 8, 1.3  # samples in one of the detector of what the stars are drawn on
STAR = restore.psf.moffat(WIDTH * FINE, beta=3, reach=5)


@pytest.fixture(scope="module")
def stars():
    """Sixteen stars at any of the finer places, counted in the detector's samples; row, column and flux of each."""
    rng, edge = np.random.default_rng(3), 88
    light, known = np.zeros((FINE * edge,) * 2), []
    for corner in np.ndindex(4, 4):
        y, x = FINE * (20 * np.array(corner) + 14) + rng.integers(-16, 17, 2)
        flux = 4000 * 2 ** -rng.uniform(0, 1)
        half = STAR.shape[0] // 2
        light[y - half : y + half + 1, x - half : x + half + 1] += flux * STAR
        known.append(((y + 0.5) / FINE - 0.5, (x + 0.5) / FINE - 0.5, flux))
    counted = light.reshape(edge, FINE, edge, FINE).sum(axis=(1, 3))
    return counted + rng.normal(0, 1.5, counted.shape), known


def written(path, image):
    if path.suffix == ".fits":
        fits.PrimaryHDU(image).writeto(path)
    elif path.suffix == ".npy":
        np.save(path, image)
    else:
        options = {"imagej": True, "resolution": (10, 10), "metadata": {"axes": "YX", "unit": "um"}}
        tifffile.imwrite(path, image.astype(np.float32), **options)
    return path


@pytest.mark.parametrize(("source", "psf"), [("a.fits", "psf.fits"), ("a.npy", "psf.tif"), ("a.tif", "psf.tif")])
def test_from_stars_to_their_psf_to_a_finer_picture(run, tmp_path, capsys, stars, source, psf):
    image, known = stars
    picture = written(tmp_path / source, image)
    words = ["--subsampling", 2, "--size", "23,23"]
    assert run("psf", picture, *words, "-o", tmp_path / psf, "--no-figure", "--json") == 0
    record = json.loads(capsys.readouterr().out)
    assert (record["subsampling"], record["family"], record["points"]) == (2, "empirical", 16)
    assert record["spacing"] == (pytest.approx([0.05, 0.05]) if source == "a.tif" else None)
    stored = read(tmp_path / psf)
    assert stored.oversampling == 2
    if psf == "psf.fits":
        assert fits.getheader(tmp_path / psf)["OVERSAMP"] == 2
    expected = restore.psf.moffat(2 * WIDTH, beta=3, reach=5)
    middle = expected.shape[0] // 2
    expected = expected[middle - 11 : middle + 12, middle - 11 : middle + 12]
    difference = stored.samples / stored.samples.sum() - expected / expected.sum()
    assert np.sqrt(np.mean(difference**2)) < 0.003 * expected.max()
    words = ["--target", 4, "--subsampling", 2, "--iterations", 60, "--method", "richardson_lucy", "--no-figure"]
    out = tmp_path / f"b{picture.suffix}"
    assert run("deblur", picture, "--psf", tmp_path / psf, *words, "--float", "-o", out) == 0
    restored = read(out).samples.astype(float)
    assert restored.shape == (176, 176)
    rows, columns = ((i + 0.5) / 2 - 0.5 for i in np.indices(restored.shape))
    for y, x, flux in known:
        distance = np.hypot(rows - y, columns - x)
        assert restored[distance < 6].sum() / 4 == pytest.approx(flux, rel=0.02)
        weights = np.maximum(restored, 0) * (distance < 2.5)
        place = (weights * rows).sum() / weights.sum(), (weights * columns).sum() / weights.sum()
        assert np.hypot(place[0] - y, place[1] - x) < 0.05


def test_an_array_is_on_the_finer_grid_where_that_is_said(run, tmp_path, capsys, stars):
    image, _ = stars
    picture = written(tmp_path / "a.npy", image)
    restored, words = [], ["--subsampling", 2, "--iterations", 5, "--target", 4, "--no-figure", "--float"]
    for psf, own in (("psf.fits", []), ("psf.npy", ["--psf-sampling", 2])):
        assert run("psf", picture, "--subsampling", 2, "-o", tmp_path / psf, "--no-figure") == 0
        out = tmp_path / f"{psf}.npy"
        assert run("deblur", picture, "--psf", tmp_path / psf, *own, *words, "-o", out) == 0
        restored.append(np.load(out))
    assert "name it .tif or .fits, or add --psf-sampling 2 to deblur" in capsys.readouterr().err
    np.testing.assert_allclose(restored[1], restored[0], rtol=1e-4, atol=1e-3)
    assert run("deblur", picture, "--psf", "auto", "--psf-sampling", 2, "-o", tmp_path / "c.npy") == 2
    assert "--psf-sampling does not belong to --psf auto" in capsys.readouterr().err


def test_a_psf_on_the_finer_grid_is_the_library_s(run, tmp_path, stars):
    """Bit for bit the numbers of the file, neither made coarser nor finer on the way."""
    image, _ = stars
    picture = written(tmp_path / "a.tif", image)
    assert run("psf", picture, "--subsampling", 2, "-o", tmp_path / "psf.tif", "--no-figure") == 0
    words = ["--subsampling", 2, "--iterations", 5, "--method", "richardson_lucy", "--no-figure", "--float"]
    words += ["--outliers", "keep", "--clipped", "keep"]
    assert run("deblur", picture, "--psf", tmp_path / "psf.tif", *words, "-o", tmp_path / "b.tif") == 0
    psf = restore.psf.measured(read(tmp_path / "psf.tif").samples.astype(np.float64), background="border", center=False)
    light = read(picture).samples
    expected = restore.richardson_lucy(light, psf, iterations=5, subsampling=2)
    np.testing.assert_allclose(read(tmp_path / "b.tif").samples, expected, rtol=2e-4, atol=1e-4 * expected.max())


def test_a_family_is_in_report_and_figure(run, tmp_path, capsys, stars):
    picture = written(tmp_path / "a.npy", stars[0])
    words = ["--family", "moffat", "--subsampling", 2]
    assert run("psf", picture, *words, "-o", tmp_path / "psf.tif", "--json") == 0
    out, err = capsys.readouterr()
    record = json.loads(out)
    assert record["family"] == "moffat"
    assert record["parameters"]["fwhm"] == pytest.approx(2 * WIDTH, rel=0.01)
    assert record["parameters"]["beta"] == pytest.approx(3, rel=0.05)
    assert set(record["uncertainty"]) == {"fwhm", "beta"}
    assert "moffat, fwhm 1.3" in err
    assert "finer by 2" in err
    with Image.open(tmp_path / "psf.figure.png") as figure:
        assert figure.size[0] > 2 * figure.size[1]
    drawn = restore.psf.moffat(**record["parameters"])
    np.testing.assert_allclose(read(tmp_path / "psf.tif").samples, drawn, rtol=1e-6, atol=1e-9)


def test_a_file_that_does_not_say_its_grid_is_announced(run, tmp_path, capsys, stars):
    picture = written(tmp_path / "a.npy", stars[0])
    assert run("psf", picture, "--subsampling", 2, "-o", tmp_path / "psf.npy", "--no-figure") == 0
    assert "psf.npy does not say that 2 of its samples lie in one of the picture" in capsys.readouterr().err


def test_stars_that_tell_no_finer_grid_are_refused_in_a_line(refused, tmp_path, stars):
    np.save(tmp_path / "a.npy", stars[0][:44, :44])
    message = "a.npy: image must have points at many fractions of a sample for a grid finer by 3, got 4"
    refused("psf", "a.npy", "--subsampling", "3", "-o", "psf.tif", expected=message)
