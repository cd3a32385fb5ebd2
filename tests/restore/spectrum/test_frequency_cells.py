"""Cells of neighbouring frequencies: nothing lost or counted twice, symmetric, and read back in between."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from restore.operators.fourier import frequencies, mirrored
from restore.spectrum.frequency_cells import FrequencyCells

GRIDS = pytest.mark.parametrize("grid", [(1100, 2052), (2051, 40), (1030,), (6, 1026, 8)], ids=str)


def gathered(cells, values):
    sums = np.zeros(cells.shape)
    for start in range(0, values.shape[-1], 100):
        at = slice(start, start + 100)
        cells.add(sums, values[..., at], at)
    return sums


@GRIDS
def test_every_frequency_lies_in_one_cell(grid):
    cells = FrequencyCells(grid)
    counts = gathered(cells, np.ones((*grid[:-1], grid[-1] // 2 + 1)))
    assert counts.sum() == np.prod(grid[:-1]) * (grid[-1] // 2 + 1)
    assert counts.min() >= 1
    assert counts.max() == np.prod(cells.sizes)
    assert all(size % 2 == 1 for size in cells.sizes)


@GRIDS
def test_cells_have_the_symmetry_of_the_spectrum(grid):
    cells = FrequencyCells(grid)
    assert cells.shape == (*cells.lengths[:-1], cells.lengths[-1] // 2 + 1)
    half = np.sqrt(sum(w**2 for w in frequencies(grid)))
    means = gathered(cells, half) / gathered(cells, np.ones_like(half))
    if all(n % 2 for n in grid[:-1]):  # the finest frequency of an even axis has no partner
        assert_allclose(mirrored(means), means, rtol=1e-12)
    inner = means[tuple(slice(1, 4) for _ in grid)]
    assert_allclose(mirrored(means)[tuple(slice(1, 4) for _ in grid)], inner, rtol=1e-12)


@GRIDS
def test_what_is_linear_in_the_frequency_comes_back(grid):
    cells = FrequencyCells(grid)
    places = [w / (2 * np.pi) * n / b for w, n, b in zip(frequencies(grid), grid, cells.sizes, strict=True)]
    values = sum(abs(p) for p in places)
    of_cells = sum(abs(w / (2 * np.pi) * n) for w, n in zip(frequencies(cells.lengths), cells.lengths, strict=True))
    at = slice(3, 900)
    inside = [abs(p) <= m // 2 - 1 for p, m in zip(places, cells.lengths, strict=True)]
    where = np.broadcast_to(np.all(np.broadcast_arrays(*inside), axis=0), values.shape)[..., at]
    assert_allclose(cells.spread(of_cells, at)[where], values[..., at][where], atol=1e-9)


def test_a_short_axis_is_left_as_it_is():
    values = np.random.default_rng(0).random((64, 33))
    cells = FrequencyCells((64, 64))
    assert_allclose(gathered(cells, values), values)
    assert_allclose(cells.spread(values, slice(5, 20)), values[:, 5:20])
