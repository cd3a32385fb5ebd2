"""Blur against SciPy and plain sums, noise against its statistics."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import ndimage, signal

from restore import blur, degrade, psf, signal_to_noise

MODES = {"reflect": "mirror", "symmetric": "reflect", "edge": "nearest", "zero": "constant", "periodic": "wrap"}


@pytest.mark.parametrize("boundary", MODES)
def test_blur_is_the_convolution_of_scipy(scene, boundary):
    # ndimage.convolve also has the centre of an even-sized kernel right of the middle.
    expected = ndimage.convolve(scene.image, scene.psf, mode=MODES[boundary])
    assert_allclose(blur(scene.image, scene.psf, boundary=boundary), expected, rtol=0, atol=1e-13)


def test_blur_is_its_sum(scene, oracle):
    expected = oracle.convolution_matrix(scene.psf, scene.shape) @ scene.image.ravel()
    found = blur(scene.image, scene.psf, boundary="periodic")
    assert_allclose(found.ravel(), expected, rtol=0, atol=1e-13)


def test_valid_needs_no_assumption(scene):
    found = blur(scene.image, scene.psf, boundary="valid")
    assert found.shape == tuple(n - k + 1 for n, k in zip(scene.shape, scene.psf.shape, strict=True))
    assert_allclose(found, signal.convolve(scene.image, scene.psf, mode="valid"), rtol=0, atol=1e-13)


def test_valid_is_the_interior_of_every_other_word(scene):
    valid = blur(scene.image, scene.psf, boundary="valid")
    inside = tuple(slice(k - 1 - k // 2, k - 1 - k // 2 + m) for k, m in zip(scene.psf.shape, valid.shape, strict=True))
    for boundary in (*MODES, "smooth", "unknown"):
        assert_allclose(blur(scene.image, scene.psf, boundary=boundary)[inside], valid, rtol=0, atol=1e-12)


def test_delta_changes_nothing(scene):
    delta = np.zeros(scene.psf.shape)
    delta[tuple(n // 2 for n in delta.shape)] = 1
    for boundary in (*MODES, "smooth", "unknown", "taper"):
        assert_allclose(blur(scene.image, delta, boundary=boundary), scene.image, rtol=0, atol=1e-13)


@pytest.mark.parametrize("size", [(2, 2), (4, 4), (6, 4)], ids=str)
def test_even_sized_psf_keeps_its_centre(size):
    point = np.zeros((15, 17))
    point[7, 8] = 1
    kernel = np.arange(1.0, 1 + np.prod(size)).reshape(size)
    kernel /= kernel.sum()
    blurred = blur(point, kernel, boundary="zero")
    assert_allclose(blurred[7, 8], kernel[size[0] // 2, size[1] // 2], rtol=1e-12)
    assert_allclose(psf.centroid_offset(blurred), psf.centroid_offset(kernel), atol=1e-12)


class TestNoise:
    @pytest.fixture
    def sharp(self):
        return np.random.default_rng(8).random((120, 130))

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_sigma(self, sharp, dtype):
        sharp = sharp.astype(dtype)
        noise = degrade(sharp, psf.disk(2), noise_sigma=0.3, rng=1) - blur(sharp, psf.disk(2))
        assert noise.dtype == dtype
        n = noise.size
        assert abs(noise.mean()) < 4 * 0.3 / np.sqrt(n)
        assert_allclose(noise.std(), 0.3, rtol=4 / np.sqrt(2 * n))
        spectrum = np.abs(np.fft.fft2(noise)) ** 2 / n
        assert_allclose(spectrum[:30, :30].mean(), 0.09, rtol=4 * np.sqrt(2 / 900))  # white: the low corner too

    @pytest.mark.parametrize("bsnr", [10.0, 30.0])
    @pytest.mark.parametrize("boundary", ["reflect", "valid", "periodic"])
    def test_bsnr(self, sharp, bsnr, boundary):
        clean = blur(sharp, psf.disk(2), boundary=boundary)
        noise = degrade(sharp, psf.disk(2), bsnr=bsnr, rng=1, boundary=boundary) - clean
        assert_allclose(10 * np.log10(clean.var() / noise.var()), bsnr, atol=0.15)
        assert_allclose(signal_to_noise(clean, noise.std()), 10 * np.log10(clean.var() / noise.var()), rtol=1e-3)

    def test_photons(self):
        levels = np.repeat([0.2, 1.0, 3.0], 20_000).reshape(3, -1)
        counted = degrade(levels, [[1.0]], photons=50, rng=1)
        assert_allclose(counted * 50, np.rint(counted * 50), atol=1e-9)
        assert_allclose(counted.mean(axis=1), levels[:, 0], rtol=0.02)
        assert_allclose(counted.var(axis=1), levels[:, 0] / 50, rtol=0.05)

    def test_photons_and_read_out_noise_add(self):
        counted = degrade(np.full((200, 200), 2.0), [[1.0]], photons=40, noise_sigma=0.1, rng=1)
        assert_allclose(counted.var(), 2 / 40 + 0.01, rtol=0.05)

    def test_no_noise_unless_asked_for(self, sharp):
        assert_array_equal(degrade(sharp, psf.disk(2)), blur(sharp, psf.disk(2)))
        assert_array_equal(degrade(sharp, psf.disk(2), noise_sigma=0), blur(sharp, psf.disk(2)))

    def test_rng(self, sharp):
        draws = [degrade(sharp, psf.disk(2), noise_sigma=1, photons=9, rng=r) for r in (4, 4, np.random.default_rng(4))]
        assert_array_equal(draws[0], draws[1])
        assert_array_equal(draws[0], draws[2])
        generator = np.random.default_rng(4)
        first, second = (degrade(sharp, psf.disk(2), noise_sigma=1, rng=generator) for _ in range(2))
        assert np.abs(first - second).max() > 0.1
        assert np.abs(degrade(sharp, psf.disk(2), noise_sigma=1) - first).max() > 0.1


IMAGE, KERNEL = np.ones((8, 9)), np.ones((1, 1))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: blur(IMAGE, KERNEL, boundary="mirror"), ValueError, "boundary must be one of .*valid.* got 'mirror'"),
        (lambda: degrade(IMAGE, KERNEL, boundary="mirror"), ValueError, "boundary must be one of .*valid.* got 'mirr"),
        (lambda: blur(IMAGE, np.ones((9, 9)) / 81), ValueError, r"psf must fit into the image of shape \(8, 9\)"),
        (lambda: degrade(IMAGE, KERNEL, noise_sigma=-1), ValueError, "noise_sigma must be finite and >= 0, got -1"),
        (lambda: degrade(IMAGE, KERNEL, noise_sigma="low"), TypeError, "noise_sigma must be a number, got 'low'"),
        (lambda: degrade(IMAGE, KERNEL, noise_sigma=1, bsnr=30), ValueError, "noise_sigma and bsnr say the same"),
        (lambda: degrade(IMAGE, KERNEL, bsnr=np.nan), ValueError, "bsnr must be finite, got nan"),
        (lambda: degrade(IMAGE, KERNEL, bsnr="good"), TypeError, "bsnr must be a number, got 'good'"),
        (lambda: degrade(IMAGE, KERNEL, photons=0), ValueError, "photons must be finite and > 0, got 0"),
        (
            lambda: degrade(-IMAGE, KERNEL, photons=10),
            ValueError,
            "image must be >= 0 where photons are counted",
        ),
        (lambda: signal_to_noise(IMAGE, -1), ValueError, "noise_sigma must be finite and >= 0, got -1"),
    ],
)
def test_bad_arguments(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_signal_to_noise():
    blurred = np.array([[0.0, 2.0]])  # variance 1
    assert signal_to_noise(blurred, 0.1) == pytest.approx(20)
    assert signal_to_noise(blurred, (0.1, 0.1, 0.1)) == pytest.approx(20)
    assert signal_to_noise(blurred, 0) == np.inf
