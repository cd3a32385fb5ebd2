"""The net under the chosen method: what cannot be is made smoother or left alone, what can be is not touched."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import restore
from restore.diagnosis.undershoot import undershoot
from restore.methods.guarded import BELIEVED
from restore.observation.observation import observe


@pytest.fixture(scope="module")
def scene(pictures):
    return pictures["camera"][60:204, 130:274]


def gain(oracle, sharp, h, observed, restored):
    """Decibels over the observed picture."""
    truth = sharp[tuple(slice(k // 2, n - (k - 1) // 2) for k, n in zip(h.shape, sharp.shape, strict=True))]
    return oracle.decibel(restored - truth) - oracle.decibel(observed - truth)


def seen(sharp, h):
    return restore.degrade(sharp, h, noise_sigma=0.005, rng=0, boundary="valid")


@pytest.mark.parametrize("h", [restore.psf.disk(3), restore.psf.motion(12, 20), restore.psf.gaussian(1.5)])
def test_the_right_psf_is_not_touched(scene, h):
    observed = seen(scene, h)
    found = restore.deconvolve(observed, h)
    assert (found.raised, found.gave_up, found.doubts) == (1, False, ())
    assert found.diagnosis.undershoot < BELIEVED
    assert_array_equal(found.image, restore.deconvolve(observed, h, method="aggregate").image)


def test_points_on_dark_ground_are_not_touched():
    stars = np.full((112, 112), 0.02)
    rng = np.random.default_rng(0)
    stars[rng.integers(0, 112, 10), rng.integers(0, 112, 10)] += rng.exponential(5, 10)
    for h in (restore.psf.gaussian(1.5), restore.psf.disk(2.5)):
        assert restore.deconvolve(restore.degrade(stars, h, noise_sigma=0.005, rng=1), h).raised == 1


@pytest.mark.parametrize(
    ("right", "used"),
    [
        (restore.psf.disk(3), restore.psf.disk(6)),
        (restore.psf.motion(12, 20), restore.psf.motion(24, 20)),
        (restore.psf.gaussian(1.5), restore.psf.gaussian(3)),
    ],
    ids=["disk", "motion", "gaussian"],
)
def test_a_psf_that_is_far_too_wide_does_little_harm_and_is_said(scene, oracle, right, used):
    observed = seen(scene, right)
    plain = restore.deconvolve(observed, used, method="aggregate")
    found = restore.deconvolve(observed, used)
    before, after = (gain(oracle, scene, right, observed, r.image) for r in (plain, found))
    assert before < -4
    assert after > before + 3
    assert found.raised > 1
    assert any("the strength was raised" in doubt or "left as it is" in doubt for doubt in found.doubts)
    assert plain.doubts


def test_where_nothing_helps_the_picture_is_left_as_it_is():
    stripes = 0.1 + 0.8 * (np.sin(np.arange(96) / 1.5)[:, None] > 0) * np.ones((96, 90))
    observed = restore.degrade(stripes, restore.psf.gaussian(1.3), noise_sigma=0.01, rng=1)
    found = restore.deconvolve(observed, restore.psf.gaussian(2.6))
    assert found.gave_up
    assert_array_equal(found.image, observed)
    assert "left as it is" in found.doubts[0]


def test_a_strength_that_is_given_is_kept(scene):
    observed = seen(scene, restore.psf.disk(3))
    for arguments in ({"noise_var": 25e-6}, {"nsr": 1e-4}, {"method": "aggregate"}, {"method": "wiener"}):
        found = restore.deconvolve(observed, restore.psf.disk(6), **arguments)
        assert found.raised == 1
        assert "darker than light can be" in found.doubts[0]


def test_a_method_without_strength_is_only_doubted(scene):
    found = restore.deconvolve(seen(scene, restore.psf.disk(3)), restore.psf.disk(6), threshold=0.01)
    assert (found.method, found.raised) == ("inverse", 1)
    assert "darker than light can be" in found.doubts[0]


def test_progress_grows_however_often_it_is_restored(scene):
    shares = []
    found = restore.deconvolve(seen(scene, restore.psf.disk(3)), restore.psf.disk(6), callback=shares.append)
    assert found.raised > 1
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1)


def test_undershoot_is_judged_by_range_and_noise(scene):
    observation = observe(seen(scene, restore.psf.disk(2)), restore.psf.disk(2), "unknown")
    picture = observation.picture[..., 0]
    low, height = min(picture.min(), 0), picture.max()
    assert undershoot(observation, picture) == 0
    assert undershoot(observation, np.where(picture == picture.max(), picture, low - 0.04 * height)) == 0
    half = np.where(np.arange(picture.size).reshape(picture.shape) % 2, low - 0.2 * height, picture)
    assert undershoot(observation, half) == pytest.approx(0.5, abs=1e-4)
