"""Laws of the pair conv, conv_transpose, checked against an oracle that is slow on purpose."""

from itertools import product

import numpy as np
import pytest

import upsample
from upsample import transposed_conv
from upsample.forms import blocks, gather_form, phase_form, scatter_form


def random_setting(rng, *, channels=3):
    """Draw sizes and settings of one legal layer with a non-empty output."""
    while True:
        n = int(rng.integers(1, 4))
        draw = lambda low, high, n=n: [int(v) for v in rng.integers(low, high + 1, n)]  # noqa: E731
        stride, dilation, kernel, size = draw(1, 4), draw(1, 3), draw(1, 5), draw(1, 5)
        padding = [tuple(int(v) for v in rng.integers(0, 4, 2)) for _ in range(n)]
        output_padding = [int(rng.integers(0, max(s, d))) for s, d in zip(stride, dilation, strict=True)]
        setting = {"stride": stride, "padding": padding, "dilation": dilation}
        try:
            out = upsample.output_shape(size, kernel, output_padding=output_padding, **setting)
        except ValueError:
            continue
        groups = int(rng.integers(1, 4))
        inputs, outputs = groups * int(rng.integers(1, channels + 1)), int(rng.integers(1, channels + 1))
        x = rng.standard_normal((int(rng.integers(1, 4)), inputs, *size))
        weight = rng.standard_normal((inputs, outputs, *kernel))
        setting["groups"] = groups
        return x, weight, setting, output_padding, out


