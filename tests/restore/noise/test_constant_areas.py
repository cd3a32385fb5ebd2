"""Noise is read off neither constant nor masked places."""

import numpy as np
import pytest

import restore
from restore.noise.constant_areas import constant_areas, may_have_constant_areas
from restore.noise.white import noise_levels


def test_only_large_areas_of_equal_samples_are_constant():
    plane = np.random.default_rng(0).random((60, 70))
    assert constant_areas(plane) is None
    plane[10:14, 10:14] = 0.5  # too small
    assert constant_areas(plane) is None
    plane[:2] = plane[30:40, 20:30] = 0.5  # a thin rim goes on outside
    expected = np.zeros(plane.shape, bool)
    expected[:2] = expected[30:40, 20:30] = True
    assert (constant_areas(plane) == expected).all()


@pytest.mark.parametrize("shape", [(200,), (40, 50), (4, 30, 30), (1, 90)])
def test_a_constant_picture_is_constant_in_any_dimension(shape):
    assert constant_areas(np.ones(shape, np.float32)).all()


@pytest.mark.parametrize("place", [np.s_[20:33, 17:30], np.s_[:2, 5:45], np.s_[10:55, -3:], np.s_[41:46, 9:29]])
def test_a_look_at_some_rows_misses_no_area(place):
    picture = np.random.default_rng(1).random((60, 70, 3))
    assert not may_have_constant_areas(picture)
    picture[place] = [0.1, 0.5, 0.2]
    assert constant_areas(picture[..., 0]) is not None
    assert may_have_constant_areas(picture)
    picture[..., 1] = np.random.default_rng(2).random((60, 70))
    assert not may_have_constant_areas(picture)
    assert may_have_constant_areas(np.ones((3, 40, 1)))
    assert may_have_constant_areas(np.ones((40, 1)))


@pytest.mark.parametrize("share", [0.1, 0.25, 0.5])
@pytest.mark.parametrize("step", [None, 1 / 255])
def test_the_noise_is_that_beside_constant_and_masked_places(share, step):
    noisy = 0.5 + np.random.default_rng(0).normal(0, 0.02, (128, 128))
    noisy = noisy if step is None else np.rint(noisy / step) * step
    rows = np.arange(128)[:, None] < share * 128
    assert restore.estimate_noise(np.where(rows, 0.25, noisy)) == pytest.approx(0.02, rel=0.06)
    mask = np.broadcast_to(rows, noisy.shape)
    assert restore.estimate_noise(np.where(rows, np.indices(noisy.shape)[1] / 128, noisy), mask=mask) == pytest.approx(
        0.02, rel=0.06
    )


def test_with_constant_areas_there_are_two_opinions():
    plane = np.random.default_rng(0).normal(0, 0.02, (64, 64, 1))
    assert len(noise_levels(plane)) == 1
    plane[:32] = 0
    beside, whole = noise_levels(plane)
    assert whole.variance == 0
    assert beside.sigma == pytest.approx(0.02, rel=0.1)
