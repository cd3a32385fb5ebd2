"""The less noise, never the worse, though the outside of the frame stays unknown; and the right PSF looks right."""

import numpy as np
import pytest

import restore

WIDE = restore.psf.gaussian(6)


def gain_in_db(sharp, observed, restored):
    return 10 * np.log10(np.mean((observed - sharp) ** 2) / np.mean((restored - sharp) ** 2))


@pytest.fixture(scope="module")
def sharp(pictures):
    return pictures["camera"][60:252, 100:292]


@pytest.mark.parametrize("method", ["wiener", "cls"])
def test_less_noise_is_never_worse(sharp, method):
    blurred = restore.blur(sharp, WIDE, boundary="reflect")
    gains = []
    for sigma in (0.0, 1e-6, 1e-4, 1e-2):
        noise = np.random.default_rng(0).normal(0, 1, sharp.shape)
        observed = (blurred + sigma * noise).astype(np.float32)
        found = restore.deconvolve(observed, WIDE, method=method)
        assert found.diagnosis.psf_looks == "consistent"
        gains.append(gain_in_db(sharp, observed, found.image))
    assert np.all(np.diff(gains) < 0.1), gains
    assert gains[-1] > 1


@pytest.mark.parametrize("method", ["wiener", "auto"])
def test_a_picture_that_is_all_border_is_no_worse_without_noise(pictures, method):
    """Most of such a frame lies near its edge, where the estimates of differences rang."""
    sharp, wide = pictures["moon"][60:220, 60:220], restore.psf.gaussian(8)
    blurred = restore.blur(sharp, wide, boundary="symmetric")
    gains = []
    for sigma in (1e-6, 1e-3):
        observed = blurred + np.random.default_rng(0).normal(0, sigma, sharp.shape)
        found = restore.deconvolve(observed.astype(np.float32), wide, method=method)
        assert found.contradictions is None
        gains.append(gain_in_db(sharp, observed, found.image))
    assert gains[0] > gains[1], gains


@pytest.mark.parametrize("method", ["auto", "hyper_laplacian"])
def test_detail_that_hides_the_noise_does_not_end_the_gain_of_a_prior(sharp, method):
    h, gains = restore.psf.disk(5), []
    blurred = restore.blur(sharp, h, boundary="symmetric")
    for sigma in (1e-6, 1e-4, 1e-3):
        observed = blurred + np.random.default_rng(0).normal(0, sigma, sharp.shape)
        found = restore.deconvolve(observed.astype(np.float32), h, method=method)
        assert found.diagnosis.psf_looks == "consistent"
        assert found.contradictions is None
        gains.append(gain_in_db(sharp, observed, found.image))
    assert np.all(np.diff(gains) < 0.1), gains


def test_stars_without_noise_stay_sharp():
    rng = np.random.default_rng(0)
    sharp = np.full((96, 96), 0.02)
    sharp[tuple(rng.integers(8, 88, (2, 20)))] = 5 * rng.random(20)
    h = restore.psf.motion(9, 30)
    observed = restore.blur(sharp, h)
    found = restore.deconvolve(observed, h)
    assert gain_in_db(sharp, observed, found.image) > 10


@pytest.mark.parametrize(
    ("name", "h"), [("brick", restore.psf.motion(10, 30)), ("moon", restore.psf.motion(15, 0))], ids=["brick", "moon"]
)
def test_what_a_motion_took_is_found_beside_hardly_any_noise(pictures, name, h):
    """Where the blur leaves nothing, and outside of the frame, the iterations of least variation hardly moved."""
    rows, columns = h.shape
    sharp = pictures[name][60 : 209 + rows, 60 : 209 + columns]
    inside, gains = sharp[rows // 2 : 149 + rows - rows // 2, columns // 2 : 149 + columns - columns // 2], []
    for bsnr in (80, 60, 40):
        observed = restore.degrade(sharp, h, bsnr=bsnr, rng=0, boundary="valid")
        found = restore.deconvolve(observed, h)
        gains.append(gain_in_db(inside[: observed.shape[0], : observed.shape[1]], observed, found.image))
    assert np.all(np.diff(gains) < 0.1), gains
    assert gains[1] > gains[2] + 5, gains


@pytest.mark.parametrize("h", [restore.psf.motion(9, 30), restore.psf.disk(3)], ids=["motion", "disk"])
def test_stars_beside_noise_are_found_by_sparse_differences(h):
    """Far brighter than the range that the splitting goes by, they ask for its first, weakest ties."""
    rng = np.random.default_rng(1)
    sharp = np.full((96, 96), 0.02)
    sharp[tuple(rng.integers(8, 88, (2, 20)))] = 5 * rng.random(20)
    observed = restore.degrade(sharp, h, noise_sigma=1e-3, rng=1)
    assert gain_in_db(sharp, observed, restore.hyper_laplacian(observed, h)) > 5
