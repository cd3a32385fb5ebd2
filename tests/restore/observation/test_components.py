"""Channels turned into components: the same picture, the same noise, and nothing in common."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

import restore
from restore.observation.components import IN_THE_FIRST, components, main_and_others, turned
from restore.observation.observation import observe

H = restore.psf.disk(1.5)
#: How the colours of a photograph of one material differ: little.
TINTS = np.array([1.0, 0.9, 1.1])


@pytest.fixture(scope="module")
def colourful():
    """Edges that all channels share, and faint ones that each has for itself."""
    rng = np.random.default_rng(5)
    shared = np.kron(rng.random((6, 7)), np.ones((8, 8)))
    return shared[..., None] * TINTS + 0.05 * np.kron(rng.random((12, 14, 3)), np.ones((4, 4, 1)))


def seen(picture, **options):
    return observe(picture, H, "unknown", channel_axis=-1, **options)


def test_they_are_a_rotation_and_the_first_is_what_the_channels_share(colourful):
    rows = components(seen(colourful))
    assert_allclose(rows @ rows.T, np.eye(3), atol=1e-12)
    assert_allclose(rows[0], TINTS / np.linalg.norm(TINTS), atol=0.02)


def test_their_differences_have_nothing_in_common(colourful):
    observation = seen(colourful)
    picture = turned(observation, components(observation)).picture
    steps = np.concatenate([np.diff(picture, axis=axis).reshape(-1, 3) for axis in (0, 1)])
    assert_allclose(np.corrcoef(steps.T, rowvar=True) * (1 - np.eye(3)), 0, atol=0.05)


def test_the_order_of_the_channels_does_not_matter(colourful):
    noisy = restore.degrade(colourful, H, noise_sigma=0.01, rng=0, channel_axis=-1)[:20, :20]
    order = [2, 0, 1]
    for method in (restore.aggregate, lambda g, h, **o: restore.nonlocal_deconvolution(g, h, fast=True, **o)):
        found, other = (method(g, H, channel_axis=-1) for g in (noisy, noisy[..., order]))
        assert_allclose(other, found[..., order], atol=1e-6)


def test_components_that_hold_nothing_are_left_out(colourful):
    gray = np.repeat(colourful[..., :1], 3, axis=-1)
    assert len(components(seen(gray))) == 1
    assert len(list(main_and_others(seen(gray)))) == 1
    assert_allclose(components(seen(np.ones((20, 20, 3)))).shape, (1, 3))


def test_a_gray_picture_in_three_channels_is_restored_as_gray(colourful):
    noisy = restore.degrade(colourful[..., 0], H, noise_sigma=0.01, rng=0)
    three = restore.aggregate(np.stack([noisy] * 3, axis=0), H, channel_axis=0)
    assert_allclose(three, np.stack([restore.aggregate(noisy, H)] * 3), atol=1e-3)


def test_what_one_channel_lacks_is_unknown_in_all_components(colourful):
    mask = np.zeros(colourful.shape, bool)
    mask[5, 6, 0] = mask[9, 3, 2] = True
    observation = seen(colourful, mask=mask)
    for rows, part in main_and_others(observation):
        assert part.mask.shape == (*colourful.shape[:2], len(rows))
        assert (part.mask == mask.any(axis=-1, keepdims=True)).all()


def test_noise_that_does_not_show_counts_in_the_first_above_all(colourful):
    first, others = (part for _, part in main_and_others(seen(colourful, extra_noise_var=0.01)))
    assert (first.extra_noise_var, others.extra_noise_var) == (0.01 * IN_THE_FIRST, 0.01)


def test_luminance_and_colour_get_strengths_of_their_own(colourful, oracle):
    """Colour that drowns in noise is smoothed more than luminance that stands above it: both come out better."""
    noisy = restore.degrade(colourful, H, noise_sigma=0.02, rng=0, channel_axis=-1)
    together = restore.aggregate(noisy, H, channel_axis=-1)
    apart = np.stack([restore.aggregate(noisy[..., c].copy(), H) for c in range(3)], axis=-1)
    assert oracle.decibel(together - colourful) > oracle.decibel(apart - colourful) + 1


def test_what_is_wrong_with_components_adds_up_to_what_is_wrong_with_the_picture():
    """Of a large picture each is completed on its own, and told by that."""
    rng = np.random.default_rng(0)
    sharp = np.repeat(rng.random((544, 544, 1), np.float32), 3, axis=-1) + 0.2 * rng.random((544, 544, 3), np.float32)
    kernel = restore.psf.disk(3)
    observed = restore.degrade(sharp, kernel, noise_sigma=1e-3, rng=1, boundary="valid", channel_axis=-1)
    observation = observe(np.asarray(observed, np.float32), kernel, "unknown", -1)
    wrong = [part.contradicted_var * len(rows) for rows, part in main_and_others(observation)]
    assert len(wrong) == 2
    assert min(wrong) > 0
    assert_allclose(sum(wrong), 3 * observation.contradicted_var)


@pytest.mark.parametrize("mask_share", [0.0, 0.02])
def test_of_an_uncertain_psf_each_component_has_the_spectra_of_its_own(colourful, mask_share):
    noisy = restore.degrade(colourful, H, noise_sigma=0.01, rng=0, channel_axis=-1)
    mask = np.random.default_rng(1).random(noisy.shape[:2]) < mask_share
    observation = seen(noisy, extra_noise_var=1e-4, **({"mask": mask} if mask.any() else {}))
    variance = np.zeros((*observation.grid[:-1], observation.grid[-1] // 2 + 1))
    weighted = main_and_others(observation.weighted(variance))
    for (rows, part), (_, known) in zip(weighted, main_and_others(observation), strict=True):
        assert part.fit.noise_var == pytest.approx(known.fit.noise_var, rel=1e-6)
        assert part.unweighted.extra_noise_var == part.extra_noise_var
        assert part.completed.picture.shape[-1] == len(rows)


def test_a_psf_that_is_hardly_uncertain_is_as_good_as_an_exact_one():
    """The spectra of all channels together once stood for those of each component, and the priors were doubted."""
    rng = np.random.default_rng(0)
    drawing = np.ones((120, 140, 3)) * [0.85, 0.8, 0.65]
    for _ in range(12):  # outlined boxes
        (row, column), (tall, wide) = rng.integers(0, (110, 130)), rng.integers(8, 50, 2)
        drawing[row : row + tall, column : column + wide] = 0
        drawing[row + 2 : row + tall - 2, column + 2 : column + wide - 2] = rng.random(3) ** 2.2
    psf = restore.psf.disk(3)
    observed = restore.degrade(drawing, psf, noise_sigma=0.004, rng=0, channel_axis=-1)
    exact, nearly = (restore.deconvolve(observed, psf, channel_axis=-1, psf_spread=s).image for s in (0.0, 1e-6))
    assert restore.psnr(drawing, nearly) == pytest.approx(restore.psnr(drawing, exact), abs=0.3)
