"""Periodic pictures on another grid, against waves that both grids have."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from restore.operators.resampling import low_bins, resampled, resampled_at

GRIDS = pytest.mark.parametrize(
    ("shape", "smaller"), [((16,), (6,)), ((12, 15), (5, 6)), ((9, 8), (9, 4)), ((6, 8, 10), (6, 4, 5))], ids=str
)


def waves(shape):
    """Return a picture whose frequencies are 1 along every axis, sample 0 at place 0."""
    places = np.ix_(*[2 * np.pi * np.arange(n) / n for n in shape])
    return (
        0.5 + sum(np.cos(p + i) for i, p in enumerate(places)) + np.prod(np.broadcast_arrays(*map(np.sin, places)), 0)
    )


@GRIDS
def test_what_both_grids_have_is_kept(shape, smaller):
    assert_allclose(resampled(waves(shape), smaller), waves(smaller), atol=1e-12)
    assert_allclose(resampled(waves(smaller), shape), waves(shape), atol=1e-12)


@GRIDS
def test_what_the_smaller_grid_lacks_is_left_out(shape, smaller):
    picture = np.random.default_rng(0).random(shape)
    small = resampled(picture, smaller)
    assert_allclose(resampled(resampled(small, shape), smaller), small, atol=1e-12)
    spectrum = np.fft.rfftn(small) * np.prod(shape) / np.prod(smaller)
    assert_allclose(low_bins(np.fft.rfftn(picture), shape, smaller), spectrum, atol=1e-11)


def test_float32_stays():
    assert resampled(np.ones((8, 9), np.float32), (4, 5)).dtype == np.float32


@GRIDS
def test_a_place_is_cut_out_of_the_whole(shape, smaller):
    picture = np.random.default_rng(0).random(smaller)
    for place in ((slice(1, 3),), tuple(slice(axis, 4) for axis in range(len(shape)))):
        assert_allclose(resampled_at(picture, shape, place), resampled(picture, shape)[place], atol=1e-12)
