"""Other frameworks' words: layouts both ways, Keras's, JAX's and ONNX's crops, from their printed formulas."""

from itertools import product

import numpy as np
import pytest

import upsample
from upsample.frameworks import LAYOUTS


@pytest.mark.parametrize(("source", "target"), list(product(LAYOUTS, LAYOUTS)))
@pytest.mark.parametrize("kernel", [(3,), (3, 2), (2, 3, 4)])
def test_layouts_convert_both_ways(source, target, kernel):
    first = source in ("torch", "onnx")
    channels = {"jax": (5, 7), "keras": (7, 5)}.get(source, (7, 5))
    weight = np.random.default_rng(0).standard_normal((5, 7, *kernel) if first else (*kernel, *channels))
    there = upsample.convert_weight(weight, source, target)
    np.testing.assert_array_equal(upsample.convert_weight(there, target, source), weight)
    assert upsample.convert_weight(weight, source).shape == (5, 7, *kernel)
    assert np.shares_memory(there, weight)


def test_the_jax_default_is_turned_and_its_transposed_kernel_is_not():
    hwio = np.arange(6.0).reshape(3, 1, 2)  # width, in, out
    np.testing.assert_array_equal(upsample.convert_weight(hwio, "jax")[0], hwio[::-1, 0].T)
    np.testing.assert_array_equal(upsample.convert_weight(hwio, "jax-transpose")[0, 0], hwio[:, 0, 0])


@pytest.mark.parametrize(("axes", "shape"), [(1, (4, 3)), (1, (2, 4, 3)), (2, (5, 6, 3)), (3, (2, 5, 6, 7, 3))])
def test_maps_convert_both_ways(axes, shape):
    x = np.random.default_rng(0).standard_normal(shape)
    first = upsample.convert_map(x, "keras", axes=axes)
    assert first.shape[-axes - 1] == 3
    np.testing.assert_array_equal(upsample.convert_map(first, "torch", "jax", axes=axes), x)


@pytest.mark.parametrize(("size", "kernel", "stride"), list(product([1, 4, 5], [1, 2, 3, 4, 5], [1, 2, 3])))
def test_keras_and_jax_sizes(size, kernel, stride):
    def length(padding):
        x, weight = np.zeros((1, size)), np.zeros((1, 1, kernel))
        return upsample.conv_transpose(x, weight, stride=stride, padding=padding).shape[-1]

    same = upsample.keras_padding((size,), kernel, stride=stride, padding="same")
    valid = upsample.keras_padding((size,), kernel, stride=stride, padding="valid")
    assert length(same) == size * stride
    assert length(valid) == (size - 1) * stride + max(kernel, stride)
    assert upsample.jax_padding((size,), kernel, stride=stride, padding="SAME") == same
    assert upsample.jax_padding((size,), kernel, stride=stride, padding="VALID") == valid
    explicit = upsample.jax_padding((size,), kernel, stride=stride, padding=[(kernel, kernel + 1)])
    assert length(explicit) == (size - 1) * stride + 1 + 2 * kernel + 1 - (kernel - 1)
    if stride > 1:
        extra = upsample.keras_padding((size,), kernel, stride=stride, padding="same", output_padding=1)
        assert length(extra) == (size - 1) * stride + kernel - 2 * (kernel // 2) + 1


def test_keras_same_with_output_padding_is_one_sample_off_pytorch():
    x, weight = np.ones((1, 3)), np.array([[[1.0, 2.0, 4.0]]])
    keras = upsample.keras_padding((3,), 3, stride=2, padding="same", output_padding=1)
    assert keras == ((0, 1),)
    a = upsample.conv_transpose(x, weight, stride=2, padding=keras)
    b = upsample.conv_transpose(x, weight, stride=2, padding=1, output_padding=1)
    assert a.shape == b.shape
    np.testing.assert_array_equal(a[:, 1:], b[:, :-1])


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"pads": [1, 2, 3, 4]}, ((1, 3), (2, 4))),
        ({"pads": [1, 1, 1, 1], "output_padding": (1, 0)}, ((1, 0), (1, 1))),
        ({"auto_pad": "SAME_UPPER", "stride": 2}, ((0, 1), (0, 1))),
        ({"auto_pad": "SAME_LOWER", "stride": 2}, ((1, 0), (1, 0))),
        ({"auto_pad": "SAME_UPPER", "stride": 5}, ((0, -2), (0, -2))),
        ({"auto_pad": "SAME_LOWER", "stride": 5}, ((0, -2), (0, -2))),
        ({"output_shape": (6, 4), "stride": 2}, ((1, 0), (2, 1))),
        ({"output_shape": (9, 8), "stride": 2}, ((0, -2), (0, -1))),
    ],
)
def test_onnx_pads(settings, expected):
    assert upsample.onnx_padding((3, 3), 3, **settings) == expected


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "wanted"), list(product([1, 4, 7], [1, 3, 4], [1, 2, 3], [1, 5, 8, 21]))
)
def test_padding_for_reaches_every_size(size, kernel, stride, wanted):
    pairs = upsample.padding_for(size, kernel, wanted, stride=stride)
    assert upsample.output_shape(size, kernel, stride=stride, padding=pairs) == (wanted,)


def test_padding_for_restores_the_size_before_a_pooled_encoder():
    for wanted in (135, 136):
        pairs = upsample.padding_for((wanted // 2, 120), 4, (wanted, 240), stride=2)
        assert upsample.output_shape((wanted // 2, 120), 4, stride=2, padding=pairs) == (wanted, 240)
