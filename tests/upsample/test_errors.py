"""Every refusal names the argument, the rule and the value received."""

import numpy as np
import pytest

import upsample

X, W = np.ones((1, 2, 3, 4)), np.ones((2, 5, 3, 3))
LINE, TAPS = np.ones((1, 3)), np.ones((1, 1, 3))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"stride": 0}, "stride must be >= 1, got 0"),
        ({"stride": (2, 2, 2)}, r"stride must be one integer or 2, got \(2, 2, 2\)"),
        ({"dilation": 0}, "dilation must be >= 1, got 0"),
        ({"groups": 0}, "groups must be >= 1, got 0"),
        ({"groups": 3}, r"groups must divide the input channels \(weight.shape\[0\]\), got groups 3 and 2 channels"),
        ({"padding": -1}, "padding must be >= 0, got -1"),
        ({"padding": "full"}, "padding must be an integer, 2 integers, .* 'same' or 'valid', got 'full'"),
        ({"padding": (1, 2, 3)}, r"padding must be .*, got \(1, 2, 3\)"),
        ({"padding": [(1, 2, 3), (0, 0)]}, r"padding must hold \(begin, end\) pairs, got \(1, 2, 3\)"),
        ({"output_padding": -1}, "output_padding must be >= 0, got -1"),
        (
            {"stride": 2, "output_padding": 2},
            "output_padding must be smaller than stride or dilation, got output_padding 2, stride 2, dilation 1",
        ),
        ({"output_padding": 1, "padding": "same", "stride": 2}, "output_padding must be 0 with padding 'same'"),
        ({"padding": 3}, r"output size must be >= 1, got \(-1, 0\) from input size \(3, 4\)"),
        (
            {"output_size": (8, 8), "stride": 2},
            r"output_size must lie between \(7, 9\) and \(8, 10\) .*, got \(8, 8\)",
        ),
        ({"output_size": 8, "output_padding": 1, "stride": 2}, "give output_padding or output_size, not both"),
    ],
)
def test_settings_of_conv_transpose(settings, message):
    for function in (upsample.conv_transpose, upsample.steps, upsample.subpixel):
        with pytest.raises(ValueError, match=message):
            function(X, W, **settings)


@pytest.mark.parametrize("name", ["stride", "padding", "output_padding", "dilation", "groups"])
@pytest.mark.parametrize("value", [1.5, True, None])
def test_numbers_must_be_integers(name, value):
    with pytest.raises((TypeError, ValueError), match=rf"{name} must be an integer"):
        upsample.conv_transpose(X, W, **{name: value})


@pytest.mark.parametrize("function", [upsample.conv, upsample.conv_transpose])
@pytest.mark.parametrize("dtype", [np.int64, np.uint8, bool, object, "U1", np.longdouble])
def test_arrays_must_be_floating_and_the_remedy_is_named(function, dtype):
    for x, weight, name in [(X.astype(dtype), W, "x"), (X, W.astype(dtype), "weight")]:
        with pytest.raises(TypeError, match=rf"{name} must be one of .*, got .*{name}\.astype\(numpy\.float32\)"):
            function(x, weight)


@pytest.mark.parametrize("function", [upsample.conv, upsample.conv_transpose])
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_samples_must_be_finite(function, bad):
    x = LINE.copy()
    x[0, 1] = bad
    with pytest.raises(ValueError, match=r"x must be finite, got 1 non-finite samples; .*nan_to_num"):
        function(x, TAPS)


def test_large_finite_samples_are_no_mistake():
    x = np.full((1, 9), 3e38, np.float32)
    np.testing.assert_array_equal(upsample.conv_transpose(x, np.ones((1, 1, 1), np.float32)), x)


def test_a_wrong_weight_layout_names_both_shapes():
    with pytest.raises(
        ValueError, match=r"= \(5, out/1, \*kernel\) for conv_transpose, got shape \(2, 5, 3, 3\); conv takes \(out"
    ):
        upsample.conv_transpose(np.ones((5, 4, 4)), W)
    with pytest.raises(
        ValueError, match=r"= \(out, 2, \*kernel\) for conv, got shape \(2, 5, 3, 3\); conv_transpose would"
    ):
        upsample.conv(X, W)
    with pytest.raises(ValueError, match=r"weight must be \(in, out/groups, .*got shape \(3, 3\); a bare kernel"):
        upsample.conv_transpose(X, np.ones((3, 3)))


