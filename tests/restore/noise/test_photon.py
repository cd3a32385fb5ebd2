"""Photon noise: its level found in a picture, and the transform that makes it white, there and back."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from restore import anscombe, blur, degrade, estimate_poisson_gauss, inverse_anscombe, psf


def ramp(shape, low=0.1, high=1.0):
    return np.broadcast_to(np.linspace(low, high, shape[-1]), shape).copy()


class TestEstimate:
    @pytest.mark.parametrize("name", ["camera", "coins", "moon"])
    @pytest.mark.parametrize(("photons", "sigma"), [(50, 0.0), (500, 0.0), (200, 0.03)])
    def test_photographs(self, pictures, name, photons, sigma):
        scene, h = pictures[name][100:300, 100:300], psf.gaussian(2)
        blurred = np.maximum(blur(scene, h), 0)
        observed = degrade(blurred, np.ones((1, 1)), photons=photons, noise_sigma=sigma, rng=1)
        gain, read_noise = estimate_poisson_gauss(observed)
        found, true = gain * blurred + read_noise**2, blurred / photons + sigma**2
        assert found.mean() == pytest.approx(true.mean(), rel=0.1)
        bright = blurred > np.quantile(blurred, 0.9)
        assert found[bright].mean() == pytest.approx(true[bright].mean(), rel=0.15)

    @pytest.mark.parametrize("shape", [(60000,), (200, 210), (40, 42, 44)], ids=["1-D", "2-D", "3-D"])
    def test_any_number_of_axes(self, shape):
        rng = np.random.default_rng(2)
        light = ramp(shape)
        observed = rng.poisson(100 * light) / 100 + rng.normal(0, 0.05, shape)
        gain, read_noise = estimate_poisson_gauss(observed)
        assert gain == pytest.approx(0.01, rel=0.15)
        assert read_noise == pytest.approx(0.05, rel=0.15)

    def test_noise_that_is_even_has_no_gain(self):
        observed = ramp((200, 200)) + np.random.default_rng(3).normal(0, 0.02, (200, 200))
        gain, read_noise = estimate_poisson_gauss(observed)
        assert gain < 0.1 * 0.02**2
        assert read_noise == pytest.approx(0.02, rel=0.05)

    def test_its_unit_is_that_of_the_image(self):
        observed = np.random.default_rng(4).poisson(30 * ramp((128, 128))) / 30
        gain, read_noise = estimate_poisson_gauss(observed)
        assert_allclose(estimate_poisson_gauss(1000 * observed), (1000 * gain, 1000 * read_noise), rtol=1e-5)

    def test_channels_and_masks(self):
        rng = np.random.default_rng(5)
        planes = np.stack([rng.poisson(n * ramp((160, 150))) / n for n in (20, 80)])
        spoiled, hidden = planes.copy(), np.zeros((160, 150), bool)
        hidden[20:90, 30:100] = True
        spoiled[:, hidden] = 0.5 + rng.normal(0, 1e-4, hidden.sum())
        gains, read_noises = estimate_poisson_gauss(np.moveaxis(spoiled, 0, 1), channel_axis=1, mask=hidden)
        assert_allclose(gains, [1 / 20, 1 / 80], rtol=0.2)
        assert read_noises.shape == (2,)
        gain, _ = estimate_poisson_gauss(spoiled[0], mask=hidden)
        assert gain == pytest.approx(gains[0], rel=1e-9)
        assert estimate_poisson_gauss(spoiled[0])[0] < 0.5 * gain

    def test_pictures_without_noise_or_samples(self):
        assert estimate_poisson_gauss(np.full((20, 20), 0.5)) == (0.0, 0.0)
        assert estimate_poisson_gauss(np.ones((2, 2))) == (0.0, 0.0)
        assert estimate_poisson_gauss(np.ones((20, 20)), mask=np.ones((20, 20), bool)) == (0.0, 0.0)

    @pytest.mark.parametrize(
        ("mask", "error", "message"),
        [(np.zeros((9, 9)), TypeError, "mask must be bool"), (np.zeros((3, 9), bool), ValueError, "mask must have")],
        ids=["kind", "shape"],
    )
    def test_refusals(self, mask, error, message):
        with pytest.raises(error, match=message):
            estimate_poisson_gauss(np.zeros((9, 9)), mask=mask)


class TestTransform:
    @pytest.mark.parametrize(("light", "read_noise"), [(4.0, 0.0), (30.0, 0.0), (5.0, 2.0), (0.0, 4.0), (200.0, 10.0)])
    @pytest.mark.parametrize("gain", [1.0, 0.02])
    def test_its_noise_has_variance_one(self, light, read_noise, gain):
        rng = np.random.default_rng(6)
        counts = rng.poisson(light, 400000) + rng.normal(0, read_noise, 400000)
        assert np.var(anscombe(gain * counts, gain=gain, read_noise=gain * read_noise)) == pytest.approx(1, abs=0.05)

    @pytest.mark.parametrize("light", [0.0, 0.1, 1.0, 3.0, 20.0, 59.0, 61.0, 400.0])
    def test_the_way_back_has_no_bias(self, light):
        counts = np.arange(2000.0)
        mean = stats.poisson.pmf(counts, light) @ anscombe(counts, gain=1.0)
        assert inverse_anscombe(np.array([mean]), gain=1.0)[0] == pytest.approx(light, rel=1e-4, abs=1e-5)

    @pytest.mark.parametrize(("light", "read_noise"), [(0.5, 1.0), (10.0, 0.3), (100.0, 5.0), (3.0, 40.0)])
    def test_nor_has_it_with_read_noise(self, light, read_noise):
        rng, gain = np.random.default_rng(7), 0.1
        observed = gain * (rng.poisson(light, 4000000) + rng.normal(0, read_noise, 4000000))
        mean = anscombe(observed, gain=gain, read_noise=gain * read_noise).mean(keepdims=True)
        error = 5 * np.sqrt((light + read_noise**2) / 4e6)  # five standard deviations of the mean
        assert inverse_anscombe(mean, gain=gain, read_noise=gain * read_noise)[0] / gain == pytest.approx(
            light, abs=error
        )

    @pytest.mark.parametrize("read_noise", [0.0, 0.5, 3.0])
    def test_table_and_limit_meet(self, read_noise):
        values = anscombe(np.linspace(40.0, 80.0, 4001), gain=1.0, read_noise=read_noise)
        steps = np.diff(inverse_anscombe(values, gain=1.0, read_noise=read_noise))
        assert_allclose(steps, 0.01, rtol=0.03)

    def test_darker_than_dark_is_dark(self):
        assert_allclose(inverse_anscombe(np.array([-1.0, 0.0, 1.0]), gain=2.0), 0, atol=1e-12)

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_shape_and_dtype_are_kept(self, dtype):
        picture = np.random.default_rng(8).random((4, 5, 3)).astype(dtype)
        before = picture.copy()
        for function in (anscombe, inverse_anscombe):
            found = function(picture, gain=0.1, read_noise=0.05)
            assert (found.shape, found.dtype) == (picture.shape, dtype)
        np.testing.assert_array_equal(picture, before)

    @pytest.mark.parametrize("function", [anscombe, inverse_anscombe])
    def test_refusals(self, function):
        with pytest.raises(ValueError, match="gain must be finite and > 0, got 0"):
            function(np.ones(3), gain=0)
        with pytest.raises(ValueError, match="read_noise must be finite and >= 0, got -1"):
            function(np.ones(3), gain=1, read_noise=-1)
