"""Weights per frequency: named operators, kernels and spectra carried to another grid."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.interpolate import RegularGridInterpolator

from restore.operators.penalty import roughness, sampled

ALL = slice(None)


@pytest.mark.parametrize("shape", [(9,), (8, 9), (9, 8), (4, 5, 6)], ids=str)
def test_laplacian_is_the_power_of_its_stencil(shape, oracle):
    found = roughness("laplacian", shape, np.float64)(ALL)
    assert_allclose(found, oracle.laplacian_power(shape)[..., : shape[-1] // 2 + 1], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("shape", [(9,), (8, 9), (4, 5, 6)], ids=str)
def test_gradient_is_the_power_of_all_first_differences(shape):
    picture = np.random.default_rng(0).random(shape)
    power = np.abs(np.fft.fftn(picture)) ** 2
    differences = [np.roll(picture, -1, axis) - picture for axis in range(len(shape))]
    expected = sum(np.abs(np.fft.fftn(d)) ** 2 for d in differences) / power
    found = roughness("gradient", shape, np.float64)(ALL)
    assert_allclose(found, expected[..., : shape[-1] // 2 + 1], rtol=1e-9, atol=1e-12)


def test_columns_are_slices_of_the_whole():
    for operator in ("laplacian", "gradient", "identity", np.array([[1.0, -1.0]])):
        penalty = roughness(operator, (6, 11), np.float32)
        whole = np.broadcast_to(penalty(ALL), (6, 6))
        assert penalty(ALL).dtype == np.float32
        for columns in (slice(0, 1), slice(2, 5)):
            assert_allclose(np.broadcast_to(penalty(columns), (6, columns.stop - columns.start)), whole[:, columns])


@pytest.mark.parametrize("grid", [(30,), (31,), (24, 35), (25, 36), (9, 10, 12)], ids=str)
@pytest.mark.parametrize("odd", [0, 1], ids=["even picture", "odd picture"])
@pytest.mark.parametrize("half", [False, True], ids=["full", "half"])
def test_spectra_are_interpolated_over_the_periodic_frequencies(grid, odd, half):
    shape = tuple((n - 5) // 2 * 2 + odd for n in grid)
    values = np.abs(np.fft.fftn(np.random.default_rng(0).random(shape))) ** 2
    wrapped = np.pad(values, [(0, 1)] * len(shape), mode="wrap")
    where = np.meshgrid(*[np.fft.fftfreq(m) * n % n for m, n in zip(grid, shape, strict=True)], indexing="ij")
    expected = RegularGridInterpolator([np.arange(n + 1) for n in shape], wrapped)(np.stack(where, -1))
    given = values[..., : shape[-1] // 2 + 1] if half else values
    found = sampled(given, "nsr", shape, grid, np.float64)(ALL)
    assert_allclose(found, expected[..., : grid[-1] // 2 + 1], rtol=1e-9)
