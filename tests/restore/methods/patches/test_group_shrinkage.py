"""What is kept of a group: against singular values one group at a time, and against the closed forms of extremes."""

import numpy as np
import pytest

from restore.methods.patches.group_shrinkage import CONFIDENCE, STRENGTH, low_rank

SHAPES = pytest.mark.parametrize(("count", "samples"), [(8, 16), (16, 9), (9, 9)], ids=["wide", "tall", "square"])


def made(count, samples, rank=3, noise=0.1):
    rng = np.random.default_rng(0)
    return rng.normal(size=(5, count, rank)) @ rng.normal(size=(5, rank, samples)) + noise * rng.normal(
        size=(5, count, samples)
    )


@SHAPES
def test_singular_values_are_kept_in_part(count, samples):
    groups = made(count, samples)
    found, level = groups.copy(), 0.4
    low_rank(level)(found)
    threshold = STRENGTH * level * (np.sqrt(count) + np.sqrt(samples))
    for group, kept in zip(groups, found, strict=True):
        mean = group.mean(axis=0)
        u, s, v = np.linalg.svd(group - mean, full_matrices=False)
        share = s**2 / (s**2 + threshold**2)
        for _ in range(2):
            share = 3 * share**2 - 2 * share**3
        assert share.max() > 0.99
        assert share[-2] < 0.01
        np.testing.assert_allclose(kept, (u * (share * s)) @ v + mean, atol=1e-10)


@SHAPES
def test_noise_is_taken_off(count, samples):
    clean, noisy = made(count, samples, noise=0), made(count, samples, noise=0.1)
    found = noisy.copy()
    low_rank(0.1)(found)
    assert np.mean((found - clean) ** 2) < 0.75 * np.mean((noisy - clean) ** 2)


@SHAPES
def test_nothing_but_the_mean_outlives_a_huge_level(count, samples):
    groups = made(count, samples) + 5
    found = groups.copy()
    low_rank(1e6)(found)
    np.testing.assert_allclose(found, np.broadcast_to(groups.mean(axis=1, keepdims=True), found.shape), atol=1e-6)


@SHAPES
def test_everything_outlives_a_tiny_level(count, samples):
    groups = made(count, samples)
    found = groups.copy()
    low_rank(1e-6)(found)
    np.testing.assert_allclose(found, groups, atol=1e-6)


@SHAPES
def test_a_plainer_group_weighs_more(count, samples):
    assert low_rank(0.1)(np.full((5, count, samples), 3.0)).min() > low_rank(0.1)(made(count, samples)).max()


@SHAPES
@pytest.mark.parametrize("rank", [0, 1, 3])
def test_weights_fall_with_the_numbers_that_a_group_takes(count, samples, rank):
    found = low_rank(1e-3)(made(count, samples, rank=rank, noise=0))
    numbers = rank * (samples + count - rank) + samples
    np.testing.assert_allclose(found, (samples * count / numbers) ** CONFIDENCE, rtol=1e-3)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("wide", [False, True])
def test_even_groups_stay_as_they_are(wide):
    """X X' of an even picture holds rounding alone, and may have negative eigenvalues."""
    rng = np.random.default_rng(0)
    groups = rng.normal(size=(300, 16, 1)) @ rng.normal(size=(300, 1, 36)) + 1e-4 * rng.normal(size=(300, 16, 36))
    groups = groups.astype(np.float32)[:, :, : 36 if wide else 9]
    found = groups.copy()
    weights = low_rank(1e-12)(found)
    assert np.isfinite(weights).all()
    np.testing.assert_allclose(found, groups, atol=0.05 * np.abs(groups).max())
