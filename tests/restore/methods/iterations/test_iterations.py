"""Iterations for teaching: closed forms of every count, and the constrained minimum."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import optimize

from restore import blur, constrained_least_squares, degrade, landweber, psf, tikhonov_miller, van_cittert


@pytest.mark.parametrize("iterations", [1, 7])
@pytest.mark.parametrize("step", [0.6, 1.0])
def test_landweber_passes_a_known_share_of_the_inverse(scene, iterations, step):
    power = np.abs(scene.otf) ** 2
    expected = np.fft.fftn(scene.image) * (1 - (1 - step * power) ** iterations) / scene.otf
    found = landweber(scene.image, scene.psf, iterations=iterations, step=step, boundary="periodic")
    assert_allclose(found, np.fft.ifftn(expected).real, atol=1e-10)


@pytest.mark.parametrize("iterations", [1, 7])
def test_van_cittert_passes_a_known_share_of_the_inverse(scene, iterations):
    expected = np.fft.fftn(scene.image) * (1 - (1 - scene.otf) ** (iterations + 1)) / scene.otf
    found = van_cittert(scene.image, scene.psf, iterations=iterations, boundary="periodic")
    assert_allclose(found, np.fft.ifftn(expected).real, atol=1e-9)


def test_landweber_first_finds_and_then_drowns(pictures):
    sharp, h = pictures["camera"][100:200, 100:200], psf.disk(3)
    observed = degrade(sharp, h, bsnr=25, rng=0, boundary="periodic")
    errors = [np.mean((landweber(observed, h, iterations=k, boundary="periodic") - sharp) ** 2) for k in (1, 30, 3000)]
    assert errors[1] < min(errors[0], errors[2])


def test_van_cittert_fails_where_the_transfer_function_turns_negative(pictures):
    sharp, h = pictures["camera"][100:200, 100:200], psf.disk(3)
    observed = blur(sharp, h, boundary="periodic")
    found = van_cittert(observed, h, iterations=100, boundary="periodic")
    assert np.abs(found - sharp).max() > 10


def test_tikhonov_miller_is_least_squares_where_nothing_is_negative(scene):
    observed = blur(5 + scene.image, scene.psf, boundary="periodic")
    found = tikhonov_miller(observed, scene.psf, regularization=0.05, iterations=3000, boundary="periodic")
    expected = constrained_least_squares(observed, scene.psf, regularization=0.05, boundary="periodic")
    assert_allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize("shape", [(3, 3), (3, 5), (4, 2)], ids=["square", "non-square", "even-sized"])
def test_tikhonov_miller_finds_the_constrained_minimum(shape, oracle):
    h, rng = oracle.asymmetric(shape), np.random.default_rng(1)
    observed = rng.normal(0.2, 1, (7, 8))
    matrix = oracle.convolution_matrix(h, observed.shape)
    identity = np.sqrt(0.02) * np.eye(observed.size)
    stacked = np.vstack([matrix, identity]), np.concatenate([observed.ravel(), np.zeros(observed.size)])
    expected, _ = optimize.nnls(*stacked)
    found = tikhonov_miller(observed, h, regularization=0.02, iterations=2000, operator="identity", boundary="periodic")
    assert (expected == 0).any()
    assert_allclose(found.ravel(), expected, atol=1e-5)


METHODS = {
    "landweber": landweber,
    "van cittert": van_cittert,
    "tikhonov-miller": lambda g, h, **k: tikhonov_miller(g, h, regularization=1e-3, **k),
}
every = pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)


@every
def test_the_outside_of_a_frame_is_unknown(pictures, oracle, method):
    sharp, h = pictures["camera"][100:190, 100:200], psf.gaussian(2)
    observed = degrade(sharp, h, bsnr=40, rng=0, boundary="valid")
    k = h.shape[0] // 2
    found = {word: method(observed, h, iterations=30, boundary=word) for word in ("unknown", "periodic")}
    quality = {word: oracle.decibel(image - sharp[k:-k, k:-k]) for word, image in found.items()}
    assert quality["unknown"] > quality["periodic"] + 1


@every
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_input_and_channels(method, dtype):
    picture = np.random.default_rng(2).random((20, 3, 22)).astype(dtype)
    before = picture.copy()
    found = method(picture, psf.gaussian(1), iterations=3, channel_axis=1, boundary="periodic")
    assert (found.dtype, found.shape) == (dtype, picture.shape)
    assert_array_equal(picture, before)
    if method is not METHODS["tikhonov-miller"]:  # its channels share the length of a step
        alone = method(picture[:, 1], psf.gaussian(1), iterations=3, boundary="periodic")
        assert_allclose(found[:, 1], alone, atol=1e-6)


@every
@pytest.mark.parametrize("arguments", [{"iterations": 0}, {"iterations": 1.5}], ids=str)
def test_counts_are_whole(method, arguments):
    with pytest.raises((TypeError, ValueError), match="iterations must be"):
        method(np.ones((9, 9)), psf.gaussian(0.5), **arguments)


@pytest.mark.parametrize("method", [landweber, van_cittert])
def test_steps_that_run_away_are_refused(method):
    with pytest.raises(ValueError, match=r"step must lie in \(0, 2\), got 2"):
        method(np.ones((9, 9)), psf.gaussian(0.5), step=2)


@pytest.mark.parametrize("regularization", [1e12, 1e30])
def test_a_huge_regularization_stays_in_the_range_of_the_type(regularization):
    image = np.random.default_rng(0).random((24, 20)).astype(np.float32)
    found = tikhonov_miller(image, psf.disk(2), regularization=regularization, operator="identity")
    assert_allclose(found, 0, atol=1e-3)
    flat = tikhonov_miller(image, psf.disk(2), regularization=regularization, iterations=50)
    assert np.ptp(flat) < np.ptp(image) / 2