def test_channels_must_divide_into_groups():
    with pytest.raises(ValueError, match="groups must divide the channels of x, got groups 3 and 2 channels"):
        upsample.conv(X, np.ones((3, 1, 3, 3)), groups=3)
    with pytest.raises(
        ValueError, match=r"groups must divide the output channels \(weight.shape\[0\]\), got groups 2 and 3"
    ):
        upsample.conv(X, np.ones((3, 1, 3, 3)), groups=2)


@pytest.mark.parametrize("shape", [(2,), (2, 3), (1, 1, 2, 3, 4), (1, 2, 0, 4)])
def test_maps_must_have_channels_and_samples(shape):
    with pytest.raises(ValueError, match=r"x must .*got shape \("):
        upsample.conv_transpose(np.ones(shape), W)


def test_bias_must_fit():
    with pytest.raises(ValueError, match=r"bias must be one number per output channel \(5,\), got shape \(2,\)"):
        upsample.conv_transpose(X, W, np.ones(2))
    with pytest.raises(TypeError, match="bias must be real where x and weight are real"):
        upsample.conv_transpose(X, W, np.ones(5, complex))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: upsample.conv(np.ones((1, 2)), TAPS), r"output size must be >= 1, got \(0,\) from input size \(2,\)"),
        (lambda: upsample.convolution_matrix(TAPS, (2, 9)), r"weight must be \(out, in/groups.*got shape \(1, 1, 3\)"),
        (lambda: upsample.convolution_matrix(TAPS, (9, 9, 9, 9)), "weight must be a bare kernel"),
        (lambda: upsample.pixel_shuffle(np.ones((3, 2, 2)), 2), "the channels of x must divide by 4 .*, got 3"),
        (lambda: upsample.pixel_shuffle(np.ones((4, 2, 2)), 2, order="RCD"), "order must be one of"),
        (lambda: upsample.pixel_unshuffle(np.ones((1, 3, 2)), 2), "factor must divide the spatial sizes of x"),
        (
            lambda: upsample.max_pool(np.ones((1, 4, 4)), 2, padding=2),
            "padding must leave a sample in every window, got 2",
        ),
        (lambda: upsample.max_pool(np.ones((1, 4, 4)), 2, padding=[(0, -1)] * 2), "padding must be >= 0, got"),
        (lambda: upsample.max_pool(np.ones((1, 2, 2)), 3), r"output size must be >= 1, got \(0, 0\)"),
        (
            lambda: upsample.max_unpool(np.ones((1, 2, 2)), np.zeros((1, 2, 3), int), 2),
            "indices must have the shape of x",
        ),
        (lambda: upsample.bilinear_kernel(0), "stride must be >= 1, got 0"),
        (lambda: upsample.bilinear_kernel(2, groups=2), "groups needs channels, got groups 2"),
        (lambda: upsample.bilinear_kernel(2, channels=3, groups=2), "groups must divide channels"),
        (
            lambda: upsample.icnr((1, 1, 3), 2),
            r"the kernel of shape must be a multiple of stride, got \(3,\) and \(2,\)",
        ),
        (lambda: upsample.interpolate(X, 2, kernel="lanczos"), "kernel must be one of .*, got 'lanczos'"),
        (lambda: upsample.interpolate(X, 2, border="wrap"), "border must be 'replicate' or 'zero', got 'wrap'"),
        (lambda: upsample.convert_weight(W, "caffe"), "source must be one of .*, got 'caffe'"),
        (lambda: upsample.keras_padding((3,), 3, padding="full"), "padding must be 'valid' or 'same', got 'full'"),
        (lambda: upsample.onnx_padding((3,), 3, auto_pad="SAME"), "auto_pad must be NOTSET"),
        (lambda: upsample.decode(X, [W], []), "weights and switches must be equally many, got 1 and 0"),
        (lambda: upsample.scatter(X, TAPS), "x and kernel must have one axis each"),
        (lambda: upsample.checkerboard(np.ones((1,) * 6), 2), "weight must be .* or a bare kernel"),
    ],
)
def test_other_doors(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_other_doors_by_kind():
    with pytest.raises(TypeError, match="indices must be integers, got float64"):
        upsample.max_unpool(np.ones((1, 2, 2)), np.zeros((1, 2, 2)), 2)
    with pytest.raises(TypeError, match="x must be real, for complex numbers have no maximum, got complex128"):
        upsample.max_pool(np.ones((1, 2, 2), complex), 2)
