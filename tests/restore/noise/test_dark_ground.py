"""Volumes of counted light on dark ground are restored as that, and others as before."""

import numpy as np
import pytest

import restore
from restore.noise.dark_ground import background_level, dark_ground

PSF = restore.psf.gaussian((1.0, 1.3, 1.3), truncate=3)


@pytest.fixture(scope="module")
def beads():
    rng = np.random.default_rng(4)
    sharp = np.zeros((16, 40, 40))
    sharp[rng.integers(2, 14, 20), rng.integers(3, 37, 20), rng.integers(3, 37, 20)] = 6000
    return sharp, rng.poisson(restore.degrade(sharp, PSF, boundary="periodic") + 30.0).astype(float)


def test_the_level_is_that_of_the_darkest_places(beads):
    assert background_level(beads[1][..., None]) == pytest.approx(30, rel=0.05)
    ramp = np.linspace(5, 90, 4000).reshape(40, 100, 1)
    assert 5 <= background_level(ramp) < 8


def test_counted_light_in_a_dark_volume_goes_to_richardson_lucy_and_says_why(beads):
    sharp, counts = beads
    found = restore.deconvolve(counts, PSF, boundary="periodic")
    assert found.method == "richardson_lucy"
    assert found.reason.endswith("of it is dark ground, and the noise grows with the light, as that of counts does")
    by_name = restore.richardson_lucy(counts, PSF, background="auto", boundary="periodic")
    np.testing.assert_allclose(found.image, by_name, rtol=1e-6, atol=1e-9)
    others = restore.deconvolve(counts, PSF, boundary="periodic", method="aggregate").image - 30
    assert restore.psnr(sharp, found.image, data_range=6000) > 1 + restore.psnr(sharp, others, data_range=6000)


def test_other_volumes_and_pictures_do_not(beads):
    _, counts = beads
    rng = np.random.default_rng(5)
    even = restore.degrade(rng.random(counts.shape) + 3, PSF, noise_sigma=0.05, rng=rng, boundary="periodic")
    assert restore.deconvolve(even, PSF, boundary="periodic").method == "aggregate"
    assert dark_ground(counts[..., None] - 100) is None  # no counts: far below 0
    plane = restore.deconvolve(counts[8], restore.psf.gaussian(1.3))
    assert (plane.method, plane.reason) == ("aggregate", "")
    assert restore.deconvolve(counts, PSF, boundary="periodic", quality="fast").method == "wiener"


def test_a_background_of_another_word_is_refused(beads):
    with pytest.raises(ValueError, match="background must be a number, an array or 'auto', got 'sky'"):
        restore.richardson_lucy(beads[1], PSF, background="sky", iterations=1)


def test_few_beads_over_the_offset_of_a_camera_are_counted_light_all_the_same():
    rng = np.random.default_rng(7)
    sharp = np.zeros((12, 96, 96))
    sharp[rng.integers(2, 10, 25), rng.integers(3, 93, 25), rng.integers(3, 93, 25)] = 4000
    light = restore.degrade(sharp, PSF, boundary="periodic") + 3
    counts = 100 + 2.0 * rng.poisson(light) + rng.normal(0, 4, light.shape)
    ground = dark_ground(counts[..., None])
    assert ground is not None
    assert ground.even > 0.9


def test_a_dark_picture_of_many_shades_has_no_even_ground():
    shades = np.kron(np.random.default_rng(3).random((16, 16)) ** 6, np.ones((8, 8)))
    ground = dark_ground(restore.degrade(shades, restore.psf.gaussian(1.5), photons=2000, rng=0)[..., None])
    assert ground is not None
    assert ground.even < 0.4
