"""Noise that rows or columns share is taken off before a picture is restored."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import restore

PSF = restore.psf.disk(3)
NOISE = 0.006


@pytest.fixture(scope="module")
def sharp(pictures):
    return pictures["moon"][100:300, 60:300]


@pytest.fixture(scope="module")
def blurred(pictures):
    return restore.degrade(pictures["moon"][97:303, 57:303], PSF, noise_sigma=NOISE, rng=0, boundary="valid")


@pytest.fixture(scope="module")
def banded(blurred):
    return blurred + np.random.default_rng(1).normal(0, 1.5 * NOISE, (blurred.shape[0], 1))


def error(found, sharp):
    return np.sqrt(np.mean((found.image - sharp)[20:-20, 20:-20] ** 2))


@pytest.mark.parametrize("method", ["auto", "wiener", "total_variation", "richardson_lucy"])
def test_a_banded_picture_is_restored_nearly_as_one_without(blurred, banded, sharp, method):
    without = restore.deconvolve(blurred, PSF, method=method)
    found = restore.deconvolve(banded, PSF, method=method)
    kept = restore.deconvolve(banded, PSF, method=method, banding="keep")
    assert error(found, sharp) < 1.15 * error(without, sharp)
    assert error(kept, sharp) > 1.5 * error(found, sharp)
    assert found.banding == pytest.approx(1.5, rel=0.3)
    assert found.diagnosis.banding < 0.2
    assert found.doubts == ()
    assert kept.banding == without.banding == 0
    assert any("rows or columns" in doubt for doubt in kept.doubts)


def test_columns_colours_units_and_types_are_alike(banded):
    plain = restore.deconvolve(banded, PSF).image
    assert np.abs(restore.deconvolve(banded.T, PSF).image.T - plain).max() < 0.01
    small = restore.deconvolve((2.0**-60 * banded).astype(np.float32), PSF)
    assert small.image.dtype == np.float32
    assert np.abs(small.image * 2.0**60 - plain).max() < 0.01
    colour = restore.deconvolve(np.stack([banded] * 3), PSF, channel_axis=0)
    assert colour.image.shape == (3, *banded.shape)
    assert colour.banding == pytest.approx(1.5, rel=0.3)


def test_what_is_masked_or_holds_no_picture_stays(banded, sharp):
    given = banded.copy()
    given[:30] = 0
    found = restore.deconvolve(given, PSF)
    assert found.dead[:30].all()
    assert_array_equal(found.image[:30], 0)
    assert np.sqrt(np.mean((found.image - sharp)[50:-20, 20:-20] ** 2)) < 0.02
    masked = np.where(np.arange(240) < 30, np.nan, banded)
    other = restore.deconvolve(masked, PSF, mask=np.isnan(masked))
    assert other.banding == pytest.approx(1.5, rel=0.3)
    assert np.isfinite(other.image).all()


def test_bars_that_pass_for_light_get_none(blurred):
    given = blurred + np.random.default_rng(1).normal(0, 2 * NOISE, (blurred.shape[0], 1))
    given[:20] = given[-20:] = 0
    narrow = restore.psf.gaussian(0.8)
    found = restore.deconvolve(given, narrow)
    assert found.banding > 0
    assert np.abs(found.image[3:12]).max() < 0.02


def test_words_are_checked(blurred):
    with pytest.raises(ValueError, match="banding"):
        restore.deconvolve(blurred, PSF, banding="off")


def test_the_picture_is_not_changed(banded):
    before = banded.copy()
    restore.deconvolve(banded, PSF, method="wiener")
    assert_array_equal(banded, before)


def test_dead_columns_are_no_banding_and_may_be_beside_it(blurred, banded, sharp):
    torn = banded.copy()
    torn[:, [37, 111, 112]] = 0
    found = restore.deconvolve(torn, PSF)
    assert error(found, sharp) < 1.05 * error(restore.deconvolve(banded, PSF), sharp)
    assert found.banding == pytest.approx(1.5, rel=0.3)
    torn = blurred.copy()
    torn[:, [37, 111, 112]] = 0
    assert restore.deconvolve(torn, PSF).banding == 0


def test_the_middle_of_a_large_picture_tells_and_all_of_it_is_evened(pictures):
    scene = np.concatenate([pictures["camera"][:260]] * 3, axis=1)
    wide = restore.degrade(scene, PSF, noise_sigma=NOISE, rng=0, boundary="valid")
    banded = wide + np.random.default_rng(1).normal(0, 2 * NOISE, (wide.shape[0], 1))
    found = restore.deconvolve(banded, PSF, method="wiener")
    assert found.banding == pytest.approx(2, rel=0.4)
    kept = restore.deconvolve(banded, PSF, method="wiener", banding="keep")
    rows, other = (np.diff(result.image.mean(axis=1), 2).std() for result in (found, kept))
    assert rows < 0.5 * other
    assert restore.deconvolve(wide, PSF, method="wiener").banding == 0
