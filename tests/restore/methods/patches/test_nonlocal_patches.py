"""Deconvolution by groups of similar patches: its laws, its limits, and that it beats the linear filter."""

import numpy as np
import pytest
from scipy import signal

import restore
from restore import nonlocal_deconvolution
from restore.methods.patches.nonlocal_patches import FAST, NonlocalSettings, solve
from restore.observation.observation import observe

LEVELS = pytest.mark.parametrize("fast", [False, True], ids=["thorough", "fast"])


@pytest.fixture
def textured(pictures):
    """A blurred noisy piece of a brick wall, periodic."""
    sharp = pictures["brick"][:72, :70]
    h = restore.psf.disk(2.5)
    return sharp, h, restore.degrade(sharp, h, noise_sigma=0.008, rng=0, boundary="periodic")


@LEVELS
def test_it_beats_the_linear_filter_on_texture(textured, oracle, fast):
    sharp, h, observed = textured
    found = nonlocal_deconvolution(observed, h, fast=fast, boundary="periodic")
    linear = restore.wiener(observed, h, boundary="periodic")
    assert oracle.decibel(found - sharp) > oracle.decibel(linear - sharp) + (0.5 if fast else 1)


@LEVELS
def test_without_blur_and_noise_it_gives_the_picture_back(pictures, fast):
    sharp, delta = pictures["camera"][100:164, 200:260], np.ones((1, 1))
    found = nonlocal_deconvolution(sharp, delta, noise_var=0, fast=fast, boundary="periodic")
    np.testing.assert_allclose(found, sharp, atol=2e-4)


@pytest.mark.parametrize("shape", [(3, 3), (3, 7), (4, 2)], ids=["square", "non-square", "even-sized"])
def test_it_knows_where_the_psf_has_its_centre(shape, oracle):
    sharp, h = np.zeros((42, 48)), oracle.asymmetric(shape)
    sharp[12:30, 14:32] = 1
    observed = restore.degrade(sharp, h, noise_sigma=0.01, rng=0, boundary="periodic")
    found = nonlocal_deconvolution(observed, h, boundary="periodic")
    assert np.abs(found - sharp).max() < 0.15
    assert oracle.decibel(found - sharp) > oracle.decibel(restore.wiener(observed, h, boundary="periodic") - sharp) + 3


def test_a_periodic_picture_may_be_moved(textured):
    _, h, observed = textured
    moved = nonlocal_deconvolution(np.roll(observed, (12, 30), (0, 1)), h, noise_var=6.4e-5, boundary="periodic")
    still = nonlocal_deconvolution(observed, h, noise_var=6.4e-5, boundary="periodic")
    error = moved - np.roll(still, (12, 30), (0, 1))  # equal but for ties, which fall by rounding
    assert np.sqrt(np.mean(error**2)) < 2e-3


@LEVELS
def test_range_and_offset_do_not_matter(textured, fast):
    _, h, observed = textured
    options = {"fast": fast, "boundary": "periodic"}
    plain = nonlocal_deconvolution(observed, h, **options)
    other = nonlocal_deconvolution(1000 * observed - 70, h, **options)
    assert np.sqrt(np.mean(((other + 70) / 1000 - plain) ** 2)) < 1e-3


def test_equal_channels_are_a_gray_picture(textured):
    _, h, observed = textured
    options = {"fast": True, "boundary": "periodic"}
    gray = nonlocal_deconvolution(observed, h, **options)
    colour = nonlocal_deconvolution(np.stack([observed] * 3), h, channel_axis=0, **options)
    assert colour.shape == (3, *gray.shape)
    np.testing.assert_allclose(colour, np.broadcast_to(colour[:1], colour.shape), atol=1e-6)
    assert np.sqrt(np.mean((colour[0] - gray) ** 2)) < 1e-3


def test_colour_beats_the_linear_filter(oracle):
    from skimage.data import coffee

    sharp, h = coffee()[100:164, 130:202] / 255, restore.psf.gaussian(1.5)
    observed = restore.degrade(sharp, h, noise_sigma=0.01, rng=0, boundary="periodic", channel_axis=-1)
    found = nonlocal_deconvolution(observed, h, boundary="periodic", channel_axis=-1)
    linear = restore.wiener(observed, h, boundary="periodic", channel_axis=-1)
    assert oracle.decibel(found - sharp) > oracle.decibel(linear - sharp) + 1


