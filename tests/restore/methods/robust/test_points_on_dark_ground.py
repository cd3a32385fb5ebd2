"""Stars and beads on dark ground are no wrong samples, and what is wrong among them goes without harm to them."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import restore

H = restore.psf.moffat(3.2, beta=3, reach=4)
HOT = (np.array([24, 45, 62, 93]), np.array([41, 28, 90, 64]))


@pytest.fixture(scope="module")
def field():
    """Stars, the brightest of three hundred times the light of the faintest, and the counts of a detector."""
    sharp = np.zeros((112, 112))
    rows, columns = np.meshgrid((18, 36, 54, 72, 94), (20, 54, 92), indexing="ij")
    sharp[rows, columns] = np.random.default_rng(0).permutation(np.geomspace(1000, 300000, 15)).reshape(5, 3)
    counts = np.random.default_rng(1).poisson(restore.degrade(sharp, H, boundary="periodic") + 200.0)
    return sharp, counts - 200.0


def fluxes(image, sharp):
    """Return the light around the brighter stars relative to theirs."""
    bright = np.argwhere(sharp > 5000)
    return np.array([image[y - 4 : y + 5, x - 4 : x + 5].sum() / sharp[y, x] for y, x in bright])


@pytest.mark.parametrize("iterations", [5, 20])
def test_what_is_left_of_stars_after_few_iterations_is_light(field, iterations):
    own = {"method": "richardson_lucy", "background": 0.0, "iterations": iterations}
    kept, looked = (restore.deconvolve(field[1], H, outliers=word, **own) for word in ("keep", "auto"))
    assert looked.contradictions is None
    assert_array_equal(looked.image, kept.image)


@pytest.mark.parametrize("method", ["wiener", "richardson_lucy"])
def test_hot_pixels_do_not_take_the_stars_with_them(field, method):
    sharp, counts = field
    counts = counts.copy()
    counts[HOT] += 6000
    own = {"background": 0.0, "iterations": 40} if method == "richardson_lucy" else {}
    found = restore.deconvolve(counts, H, method=method, **own)
    assert found.contradictions.wrong[HOT].all()
    assert found.contradictions.share < 0.01
    kept = restore.deconvolve(counts, H, method=method, outliers="keep", **own)
    assert np.abs(fluxes(found.image, sharp) - 1).max() < np.abs(fluxes(kept.image, sharp) - 1).max() + 0.02
    assert np.abs(found.image[HOT]).max() < 0.1 * np.abs(kept.image[HOT]).max()


def test_a_filter_that_looks_first_leaves_them_too(field, monkeypatch):
    monkeypatch.setattr("restore.methods.stage_costs.LARGE", 1)
    monkeypatch.setattr("restore.methods.stage_costs.DEAR", 0)
    assert restore.deconvolve(field[1], H, method="cls").contradictions is None
