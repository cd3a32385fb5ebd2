"""What `deconvolve` says about its own result."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from skimage import data

import restore
from restore import psf
from restore.diagnosis.residual import whiteness
from restore.psf.resampling import is_elongated, scaled, turned
from restore.spectrum.observed_spectrum import through_window

SHARP = data.camera()[100:356, 100:356] / 255.0
RIGHT = {"gaussian": psf.gaussian(2.5), "disk": psf.disk(4), "motion": psf.motion(15, 30)}


@pytest.fixture(scope="module", params=RIGHT)
def family(request):
    return request.param


@pytest.fixture(scope="module")
def observed(family):
    return restore.degrade(SHARP, RIGHT[family], noise_sigma=0.005, rng=0)


@pytest.fixture(scope="module")
def restored(observed, family):
    return restore.deconvolve(observed, RIGHT[family])


class TestPSF:
    def test_the_right_one_is_consistent(self, restored):
        assert restored.diagnosis.psf_looks == "consistent"
        assert restored.doubts == ()

    # A Gaussian's spectrum has no zeros and may be the picture's own: only a wide one shows.
    @pytest.mark.parametrize(
        ("family", "looks"),
        [*((name, "too wide") for name in RIGHT), ("disk", "too narrow"), ("motion", "too narrow")],
        indirect=["family"],
    )
    def test_one_of_another_size_is_seen(self, observed, family, looks):
        factor = 1.4 if looks == "too wide" else 1 / 1.4
        found = restore.deconvolve(observed, scaled(RIGHT[family], factor), method="wiener")
        assert found.diagnosis.psf_looks == looks
        assert any(looks in doubt for doubt in found.doubts)

    def test_one_of_a_family_that_does_not_suit_at_all_is_called_too_wide(self):
        observed = restore.degrade(SHARP, psf.gaussian(1.8), noise_sigma=0.005, rng=0)
        assert restore.deconvolve(observed, psf.disk(6)).diagnosis.psf_looks == "too wide"

    def test_a_turned_motion_is_seen(self):
        observed = restore.degrade(SHARP, psf.motion(15, 30), noise_sigma=0.005, rng=0)
        assert restore.deconvolve(observed, psf.motion(15, 40)).diagnosis.psf_looks == "turned"

    def test_every_method_is_judged_and_colour_as_gray(self):
        observed = restore.degrade(SHARP, psf.disk(4), noise_sigma=0.005, rng=0)
        gray = restore.deconvolve(observed, psf.disk(5.5), method="cls")
        colour = restore.deconvolve(np.stack([observed] * 3), psf.disk(5.5), channel_axis=0)
        assert gray.diagnosis.psf_looks == colour.diagnosis.psf_looks == "too wide"
        # A PSF that is wrong leaves coloured noise, whose fit stops a little elsewhere for sums in another order.
        assert_allclose(list(colour.diagnosis.misfits.values()), list(gray.diagnosis.misfits.values()), atol=1e-2)

    @pytest.mark.parametrize(
        ("image", "kernel"),
        [(np.zeros((40, 40)), np.ones((1, 1))), (np.eye(20), psf.disk(2)), (np.zeros((8, 8, 8)), np.ones((1, 1, 1)))],
    )
    def test_what_cannot_be_tested_is_not(self, image, kernel):
        found = restore.deconvolve(image, kernel, nsr=0.1)
        assert found.diagnosis.psf_looks == "untested"
        assert found.diagnosis.misfits == {}


class TestResidual:
    def test_it_is_what_the_blur_of_the_result_leaves(self, observed, restored, family):
        found, kernel = restored, RIGHT[family]
        rows, columns = (slice(k // 2, n - k // 2) for k, n in zip(kernel.shape, observed.shape, strict=True))
        left = observed[rows, columns] - restore.blur(found.image, kernel, boundary="valid")
        assert_allclose(found.diagnosis.residual[..., 0], left, atol=1e-12)
        assert found.diagnosis.residual_sigma == pytest.approx(np.sqrt(np.mean(left**2)))
        assert 0.8 < found.diagnosis.residual_sigma / 0.005 < 1.05

    def test_masked_samples_do_not_count(self):
        observed = restore.degrade(SHARP, psf.disk(3), noise_sigma=0.005, rng=0)
        mask = np.zeros(observed.shape, bool)
        mask[100:104, 20:200] = True
        found = restore.deconvolve(np.where(mask, 9.0, observed), psf.disk(3), mask=mask)
        assert found.diagnosis.residual_sigma < 0.0055

    def test_a_psf_that_is_too_wide_leaves_more_than_the_noise(self):
        observed = restore.degrade(SHARP, psf.disk(4), noise_sigma=0.005, rng=0)
        found = restore.deconvolve(observed, psf.disk(5.5))
        assert found.diagnosis.residual_sigma > 1.1 * 0.005

    @pytest.mark.parametrize("method", ["wiener", "total_variation"])
    def test_what_clipping_took_counts_as_noise(self, method):
        observed = np.minimum(restore.degrade(SHARP, psf.disk(4), noise_sigma=0.005, rng=0), 0.6)
        found = restore.deconvolve(observed, psf.disk(4), method=method, outliers="keep")
        assert found.noise_sigma > 1.5 * 0.005
        shown = np.minimum(SHARP, 0.6)
        assert np.mean((np.clip(found.image, 0, 0.6) - shown) ** 2) < np.mean((observed - shown) ** 2)

    @pytest.mark.parametrize("shape", [(256, 200), (700, 30), (64,), (20, 24, 28)])
    def test_white_noise_is_white(self, shape):
        noise = np.random.default_rng(0).standard_normal(shape)
        assert whiteness(through_window(noise, noise.ndim)) > 0.8

    def test_coloured_noise_is_not(self):
        noise = restore.blur(np.random.default_rng(0).standard_normal((128, 128)), psf.gaussian(1))
        assert whiteness(through_window(noise, 2)) < 0.2


class TestSpectra:
    @pytest.mark.parametrize("method", ["wiener", "cls", "inverse"])
    def test_gain_and_transfer_are_those_of_the_filter(self, method):
        observed = restore.degrade(SHARP[:100, :90], psf.motion(6, 20), noise_sigma=0.01, rng=0)
        kernel = psf.motion(6, 20)
        found = restore.deconvolve(observed, kernel, method=method, boundary="periodic")
        ratio = np.abs(np.fft.rfft2(found.image) / np.fft.rfft2(observed))
        # A fitted law has two values at the last column, whose frequency is its own mirror image, and uses their mean.
        assert_allclose(found.diagnosis.gain[:, :-1], ratio[:, :-1], rtol=1e-6)
        assert_allclose(found.diagnosis.transfer, np.abs(restore.psf_to_otf(kernel, observed.shape)), atol=1e-12)

    def test_large_ones_are_thinned(self):
        found = restore.deconvolve(
            np.random.default_rng(0).random((300, 520)), psf.disk(2), method="wiener", boundary="periodic"
        )
        assert found.diagnosis.gain.shape == found.diagnosis.transfer.shape == (100, 53)


class TestNeighbours:
    def test_a_turned_motion_is_the_motion_of_the_other_angle(self):
        found, right = turned(psf.motion(21, 10), 25), psf.motion(21, 35)
        places = [np.indices(h.shape).reshape(2, -1) for h in (found, right)]
        moments = [np.cov(p, aweights=h.ravel()) for p, h in zip(places, (found, right), strict=True)]
        assert_allclose(moments[0], moments[1], atol=0.6)
        assert found.sum() == pytest.approx(1)

    @pytest.mark.parametrize("factor", [0.7, 1.3])
    def test_a_scaled_gaussian_is_the_gaussian_of_the_other_sigma(self, factor):
        found = scaled(psf.gaussian(3), factor)
        spread = np.sqrt(np.cov(np.indices(found.shape).reshape(2, -1), aweights=found.ravel()).diagonal())
        assert_allclose(spread, 3 * factor, rtol=0.03)

    def test_only_some_have_a_direction(self):
        assert is_elongated(psf.motion(9, 45))
        assert not any(is_elongated(h) for h in (psf.disk(4), psf.gaussian(1), psf.box(5), np.ones((1, 1))))
