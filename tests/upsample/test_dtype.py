"""The precision of the map is the precision of the result; inputs are never modified."""

import numpy as np
import pytest

import upsample

DTYPES = [np.float16, np.float32, np.float64, np.complex64, np.complex128]
REAL = DTYPES[:3]


def draw(shape, dtype, seed=0):
    rng = np.random.default_rng(seed)
    values = rng.standard_normal(shape)
    return (values + 1j * rng.standard_normal(shape) if np.issubdtype(dtype, np.complexfloating) else values).astype(
        dtype
    )


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("function", [upsample.conv, upsample.conv_transpose])
@pytest.mark.parametrize("channels", [2, 40])
def test_convolutions_keep_it(function, dtype, channels):
    x, weight, bias = (
        draw((1, channels, 5, 6), dtype),
        draw((channels, channels, 3, 4), dtype, 1),
        draw(channels, dtype, 2),
    )
    y = function(x, weight, bias, stride=2, padding=1)
    assert y.dtype == dtype
    exact = function(*(a.astype(np.complex128) for a in (x, weight, bias)), stride=2, padding=1)
    np.testing.assert_allclose(y, exact, rtol=0, atol=40 * np.finfo(dtype).eps * np.abs(exact).max())


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("other", DTYPES)
def test_the_map_decides_and_a_complex_weight_makes_it_complex(dtype, other):
    x, weight = draw((2, 4), dtype), draw((2, 3, 3), other)
    expected = np.result_type(dtype, np.complex64) if np.issubdtype(other, np.complexfloating) else dtype
    for function in (upsample.conv_transpose, lambda x, w: upsample.conv(x, w.swapaxes(0, 1))):
        assert function(x, weight).dtype == expected


@pytest.mark.parametrize("dtype", REAL)
def test_everything_else_keeps_it(dtype):
    x = draw((1, 4, 6, 6), dtype)
    assert upsample.pixel_shuffle(x, 2).dtype == dtype
    assert upsample.pixel_unshuffle(x, 2).dtype == dtype
    values, indices = upsample.max_pool(x, 2)
    assert (values.dtype, indices.dtype) == (dtype, np.int64)
    assert upsample.max_unpool(values, indices, 2).dtype == dtype
    assert upsample.interpolate(x, 2).dtype == dtype
    weight = draw((4, 2, 3, 3), dtype)
    for view in (upsample.steps, upsample.subpixel):
        assert view(x, weight, stride=2).result.dtype == dtype
    assert upsample.scatter(x[0, 0, 0], weight[0, 0, 0]).result.dtype == dtype
    matrix = upsample.convolution_matrix(weight, (2, 6, 6))
    assert matrix.dtype == np.result_type(dtype, np.float32)
    assert upsample.checkerboard(weight, 2).phase_sums.dtype == np.result_type(dtype, np.float32)


def test_complex_weights_are_transposed_not_conjugated():
    x, weight = draw((2, 3), np.complex128), draw((2, 1, 4), np.complex128, 1)
    u = draw((1, 6), np.complex128, 2)
    y, back = upsample.conv_transpose(x, weight), upsample.conv(u, weight)
    np.testing.assert_allclose((back * x).sum(), (u * y).sum())


def test_float16_is_summed_in_float32():
    x = np.full((1, 1, 4096), 1, np.float16)
    x = x.reshape(1, 4096, 1)
    assert upsample.conv_transpose(x, np.ones((4096, 1, 1), np.float16)).item() == 4096


def test_inputs_are_read_only_safe_strided_safe_and_unchanged():
    base = draw((2, 6, 10, 12), np.float64)
    x, weight = base[:, ::2, ::-1, 1::2], draw((3, 4, 3, 3), np.float64, 1)
    copies = x.copy(), weight.copy()
    for array in (base, weight):
        array.flags.writeable = False
    expected = upsample.conv_transpose(copies[0].copy(), weight, stride=2)
    np.testing.assert_allclose(upsample.conv_transpose(x, weight, stride=2), expected, atol=1e-13)
    upsample.conv(expected, weight, stride=2)
    upsample.steps(x, weight, stride=2)
    upsample.subpixel(x, weight, stride=2)
    upsample.max_unpool(*upsample.max_pool(x, 2), 2)
    np.testing.assert_array_equal(x, copies[0])
    np.testing.assert_array_equal(weight, copies[1])


def test_results_are_new_arrays():
    x = np.ones((1, 2, 2))
    for y in (upsample.conv_transpose(x, np.ones((1, 1, 1, 1))), upsample.pixel_shuffle(x, 1)):
        assert not np.shares_memory(x, y)


def test_both_byte_orders_are_read():
    x, weight = np.ones((1, 2, 2)), np.ones((1, 1, 2, 2))
    y = upsample.conv_transpose(x.astype(">f8"), weight.astype(">f8"))
    np.testing.assert_array_equal(y, upsample.conv_transpose(x, weight))
    assert y.dtype.isnative


def test_an_empty_batch_stays_empty():
    x, weight = np.zeros((0, 4, 6, 6)), np.ones((4, 4, 3, 3))
    assert upsample.conv(x, weight).shape == (0, 4, 4, 4)
    for channels in (4, 400):
        wide, many = np.zeros((0, channels, 6, 6)), np.ones((channels, 4, 3, 3))
        assert upsample.conv_transpose(wide, many, stride=2).shape == (0, 4, 13, 13)
    for view in (upsample.steps, upsample.subpixel):
        assert view(x, weight).result.shape == (0, 4, 8, 8)
    values, indices = upsample.max_pool(x, 2)
    assert upsample.max_unpool(values, indices, 2).shape == x.shape
    assert upsample.pixel_shuffle(x, 2).shape == (0, 1, 12, 12)
    assert upsample.pixel_unshuffle(x, 2).shape == (0, 16, 3, 3)
    assert upsample.interpolate(x, 2).shape == (0, 4, 12, 12)
