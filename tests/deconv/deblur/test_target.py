"""A field of stars, sky subtracted, as a FITS file of a telescope with its PSF: to a chosen PSF by the program."""

import json

import numpy as np
import pytest
from astropy.io import fits
from scipy import fft

import restore

SHAPE, NOISE = (48, 52), 0.4
STARS = [(11.4, 12.7, 900.0), (12.2, 37.6, 2000.0), (35.6, 13.3, 1400.0), (34.8, 39.1, 700.0)]
#: How far a stamp of the PSF was drawn off its middle: where a star lay between the samples.
OFF = (-0.25, 0.2)


def shifted(psf, by):
    """A PSF moved by a share of a sample, by the phase of its transform."""
    spectrum = fft.fftn(fft.ifftshift(np.pad(psf, 4)))
    for axis, step in enumerate(by):
        phase = np.exp(-2j * np.pi * fft.fftfreq(spectrum.shape[axis]) * step)
        spectrum *= phase.reshape([-1 if a == axis else 1 for a in range(2)])
    return fft.fftshift(fft.ifftn(spectrum).real)


@pytest.fixture
def field(tmp_path):
    """Write a cube of two bands and their PSFs; return the PSFs with their centroids in the middle."""
    seeing = [restore.psf.moffat(width, beta=3, reach=4) for width in (3.4, 4.0)]
    rows, columns = fft.fftfreq(SHAPE[0])[:, None], fft.rfftfreq(SHAPE[1])
    light = sum(flux * np.exp(-2j * np.pi * (rows * y + columns * x)) for y, x, flux in STARS)
    bands = [fft.irfft2(light * restore.psf_to_otf(h, SHAPE), SHAPE) for h in seeing]
    data = np.stack(bands) + np.random.default_rng(4).normal(0, NOISE, (2, *SHAPE))
    header = fits.Header({"BUNIT": "nJy", "CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CRVAL1": 150.25, "CRPIX1": 20.5})
    fits.PrimaryHDU(data, header).writeto(tmp_path / "a.fits")
    size = max(h.shape[0] for h in seeing) + 8
    stamps = [shifted(np.pad(h, (size - 8 - h.shape[0]) // 2), OFF) * 0.997 for h in seeing]
    fits.PrimaryHDU(np.stack(stamps)).writeto(tmp_path / "psf.fits")
    return data


def centroid(image, y, x):
    indices, here = np.indices(image.shape), np.array([y, x])
    for _ in range(20):
        weights = image * np.exp(-sum((i - p) ** 2 for i, p in zip(indices, here, strict=True)) / (2 * 1.5**2))
        here = np.array([(weights * i).sum() for i in indices]) / weights.sum()
    return here


@pytest.mark.parametrize(("words", "off"), [([], (0, 0)), (["--center"], (0, 0)), (["--no-center"], OFF)], ids=str)
def test_stars_stay_where_the_header_says_with_their_flux(run, tmp_path, field, capsys, words, off):
    options = ["--target", 2, *words, "--no-figure", "--json"]
    assert run("deblur", tmp_path / "a.fits", "--psf", tmp_path / "psf.fits", *options, "-o", tmp_path / "b.fits") == 0
    record = json.loads(capsys.readouterr().out)
    with fits.open(tmp_path / "b.fits") as file:
        restored, header = file[0].data, file[0].header
    assert [header[card] for card in ("BUNIT", "CTYPE1", "CRVAL1", "CRPIX1")] == ["nJy", "RA---TAN", 150.25, 20.5]
    assert "seen by a Gaussian of 2 px at half maximum" in " ".join(header["HISTORY"])
    assert (record["method"], restored.dtype) == ("richardson_lucy", np.dtype(">f8"))
    assert any("--no-center" in note for note in record["notes"]) == (words == [])
    for plane in restored:
        for y, x, flux in STARS:
            moved = centroid(plane, y - off[0], x - off[1]) - (y - off[0], x - off[1])
            assert np.hypot(*moved) < 0.08  # of a sample: noise makes 0.03 of it
            distance = np.hypot(*(i - p for i, p in zip(np.indices(SHAPE), (y, x), strict=True)))
            assert plane[distance < 6].sum() == pytest.approx(flux, rel=0.03)
            assert plane[(distance > 3) & (distance < 8)].min() > -NOISE
