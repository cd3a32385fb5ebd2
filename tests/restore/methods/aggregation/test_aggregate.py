"""Weighed estimates: never much worse than the linear one, better where the priors are right, and what weighs them."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from skimage import data

import restore
from restore.methods.aggregation import weighed_estimate
from restore.methods.aggregation.weight import evenness, refuted, textured
from restore.observation.observation import observe
from restore.parameter_choice.evidence import LinearEstimate

EVERYWHERE = (slice(None), slice(None))


@pytest.fixture(scope="module")
def edges(pictures):
    return pictures["camera"][100:228, 150:278]


@pytest.fixture(scope="module")
def texture():
    """A Gaussian field with the spectrum of photographs: the linear filter is the best there is."""
    rng = np.random.default_rng(3)
    v, u = np.meshgrid(np.fft.fftfreq(128), np.fft.rfftfreq(128), indexing="ij")
    field = np.fft.irfft2(np.fft.rfft2(rng.normal(size=(128, 128))) / (0.02 + np.hypot(u, v)) ** 1.3)
    return 0.5 + 0.15 * field / field.std()


def seen(sharp, h, sigma=0.01, **options):
    return restore.degrade(sharp, h, noise_sigma=sigma, rng=0, boundary="valid", **options)


def inside(sharp, h):
    return sharp[tuple(slice(k // 2, n - (k - 1) // 2) for k, n in zip(h.shape, sharp.shape, strict=True))]


def gain(oracle, sharp, h, observed, method):
    """Decibels over the linear filter."""
    truth = inside(sharp, h)
    return oracle.decibel(method(observed, h) - truth) - oracle.decibel(restore.wiener(observed, h) - truth)


class TestAggregate:
    @pytest.mark.parametrize("h", [restore.psf.disk(3), restore.psf.motion(12, 20)], ids=["disk", "motion"])
    def test_edges_come_out_better_than_with_the_linear_filter(self, edges, oracle, h):
        observed = seen(edges, h)
        assert gain(oracle, edges, h, observed, restore.aggregate) > 1
        assert gain(oracle, edges, h, observed, restore.aggregate) > gain(
            oracle, edges, h, observed, restore.hyper_laplacian
        )

    def test_texture_is_kept(self, texture, oracle):
        h = restore.psf.gaussian(1.5)
        observed = seen(texture, h)
        found = gain(oracle, texture, h, observed, restore.aggregate)
        assert found > -0.1
        assert found > gain(oracle, texture, h, observed, restore.total_variation) + 0.2

    def test_an_asymmetric_non_square_psf(self, edges, oracle):
        for shape in [(3, 7), (4, 2)]:
            h = oracle.asymmetric(shape)
            observed = restore.degrade(edges, h, noise_sigma=0.01, rng=0, boundary="periodic")
            found = restore.aggregate(observed, h, boundary="periodic")
            assert oracle.decibel(found - edges) > oracle.decibel(observed - edges) + 2

    def test_where_noise_and_detail_look_alike_it_is_the_linear_estimate(self, pictures):
        h, picture = restore.psf.gaussian(0.4), pictures["coins"][20:276, 60:316]
        observed = seen(picture, h, sigma=0.001)
        assert observe(observed, h, "unknown").fit.rule == "gcv"
        assert_allclose(restore.aggregate(observed, h), restore.wiener(observed, h), atol=1e-9)

    def test_priors_stay_where_the_blur_hides_detail_and_there_is_hardly_noise(self, pictures):
        h, sharp = restore.psf.disk(3), pictures["coins"][20:276, 60:316]
        observed = restore.degrade(sharp, h, boundary="valid")
        assert observe(observed, h, "unknown").fit.rule == "gcv"
        errors = [np.std(method(observed, h) - sharp[3:-3, 3:-3]) for method in (restore.aggregate, restore.wiener)]
        assert errors[0] < 0.8 * errors[1]

    def test_more_noise_makes_it_smoother(self, edges):
        h = restore.psf.disk(3)
        observed = seen(edges, h)
        rough = [np.abs(np.diff(restore.aggregate(observed, h, noise_var=v))).sum() for v in (1e-5, 1e-4, 1e-3)]
        assert rough == sorted(rough, reverse=True)

    def test_similar_patches_help(self, oracle):
        sharp, h = data.brick()[100:228, 100:228] / 255, restore.psf.disk(3)
        observed = seen(sharp, h)
        with_patches = gain(oracle, sharp, h, observed, lambda g, h: restore.aggregate(g, h, patches=True))
        assert with_patches > gain(oracle, sharp, h, observed, restore.aggregate) + 0.2

    def test_units_and_offset_do_not_matter(self, edges):
        h = restore.psf.disk(2)
        observed = seen(edges, h)
        plain = restore.aggregate(observed, h)
        assert_allclose(restore.aggregate(1000 * observed + 50, h), 1000 * plain + 50, atol=1)

    def test_masked_samples_do_not_count(self, edges):
        h = restore.psf.disk(2)
        observed = seen(edges, h)
        mask = np.zeros(observed.shape, bool)
        mask[40:44, 30:90] = True
        results = [restore.aggregate(np.where(mask, v, observed), h, mask=mask) for v in (0.0, 1.0)]
        assert_allclose(*results, atol=0.05)

    def test_stacks_and_flat_pictures(self):
        rng = np.random.default_rng(0)
        block = np.zeros((20, 24, 22), np.float32)
        block[6:14, 8:16, 7:15] = 1
        h = restore.psf.gaussian((1.0, 1.2, 1.2))
        observed = restore.degrade(block, h, noise_sigma=0.02, rng=rng, boundary="periodic")
        found = restore.aggregate(observed, h, boundary="periodic")
        assert found.dtype == np.float32
        assert np.mean((found - block) ** 2) < 0.5 * np.mean((observed - block) ** 2)
        flat = restore.aggregate(np.full((40, 40), 0.25), restore.psf.disk(2))
        assert_allclose(flat, 0.25, atol=1e-6)


class TestWeight:
    def test_evenness(self):
        noise = np.random.default_rng(0).normal(size=(200, 200))
        assert evenness([noise, noise], EVERYWHERE) == pytest.approx(2 / np.pi, rel=0.02)
        step = np.zeros((64, 64))
        step[:, 32:] = 1
        assert evenness([step], EVERYWHERE) < 0.05
        assert evenness([np.ones((8, 8))], EVERYWHERE) == 0

    def test_texture_asks_for_the_linear_estimate_and_edges_do_not(self, edges, texture):
        h = restore.psf.gaussian(2)
        for picture, low, high in ((edges, 0, 0.05), (texture, 0.2, 0.8)):
            linear = LinearEstimate(observe(seen(picture, h), h, "unknown"))
            smooth = restore.hyper_laplacian(seen(picture, h), h)
            grid = np.zeros(linear.observation.grid)
            grid[linear.observation.frame] = smooth
            assert low <= textured(linear, [grid]) <= high

    def test_a_difference_larger_than_the_expected_error_refutes(self, edges):
        h = restore.psf.disk(3)
        linear = LinearEstimate(observe(seen(edges, h), h, "unknown"))
        w, error = linear.planes[0], linear.error_var() ** 0.5
        noise = np.random.default_rng(1).normal(size=w.shape)
        assert refuted(linear, w, w) == 0
        assert refuted(linear, w, w + 0.7 * error * noise) == 0
        assert 0.1 < refuted(linear, w, w + 1.25 * error * noise) < 0.9
        assert refuted(linear, w, w + 2 * error * noise) == 1


class TestLinearEstimate:
    @pytest.mark.parametrize("h", [restore.psf.gaussian(1.5), restore.psf.disk(3)], ids=["gaussian", "disk"])
    def test_it_knows_its_error(self, texture, h):
        observed = restore.degrade(texture, h, noise_sigma=0.01, rng=0, boundary="periodic")
        linear = LinearEstimate(observe(observed, h, "periodic"))
        error = np.mean((linear.planes[0] - texture) ** 2)
        assert linear.error_var() == pytest.approx(error, rel=0.5)
        assert linear.error_var(4.0) > linear.error_var()
        assert 0 < linear.kept_share < 1
        assert linear.determined_var == pytest.approx(linear.kept_share * linear.noise_var)


def test_of_a_large_picture_total_variation_ends_sooner_and_as_well(edges, oracle, monkeypatch):
    h = restore.psf.disk(3)
    observed, truth, results = seen(edges, h), inside(edges, h), []
    for large in (weighed_estimate.LARGE, 1):
        monkeypatch.setattr(weighed_estimate, "LARGE", large)
        results.append(restore.deconvolve(observed, h, method="aggregate"))
    small, large = results
    assert large.iterations <= 0.6 * small.iterations
    assert oracle.decibel(large.image - truth) > oracle.decibel(small.image - truth) - 0.05
