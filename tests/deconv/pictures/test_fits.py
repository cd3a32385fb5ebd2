"""FITS in and out: numbers, header and flags come back as they were, as a second reader sees them."""

import json
import sys

import numpy as np
import pytest
from astropy.io import fits

import restore
from deconv.pictures import Picture, PictureError, light_of, read, write

WORDS = [
    "--psf",
    "gaussian",
    "--sigma",
    1,
    "--method",
    "wiener",
    "--nsr",
    0.1,
    "--outliers",
    "keep",
    "--no-figure",
    "--json",
]
HEADER = {"BUNIT": "adu", "EXPTIME": 30.0, "CTYPE1": "RA---TAN", "CRVAL1": 150.25, "CD1_1": -4.6e-5, "HISTORY": "flat"}


@pytest.mark.parametrize("dtype", ["uint8", "int16", "uint16", "int32", "uint32", "float32", "float64"])
def test_every_type_of_numbers_comes_back(tmp_path, rng, dtype):
    array = (rng.random((6, 7)) * 200).astype(dtype)
    fits.PrimaryHDU(array, fits.Header(HEADER)).writeto(tmp_path / "a.fits")
    picture = read(tmp_path / "a.fits")
    np.testing.assert_array_equal(picture.samples, array)
    assert picture.samples.dtype == np.dtype(dtype)
    assert light_of(picture) == "linear"
    write(picture, tmp_path / "b.fits")
    before, after = (fits.getheader(tmp_path / name) for name in ("a.fits", "b.fits"))
    assert fits.getdata(tmp_path / "b.fits").dtype.newbyteorder("=") == np.dtype(dtype)
    for card in (*HEADER, "BITPIX", "BZERO"):
        assert str(after.get(card)) == str(before.get(card))


@pytest.fixture
def exposure(tmp_path):
    """Write counts with dead columns, flags and errors in a file whose first unit holds no picture."""
    rng = np.random.default_rng(5)
    counts = rng.poisson(restore.degrade(np.full((32, 40), 300.0), restore.psf.gaussian(1))).astype(np.float32)
    counts[8, 9] = np.nan
    flags = np.zeros(counts.shape, np.uint8)
    flags[20, 22] = 4
    counts[20, 22] = 30000
    units = [
        fits.PrimaryHDU(header=fits.Header({"OBSERVER": "Leavitt"})),
        fits.ImageHDU(counts, fits.Header(HEADER), name="SCI"),
        fits.ImageHDU(np.sqrt(counts), name="ERR"),
        fits.ImageHDU(flags, name="DQ"),
    ]
    fits.HDUList(units).writeto(tmp_path / "a.fits")
    return counts, flags


def test_header_and_flags_stay_and_what_was_done_is_told(run, tmp_path, exposure, capsys):
    counts, flags = exposure
    assert run("deblur", tmp_path / "a.fits", *WORDS, "-o", tmp_path / "b.fits") == 0
    captured = capsys.readouterr()
    record = json.loads(captured.out)
    assert f"noise     sigma {record['noise_sigma']:.4g} in linear light" in captured.err  # beside NaN too
    with fits.open(tmp_path / "b.fits") as file:
        assert [unit.name for unit in file] == ["PRIMARY", "SCI", "DQ"]
        assert file[0].header["OBSERVER"] == "Leavitt"
        header, restored = file["SCI"].header, file["SCI"].data
        assert [header[card] for card in ("BUNIT", "CTYPE1", "CRVAL1", "CD1_1")] == ["adu", "RA---TAN", 150.25, -4.6e-5]
        np.testing.assert_array_equal(file["DQ"].data, flags)
        history = " ".join(header["HISTORY"])
    assert history.startswith("flat Deconv ")
    for words in ("method wiener, nsr 0.1 (given)", "PSF gaussian, sigma 1 px", "boundary unknown"):
        assert words in history
    hidden = ~np.isfinite(counts) | (flags != 0)
    right = restore.deconvolve(
        np.where(hidden, 300, counts), restore.psf.gaussian(1), mask=hidden, method="wiener", nsr=0.1, outliers="keep"
    )
    np.testing.assert_allclose(restored, right.image, rtol=1e-4)
    assert abs(restored[20, 22] - 300) < 60
    assert "samples flagged in the extension DQ are taken as unknown" in record["notes"]
    assert any("ERR" in note for note in record["notes"])


