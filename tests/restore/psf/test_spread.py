"""A PSF that is not known exactly: the filter of its averages, and what that saves when it is wrong."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import restore
from restore.psf.resampling import scaled
from restore.psf.spread import spread_of


@pytest.fixture(scope="module")
def scene(pictures):
    return pictures["camera"][60:172, 130:242]


def test_moments_are_those_of_the_transfer_functions():
    h, grid = restore.psf.disk(3), (48, 40)
    nodes, weights = np.polynomial.hermite_e.hermegauss(5)
    otfs = [restore.psf_to_otf(scaled(h, 1 + 0.1 * x), grid) for x in nodes]
    weights = weights / weights.sum()
    mean = np.tensordot(weights, otfs, 1)
    variance = np.tensordot(weights, np.abs(otfs) ** 2, 1) - np.abs(mean) ** 2
    found = spread_of(h, 0.1)
    assert_allclose(found.variance(grid, np.dtype(float)), variance, atol=1e-12)
    softened = restore.psf_to_otf(scaled(h, 1.0), grid)  # resampling softens; the mean does not
    assert_allclose(restore.psf_to_otf(found.mean, grid), mean - softened + restore.psf_to_otf(h, grid), atol=1e-12)


def test_wiener_divides_by_the_mean_power(scene):
    h = restore.psf.motion(7, 30)
    uncertain = spread_of(h, (0.1, 4.0))
    variance = uncertain.variance(scene.shape, scene.dtype)
    otf = restore.psf_to_otf(uncertain.mean, scene.shape)
    expected = np.fft.irfft2(np.conj(otf) / (np.abs(otf) ** 2 + variance + 0.01) * np.fft.rfft2(scene), scene.shape)
    settings = {"method": "wiener", "nsr": 0.01, "boundary": "periodic", "outliers": "keep"}
    found = restore.deconvolve(scene, h, psf_spread=(0.1, 4.0), **settings)
    assert_allclose(found.image, expected, atol=1e-9)
    assert_array_equal(
        restore.deconvolve(scene, h, psf_spread=0, **settings).image, restore.deconvolve(scene, h, **settings).image
    )


@pytest.mark.parametrize("method", ["wiener", "hyper_laplacian"])
@pytest.mark.parametrize(
    ("right", "used"),
    [(restore.psf.disk(4), restore.psf.disk(4.8)), (restore.psf.motion(13, 30), restore.psf.motion(13, 36))],
    ids=["too wide", "turned"],
)
def test_a_wrong_psf_does_less_harm_and_a_right_one_hardly_loses(scene, oracle, method, right, used):
    observed = restore.degrade(scene, right, noise_sigma=0.005, rng=0, boundary="periodic")
    settings = {"method": method, "boundary": "periodic", "outliers": "keep"}

    def decibel(h, **more):
        return oracle.decibel(restore.deconvolve(observed, h, **settings, **more).image - scene)

    assert decibel(used, psf_spread=0.1) > decibel(used) + 1
    assert decibel(used, psf_spread=0.1) > max(decibel(used, smoothness=s) for s in (4, 16)) - 1
    assert decibel(right, psf_spread=(0.01, 0.5)) > decibel(right) - 0.3


def test_refusals(scene):
    for wrong in (-0.1, (0.1, 2, 3), (0.1, -1.0)):
        with pytest.raises(ValueError, match="psf_spread"):
            restore.deconvolve(scene, restore.psf.disk(2), psf_spread=wrong)
