"""A result on a grid finer by a factor: stars where the coordinates say, and what else a file says of its samples."""

import json

import numpy as np
import pytest
import tifffile
from astropy.io import fits
from astropy.wcs import WCS
from PIL import Image
from scipy import fft

import restore

SHAPE, NOISE = (44, 48), 0.4
STARS = [(11.4, 12.7, 1800.0), (12.2, 35.6, 4000.0), (32.6, 13.3, 2800.0), (31.8, 36.1, 1400.0)]
SEEING = restore.psf.moffat(3.2, beta=3, reach=4)
#: Coordinates in which two samples are nowhere alike: turned, bent, and once again under another letter.
TURNED = {
    "CTYPE1": "RA---TAN-SIP", "CTYPE2": "DEC--TAN-SIP", "CRVAL1": 150.25, "CRVAL2": 2.2, "CRPIX1": 20.5, "CRPIX2": 17.0,
    "CD1_1": -4.1e-5, "CD1_2": 1.2e-5, "CD2_1": 1.3e-5, "CD2_2": 4.3e-5, "A_ORDER": 2, "B_ORDER": 2, "A_2_0": 2e-4,
    "A_1_1": -1e-4, "B_0_2": 3e-4, "B_1_1": 1e-4, "AP_ORDER": 1, "BP_ORDER": 1, "AP_1_0": 1e-5, "BP_0_1": -1e-5,
}  # fmt: skip
STEPS = {
    "CTYPE1": "GLON-CAR", "CTYPE2": "GLAT-CAR", "CRVAL1": 30.0, "CRVAL2": 0.0, "CRPIX1": 3.0, "CRPIX2": -8.0,
    "CDELT1": -0.01, "CDELT2": 0.02, "CROTA2": 30.0,
}  # fmt: skip
PARTS = STEPS | {"PC1_2": 0.2, "PC2_1": -0.1, "CTYPE1A": "LINEAR", "CTYPE2A": "LINEAR", "CRPIX1A": 0.5, "CRPIX2A": 0.5}
PARTS |= {"CRVAL1A": 0.0, "CRVAL2A": 0.0, "CDELT1A": 3.0, "CDELT2A": 4.0}
PARTS.pop("CROTA2")


@pytest.fixture(scope="module")
def stars():
    rows, columns = fft.fftfreq(SHAPE[0])[:, None], fft.rfftfreq(SHAPE[1])
    light = sum(flux * np.exp(-2j * np.pi * (rows * y + columns * x)) for y, x, flux in STARS)
    clean = fft.irfft2(light * restore.psf_to_otf(SEEING, SHAPE), SHAPE)
    return clean + np.random.default_rng(4).normal(0, NOISE, SHAPE)


def corners(shape):
    """Places all over a picture, edges too, as x and y from 0 in the middle of the first sample."""
    return (
        axis.ravel() for axis in np.meshgrid(np.linspace(-0.5, shape[1] - 0.5, 5), np.linspace(-0.5, shape[0] - 0.5, 5))
    )


def centroid(image, y, x, reach):
    for _ in range(20):
        rows, columns = np.indices(image.shape)
        weights = image * np.exp(-((rows - y) ** 2 + (columns - x) ** 2) / (2 * reach**2))
        y, x = (weights * rows).sum() / weights.sum(), (weights * columns).sum() / weights.sum()
    return np.array([y, x])


@pytest.mark.parametrize("cards", [TURNED, STEPS, PARTS], ids=["cd", "cdelt", "pc"])
def test_stars_lie_where_the_coordinates_of_the_finer_grid_say(run, tmp_path, stars, cards, capsys):
    """By astropy: a place of the picture is the same place of the sky in both files."""
    flags = np.zeros(SHAPE, np.uint8)
    flags[20:22, 24] = 1
    data = np.where(flags, 1e4, stars).astype(np.float32)
    hdus = [
        fits.PrimaryHDU(data, fits.Header(cards | {"BUNIT": "adu", "PIXSCALE": 0.168})),
        fits.ImageHDU(flags, name="DQ"),
    ]
    fits.HDUList(hdus).writeto(tmp_path / "a.fits")
    fits.PrimaryHDU(SEEING).writeto(tmp_path / "psf.fits")
    words = ["--psf", tmp_path / "psf.fits", "--target", 4, "--subsampling", 2, "-o", tmp_path / "b.fits", "--json"]
    assert run("deblur", tmp_path / "a.fits", *words) == 0
    record = json.loads(capsys.readouterr().out)
    assert (record["method"], record["target"], record["subsampling"]) == ("richardson_lucy", 4, 2)
    assert (tmp_path / "b.figure.png").exists()
    with fits.open(tmp_path / "a.fits") as before, fits.open(tmp_path / "b.fits") as after:
        restored, header, flagged = after[0].data, after[0].header, after["DQ"].data
        letters = [" ", "A"] if "CRPIX1A" in cards else [" "]
        worlds = [[WCS(h, key=k) for h in (before[0].header, header)] for k in letters]
        fluxes = [
            restored[np.hypot(*(np.indices(restored.shape) - 2 * np.reshape((y, x), (2, 1, 1)) - 0.5)) < 12].sum()
            for y, x, _ in STARS
        ]
        distances = zip(fluxes, STARS, strict=True)
        assert all(total / 4 == pytest.approx(star[2], rel=0.02) for total, star in distances)
    assert restored.shape == tuple(2 * n for n in SHAPE)
    assert restored.dtype == np.dtype(">f4")
    assert (flagged == np.kron(flags, np.ones((2, 2)))).all()
    assert (header["BUNIT"], header["PIXSCALE"]) == ("adu", 0.084)
    assert "finer by 2" in " ".join(header["HISTORY"])
    x, y = corners(SHAPE)
    for old, new in worlds:
        there = new.all_pix2world(2 * x + 0.5, 2 * y + 0.5, 0)
        np.testing.assert_allclose(there, old.all_pix2world(x, y, 0), rtol=0, atol=1e-11)
    for y, x, _ in STARS:
        moved = (centroid(restored, 2 * y + 0.5, 2 * x + 0.5, 2.5) - 0.5) / 2 - (y, x)
        assert np.hypot(*moved) < 0.03


