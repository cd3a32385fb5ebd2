"""Samples that the blur cannot have left are found, said, and do no harm; where there are none nothing changes."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import ndimage
from skimage import data

import restore
from restore.observation.highlights import white_level_of

H = restore.psf.disk(2.5)
SHAPE = (88, 96)


@pytest.fixture(scope="module")
def scene(pictures):
    """A sharp picture, none of it brighter than 0.6."""
    return 0.6 * pictures["camera"][60 : 60 + SHAPE[0], 130 : 130 + SHAPE[1]]


def seen(scene, noise=0.004):
    """The scene as a file of eight bits holds it, before anything goes wrong."""
    axis = None if scene.ndim == 2 else -1
    return restore.degrade(scene, H, noise_sigma=noise, rng=1, boundary="symmetric", channel_axis=axis)


def stored(light):
    return np.round(255 * np.clip(light, 0, 1)) / 255


def lit(scene):
    """The scene with lights of 1.2 to 8 times the top."""
    scene = scene.copy()
    rows, columns = np.indices(scene.shape)
    for row, column, light in ((20, 25, 1.2), (60, 70, 2.0), (25, 75, 8.0), (66, 22, 4.0)):
        scene[(rows - row) ** 2 + (columns - column) ** 2 < 12] = light
    return scene


def impulses(observed, share=0.01):
    rng = np.random.default_rng(2)
    hit = rng.random(observed.shape) < share
    return np.where(hit, rng.integers(0, 2, observed.shape), observed), hit


def decibel(oracle, restored, scene):
    return oracle.decibel((np.clip(restored, 0, 1) - np.clip(scene, 0, 1))[6:-6, 6:-6])


@pytest.mark.parametrize("method", ["auto", "wiener", "hyper_laplacian", "richardson_lucy"])
def test_impulses_hardly_matter_to_any_method(scene, oracle, method):
    clean = stored(seen(scene))
    wrong, hit = impulses(clean)
    without, found = (restore.deconvolve(g, H, method=method) for g in (clean, wrong))
    assert decibel(oracle, found.image, scene) > decibel(oracle, without.image, scene) - 0.7
    assert np.mean(found.contradictions.wrong[hit & (np.abs(wrong - clean) > 0.1)]) > 0.95
    assert np.mean(found.contradictions.wrong[~hit]) < 0.005
    assert (without.contradictions, found.doubts) == (None, ())


@pytest.mark.parametrize("method", ["hyper_laplacian", "total_variation"])
def test_impulses_do_not_make_it_smoother(scene, method):
    clean = stored(seen(scene, 0.001))
    without, found = (restore.deconvolve(g, H, method=method).parameter for g in (clean, impulses(clean)[0]))
    assert found == pytest.approx(without, rel=0.1)


def test_clean_data_are_restored_as_ever(scene):
    for noise in (0.001, 0.02):
        observed = seen(scene, noise)
        found = restore.deconvolve(observed, H)
        assert found.contradictions is None
        assert_array_equal(found.image, restore.deconvolve(observed, H, outliers="keep").image)


@pytest.mark.parametrize("white", [1.0, 0.7])
def test_lights_are_as_bright_as_their_halo_says(scene, oracle, white):
    bright = lit(scene)
    observed = np.minimum(stored(seen(bright)), np.round(255 * white) / 255)
    found = restore.deconvolve(observed, H)
    kept = restore.deconvolve(observed, H, outliers="keep")
    decibels = [decibel(oracle, g, bright) for g in (observed, kept.image, found.image)]
    assert decibels[2] > max(decibels[:2]) + 5
    assert found.contradictions.brighter.any()
    assert_allclose([found.image[20, 25], found.image[60, 70]], [1.2, 2.0], rtol=0.1)


def test_the_white_level_is_found_or_given(scene):
    observed = np.minimum(stored(seen(lit(scene))), 0.75)
    assert white_level_of(observed[..., None]) == 0.75
    assert white_level_of(stored(seen(scene))[..., None]) == np.inf
    given, found, none = (
        restore.deconvolve(observed, H, method="wiener", white_level=level) for level in (0.75, None, np.inf)
    )
    assert_array_equal(given.image, found.image)
    assert not none.contradictions.brighter.any()


def test_text_and_a_dead_row_are_seen_through(scene, oracle):
    observed = stored(seen(scene))
    written = observed.copy()
    written[44] = 0
    written[70:76:2, 20:60] = 1
    written[60:80, 70:72] = 1
    before, kept, found = (
        decibel(oracle, g, scene)
        for g in (
            written,
            restore.deconvolve(written, H, outliers="keep").image,
            restore.deconvolve(written, H).image,
        )
    )
    assert found > max(before, kept) + 3


def test_a_unit_does_not_matter(scene):
    observed, _ = impulses(stored(seen(scene)))
    plain, times = restore.deconvolve(observed, H), restore.deconvolve(1024 * observed, H)
    assert_allclose(times.image, 1024 * plain.image, rtol=1e-5)
    assert_array_equal(times.contradictions.wrong, plain.contradictions.wrong)


def test_channels_are_told_apart(scene):
    observed = np.stack([seen(scene), seen(0.8 * scene), seen(0.5 * scene + 0.1)])
    wrong = observed.copy()
    wrong[1, 30:70:8, 20:80:9] = 1
    found = restore.deconvolve(wrong, H, channel_axis=0, method="wiener")
    assert found.contradictions.wrong.shape == wrong.shape
    assert found.contradictions.wrong[1, 30:70:8, 20:80:9].all()
    assert found.contradictions.wrong[[0, 2]].mean() < 0.005


def test_a_wrong_psf_is_blamed_and_not_the_samples(pictures):
    observed = restore.degrade(pictures["camera"][60:320, 60:320], restore.psf.disk(3), noise_sigma=0.001, rng=0)
    found, kept = (
        restore.deconvolve(observed, restore.psf.disk(4.5), method="wiener", outliers=w) for w in ("auto", "keep")
    )
    assert found.contradictions.are_too_many
    assert any("contradict the PSF" in doubt for doubt in found.doubts)
    assert_array_equal(found.image, kept.image)


def test_demosaicing_is_not_taken_for_wrong_samples():
    """Its errors at edges are many times what it leaves between them."""
    rng, h = np.random.default_rng(0), restore.psf.disk(3)
    observed = restore.blur(data.astronaut()[:240, 100:340] / 255, h, channel_axis=-1)
    observed = observed + rng.normal(0, 0.004, observed.shape)
    rows, columns = np.indices(observed.shape[:2])
    for channel, (row, column) in ((0, (0, 0)), (2, (1, 1))):  # red and blue from every second sample
        known = (rows % 2 == row) & (columns % 2 == column)
        weights = ndimage.uniform_filter(known.astype(float), 3)
        observed[..., channel] = ndimage.uniform_filter(observed[..., channel] * known, 3) / weights
    assert restore.deconvolve(observed, h, channel_axis=-1, method="wiener").contradictions is None


def test_refusals(scene):
    for word, value in (("outliers", "drop"), ("white_level", -1.0), ("white_level", np.nan)):
        with pytest.raises(ValueError, match=word):
            restore.deconvolve(impulses(seen(scene))[0], H, **{word: value})