def test_long_lines_of_the_history_break_between_words(tmp_path):
    """A card holds 72 letters, and astropy breaks where they end."""
    line = "Deconv 1.0: deconvolved, method richardson_lucy, iterations 19 (held-out), boundary unknown, noise sigma 2"
    picture = Picture(samples=np.ones((4, 5), np.float32), format="FITS", history=(line, "a second line"))
    write(picture, tmp_path / "a.fits")
    cards = list(fits.getheader(tmp_path / "a.fits")["HISTORY"])
    assert " ".join(cards) == f"{line} a second line"
    assert cards[-1] == "a second line"
    assert max(map(len, cards)) <= 72


def test_a_cube_is_restored_plane_by_plane_with_its_own_psfs(run, tmp_path, rng, capsys):
    cube = rng.random((5, 24, 28)).astype(np.float32)
    psfs = np.stack([restore.psf.gaussian(s, truncate=3 / s) for s in (0.8, 0.9, 1.0, 1.1, 1.2)])
    fits.PrimaryHDU(cube).writeto(tmp_path / "a.fits")
    fits.PrimaryHDU(psfs).writeto(tmp_path / "psf.fits")
    words = ["--method", "wiener", "--nsr", 0.1, "--no-figure", "--outliers", "keep", "--json"]
    assert run("deblur", tmp_path / "a.fits", "--psf", tmp_path / "psf.fits", *words, "-o", tmp_path / "b.fits") == 0
    record = json.loads(capsys.readouterr().out)
    assert record["psf"]["channels"] == 5
    right = [
        restore.deconvolve(plane, psf, method="wiener", nsr=0.1, outliers="keep").image
        for plane, psf in zip(cube, psfs, strict=True)
    ]
    np.testing.assert_allclose(fits.getdata(tmp_path / "b.fits"), right, atol=1e-6)
    assert run("deblur", tmp_path / "a.fits", "--psf", tmp_path / "psf.fits", "--channel", 3, *words, "--float") == 0
    np.testing.assert_allclose(fits.getdata(tmp_path / "a.restored.fits"), right[3], atol=1e-6)


def test_a_blur_is_found_beside_flags_and_nan(run, tmp_path, rng, capsys):
    """They say nothing of it, whatever the file has there; of stars it is said that they tell more."""
    sky = np.zeros((96, 96))
    sky[np.ix_((14, 32, 56, 84), (14, 40, 68, 84))] = 10 ** rng.uniform(4, 4.5, (4, 4))
    counts = rng.poisson(restore.degrade(sky, restore.psf.gaussian(1.4)) + 100) - 100.0
    fits.PrimaryHDU(counts).writeto(tmp_path / "clean.fits")
    flags = np.zeros(counts.shape, np.int16)
    flags[40, :50] = flags[70:73, 70:73] = 4
    counts[flags != 0] = 60000
    counts[50, 50] = np.nan
    fits.HDUList([fits.PrimaryHDU(counts), fits.ImageHDU(flags, name="DQ")]).writeto(tmp_path / "a.fits")
    sigmas = []
    for name in ("clean.fits", "a.fits"):
        assert run("estimate", tmp_path / name, "--psf", "gaussian", "--json") == 0
        sigmas.append(json.loads(capsys.readouterr().out)["psf"]["sigma"])
    assert sigmas[1] == pytest.approx(sigmas[0], rel=0.03)
    assert run("psf", tmp_path / "a.fits", "-o", tmp_path / "psf.fits", "--no-figure") == 0
    words = ["--psf", "gaussian", "--method", "wiener", "--no-figure"]
    capsys.readouterr()
    assert run("deblur", tmp_path / "a.fits", *words, "-o", tmp_path / "b.fits") == 0
    assert "it shows points on dark ground, which tell their own blur" in capsys.readouterr().err


