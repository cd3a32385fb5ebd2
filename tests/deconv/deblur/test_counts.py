"""Counted light by the options of the program: in the numbers of the file, with its sky, and by its weights."""

import json

import numpy as np
import pytest
from astropy.io import fits

import restore

PSF = restore.psf.gaussian(1.2)
WORDS = ["--psf", "gaussian", "--sigma", 1.2, "--method", "richardson_lucy", "--iterations", 8, "--outliers", "keep"]
QUIET = ["--no-figure", "--json", "--clipped", "keep", "--force"]


@pytest.fixture
def sky(tmp_path):
    """Write stars over a sky of 400 counts with errors beside them, and return counts and errors."""
    rng = np.random.default_rng(2)
    light = np.zeros((40, 44))
    light[rng.integers(4, 36, 9), rng.integers(4, 40, 9)] = 30000
    counts = rng.poisson(restore.degrade(light, PSF) + 400).astype(np.uint16)
    errors = np.sqrt(counts.astype(np.float32))
    errors[:10] *= 3
    fits.HDUList([fits.PrimaryHDU(counts), fits.ImageHDU(errors, name="ERR")]).writeto(tmp_path / "a.fits")
    np.save(tmp_path / "a.npy", counts)
    return counts, errors


def restored(counts, **arguments):
    light = (counts / np.float32(65535)).astype(np.float32)
    settings = {"method": "richardson_lucy", "iterations": 8, "outliers": "keep", "white_level": np.inf}
    return restore.deconvolve(light, PSF, **settings, **arguments).image * 65535


@pytest.mark.parametrize(
    ("words", "arguments"),
    [
        (["--sky", 390], {"background": 390 / 65535}),
        (
            ["--sky", "auto", "--damping", 2, "--tv-weight", 0.001],
            {"background": "auto", "damping": 2, "tv_weight": 1e-3},
        ),
        (["--counts", "--gain", 1, "--read-noise", 5], {"gain": 1 / 65535, "read_noise": 5 / 65535}),
    ],
)
def test_the_numbers_are_those_of_the_file(run, sky, tmp_path, capsys, words, arguments):
    assert run("deblur", tmp_path / "a.npy", *WORDS, *words, *QUIET, "--float", "-o", tmp_path / "b.npy") == 0
    np.testing.assert_allclose(np.load(tmp_path / "b.npy"), restored(sky[0], **arguments), rtol=1e-3, atol=0.5)


def test_weights_are_those_of_the_file_or_of_another(run, sky, tmp_path, capsys):
    """Errors by what they say beyond the noise of counted light, which the method knows."""
    counts, errors = sky
    beyond = np.where(np.arange(40)[:, None] < 10, 1 / 9, np.ones((40, 44)))
    assert run("deblur", tmp_path / "a.fits", *WORDS, *QUIET, "--float", "-o", tmp_path / "b.fits") == 0
    np.testing.assert_allclose(fits.getdata(tmp_path / "b.fits"), restored(counts, weights=beyond), rtol=0.01, atol=2)
    assert "ERR counts: samples with larger errors are followed less" in json.loads(capsys.readouterr().out)["notes"]
    weights = errors.astype(float) ** -2
    right = restored(counts, weights=weights / np.median(weights))
    np.save(tmp_path / "w.npy", weights)
    words = ["--weights", tmp_path / "w.npy", "-o", tmp_path / "b.npy", "--float"]
    assert run("deblur", tmp_path / "a.npy", *WORDS, *QUIET, *words) == 0
    np.testing.assert_allclose(np.load(tmp_path / "b.npy"), right, rtol=1e-3, atol=0.5)


def test_errors_of_counted_light_take_no_light_from_stars(run, tmp_path):
    """Where they say no more than its noise all samples count alike."""
    light = np.zeros((60, 60))
    light[15:60:15, 15:60:15] = np.array([[2e4, 5e4, 1e5]] * 3)
    counts = np.random.default_rng(3).poisson(restore.degrade(light, PSF) + 300) - 300.0
    errors, flags = fits.ImageHDU(np.sqrt(counts + 300), name="ERR"), np.zeros(counts.shape, np.int16)
    flags[:2] = 1
    counts[:2] = 60000
    hdus = [fits.PrimaryHDU(counts), errors, fits.ImageHDU(flags, name="DQ")]
    fits.HDUList(hdus).writeto(tmp_path / "a.fits")
    words = ["--psf", "gaussian", "--sigma", 1.2, "--method", "richardson_lucy", "--target", 2, "--iterations", 40]
    assert run("deblur", tmp_path / "a.fits", *words, "--no-figure", "-o", tmp_path / "b.fits") == 0
    result = fits.getdata(tmp_path / "b.fits")
    fluxes = [result[y - 5 : y + 6, x - 5 : x + 6].sum() / light[y, x] for y, x in np.argwhere(light)]
    assert np.abs(np.array(fluxes) - 1).max() < 0.02


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--sky", "much"], "--sky must be auto or a number, got 'much'"),
        (["--sky", "3", "--srgb"], "stores no counts: its samples are an encoding of light (say --linear"),
        (["--weights", "w.npy"], "w.npy: is (3, 3), the picture (40, 44) (give numbers >= 0 in the same shape)"),
    ],
)
def test_what_cannot_be_is_refused(refused, sky, tmp_path, words, expected):
    np.save(tmp_path / "w.npy", np.ones((3, 3)))
    refused("deblur", "a.npy", *WORDS, *words, "-o", "b.npy", expected=expected)
