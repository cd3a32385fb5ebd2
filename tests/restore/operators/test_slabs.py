"""Differences by slabs of rows, against those of the whole plane."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from restore.operators import differences as module
from restore.operators.differences import adjoint_differences, differences, mean_in_frame, shrunk


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(module, "SLAB_BYTES", 300)


@pytest.mark.parametrize("shape", [(41,), (13, 9), (7, 6, 5), (1, 9), (2, 3)], ids=str)
@pytest.mark.parametrize("channels", [1, 2])
def test_shrinking_is_that_of_the_whole(shape, channels):
    planes = [np.random.default_rng(c).normal(size=shape) for c in range(channels)]

    def soft(_, groups):
        return [[np.sign(d) * np.maximum(np.abs(d) - 0.3, 0) for d in group] for group in groups]

    expected = [adjoint_differences(group) for group in soft(None, [differences(plane) for plane in planes])]
    assert_allclose(shrunk(planes, soft), expected, atol=1e-14)


def test_rows_are_told():
    seen = []
    shrunk([np.zeros((13, 9))], lambda rows, groups: seen.append(rows) or groups)
    assert len(seen) > 2
    assert np.array_equal(np.concatenate([np.arange(13)[rows] for rows in seen]), np.arange(13))


@pytest.mark.parametrize("frame", [(slice(0, 13), slice(0, 9)), (slice(4, 11), slice(2, 8))], ids=["whole", "inside"])
def test_a_mean_is_that_of_the_frame(frame):
    plane = np.random.default_rng(0).random((13, 9))

    def costs(groups):
        return [np.abs(d) for group in groups for d in group]

    expected = sum(np.abs(d)[frame].mean() for d in differences(plane))
    assert_allclose(mean_in_frame([plane], frame, costs), expected)
