"""Deconvolution with a sparse prior: its shrinkage, its limits, its laws, and that it beats the linear filter."""

import numpy as np
import pytest
from scipy import optimize, signal

import restore
from restore.methods.differences.hyper_laplacian import EXPONENT, HyperLaplacianSettings, share_left, solve
from restore.observation.observation import observe


@pytest.mark.parametrize("exponent", [0.5, EXPONENT, 1.0])
@pytest.mark.parametrize("beta", [1.0, 16.0, 512.0])
def test_the_shrinkage_minimises_its_cost(beta, exponent):
    wanted = np.linspace(0, 3, 31)
    found = wanted * share_left(wanted, beta, exponent)
    grid = np.linspace(-0.5, 3.5, 40001)
    for w, v in zip(wanted, found, strict=True):
        cost = 0.5 * (grid - w) ** 2 + np.abs(grid) ** exponent / beta
        own = 0.5 * (v - w) ** 2 + abs(v) ** exponent / beta
        assert own <= cost.min() + 2e-3 / beta


def test_without_strength_it_is_the_inverse_filter(scene):
    blurred = restore.blur(scene.image, scene.psf, boundary="periodic")
    found = restore.hyper_laplacian(blurred, scene.psf, strength=0, boundary="periodic")
    np.testing.assert_allclose(found, scene.image, atol=1e-7)


@pytest.mark.parametrize("shape", [(3, 3), (3, 7), (4, 2)], ids=["square", "non-square", "even-sized"])
def test_it_lowers_its_cost(shape, oracle):
    h = oracle.asymmetric(shape)
    sharp = np.zeros((40, 36))
    sharp[10:30, 8:20] = 1
    observed = restore.degrade(sharp, h, noise_sigma=0.02, rng=0, boundary="periodic")
    strength = 2e-3

    def cost(picture):
        misfit = restore.blur(picture, h, boundary="periodic") - observed
        edges = [np.roll(picture, -1, axis) - picture for axis in (0, 1)]
        return 0.5 * np.sum(misfit**2) + strength * sum(np.sum(np.abs(e) ** EXPONENT) for e in edges)

    found = restore.hyper_laplacian(observed, h, strength=strength, boundary="periodic")
    others = [observed, sharp, restore.wiener(observed, h, boundary="periodic")]
    # The percentiles of the noisy picture make its unit a little more than 1.
    assert cost(found) < 1.05 * min(cost(other) for other in others)
    best = optimize.minimize_scalar(lambda t: cost(found + t * (sharp - found)), bounds=(-0.5, 0.5), method="bounded")
    assert cost(found) < 1.1 * best.fun


