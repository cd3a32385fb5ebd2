"""The estimate of noise where the noise is known."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from restore import degrade, estimate_noise, psf
from restore.noise import white

BLURS = {"gaussian": psf.gaussian(2), "disk": psf.disk(4), "motion": psf.motion(15, 30)}


def decibels(found, true):
    return 20 * np.log10(found / true)


@pytest.mark.parametrize("sigma", [0.005, 0.02, 0.1])
@pytest.mark.parametrize("shape", [(4000,), (128, 150), (24, 30, 28)], ids=str)
def test_white_noise_on_a_ramp(shape, sigma):
    ramp = sum(np.meshgrid(*[np.linspace(0, 1, n) for n in shape], indexing="ij"))
    noisy = ramp + np.random.default_rng(0).normal(0, sigma, shape)
    assert abs(decibels(estimate_noise(noisy), sigma)) < 1.0  # a quantile over some 15 to 70 blocks


@pytest.mark.parametrize("name", ["camera", "coins", "moon"])
@pytest.mark.parametrize(
    "kernel", [psf.gaussian(2), psf.disk(4), psf.motion(15, 30)], ids=["gaussian", "disk", "motion"]
)
@pytest.mark.parametrize("sigma", [0.01, 0.03])
def test_noise_on_blurred_photos(name, kernel, sigma, pictures):
    observed = degrade(pictures[name], kernel, noise_sigma=sigma, rng=2)
    assert abs(decibels(estimate_noise(observed), sigma)) < 0.75  # motion lets texture across its path pass


def test_unit_follows_the_picture(pictures):
    observed = degrade(pictures["camera"], psf.disk(3), noise_sigma=0.01, rng=0)
    assert_allclose(estimate_noise(255 * observed + 1000), 255 * estimate_noise(observed), rtol=1e-6)


def test_one_number_per_channel(pictures):
    planes = [degrade(pictures["camera"], psf.disk(3), noise_sigma=s, rng=0) for s in (0.01, 0.02, 0.04)]
    for axis in (0, 1, -1):
        found = estimate_noise(np.stack(planes, axis), channel_axis=axis)
        assert_allclose(found, [estimate_noise(p) for p in planes], rtol=1e-12)
        assert np.all(np.abs(decibels(found, [0.01, 0.02, 0.04])) < 0.5)


def test_rounding_to_codes_is_a_floor(pictures):
    """Blurred without noise and stored in 8 bits: the noise is that of rounding, q / sqrt(12)."""
    stored = np.rint(255 * degrade(pictures["camera"], psf.gaussian(3))) / 255
    assert_allclose(estimate_noise(stored), 1 / 255 / np.sqrt(12), rtol=0.15)
    flat_codes = np.zeros((64, 64))
    flat_codes[32:] = 1 / 255
    assert_allclose(estimate_noise(flat_codes), 1 / 255 / np.sqrt(12), rtol=1e-6)


def test_no_noise_in_a_clean_ramp():
    assert estimate_noise(np.linspace(0, 1, 10_000).reshape(100, 100)) < 1e-12
    assert estimate_noise(np.full((20, 20), 0.3)) == 0


@pytest.mark.parametrize("shape", [(1,), (2,), (1, 1), (2, 2), (1, 50), (3, 3, 1)], ids=str)
def test_tiny_pictures_have_an_answer(shape):
    assert 0 <= estimate_noise(np.random.default_rng(0).random(shape)) < 2


@pytest.mark.parametrize(
    ("image", "error", "message"),
    [
        (np.zeros((5, 5), np.uint8), TypeError, "image must be floating, got uint8: convert it, for example"),
        (np.zeros((0, 5)), ValueError, r"image must hold samples, got shape \(0, 5\)"),
        (np.full((5, 5), np.inf), ValueError, r"image must be finite, got 25 NaN .* first at \(0, 0\)"),
    ],
)
def test_bad_pictures(image, error, message):
    with pytest.raises(error, match=message):
        estimate_noise(image)


def test_of_a_large_picture_bands_of_rows_are_enough(monkeypatch):
    """Noise that differs from top to bottom is seen as by a look at all of it, whether or not some of it is hidden."""
    ramp = np.add.outer(np.linspace(0, 1, 900), np.linspace(0, 1, 200))
    noisy = ramp + np.random.default_rng(0).normal(0, 1, ramp.shape) * np.linspace(0.02, 0.04, 900)[:, None]
    hidden = np.zeros(ramp.shape, bool)
    hidden[:, 90:] = True
    for mask in (None, hidden):
        whole = estimate_noise(noisy, mask=mask)
        with monkeypatch.context() as patch:
            patch.setattr(white, "LOOKED_AT", 40_000)
            patch.setattr(white, "BAND", 32)
            assert 0.93 < estimate_noise(noisy, mask=mask) / whole < 1.07
            assert estimate_noise(noisy, mask=mask) != whole
