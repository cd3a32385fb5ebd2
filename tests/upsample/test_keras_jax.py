"""Keras's and JAX's own results through the layout functions, where the two are installed (development tools)."""

import os
from itertools import product

import numpy as np
import pytest

import upsample

jax = pytest.importorskip("jax", reason="JAX is the reference")


def draw(*shape):
    return np.random.default_rng(len(shape)).standard_normal(shape).astype(np.float32)


@pytest.mark.parametrize("padding", ["SAME", "VALID", [(1, 2), (3, 0)], [(5, 4), (0, 1)]], ids=str)
@pytest.mark.parametrize(("kernel", "stride", "dilation"), list(product([1, 2, 3, 4], [1, 2, 3], [1, 2])))
@pytest.mark.parametrize("transpose_kernel", [False, True])
def test_jax(padding, kernel, stride, dilation, transpose_kernel):
    x, channels = draw(2, 4, 5, 3), (6, 3) if transpose_kernel else (3, 6)
    weight = draw(kernel, kernel, *channels)
    layout = "jax-transpose" if transpose_kernel else "jax"
    settings = {"stride": stride, "dilation": dilation}
    crop = upsample.jax_padding((4, 5), kernel, padding=padding, **settings)
    try:
        size = upsample.output_shape((4, 5), kernel, padding=crop, **settings)
    except ValueError:
        pytest.skip("these explicit pads leave no output in either library")
    theirs = jax.lax.conv_transpose(
        x,
        weight,
        (stride,) * 2,
        padding,
        rhs_dilation=(dilation,) * 2,
        dimension_numbers=("NHWC", "HWIO", "NHWC"),
        transpose_kernel=transpose_kernel,
    )
    ours = upsample.conv_transpose(
        upsample.convert_map(x, layout), upsample.convert_weight(weight, layout), padding=crop, **settings
    )
    assert ours.shape[2:] == size
    np.testing.assert_allclose(upsample.convert_map(ours, "torch", layout), theirs, atol=2e-5)


# Keras refuses an output_padding of the stride or more.
KERAS_STRIDES = [(s, q) for s, q in product([1, 2, 3], [None, 0, 1, 2]) if q is None or q < s]


@pytest.mark.parametrize(("stride", "output_padding"), KERAS_STRIDES)
@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("kernel", [1, 2, 3, 4, 5])
def test_keras(kernel, stride, padding, output_padding, monkeypatch):
    monkeypatch.setitem(os.environ, "KERAS_BACKEND", "jax")
    keras = pytest.importorskip("keras", reason="Keras is the reference")
    x, weight = draw(2, 4, 5, 3), draw(kernel, kernel, 6, 3)
    crop = upsample.keras_padding((4, 5), kernel, stride=stride, padding=padding, output_padding=output_padding)
    theirs = keras.ops.conv_transpose(x, weight, stride, padding, output_padding, data_format="channels_last")
    ours = upsample.conv_transpose(
        upsample.convert_map(x, "keras"), upsample.convert_weight(weight, "keras"), stride=stride, padding=crop
    )
    np.testing.assert_allclose(upsample.convert_map(ours, "torch", "keras"), np.asarray(theirs), atol=2e-5)
