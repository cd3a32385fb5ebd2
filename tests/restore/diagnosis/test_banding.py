"""Noise that rows share is seen, and nothing else is taken for it."""

import numpy as np
import pytest

import restore
from restore.diagnosis.banding import banding
from restore.spectrum.observed_spectrum import through_window

NOISE = 0.006


def test_its_strength_is_that_beside_the_noise_of_samples(pictures):
    rng = np.random.default_rng(0)
    blurred = restore.degrade(pictures["camera"], restore.psf.gaussian(2), noise_sigma=NOISE, rng=rng, boundary="valid")
    rows = rng.normal(0, NOISE, (blurred.shape[0], 1))
    for banded in (blurred + rows, blurred + rows[: blurred.shape[1]].T):
        assert banding(through_window(banded[..., None], 2)) == pytest.approx(1.1, abs=0.35)
    assert banding(through_window(blurred[..., None], 2)) < 0.2


@pytest.mark.parametrize("name", ["camera", "moon"])
@pytest.mark.parametrize("psf", [restore.psf.disk(3), restore.psf.motion(11, 0), restore.psf.gaussian(0.7)])
def test_horizontals_of_a_picture_are_none(pictures, name, psf):
    exact = restore.degrade(pictures[name], psf, boundary="valid")
    for picture in (exact, np.round(exact * 255) / 255, exact + np.random.default_rng(0).normal(0, 0.01, exact.shape)):
        assert banding(through_window(picture[..., None], 2)) < 0.3
    assert banding(through_window(exact[:20, :, None], 2)) == 0
    for level in (0, 1e-30, 0.5):
        assert banding(through_window(np.full((60, 70, 1), level), 2)) == 0


def test_it_is_said(pictures):
    psf = restore.psf.gaussian(2)
    picture = restore.degrade(pictures["camera"], psf, noise_sigma=NOISE, rng=0, boundary="valid")
    rows = np.random.default_rng(0).normal(0, 2 * NOISE, (picture.shape[0], 1))
    assert any("rows or columns" in doubt for doubt in restore.deconvolve(picture + rows, psf, method="wiener").doubts)
    assert not any("rows" in doubt for doubt in restore.deconvolve(picture, psf, method="wiener").doubts)
