"""Noise that rows share is measured, and nothing else is taken for it."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

import restore
from restore.noise.banding import banding

NOISE = 0.006


@pytest.fixture(scope="module")
def blurred(pictures):
    return restore.degrade(pictures["camera"], restore.psf.gaussian(2), noise_sigma=NOISE, rng=0, boundary="valid")


def strengths(picture, psf, hidden=None):
    shares = banding(picture if picture.ndim == 3 else picture[..., None], psf, hidden)
    return {shared.axis: shared.strength for shared in shares}


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("strength", [0.5, 1.0, 3.0])
def test_its_strength_is_that_beside_the_noise_of_samples(blurred, axis, strength):
    rows = np.random.default_rng(1).normal(0, strength * NOISE, (blurred.shape[0], 1))
    found = strengths(blurred + (rows if axis == 0 else rows.T), restore.psf.gaussian(2))
    assert found[axis] == pytest.approx(strength, rel=0.3)
    assert found[1 - axis] < 0.1


def test_what_it_adds_is_told_where_the_blur_is_dark(blurred):
    rows = np.random.default_rng(1).normal(0, 2 * NOISE, (blurred.shape[0], 1))
    shared = banding((blurred + rows)[..., None], restore.psf.gaussian(2))[0]
    left = rows - shared.offsets
    assert np.std(np.diff(left, 2, axis=0)) < 0.15 * np.std(np.diff(rows, 2, axis=0))
    assert_allclose(shared.taken_off((blurred + rows)[..., None])[..., 0], blurred + left, atol=1e-12)


def test_every_channel_has_its_own(blurred):
    colour = np.repeat(blurred[..., None], 3, axis=-1)
    rows = np.random.default_rng(1).normal(0, 2 * NOISE, (blurred.shape[0], 1))
    colour[..., 1] += rows
    shared = banding(colour, restore.psf.gaussian(2))[0]
    assert shared.offsets.shape == (blurred.shape[0], 3)
    assert shared.offsets[:, 1].std() > 10 * shared.offsets[:, [0, 2]].std()


def test_hidden_rows_and_parts_are_no_matter(blurred):
    rows = np.random.default_rng(1).normal(0, 2 * NOISE, (blurred.shape[0], 1))
    whole = (blurred + rows)[..., None]
    hidden = np.zeros(whole.shape, bool)
    hidden[:60] = hidden[200:240, 100:300] = True
    filled = np.where(hidden, blurred.mean(), whole)
    assert strengths(filled, restore.psf.gaussian(2), hidden)[0] == pytest.approx(2, rel=0.5)
    assert banding(filled, restore.psf.gaussian(2), np.ones_like(hidden)) == []


@pytest.mark.parametrize("name", ["camera", "coins", "moon", "brick"])
@pytest.mark.parametrize("psf", [restore.psf.disk(3), restore.psf.motion(11, 0), restore.psf.gaussian(0.7)])
def test_horizontals_of_a_picture_are_none(pictures, name, psf):
    exact = restore.degrade(pictures[name], psf, boundary="valid")
    for picture in (exact, np.round(exact * 255) / 255, exact + np.random.default_rng(0).normal(0, 0.01, exact.shape)):
        assert max(strengths(picture, psf).values(), default=0) < 0.4


def test_what_a_few_rows_hold_is_none(blurred):
    written = blurred.copy()
    written[100:130:3, 60:200] = 1
    assert strengths(written, restore.psf.gaussian(2))[0] == 0


def test_where_the_blur_is_nowhere_dark_nothing_is_told(blurred):
    assert strengths(blurred, restore.psf.gaussian(0.3)) == {}
    assert list(strengths(blurred, np.ones((1, 11)) / 11)) == [1]  # across the motion all passes
    for level in (0, 1e-30, 0.5):
        assert strengths(np.full((60, 70), float(level)), restore.psf.gaussian(2)) == {}
    assert strengths(blurred[:20], restore.psf.gaussian(2)) == {}
