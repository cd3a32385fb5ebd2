"""Inverses of many small matrices: the product with what they invert is the identity."""

import numpy as np
import pytest

from restore.methods.patches.batched_inverse import LARGE, batched_inverse


@pytest.mark.parametrize("size", [1, 2, 16, LARGE, LARGE + 1])
def test_a_matrix_times_its_inverse_is_the_identity(size):
    factors = np.random.default_rng(size).normal(size=(7, size, size + 2))
    factors[3] *= 1e3  # one whose eigenvalues spread
    matrices = factors @ factors.transpose(0, 2, 1) + np.eye(size)
    before = matrices.copy()
    product = batched_inverse(matrices) @ matrices
    np.testing.assert_allclose(product, np.broadcast_to(np.eye(size), product.shape), atol=1e-8)
    assert np.array_equal(matrices, before)
