"""The blur of known pictures is found, and none is found where there is none."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal
from skimage import data

from restore import psf
from restore.psf_estimation import estimate_psf


def decoded(codes: np.ndarray) -> np.ndarray:
    """Linear light of 8-bit sRGB codes."""
    v = codes / 255
    return np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)


def stored(light: np.ndarray) -> np.ndarray:
    """Linear light after a trip through an 8-bit sRGB file."""
    v = np.clip(light, 0, 1)
    return decoded(np.rint(255 * np.where(v <= 0.0031308, 12.92 * v, 1.055 * v ** (1 / 2.4) - 0.055)))


def blurred(sharp: np.ndarray, kernel: np.ndarray, noise: float = 0.003) -> np.ndarray:
    """Blur without any assumption about the outside, with noise."""
    picture = signal.fftconvolve(sharp, kernel, mode="valid")
    return picture + np.random.default_rng(7).normal(0, noise, picture.shape)


def sampled_gaussian(sigma: float) -> np.ndarray:
    """Another generator than the package's: no average over pixels."""
    x = np.arange(-int(6 * sigma), int(6 * sigma) + 1)
    profile = np.exp(-(x**2) / (2 * sigma**2))
    return np.outer(profile, profile) / profile.sum() ** 2


@pytest.fixture(scope="module")
def camera() -> np.ndarray:
    return decoded(data.camera())


@pytest.mark.parametrize("sigma", [1.0, 2.0, 3.5])
def test_gaussian_sigma_of_a_photograph(camera, sigma):
    estimate = estimate_psf(stored(blurred(camera, sampled_gaussian(sigma))), family="gaussian")
    assert estimate.parameters["sigma"] == pytest.approx(sigma, rel=0.1)
    assert estimate.confidence == "confident"
    assert abs(estimate.parameters["sigma"] - sigma) < 4 * estimate.uncertainty["sigma"]


def test_the_psf_is_the_family_at_the_parameters(camera):
    estimate = estimate_psf(blurred(camera, sampled_gaussian(1.5)), family="gaussian")
    assert np.array_equal(estimate.psf, psf.gaussian(**estimate.parameters))


def test_a_sharp_picture_has_no_blur(camera):
    estimate = estimate_psf(stored(camera), family="gaussian")
    assert estimate.confidence == "none"
    assert "sharp" in estimate.verdict


def test_unit_and_orientation_do_not_matter(camera):
    picture = blurred(camera, sampled_gaussian(1.5))
    expected = estimate_psf(picture, family="gaussian").parameters["sigma"]
    for same in (1000 * picture - 5, picture[::-1], picture.T):
        assert estimate_psf(same, family="gaussian").parameters["sigma"] == pytest.approx(expected, rel=2e-3)


def test_colour_is_looked_at_as_luminance():
    sharp = decoded(data.astronaut())
    picture = np.stack([stored(blurred(sharp[..., c], sampled_gaussian(2.0))) for c in range(3)], axis=0)
    estimate = estimate_psf(picture.astype(np.float32), family="gaussian", channel_axis=0)
    assert estimate.parameters["sigma"] == pytest.approx(2.0, rel=0.1)


@pytest.mark.parametrize("shape", [(60, 200), (150, 97), (64, 64)])
def test_small_pictures(camera, shape):
    picture = blurred(camera, sampled_gaussian(2.0))[150 : 150 + shape[0], 180 : 180 + shape[1]]
    assert estimate_psf(picture, family="gaussian").parameters["sigma"] == pytest.approx(2.0, rel=0.25)


def test_refusals():
    with pytest.raises(TypeError, match="floating, got uint8"):
        estimate_psf(data.camera())
    with pytest.raises(ValueError, match=r"two spatial axes, got shape \(8, 8, 3\): pass channel_axis"):
        estimate_psf(np.zeros((8, 8, 3)))
    with pytest.raises(ValueError, match=r"24 pixels or more per axis, got \(8, 40\)"):
        estimate_psf(np.zeros((8, 40)), family="gaussian")
    with pytest.raises(ValueError, match=r"family must be one of .*, got 'square'"):
        estimate_psf(np.zeros((40, 40)), family="square")
    with pytest.raises(ValueError, match="quantization must be finite and > 0, got 0"):
        estimate_psf(np.zeros((40, 40)), quantization=0)
    with pytest.raises(ValueError, match="1 NaN or infinite"):
        estimate_psf(np.full((1, 1), np.nan))


def test_a_constant_picture_has_no_blur():
    assert estimate_psf(np.full((64, 64), 0.5), family="gaussian").confidence == "none"
