"""A PSF of any shape that was itself estimated: what its errors leave in the data counts as noise."""

import numpy as np
import pytest

import restore


@pytest.fixture(scope="module")
def shaken(pictures):
    """Return a sharp picture, it blurred along a path, and a path that is a little off."""
    path = np.zeros((11, 11))
    path[2:9, 3] = path[8, 3:9] = 1
    wrong = path.copy()
    wrong[2, 3], wrong[2, 4], wrong[5, 3] = 0, 0.7, 1.6
    sharp = pictures["camera"][60:188, 110:238]
    blurred = restore.degrade(sharp, path / path.sum(), noise_sigma=0.0005, boundary="periodic", rng=0)
    return sharp, blurred, wrong / wrong.sum()


def restored(picture, psf, **options):
    return restore.deconvolve(picture, psf, boundary="periodic", outliers="keep", **options)


@pytest.mark.parametrize(
    ("method", "share_left"), [("auto", 0.8), ("wiener", 1), ("hyper_laplacian", 0.8), ("total_variation", 0.8)]
)
def test_a_psf_that_is_a_little_off_restores_better(shaken, method, share_left):
    sharp, blurred, psf = shaken
    exact, uncertain = (restored(blurred, psf, method=method, psf_error=share).image for share in (0, 0.013))
    assert np.mean((uncertain - sharp) ** 2) < share_left * np.mean((exact - sharp) ** 2)


def test_noise_counts_besides(shaken):
    """The errors add to the noise, they do not take its place: a noisy picture asks for more."""
    _, blurred, psf = shaken
    noisy = blurred + np.random.default_rng(1).normal(0, 0.05, blurred.shape)
    calm, loud = (restored(g, psf, method="hyper_laplacian", psf_error=0.013).parameter for g in (blurred, noisy))
    assert loud > 3 * calm


def test_they_have_the_unit_of_the_picture(shaken):
    _, blurred, psf = shaken
    one, other = (restored(k * blurred, psf, method="wiener", psf_error=0.013).image / k for k in (1, 1000.0))
    np.testing.assert_allclose(one, other, atol=1e-8)


def test_negative_errors_are_refused(shaken):
    _, blurred, psf = shaken
    with pytest.raises(ValueError, match="psf_error"):
        restored(blurred, psf, psf_error=-0.1)
