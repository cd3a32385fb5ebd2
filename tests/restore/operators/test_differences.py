"""Differences agree with their transfer functions, and the gradient of a frame with both away from its far edge."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from restore.operators.differences import difference_symbols, differences, gradient


@pytest.mark.parametrize("shape", [(8,), (6, 7), (7, 6), (4, 5, 6)], ids=str)
def test_symbols_are_the_spectra_of_the_differences(shape):
    plane = np.random.default_rng(0).random(shape)
    for difference, symbol in zip(differences(plane), difference_symbols(shape), strict=True):
        assert_allclose(np.fft.rfftn(difference), symbol * np.fft.rfftn(plane), atol=1e-12)


def test_the_gradient_of_a_frame_ends_at_its_far_edge():
    plane = np.random.default_rng(0).random((6, 7))
    down, right = gradient(plane)
    circular = differences(plane)
    assert_array_equal(down[:-1], circular[0][:-1])
    assert_array_equal(right[:, :-1], circular[1][:, :-1])
    assert not down[-1].any()
    assert not right[:, -1].any()
