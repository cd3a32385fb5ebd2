"""All views of a transposed convolution give the same numbers, for hundreds of random settings."""

import numpy as np
import pytest

import upsample


def setting(seed):
    rng = np.random.default_rng(seed)
    while True:
        n = int(rng.integers(1, 4))
        pick = lambda low, high, n=n: [int(v) for v in rng.integers(low, high + 1, n)]  # noqa: E731
        stride, dilation, kernel, size = pick(1, 4), pick(1, 3), pick(1, 4), pick(1, 4)
        padding = [(int(a), int(b)) for a, b in rng.integers(-2, 4, (n, 2))]
        extra = [int(rng.integers(0, max(s, d))) for s, d in zip(stride, dilation, strict=True)]
        settings = {"stride": stride, "padding": padding, "dilation": dilation, "output_padding": extra}
        try:
            upsample.output_shape(size, kernel, **settings)
        except ValueError:
            continue
        groups = int(rng.integers(1, 3))
        x = rng.standard_normal((int(rng.integers(1, 3)), 2 * groups, *size))
        weight = rng.standard_normal((2 * groups, int(rng.integers(1, 3)), *kernel))
        return x, weight, settings | {"groups": groups}


@pytest.mark.parametrize("seed", range(300))
def test_all_views_agree(seed):
    x, weight, settings = setting(seed)
    bias = np.arange(weight.shape[1] * settings["groups"], dtype=float)
    expected = upsample.conv_transpose(x, weight, bias, **settings)
    for view in (upsample.steps, upsample.subpixel):
        np.testing.assert_allclose(view(x, weight, bias, **settings).result, expected, atol=1e-12)

    like_conv = {name: value for name, value in settings.items() if name != "output_padding"}
    matrix = upsample.convolution_matrix(weight, expected.shape[1:], **like_conv)
    plain = upsample.conv_transpose(x, weight, **settings)
    u = np.random.default_rng(seed).standard_normal(plain.shape)
    np.testing.assert_allclose(matrix @ u[0].ravel(), upsample.conv(u, weight, **like_conv)[0].ravel(), atol=1e-12)
    if matrix.shape[0] == x[0].size:  # not so where dilation allowed more output_padding than the stride
        np.testing.assert_allclose(matrix.T @ x[0].ravel(), plain[0].ravel(), atol=1e-12)


@pytest.mark.parametrize("seed", range(60))
def test_the_scatter_view_agrees_in_one_dimension(seed):
    rng = np.random.default_rng(seed)
    x, kernel = rng.standard_normal(int(rng.integers(1, 8))), rng.standard_normal(int(rng.integers(1, 6)))
    settings = {"stride": int(rng.integers(1, 4)), "dilation": int(rng.integers(1, 3)), "padding": [(-1, 0)]}
    shown = upsample.scatter(x, kernel, **settings)
    expected = upsample.conv_transpose(x[None], kernel[None, None], **settings)[0]
    np.testing.assert_allclose(shown.result, expected, atol=1e-13)
    np.testing.assert_array_equal(shown.copies.sum(axis=0), shown.full)


def test_a_bare_kernel_and_a_full_weight_give_the_same_matrix():
    kernel = np.arange(6.0).reshape(2, 3)
    bare = upsample.convolution_matrix(kernel, (4, 5), stride=2, padding=1)
    full = upsample.convolution_matrix(kernel[None, None], (1, 4, 5), stride=2, padding=1)
    np.testing.assert_array_equal(bare.toarray(), full.toarray())
    assert 0 not in bare.data  # zero taps are not stored


@pytest.mark.parametrize("order", ["CRD", "DCR"])
@pytest.mark.parametrize(
    ("shape", "factor"), [((2, 12, 3, 5), 2), ((12, 3, 5), (2, 3)), ((1, 24, 2, 1, 2), 2), ((6, 4), 3)]
)
def test_shuffling_is_undone(order, shape, factor):
    axes = 2 if len(shape) < 5 else 3
    axes = 1 if len(shape) == 2 else axes
    x = np.random.default_rng(0).standard_normal(shape)
    large = upsample.pixel_shuffle(x, factor, order=order, axes=axes)
    np.testing.assert_array_equal(upsample.pixel_unshuffle(large, factor, order=order, axes=axes), x)
    assert sorted(large.ravel()) == sorted(x.ravel())


def test_shuffle_orders_by_their_definitions():
    n, c, h, w, r = 2, 3, 4, 5, 2
    x = np.random.default_rng(0).standard_normal((n, c * r * r, h, w))
    crd = x.reshape(n, c, r, r, h, w).transpose(0, 1, 4, 2, 5, 3).reshape(n, c, h * r, w * r)
    dcr = x.reshape(n, r, r, c, h, w).transpose(0, 3, 4, 1, 5, 2).reshape(n, c, h * r, w * r)
    np.testing.assert_array_equal(upsample.pixel_shuffle(x, r), crd)
    np.testing.assert_array_equal(upsample.pixel_shuffle(x, r, order="DCR"), dcr)
    assert not np.array_equal(crd, dcr)
    one = x[:, : r * r]
    np.testing.assert_array_equal(upsample.pixel_shuffle(one, r), upsample.pixel_shuffle(one, r, order="DCR"))


def test_pixel_shuffle_is_a_transposed_convolution_with_one_hot_weights():
    x = np.random.default_rng(0).standard_normal((2, 12, 3, 4))
    weight = np.zeros((12, 3, 2, 2))
    for channel in range(12):
        weight[channel, channel // 4, channel % 4 // 2, channel % 2] = 1
    np.testing.assert_array_equal(upsample.conv_transpose(x, weight, stride=2), upsample.pixel_shuffle(x, 2))
