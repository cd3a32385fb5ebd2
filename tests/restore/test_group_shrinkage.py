"""What is kept of a group: against singular values one group at a time, and against the closed forms of extremes."""

import numpy as np
import pytest

from restore._group_shrinkage import fixed_basis, low_rank

RULES = {"low rank": low_rank, "fixed basis": fixed_basis}


def made(count=8, size=4, number=5):
    return np.random.default_rng(0).normal(size=(number, count, size**2)) + 3


def test_low_rank_keeps_the_large_singular_values():
    groups = made()
    found, threshold = groups.copy(), 4.5
    low_rank(threshold)(found)
    for group, kept in zip(groups, found, strict=True):
        mean = group.mean(axis=0)
        u, s, v = np.linalg.svd(group - mean, full_matrices=False)
        assert 0 < np.count_nonzero(s > threshold) < s.size
        np.testing.assert_allclose(kept, (u * np.where(s > threshold, s, 0)) @ v + mean, atol=1e-10)


@pytest.mark.parametrize("count", [8, 5], ids=["Haar", "cosines"])
def test_the_fixed_basis_is_orthonormal(count):
    groups = made(count)
    found = groups.copy()
    fixed_basis(0.0)(found)
    np.testing.assert_allclose(found, groups, atol=1e-12)
    threshold = 0.8
    fixed_basis(threshold)(found)
    lost = np.sum((found - groups) ** 2)
    assert 0 < lost < groups.size * threshold**2
    again = found.copy()
    fixed_basis(threshold)(again)  # a projection
    np.testing.assert_allclose(again, found, atol=1e-12)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_nothing_but_the_mean_outlives_a_huge_threshold(rule):
    groups = made()
    groups += 5
    found = groups.copy()
    rule(1e6)(found)
    mean = groups.mean(axis=1, keepdims=True) if rule is low_rank else groups.mean(axis=(1, 2), keepdims=True)
    np.testing.assert_allclose(found, np.broadcast_to(mean, found.shape), atol=1e-12)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_plainer_group_weighs_more(rule):
    noisy = made()
    plain = np.full_like(noisy, 3.0)
    assert rule(2.0)(plain).min() > rule(2.0)(noisy).max()
