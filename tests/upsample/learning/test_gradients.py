"""Backwards through conv and conv_transpose: linear in x, weight and bias each, so finite differences are exact."""

import numpy as np
import pytest

import upsample

RANDOM_SETTINGS = 100


def random_layer(rng):
    """Draw x, the weight of a transposed convolution, settings of both layers, and an output padding."""
    while True:
        n, groups = int(rng.integers(1, 4)), int(rng.integers(1, 4))
        draw = lambda low, high, n=n: [int(v) for v in rng.integers(low, high + 1, n)]  # noqa: E731
        settings = {"stride": draw(1, 4), "dilation": draw(1, 3), "groups": groups}
        settings["padding"] = [tuple(int(v) for v in rng.integers(-1, 4, 2)) for _ in range(n)]
        extra = [int(rng.integers(0, max(s, d))) for s, d in zip(settings["stride"], settings["dilation"], strict=True)]
        channels = groups * int(rng.integers(1, 3))
        x = rng.standard_normal((int(rng.integers(1, 3)), channels, *draw(1, 5)))
        weight = rng.standard_normal((channels, int(rng.integers(1, 3)), *draw(1, 4)))
        try:
            y = upsample.conv_transpose(x, weight, output_padding=extra, **settings)
            upsample.conv(y, weight, **settings)
        except ValueError:
            continue
        return x, weight, settings, extra, y


def change(layer, arrays, directions, step=1.0):
    """The change of what a layer returns when its arguments move by `step` along their directions."""
    moved = [a + step * d for a, d in zip(arrays, directions, strict=True)]
    return layer(*moved) - layer(*arrays)


@pytest.mark.parametrize("name", ["conv", "conv_transpose"])
def test_gradients_equal_finite_differences_for_every_setting(name):
    backwards = getattr(upsample, f"{name}_gradients")
    for seed in range(RANDOM_SETTINGS):
        rng = np.random.default_rng(seed)
        x, weight, settings, extra, y = random_layer(rng)
        given = {**settings, "output_padding": extra}
        if name == "conv":
            x, given = y, settings
        outputs = weight.shape[0] if name == "conv" else weight.shape[1] * settings["groups"]
        arrays = [x, weight, rng.standard_normal(outputs)]
        layer = lambda *a, given=given: getattr(upsample, name)(*a, **given)  # noqa: E731
        gradient = rng.standard_normal(layer(*arrays).shape)
        gradients = backwards(x, weight, gradient, **settings)
        for place, part in enumerate((gradients.input, gradients.weight, gradients.bias)):
            assert part.shape == arrays[place].shape
            directions = [rng.standard_normal(a.shape) if i == place else 0 * a for i, a in enumerate(arrays)]
            np.testing.assert_allclose(
                np.vdot(part, directions[place]),
                np.vdot(gradient, change(layer, arrays, directions)),
                rtol=1e-10,
                atol=1e-10,
                err_msg=f"seed {seed}",
            )


def test_the_gradient_to_the_input_of_one_is_the_other():
    rng = np.random.default_rng(0)
    x, weight = rng.standard_normal((2, 4, 7, 9)), rng.standard_normal((6, 2, 3, 4))
    settings = {"stride": 2, "padding": (1, 2), "groups": 2}
    y = upsample.conv(x, weight, **settings)
    through_conv = upsample.conv_gradients(x, weight, y, **settings).input
    np.testing.assert_array_equal(through_conv, upsample.conv_transpose(y, weight, output_size=(7, 9), **settings))
    through_transpose = upsample.conv_transpose_gradients(y, weight, x, **settings).input
    np.testing.assert_array_equal(through_transpose, upsample.conv(x, weight, **settings))


def test_the_weight_has_one_gradient_in_both_directions():
    """A tap links the same pairs of samples whichever side is read."""
    rng = np.random.default_rng(1)
    small, large, weight = (rng.standard_normal(s) for s in ((2, 3, 6), (2, 4, 12), (3, 4, 4)))
    settings = {"stride": 2, "padding": 1, "dilation": 1}
    down = upsample.conv_gradients(large, weight, small, **settings).weight
    up = upsample.conv_transpose_gradients(small, weight, large, **settings).weight
    np.testing.assert_allclose(down, up, atol=1e-12)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.complex64])
def test_precision_and_batchless_maps_are_kept(dtype):
    x, weight = np.ones((1, 4), dtype), np.ones((1, 1, 2), dtype)
    for gradients in (
        upsample.conv_gradients(x, weight, np.ones((1, 3), dtype)),
        upsample.conv_transpose_gradients(x, weight, np.ones((1, 5), dtype)),
    ):
        assert gradients.input.dtype == gradients.weight.dtype == gradients.bias.dtype == dtype
        assert gradients.input.shape == x.shape


def test_complex_factors_are_conjugated():
    x, weight, gradient = (np.array(v).reshape(s) for v, s in (([1j], (1, 1)), ([2j], (1, 1, 1)), ([1 + 0j], (1, 1))))
    for backwards in (upsample.conv_gradients, upsample.conv_transpose_gradients):
        gradients = backwards(x, weight, gradient)
        assert gradients.input.item() == -2j
        assert gradients.weight.item() == -1j


@pytest.mark.parametrize(("name", "size"), [("conv", 4), ("conv_transpose", 7)])
def test_a_gradient_of_another_shape_is_refused(name, size):
    with pytest.raises(ValueError, match="output_"):
        getattr(upsample, f"{name}_gradients")(np.ones((1, 4)), np.ones((1, 1, 2)), np.ones((1, size)))