def slow_transpose(x, weight, out, stride, padding, dilation, groups):
    """Throw every kernel copy on the output, one tap at a time."""
    inner, outputs = x.shape[1] // groups, weight.shape[1]
    y = np.zeros((len(x), groups * outputs, *out), x.dtype)
    for i, t in product(np.ndindex(*x.shape[2:]), np.ndindex(*weight.shape[2:])):
        place = zip(i, t, stride, padding, dilation, strict=True)
        o = tuple(s * a + d * b - p[0] for a, b, s, p, d in place)
        if all(0 <= a < size for a, size in zip(o, out, strict=True)):
            for c, m in product(range(x.shape[1]), range(outputs)):
                y[:, c // inner * outputs + m, *o] += x[:, c, *i] * weight[c, m, *t]
    return y


@pytest.mark.parametrize("seed", range(150))
def test_conv_transpose_equals_the_double_loop_and_is_the_adjoint_of_conv(seed):
    rng = np.random.default_rng(seed)
    x, weight, setting, output_padding, out = random_setting(rng)
    y = upsample.conv_transpose(x, weight, output_padding=output_padding, **setting)
    np.testing.assert_allclose(y, slow_transpose(x, weight, out, **setting), atol=1e-12)

    u = rng.standard_normal(y.shape)
    back = upsample.conv(u, weight, **setting)
    if all(op < s for op, s in zip(output_padding, setting["stride"], strict=True)):
        assert back.shape == x.shape  # conv(conv_transpose(I)) has size I
    # A dilation allows more output padding than that; conv then finds further samples at the end.
    back = back[:, :, *(slice(0, size) for size in x.shape[2:])]
    np.testing.assert_allclose(np.vdot(back, x), np.vdot(u, y), rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("seed", range(60))
@pytest.mark.parametrize("workspace", [6000, 30_000])
def test_both_forms_agree_whatever_the_block_size(seed, workspace, monkeypatch):
    x, weight, setting, output_padding, _ = random_setting(np.random.default_rng(1000 + seed))
    if seed % 4 == 0 and x.ndim < 5:  # strides that are interleaved a whole stride at a time
        setting["stride"] = [9] * len(setting["stride"])
    bias = np.arange(weight.shape[1] * setting["groups"]) + 1.0
    results = []
    for scatter, size in product((True, False), {workspace, 4 << 20}):
        monkeypatch.setattr(transposed_conv, "_scatter_is_cheaper", lambda *_, choice=scatter: choice)
        for module in (phase_form, scatter_form, gather_form):
            monkeypatch.setattr(module, "WORKSPACE", size)
        results.append(upsample.conv_transpose(x, weight, bias, output_padding=output_padding, **setting))
    for result in results[1:]:
        np.testing.assert_allclose(result, results[0], atol=1e-12)


@pytest.mark.parametrize("seed", range(60))
@pytest.mark.parametrize("workspace", [6000, 4 << 20])
def test_at_stride_1_gathering_agrees(seed, workspace, monkeypatch):
    x, weight, setting, output_padding, _ = random_setting(np.random.default_rng(2000 + seed))
    setting["stride"] = [1] * len(setting["stride"])
    output_padding = [min(p, d - 1) for p, d in zip(output_padding, setting["dilation"], strict=True)]
    bias = np.arange(weight.shape[1] * setting["groups"]) + 1.0
    monkeypatch.setattr(gather_form, "WORKSPACE", workspace)
    results = []
    for taps in (0, 10_000):
        monkeypatch.setattr(transposed_conv, "MANY_TAPS", taps)
        try:
            results.append(upsample.conv_transpose(x, weight, bias, output_padding=output_padding, **setting))
        except ValueError as error:  # an output that a larger stride made is empty at this one
            results.append(str(error))
    if isinstance(results[0], str):
        assert results[0] == results[1]
    else:
        np.testing.assert_allclose(results[0], results[1], atol=1e-12)


@pytest.mark.parametrize("shape", [(1,), (5, 7), (2, 3, 4), (3, 1, 1, 5)])
@pytest.mark.parametrize("room", [1, 3, 10, 1000])
@pytest.mark.parametrize("halo", [0, 1])
def test_blocks_tile_the_shape_once(shape, room, halo):
    covered = np.zeros(shape, int)
    for ranges in blocks.blocks(shape, room, (halo,) * len(shape)):
        covered[tuple(slice(*r) for r in ranges)] += 1
    assert (covered == 1).all()


@pytest.mark.parametrize("size", range(4, 12))
@pytest.mark.parametrize(("kernel", "stride", "dilation"), [(3, 2, 1), (2, 3, 1), (4, 2, 1), (3, 2, 2), (1, 4, 1)])
def test_conv_transpose_of_conv_reaches_the_size_with_the_right_output_padding(size, kernel, stride, dilation):
    weight, setting = np.ones((1, 1, kernel)), {"stride": stride, "padding": 1, "dilation": dilation}
    if size + 2 < dilation * (kernel - 1) + 1:
        pytest.skip("no output at all: the kernel is longer than the padded input")
    small = upsample.conv(np.ones((1, size)), weight, **setting)
    extra = (size + 2 - dilation * (kernel - 1) - 1) % stride
    by_padding = upsample.conv_transpose(small, weight, output_padding=extra, **setting)
    by_size = upsample.conv_transpose(small, weight, output_size=size, **setting)
    assert by_padding.shape == by_size.shape == (1, size)
    np.testing.assert_array_equal(by_padding, by_size)


@pytest.mark.parametrize("size", range(1, 12))
@pytest.mark.parametrize(("kernel", "stride"), [(3, 2), (2, 2), (4, 3), (5, 1), (2, 5)])
def test_same_is_an_adjoint_pair_for_every_size(size, kernel, stride):
    rng = np.random.default_rng(size)
    u, weight = rng.standard_normal((2, size)), rng.standard_normal((3, 2, kernel))
    small = upsample.conv(u, weight, stride=stride, padding="same")
    assert small.shape == (3, -(-size // stride))
    x = rng.standard_normal(small.shape)
    y = upsample.conv_transpose(x, weight, stride=stride, padding="same", output_size=size)
    np.testing.assert_allclose(np.vdot(small, x), np.vdot(u, y), atol=1e-12)
    default = upsample.conv_transpose(x, weight, stride=stride, padding="same")
    assert default.shape == (2, stride * small.shape[1])


def test_negative_pairs_crop_the_input_of_conv_and_add_zeros_to_its_transpose():
    weight = np.array([[[1.0, 2.0]]])
    x = np.array([[1.0, 10.0, 100.0]])
    y = upsample.conv_transpose(x, weight, padding=[(-1, -2)])
    np.testing.assert_array_equal(y, [[0, 1, 12, 120, 200, 0, 0]])
    assert upsample.conv(y, weight, padding=[(-1, -2)]).shape == x.shape


def test_the_transpose_is_no_inverse():
    weight = np.array([[[1.0, 2.0, 3.0]]])
    small = np.array([[1.0, -1.0, 2.0]])
    assert not np.allclose(upsample.conv(upsample.conv_transpose(small, weight), weight), small)


def test_the_last_row_that_output_padding_uncovers_is_not_zero():
    x, weight = np.ones((1, 3)), np.array([[[1.0, 2.0, 4.0]]])
    np.testing.assert_array_equal(upsample.conv_transpose(x, weight, stride=2, padding=1), [[2, 5, 2, 5, 2]])
    uncovered = upsample.conv_transpose(x, weight, stride=2, padding=1, output_padding=1)
    np.testing.assert_array_equal(uncovered, [[2, 5, 2, 5, 2, 4]])


def test_an_object_packs_once_and_serves_every_size_and_precision():
    rng = np.random.default_rng(0)
    weight = rng.standard_normal((6, 5, 4, 4))
    layer = upsample.ConvTranspose(weight, np.ones(5), stride=2, padding=1)
    for shape, dtype in product([(6, 3, 4), (2, 6, 9, 2), (0, 6, 2, 2)], [np.float32, np.float64]):
        x = rng.standard_normal(shape).astype(dtype)
        expected = upsample.conv_transpose(x, weight, np.ones(5), stride=2, padding=1)
        np.testing.assert_array_equal(layer(x), expected)
        assert layer(x).dtype == dtype
    assert layer(np.zeros((6, 3, 3)), output_size=7).shape == (5, 7, 7)