def test_coordinates_by_tables_are_refused(run, tmp_path, stars, capsys):
    fits.PrimaryHDU(stars, fits.Header({"CPDIS1": "LOOKUP", "CRPIX1": 4.0})).writeto(tmp_path / "a.fits")
    words = ["--psf", "gaussian", "--sigma", 1.5, "--subsampling", 2, "-o", tmp_path / "b.fits"]
    assert run("deblur", tmp_path / "a.fits", *words) == 2
    assert "tables of distortions (CPDIS1)" in capsys.readouterr().err
    assert not (tmp_path / "b.fits").exists()


@pytest.mark.parametrize("program", ["imagej", "ome"])
def test_the_spacing_of_a_stack_is_that_of_the_finer_samples(run, tmp_path, stars, program):
    """By tifffile: more samples, and as much smaller; what lies along Z stays."""
    stack, name = np.stack([stars, 2 * stars]).astype(np.float32) + 30, "a.tif" if program == "imagej" else "a.ome.tif"
    imagej = {
        "imagej": True,
        "resolution": (1 / 0.13, 1 / 0.26),
        "metadata": {"axes": "ZYX", "spacing": 0.4, "unit": "um"},
    }
    sizes = {"PhysicalSizeX": 0.13, "PhysicalSizeY": 0.26, "PhysicalSizeZ": 0.4}
    words = imagej if program == "imagej" else {"ome": True, "metadata": {"axes": "ZYX", **sizes}}
    tifffile.imwrite(tmp_path / name, stack, **words)
    out, options = tmp_path / f"b{name[1:]}", ["--method", "richardson_lucy", "--iterations", 5, "--subsampling", 3]
    assert run("deblur", tmp_path / name, "--psf", "gaussian", "--sigma", 1.4, *options, "-o", out) == 0
    with tifffile.TiffFile(out) as file:
        series, page = file.series[0], file.pages[0]
        assert (series.axes, series.shape) == ("ZYX", (2, 132, 144))
        if program == "imagej":
            per_unit = [page.tags[tag].value[0] / page.tags[tag].value[1] for tag in ("XResolution", "YResolution")]
            np.testing.assert_allclose(per_unit, [3 / 0.13, 3 / 0.26], rtol=1e-6)
            assert file.imagej_metadata["spacing"] == 0.4
        else:
            pixels = tifffile.xml2dict(file.ome_metadata)["OME"]["Image"]["Pixels"]
            np.testing.assert_allclose([pixels[key] for key in sizes], [0.13 / 3, 0.26 / 3, 0.4])
        restored = series.asarray()
    psf = restore.psf.resampled(restore.psf.gaussian(1.4), 3)
    for plane, image in zip(restored, stack, strict=True):
        expected = restore.richardson_lucy(image, psf, iterations=5, subsampling=3)
        np.testing.assert_allclose(plane, expected, rtol=1e-4)


