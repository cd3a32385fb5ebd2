"""Half-quadratic splitting: each half against a dense solution or its definition, and what the dual and memory are."""

import numpy as np
import pytest

import restore
from restore.methods.patches import half_quadratic_splitting as splitting
from restore.methods.patches.half_quadratic_splitting import DECAY, DUAL, MOMENTUM, Plane
from restore.methods.patches.patch_groups import Layout, PatchGroups
from restore.observation.observation import observe

FACTOR = 1.7


def plane_of(pictures, h, noise=0.01, shape=(14, 12)):
    sharp = pictures["camera"][100 : 100 + shape[0], 200 : 200 + shape[1]]
    observed = restore.degrade(sharp, h, noise_sigma=noise, rng=0, boundary="periodic")
    return observed, Plane(observe(observed, h, "periodic"), noise**2, 1.0)


def blur_matrix(h, shape):
    """The periodic blur as a matrix, a point at a time."""
    points = np.eye(shape[0] * shape[1]).reshape(-1, *shape)
    return np.stack([restore.blur(point, h, boundary="periodic").ravel() for point in points], axis=1)


@pytest.mark.parametrize("shape", [(3, 3), (3, 5), (4, 2)], ids=["square", "non-square", "even-sized"])
def test_the_inverted_picture_solves_the_normal_equations(pictures, oracle, shape):
    h = oracle.asymmetric(shape)
    observed, plane = plane_of(pictures, h)
    rng = np.random.default_rng(1)
    plane.before = rng.normal(size=observed.shape).astype(np.float32)
    plane.dual = rng.normal(size=observed.shape).astype(np.float32)
    data = plane._in_units(observe(observed, h, "periodic").data[..., 0])
    plane.invert(FACTOR)
    ahead = plane.estimate + MOMENTUM * (plane.estimate - plane.before) - plane.dual
    rho = plane.noise_var / (FACTOR * plane.unit) ** 2
    blurs = blur_matrix(h, observed.shape)
    exact = np.linalg.solve(blurs.T @ blurs + rho * np.eye(observed.size), blurs.T @ data.ravel() + rho * ahead.ravel())
    np.testing.assert_allclose(plane.inverted.ravel(), exact, atol=2e-3 * np.abs(exact).max())


def test_the_dual_adds_up_what_the_halves_disagree_about_and_forgets_it(pictures):
    observed, plane = plane_of(pictures, restore.psf.disk(2.0), shape=(30, 32))
    groups = PatchGroups(plane.estimate, Layout(4, 4, 8, 6))
    dual = np.zeros(observed.shape)
    for _ in range(3):
        plane.invert(FACTOR)
        plane.shrink(FACTOR, groups)
        dual = DECAY * dual + plane.blurred * DUAL * (plane.inverted - plane.estimate)
        np.testing.assert_allclose(plane.dual, dual, atol=1e-5)
    assert np.abs(dual).max() > 0.1


@pytest.mark.parametrize("sigma", [0.25, 0.4, 0.6])
def test_with_hardly_a_blur_noise_does_not_come_back_by_the_dual(pictures, oracle, monkeypatch, sigma):
    sharp, h = pictures["camera"][60:130, 180:260], restore.psf.gaussian(sigma)
    observed = restore.degrade(sharp, h, noise_sigma=0.02, rng=0, boundary="periodic")
    error = restore.nonlocal_deconvolution(observed, h, boundary="periodic") - sharp
    monkeypatch.setattr(splitting, "DUAL", 0.0)
    without = restore.nonlocal_deconvolution(observed, h, boundary="periodic") - sharp
    assert oracle.decibel(error) > oracle.decibel(without) - 0.03


def test_the_result_is_the_mean_of_outcomes_and_a_little_of_the_start(pictures):
    observed, plane = plane_of(pictures, restore.psf.disk(2.0))
    rng = np.random.default_rng(2)
    outcomes = [rng.normal(size=observed.shape).astype(np.float32) for _ in range(3)]
    for outcome in outcomes:
        plane.total += outcome
    share = splitting.SPARSE
    mixed = (1 - share) * np.mean(outcomes, axis=0) + share * plane.estimate  # not yet iterated: the start
    np.testing.assert_allclose(plane.result(3), plane.unit * mixed + plane.offset, atol=1e-5)


def test_dual_and_momentum_gain_where_the_blur_leaves_holes(pictures, oracle, monkeypatch):
    sharp, h = pictures["camera"][60:150, 180:270], np.ones((9, 9)) / 81
    observed = restore.degrade(sharp, h, noise_sigma=0.003, rng=0, boundary="periodic")
    error = restore.nonlocal_deconvolution(observed, h, boundary="periodic") - sharp
    monkeypatch.setattr(splitting, "DUAL", 0.0)
    without = restore.nonlocal_deconvolution(observed, h, boundary="periodic") - sharp
    assert oracle.decibel(error) > oracle.decibel(without) + 0.02