def test_the_outside_of_a_frame_is_solved_for(pictures, oracle):
    sharp, h = pictures["camera"][100:230, 120:260], restore.psf.motion(9, 30)
    observed = signal.convolve(sharp, h, mode="valid")
    observed = observed + np.random.default_rng(0).normal(0, 0.01, observed.shape)
    sharp = sharp[tuple(slice(k // 2, n - k // 2) for k, n in zip(h.shape, sharp.shape, strict=True))]
    quality = [
        oracle.decibel(found - sharp)
        for found in (restore.wiener(observed, h), nonlocal_deconvolution(observed, h, fast=True))
    ]
    assert quality[1] > quality[0] + 1


def test_masked_samples_do_not_count(pictures):
    sharp, h = pictures["camera"][60:140, 160:240], restore.psf.gaussian(1.2)
    mask = np.zeros(sharp.shape, bool)
    mask[30:34, 20:60] = True
    observed = restore.degrade(sharp, h, noise_sigma=0.005, rng=0)
    results = [
        nonlocal_deconvolution(np.where(mask, v, observed), h, fast=True, mask=mask, noise_var=2.5e-5) for v in (0.0, 1)
    ]
    np.testing.assert_allclose(*results, atol=0.02)
    assert np.mean((results[0] - sharp)[mask] ** 2) < 0.01


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_and_input_are_kept(dtype):
    picture = np.random.default_rng(3).random((30, 31)).astype(dtype)
    before = picture.copy()
    assert nonlocal_deconvolution(picture, restore.psf.disk(2), fast=True).dtype == dtype
    assert np.array_equal(picture, before)


@pytest.mark.parametrize("level", [0.0, 0.25])
def test_a_flat_picture_stays_flat(level):
    flat = nonlocal_deconvolution(np.full((30, 30), level), restore.psf.disk(2), fast=True)
    np.testing.assert_allclose(flat, level, atol=1e-9)


@pytest.mark.parametrize("boundary", ["periodic", "unknown"])
def test_channels_without_content_are_no_obstacle(boundary):
    codes = np.random.default_rng(6).integers(0, 256, (40, 40)) / 256
    picture = np.stack([codes, codes, codes], axis=-1)
    found = nonlocal_deconvolution(picture, restore.psf.disk(1), fast=True, boundary=boundary, channel_axis=-1)
    np.testing.assert_allclose(found, np.repeat(found[..., :1], 3, axis=-1), atol=1e-6)


def test_more_noise_to_take_off_makes_it_flatter(textured):
    _, h, observed = textured
    options = {"fast": True, "boundary": "periodic"}
    rough = [
        np.abs(np.diff(nonlocal_deconvolution(observed, h, noise_var=v, **options))).sum() for v in (1e-5, 1e-4, 1e-3)
    ]
    assert rough == sorted(rough, reverse=True)


def test_progress_and_what_was_done_are_told(textured):
    _, h, observed = textured
    shares = []
    observation = observe(observed, h, "periodic")
    found = solve(observation, NonlocalSettings(), shares.append, effort=FAST)
    assert found.image.shape == observed.shape
    assert len(shares) == found.iterations
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert found.noise_sigma**2 == pytest.approx(0.008**2, rel=0.2)


def test_stacks_and_bad_numbers_are_refused():
    with pytest.raises(ValueError, match=r"two spatial axes of 8 samples or more, got spatial shape \(9, 9, 9\)"):
        nonlocal_deconvolution(np.zeros((9, 9, 9)), np.ones((1, 1, 1)))
    with pytest.raises(ValueError, match=r"two spatial axes of 8 samples or more, got spatial shape \(7, 40\)"):
        nonlocal_deconvolution(np.zeros((7, 40)), np.ones((1, 1)))
    with pytest.raises(ValueError, match="noise_var must be finite and >= 0, got -1"):
        nonlocal_deconvolution(np.zeros((9, 9)), restore.psf.disk(1), noise_var=-1)
