"""What is reduced over channels is what NumPy's own reduction gives, and no view of what it was made of."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from restore.operators.across_channels import across_channels


@pytest.mark.parametrize("channels", [1, 2, 3])
@pytest.mark.parametrize("ufunc", [np.maximum, np.minimum, np.add, np.logical_or])
def test_it_is_the_reduction(channels, ufunc):
    values = np.random.default_rng(0).integers(0, 2, (5, 4, channels))
    reduced = across_channels(ufunc, values)
    assert_array_equal(reduced, ufunc.reduce(values, axis=-1))
    assert not np.shares_memory(reduced, values)
