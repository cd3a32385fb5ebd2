"""The noise per frequency of pictures whose noise is known."""

import numpy as np
import pytest
from scipy import ndimage

import restore
from restore.operators.fourier import frequency_mean

H = restore.psf.disk(3)


@pytest.fixture(scope="module")
def blurred(pictures):
    return restore.blur(pictures["camera"][60:316, 100:380], H, boundary="valid")


def test_white_noise_is_the_same_everywhere(blurred):
    noise = np.random.default_rng(0).normal(0, 0.01, blurred.shape)
    power = restore.estimate_noise_spectrum(blurred + noise, H)
    assert power.shape == (blurred.shape[0], blurred.shape[1] // 2 + 1)
    assert np.ptp(power) == 0
    assert power[0, 0] == pytest.approx(1e-4, rel=0.1)


@pytest.mark.parametrize("channels", [1, 3])
def test_coloured_noise_has_its_spectrum(blurred, channels):
    kernel = np.outer([1, 4, 1], [1, 4, 1]) / 36
    noise = np.random.default_rng(0).normal(0, 0.02, (*blurred.shape, channels))
    noise = ndimage.convolve(noise, kernel[..., None])
    observed = blurred[..., None] + noise
    power = restore.estimate_noise_spectrum(observed, H, channel_axis=-1)
    true = 0.02**2 * np.abs(restore.psf_to_otf(kernel, blurred.shape)) ** 2
    true = true[:, : power.shape[1]]
    assert frequency_mean(power, blurred.shape) == pytest.approx(noise.var(), rel=0.3)
    dark = np.abs(restore.psf_to_otf(H, blurred.shape))[:, : power.shape[1]] < 0.1  # there it was seen
    assert np.median(np.abs(np.log(power / true))[dark]) < 0.2


def test_the_filter_takes_it(blurred):
    observed = blurred + np.random.default_rng(0).normal(0, 0.01, blurred.shape)
    power = restore.estimate_noise_spectrum(observed, H, boundary="periodic")
    signal = np.full_like(power, observed.var())
    found = restore.wiener(observed, H, signal_spectrum=signal, noise_spectrum=power, boundary="periodic")
    np.testing.assert_allclose(found, restore.wiener(observed, H, nsr=power / signal, boundary="periodic"), atol=1e-9)
