"""Max pooling with indices and its way back, against a double loop."""

from itertools import product

import numpy as np
import pytest

import upsample


def slow_pool(x, kernel, stride, padding, dilation, counts):
    values, indices = np.full(counts, np.nan), np.full(counts, -1)
    for i in np.ndindex(*counts):
        best, place = -np.inf, -1
        for t in product(*(range(k) for k in kernel)):
            rows = zip(i, t, stride, padding, dilation, strict=True)
            at = tuple(s * a + d * b - p for a, b, s, p, d in rows)
            inside = all(0 <= a < n for a, n in zip(at, x.shape, strict=True))
            if inside and (x[at] > best or place < 0):
                best, place = x[at], np.ravel_multi_index(at, x.shape)
        values[i], indices[i] = best, place
    return values, indices


@pytest.mark.parametrize("seed", range(60))
def test_max_pool_equals_the_double_loop_and_unpooling_returns_the_values(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 4))
    kernel = [int(k) for k in rng.integers(1, 4, n)]
    padding = [int(rng.integers(0, k // 2 + 1)) for k in kernel]
    stride = [int(s) for s in rng.integers(1, 4, n)]
    dilation = [int(d) for d in rng.integers(1, 3, n)]
    size = [int(s) for s in rng.integers(6, 9, n)]
    x = rng.integers(0, 5, (2, *size)).astype(float)  # many ties: the first maximum is meant
    settings = {"stride": stride, "padding": padding, "dilation": dilation, "axes": n}
    values, indices = upsample.max_pool(x, kernel, ceil_mode=bool(seed % 2), **settings)
    for plane in range(2):
        slow = slow_pool(x[plane], kernel, stride, padding, dilation, values.shape[1:])
        np.testing.assert_array_equal(values[plane], slow[0])
        np.testing.assert_array_equal(indices[plane], slow[1])
    np.testing.assert_array_equal(
        np.take_along_axis(x.reshape(2, -1), indices.reshape(2, -1), 1), values.reshape(2, -1)
    )


@pytest.mark.parametrize("size", [(4, 6), (5, 7)])
def test_unpooling_puts_every_value_where_it_was(size):
    x = np.random.default_rng(0).standard_normal((3, 2, *size)).astype(np.float32)
    values, indices = upsample.max_pool(x, 2)
    y = upsample.max_unpool(values, indices, 2, output_size=size)
    assert y.dtype == np.float32
    assert y.shape == x.shape
    np.testing.assert_array_equal(y[y != 0], x[y != 0])
    assert np.count_nonzero(y) == values.size


def test_ceil_mode_counts_a_window_that_starts_inside():
    x = np.arange(5.0)[None]
    np.testing.assert_array_equal(upsample.max_pool(x, 2, axes=1)[0], [[1, 3]])
    np.testing.assert_array_equal(upsample.max_pool(x, 2, ceil_mode=True, axes=1)[0], [[1, 3, 4]])
    assert upsample.max_pool(x, 2, stride=3, padding=1, ceil_mode=True, axes=1)[0].shape == (1, 2)


def test_nan_wins_and_minus_infinity_is_a_value():
    values, indices = upsample.max_pool(np.array([[1.0, np.nan, 2.0, 0.0]]), 2, axes=1)
    np.testing.assert_array_equal(values, [[np.nan, 2]])
    np.testing.assert_array_equal(indices, [[1, 2]])
    values, indices = upsample.max_pool(np.full((1, 2), -np.inf), 2, stride=1, axes=1)
    np.testing.assert_array_equal(indices, [[0]])


def test_output_sizes_less_than_a_stride_away_are_accepted():
    x, indices = np.ones((1, 2)), np.array([[0, 2]])
    for size in (3, 4, 5):
        assert upsample.max_unpool(x, indices, 2, output_size=size, axes=1).shape == (1, size)
    for size in (2, 6):
        with pytest.raises(ValueError, match=r"output_size must lie between \(3,\) and \(5,\), got"):
            upsample.max_unpool(x, indices, 2, output_size=size, axes=1)


def test_of_repeated_indices_the_last_value_stays():
    x, indices = np.array([[5.0, 2.0]]), np.array([[3, 3]])
    np.testing.assert_array_equal(upsample.max_unpool(x, indices, 2, axes=1), [[0, 0, 0, 2]])


@pytest.mark.parametrize("index", [-1, 4])
def test_an_index_outside_the_output_is_refused(index):
    with pytest.raises(ValueError, match=rf"indices must lie in \[0, 4\) for output size \(4,\), got {index}"):
        upsample.max_unpool(np.ones((1, 2)), np.array([[0, index]]), 2, axes=1)


def test_padded_samples_never_win_at_odd_borders():
    values, indices = upsample.max_pool(np.full((1, 3, 3), -9.0), 3, stride=2, padding=1)
    np.testing.assert_array_equal(values, np.full((1, 2, 2), -9.0))
    np.testing.assert_array_equal(indices, [[[0, 1], [3, 4]]])
    values, indices = upsample.max_pool(np.full((1, 3, 3), -np.inf), 3, stride=2, padding=1)
    np.testing.assert_array_equal(indices, [[[0, 1], [3, 4]]])


def test_pairs_and_same_padding():
    x = np.arange(5.0)[None]
    np.testing.assert_array_equal(upsample.max_pool(x, 2, stride=2, padding=[(1, 0)], axes=1)[0], [[0, 2, 4]])
    np.testing.assert_array_equal(upsample.max_pool(x, 2, stride=1, padding="same", axes=1)[0], [[1, 2, 3, 4, 4]])
    np.testing.assert_array_equal(upsample.max_pool(x, 3, stride=3, padding="same", axes=1)[1], [[2, 4]])