def test_it_beats_the_linear_filter_on_a_photograph(pictures, oracle):
    sharp, h = pictures["camera"][100:260, 120:300], restore.psf.motion(9, 30)
    observed = signal.convolve(sharp, h, mode="valid")
    observed = observed + np.random.default_rng(0).normal(0, 0.01, observed.shape)
    sharp = sharp[tuple(slice(k // 2, n - k // 2) for k, n in zip(h.shape, sharp.shape, strict=True))]
    gain = oracle.decibel(restore.hyper_laplacian(observed, h) - sharp) - oracle.decibel(
        restore.wiener(observed, h) - sharp
    )
    assert gain > 1


def test_range_offset_and_channels_do_not_matter():
    rng = np.random.default_rng(1)
    picture, h = np.cumsum(rng.normal(size=(40, 44)), axis=1), restore.psf.disk(2)
    options = {"strength": 1e-3, "boundary": "periodic"}
    plain = restore.hyper_laplacian(picture, h, **options)
    np.testing.assert_allclose(restore.hyper_laplacian(255 * picture + 9, h, **options), 255 * plain + 9, atol=1e-6)
    colour = restore.hyper_laplacian(np.stack([picture] * 3), h, channel_axis=0, **options)
    np.testing.assert_allclose(colour, np.stack([plain] * 3), atol=1e-9)


def test_channels_keep_the_same_edges(pictures):
    sharp, h = pictures["camera"][60:140, 160:240], restore.psf.disk(2.5)
    colour = np.stack([sharp, 0.2 + 0.6 * sharp, 1 - 0.5 * sharp])
    observed = restore.degrade(colour, h, noise_sigma=0.02, rng=0, channel_axis=0)
    together = restore.hyper_laplacian(observed, h, channel_axis=0)
    alone = np.stack([restore.hyper_laplacian(plane, h) for plane in observed])
    assert 10 * np.log10(np.mean((alone - colour) ** 2) / np.mean((together - colour) ** 2)) > 0.5


def test_every_exponent_lowers_its_own_cost(pictures):
    h, strength = restore.psf.gaussian(1.2), 1e-3
    observed = restore.degrade(pictures["camera"][100:180, 120:200], h, noise_sigma=0.02, rng=0, boundary="periodic")
    low, high = np.percentile(observed, [0.5, 99.5], method="inverted_cdf")
    unit = high - low

    def cost(picture, exponent):
        misfit = restore.blur(picture, h, boundary="periodic") - observed
        edges = np.stack([np.roll(picture, -1, axis) - picture for axis in (0, 1)]) / unit
        return 0.5 * np.sum(misfit**2) + strength * unit**2 * np.sum(np.abs(edges) ** exponent)

    exponents = (0.5, 0.8, 1.0)
    options = {"strength": strength, "boundary": "periodic"}
    found = {p: restore.hyper_laplacian(observed, h, exponent=p, **options) for p in exponents}
    for p in exponents:
        assert cost(found[p], p) == min(cost(other, p) for other in found.values())
    least = restore.total_variation(
        observed, h, strength=strength * unit, isotropic=False, tolerance=1e-6, boundary="periodic"
    )
    assert cost(least, 1) < cost(found[1.0], 1) < 1.05 * cost(least, 1)


@pytest.mark.parametrize(("sigma", "h"), [(0.02, restore.psf.disk(3)), (0.004, restore.psf.gaussian(1.2))])
@pytest.mark.parametrize("exponent", [0.5, EXPONENT])
def test_its_own_strength_is_near_the_best_one(pictures, oracle, exponent, sigma, h):
    sharp = pictures["moon"][90:270, 120:290]
    observed = signal.convolve(sharp, h, mode="valid")
    observed = observed + np.random.default_rng(0).normal(0, sigma, observed.shape)
    sharp = sharp[tuple(slice(k // 2, n - k // 2) for k, n in zip(h.shape, sharp.shape, strict=True))]
    seen = observe(observed, h, "unknown")
    found = solve(seen, HyperLaplacianSettings(exponent=exponent))
    assert found.rule == "evidence"
    others = [
        solve(seen, HyperLaplacianSettings(strength=found.strength * factor, exponent=exponent)).image
        for factor in (0.25, 0.4, 0.63, 1.6, 2.5, 4)
    ]
    assert max(oracle.decibel(o - sharp) for o in others) - oracle.decibel(found.image - sharp) < 0.4


def test_it_says_how_far_it_is():
    shares = []
    restore.hyper_laplacian(np.eye(30), restore.psf.disk(2), strength=1e-3, callback=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_stronger_is_flatter():
    picture = np.random.default_rng(2).random((48, 40))
    h = restore.psf.gaussian(1)
    rough = [
        np.abs(np.diff(restore.hyper_laplacian(picture, h, strength=s), axis=0)).sum() for s in (1e-4, 1e-3, 1e-2, 0.1)
    ]
    assert rough == sorted(rough, reverse=True)


def test_each_channel_has_its_mask(pictures):
    sharp, h = pictures["camera"][60:120, 160:230], restore.psf.gaussian(1.2)
    mask = np.zeros((2, *sharp.shape), bool)
    mask[0, 20:24, 20:50] = mask[1, 40:50, 10:12] = True
    observed = np.stack([restore.blur(sharp, h)] * 2)
    found = restore.hyper_laplacian(observed, h, strength=5e-4, mask=mask, channel_axis=0)
    for plane, observed_plane, hidden in zip(found, observed, mask, strict=True):
        alone = restore.hyper_laplacian(observed_plane, h, strength=5e-4, mask=hidden)
        assert np.mean((plane - alone) ** 2) < 1e-4  # not equal: the border is completed for both at once


def test_masked_samples_do_not_count(pictures):
    sharp, h = pictures["camera"][60:140, 160:240], restore.psf.gaussian(1.2)
    mask = np.zeros(sharp.shape, bool)
    mask[30:34, 20:60] = True
    observed = restore.blur(sharp, h)
    results = [restore.hyper_laplacian(np.where(mask, v, observed), h, strength=5e-4, mask=mask) for v in (0.0, 1.0)]
    np.testing.assert_allclose(*results, atol=0.02)
    assert np.mean((results[0] - sharp) ** 2) < 0.01


def test_dtype_and_input_are_kept():
    picture = np.random.default_rng(3).random((30, 31)).astype(np.float32)
    before = picture.copy()
    assert restore.hyper_laplacian(picture, restore.psf.disk(2)).dtype == np.float32
    assert np.array_equal(picture, before)
    flat = restore.hyper_laplacian(np.full((30, 30), 0.25), restore.psf.disk(2))
    np.testing.assert_allclose(flat, 0.25, atol=1e-9)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"strength": -1}, "strength must be finite and >= 0, got -1"),
        ({"exponent": 0}, r"exponent must lie in \(0, 1\], got 0"),
        ({"exponent": 1.5}, r"exponent must lie in \(0, 1\], got 1.5"),
    ],
)
def test_impossible_arguments_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        restore.hyper_laplacian(np.zeros((9, 9)), restore.psf.disk(1), **options)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_no_strength_is_too_large(dtype):
    """Its product with the ties once left the range of float32."""
    observed = np.random.default_rng(0).random((20, 24)).astype(dtype)
    flat = restore.hyper_laplacian(observed, restore.psf.disk(1.5), strength=1e300)
    assert np.ptp(flat) < 1e-4
    assert flat.mean() == pytest.approx(observed.mean(), abs=0.01)