def test_three_bands_have_three_psfs(run, tmp_path, rng, capsys):
    """Three planes of no stated kind are no slices of a telescope's PSF."""
    cube = rng.random((3, 24, 28)).astype(np.float32)
    psfs = np.stack([restore.psf.gaussian(s, truncate=3 / s) for s in (0.8, 1.0, 1.2)])
    fits.PrimaryHDU(cube, fits.Header({"CTYPE3": "WAVE"})).writeto(tmp_path / "a.fits")
    fits.PrimaryHDU(cube).writeto(tmp_path / "colours.fits")
    fits.PrimaryHDU(psfs).writeto(tmp_path / "psf.fits")
    words = ["--psf", tmp_path / "psf.fits", "--method", "wiener", "--nsr", 0.1, "--no-figure", "--outliers", "keep"]
    right = [
        restore.deconvolve(plane, psf, method="wiener", nsr=0.1, outliers="keep").image
        for plane, psf in zip(cube, psfs, strict=True)
    ]
    assert run("deblur", tmp_path / "a.fits", *words, "-o", tmp_path / "b.fits") == 0
    np.testing.assert_allclose(fits.getdata(tmp_path / "b.fits"), right, atol=1e-6)
    capsys.readouterr()
    assert run("deblur", tmp_path / "colours.fits", *words) == 2
    assert "has 3 colours, restored together, and there are 3 PSFs (take one at a time" in capsys.readouterr().err
    assert run("deblur", tmp_path / "colours.fits", *words, "--channel", 2, "-o", tmp_path / "c.fits") == 0
    np.testing.assert_allclose(fits.getdata(tmp_path / "c.fits"), right[2], atol=1e-6)


def test_of_several_chips_each_has_its_own_flags_and_errors(run, tmp_path, rng, capsys):
    """As space telescopes write them; the second is not restored, and that is said."""
    chips, units = rng.random((2, 24, 28)).astype(np.float32), [fits.PrimaryHDU()]
    for number, chip in enumerate(chips, 1):
        flags = np.zeros(chip.shape, np.int16)
        flags[3 * number, 5] = 4
        data = {"SCI": chip, "ERR": np.full_like(chip, number), "DQ": flags}
        units += [fits.ImageHDU(values, name=name, ver=number) for name, values in data.items()]
    fits.HDUList(units).writeto(tmp_path / "a.fits")
    picture = read(tmp_path / "a.fits")
    np.testing.assert_array_equal(np.argwhere(picture.unknown), [[3, 5]])
    assert (picture.weights == 1).all()
    assert (
        run("deblur", tmp_path / "a.fits", "--psf", "gaussian", "--sigma", 1, "--no-figure", "--method", "wiener") == 0
    )
    assert "SCI 1 alone is read: SCI 2 stays as it was" in capsys.readouterr().err
    with fits.open(tmp_path / "a.restored.fits") as file:
        assert [(hdu.name, hdu.ver) for hdu in file[1:]] == [("SCI", 1), ("DQ", 1), ("SCI", 2), ("ERR", 2), ("DQ", 2)]
        np.testing.assert_array_equal(file["SCI", 2].data, chips[1])


def test_three_planes_of_no_stated_kind_are_colours(tmp_path, rng):
    colours = rng.random((3, 6, 7))
    fits.PrimaryHDU(colours).writeto(tmp_path / "a.fits")
    picture = read(tmp_path / "a.fits")
    np.testing.assert_array_equal(picture.samples, colours.transpose(1, 2, 0))
    write(picture, tmp_path / "b.fits")
    np.testing.assert_array_equal(fits.getdata(tmp_path / "b.fits"), colours)
    fits.PrimaryHDU(colours, fits.Header({"CTYPE3": "FREQ"})).writeto(tmp_path / "c.fits")
    assert read(tmp_path / "c.fits", frame="all").plane_axes == "C"


def test_what_is_no_picture_is_refused(tmp_path, monkeypatch):
    fits.PrimaryHDU().writeto(tmp_path / "a.fits")
    with pytest.raises(PictureError, match="holds no picture, only tables or headers"):
        read(tmp_path / "a.fits")
    fits.PrimaryHDU(np.zeros((99, 99))).writeto(tmp_path / "b.fits")
    with pytest.raises(PictureError, match="declares 9801 pixels, more than the limit"):
        read(tmp_path / "b.fits", max_pixels=9000)
    whole = (tmp_path / "b.fits").read_bytes()
    (tmp_path / "b.fits").write_bytes(whole[:-20000])
    with pytest.raises(PictureError, match=r"truncated|damaged"):
        read(tmp_path / "b.fits")
    monkeypatch.setitem(sys.modules, "astropy.io", None)
    with pytest.raises(PictureError, match="astropy, and that is not installed"):
        read(tmp_path / "a.fits")
