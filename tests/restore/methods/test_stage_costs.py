"""When a picture is looked at for wrong samples: before it is restored or after."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from restore import deconvolve, degrade, psf
from restore.methods import stage_costs
from restore.methods.method import METHODS


@pytest.mark.parametrize(("method", "first"), [("aggregate", False), ("aggregate_patches", True), ("wiener", False)])
def test_a_large_picture_is_looked_at_first_where_that_spares_much(method, first):
    large, small = (2000, 2000), (200, 200)
    assert stage_costs.looks_first(METHODS[method], large) is first
    assert not stage_costs.looks_first(METHODS[method], small)
    assert ("look" in stage_costs.stage_costs(METHODS[method], large, looks=True)) is first


def test_before_and_after_the_same_samples_are_wrong(pictures, monkeypatch):
    observed = degrade(pictures["camera"][:80, :96], h := psf.disk(2.0), noise_sigma=0.01, rng=0)
    observed[30, 40], observed[50, 20] = 1.5, -0.5
    after = deconvolve(observed, h, method="total_variation")
    monkeypatch.setattr(stage_costs, "LARGE", 1)
    monkeypatch.setattr(stage_costs, "DEAR", 0.0)
    before = deconvolve(observed, h, method="total_variation")
    assert before.contradictions.wrong[30, 40]
    assert_array_equal(before.contradictions.wrong, after.contradictions.wrong)
    assert np.abs(before.image - after.image).max() < 0.02
