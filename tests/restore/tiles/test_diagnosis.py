"""The result of tiles is doubted where that of the whole is, by the same words."""

import numpy as np
import pytest
from scipy import ndimage

import restore
from restore.tiles.kinds import picture_of
from restore.tiles.preparation import prepared

PSF = restore.psf.disk(2)


@pytest.fixture(scope="module")
def sharp(pictures):
    return pictures["camera"][100:340, 120:340]


@pytest.fixture(scope="module")
def blurred(sharp):
    return restore.degrade(sharp, PSF, noise_sigma=0.005, rng=0, boundary="valid")


def evidence(image, psf, **settings):
    settings = {"method": "wiener", **settings}
    return prepared(picture_of(image, None), psf, settings, memory=1e9, tile=100, is_judged=True).evidence


def both(image, psf, **settings):
    return evidence(image, psf, **settings), restore.deconvolve(image, psf, **{"method": "wiener", **settings})


@pytest.mark.parametrize("method", ["wiener", "auto"])
def test_the_right_psf_is_not_doubted(blurred, method):
    tiled, whole = both(blurred, PSF, method=method)
    assert tiled.doubts == whole.doubts == ()
    assert tiled.diagnosis.residual_sigma == pytest.approx(whole.diagnosis.residual_sigma, rel=0.1)
    assert tiled.diagnosis.whiteness == pytest.approx(whole.diagnosis.whiteness, abs=0.1)
    assert tiled.diagnosis.psf_looks == "consistent"


@pytest.mark.parametrize("factor", [1.5, 2.5])
def test_one_too_wide_is(blurred, factor):
    tiled, whole = both(blurred, restore.psf.disk(2 * factor), nsr=0.01)
    assert tiled.doubts == whole.doubts != ()
    assert tiled.diagnosis.unevenness == pytest.approx(whole.diagnosis.unevenness, abs=0.005)


def test_one_that_reaches_too_far_is_refused_by_what_may_be_the_reason(blurred, monkeypatch):
    monkeypatch.setattr("restore.tiles.reach.GRIDS", {2: (64, 64)})
    with pytest.raises(ValueError, match=r"too far for tiles: .*; the PSF looks too wide"):
        evidence(blurred, restore.psf.disk(3))


def test_a_sharp_picture_is(sharp):
    tiled, whole = both(sharp, restore.psf.gaussian(2), nsr=0.01)
    assert tiled.doubts != () != whole.doubts


def test_coloured_noise_alone_is_not(blurred):
    noise = ndimage.gaussian_filter(np.random.default_rng(1).normal(0, 0.03, blurred.shape), 1)
    tiled, whole = both(blurred + noise, PSF)
    assert len(tiled.doubts) == len(whole.doubts) == 0


def test_what_explodes_is_darker_than_light_can_be(blurred):
    tiled, whole = both(blurred, restore.psf.gaussian(2.5), nsr=1e-3)
    for doubts in (tiled.doubts, whole.doubts):
        assert any("darker than light can be" in doubt for doubt in doubts)


def test_banding_that_is_kept_is_announced(blurred):
    banded = blurred + np.random.default_rng(1).normal(0, 0.01, (blurred.shape[0], 1))
    tiled, whole = both(banded, PSF, banding="keep", nsr=0.01)
    assert [doubt[:30] for doubt in tiled.doubts] == [doubt[:30] for doubt in whole.doubts] != []
    assert evidence(banded, PSF, nsr=0.01).doubts == ()


def test_a_picture_in_another_unit_is_judged_alike(blurred):
    plain, large = evidence(blurred, PSF), evidence(2.0**30 * blurred, PSF)
    assert large.diagnosis.residual_sigma == pytest.approx(2.0**30 * plain.diagnosis.residual_sigma, rel=1e-3)
    assert large.diagnosis.unevenness == pytest.approx(plain.diagnosis.unevenness, abs=1e-3)


def test_nobody_pays_who_does_not_ask(blurred):
    assert prepared(picture_of(blurred, None), PSF, {"method": "wiener"}, memory=1e9, tile=100).evidence is None