def test_an_ome_zarr_begins_where_it_did(run, tmp_path, stars):
    zarr = pytest.importorskip("zarr")
    own = {"name": "p", "axes": [{"name": a, "type": "space", "unit": "micrometer"} for a in "yx"]}
    steps = [{"type": "scale", "scale": [0.2, 0.1]}, {"type": "translation", "translation": [5.0, 7.0]}]
    own["datasets"] = [{"path": "0", "coordinateTransformations": steps}]
    group = zarr.open_group(tmp_path / "a.zarr", mode="w", zarr_format=3)
    group.attrs["ome"] = {"version": "0.5", "multiscales": [own]}
    group.create_array("0", data=stars.astype(np.float32) + 30, dimension_names=("y", "x"))
    options = ["--method", "richardson_lucy", "--iterations", 5, "--subsampling", 2, "--no-figure"]
    assert (
        run("deblur", tmp_path / "a.zarr", "--psf", "gaussian", "--sigma", 1.4, *options, "-o", tmp_path / "b.zarr")
        == 0
    )
    result = zarr.open_group(tmp_path / "b.zarr", mode="r")
    (scale, translation) = result.attrs["ome"]["multiscales"][0]["datasets"][0]["coordinateTransformations"]
    assert result["0"].shape == tuple(2 * n for n in SHAPE)
    np.testing.assert_allclose(scale["scale"], [0.1, 0.05])
    np.testing.assert_allclose(translation["translation"], [5 - 0.05, 7 - 0.025])  # the middle of the first sample


def test_a_psf_of_the_finer_grid_is_used_as_it_is(run, tmp_path):
    """Stars narrower than a sample, with the PSF as a program computes it: four samples in one of the detector."""
    fine, shape = restore.psf.gaussian(2.4, truncate=5), (40, 40)
    at = [(40 + 37, 40 + 30, 500.0), (40 + 8, 40 + 70, 900.0)]
    light = np.zeros((160, 160))
    for y, x, flux in at:
        light[y, x] = flux
    counted = restore.blur(light, fine, boundary="zero").reshape(40, 4, 40, 4).sum(axis=(1, 3))
    noise = np.random.default_rng(1).normal(0, 0.02, shape)
    fits.PrimaryHDU(counted + noise).writeto(tmp_path / "a.fits")
    fits.PrimaryHDU(fine, fits.Header({"OVERSAMP": 4})).writeto(tmp_path / "psf.fits")
    words = ["--target", 3, "--subsampling", 4, "--no-figure", "-o", tmp_path / "b.fits"]
    assert run("deblur", tmp_path / "a.fits", "--psf", tmp_path / "psf.fits", *words) == 0
    restored = fits.getdata(tmp_path / "b.fits")
    for y, x, flux in at:
        assert np.hypot(*(centroid(restored, y, x, 3) - (y, x))) < 0.15  # of a finer sample
        distance = np.hypot(*(np.indices(restored.shape) - np.reshape((y, x), (2, 1, 1))))
        assert restored[distance < 14].sum() / 16 == pytest.approx(flux, rel=0.01)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--method", "wiener"], "--subsampling is for --method richardson_lucy, got --method wiener"),
        (["--report", "page.html"], "--report is for results on the samples of the picture"),
        (["--card", "card.png"], "--card is for results"),
        (["--keep-flat", "1"], "--keep-flat is for results"),
        (["--reference", "a.npy"], "--reference is for results"),
        (["--target", "2", "--psf", "psf.npy"], "is restored as a volume, whose slices are not made finer"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_what_has_one_grid_alone_is_refused_in_a_line(run, tmp_path, monkeypatch, capsys, words, message):
    monkeypatch.chdir(tmp_path)
    np.save("a.npy", np.random.default_rng(0).random((6, 30, 30)))
    np.save("psf.npy", restore.psf.gaussian((1, 1, 1), truncate=2))
    psf = [] if "--psf" in words else ["--psf", "gaussian", "--sigma", 1.5]
    assert (
        run("deblur", "a.npy", "--axes", "ZYX", "--frame", "all", *psf, *words, "--subsampling", 2, "-o", "b.npy") == 2
    )
    errors = capsys.readouterr().err.splitlines()
    assert message in errors[-1]
    assert not (tmp_path / "b.npy").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--psf-grid", "grid.npz"), "--psf-grid is for results on the samples of the picture"),
        (("--psf", "psf.npy", "--clipped", "mask"), "--clipped mask is for results on the samples of the picture"),
    ],
)
def test_a_grid_of_psfs_and_clipped_samples_as_unknown_are_refused(words, message, tmp_path, refused):
    psfs = np.broadcast_to(restore.psf.gaussian(1.0), (2, 2, 9, 9))
    np.savez(tmp_path / "grid.npz", psfs=psfs, positions=[[y, x] for y in (0, 30) for x in (0, 30)])
    np.save(tmp_path / "psf.npy", restore.psf.gaussian(1.0))
    np.save(tmp_path / "a.npy", np.random.default_rng(0).random((30, 32)).astype(np.float32))
    refused("deblur", "a.npy", *words, "--subsampling", "2", expected=message)


def test_a_picture_with_alpha_is_refused(tmp_path, refused):
    """Whose opacity has no samples there."""
    colours = np.random.default_rng(0).integers(0, 255, (30, 32, 4), np.uint8)
    Image.fromarray(colours).save(tmp_path / "a.png")
    np.save(tmp_path / "psf.npy", restore.psf.gaussian(1.0))
    refused("deblur", "a.png", "--psf", "psf.npy", "--subsampling", "2", expected="a.png: has alpha")
