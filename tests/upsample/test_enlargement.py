"""Enlarging from start to end: every kind of map and kernel, and what is told about the result."""

import numpy as np
import pytest

import upsample


@pytest.mark.parametrize("kernel", ["bilinear", "nearest", "cubic"])
@pytest.mark.parametrize("stride", [2, 3, (1, 4)])
def test_named_kernels_interpolate_maps_with_and_without_channels(kernel, stride):
    x = np.random.default_rng(0).standard_normal((2, 3, 4, 5)).astype(np.float32)
    expected = upsample.interpolate(x, stride, kernel=kernel)
    for given, wanted in [(x, expected), (x[0], expected[0]), (x[0, 0], expected[0, 0])]:
        done = upsample.enlarge(given, kernel, stride=stride)
        np.testing.assert_allclose(done.result, wanted, atol=1e-6)
        assert done.result.dtype == np.float32
    last = upsample.enlarge(np.moveaxis(x, 1, -1), kernel, stride=stride, layout="keras")
    np.testing.assert_allclose(last.result, np.moveaxis(expected, 1, -1), atol=1e-6)


def test_an_array_is_a_bare_kernel_or_a_weight_in_its_layout():
    rng = np.random.default_rng(0)
    x, kernel, weight = rng.standard_normal((3, 4, 5)), rng.standard_normal((3, 3)), rng.standard_normal((3, 2, 3, 3))
    bare = upsample.enlarge(x, kernel, padding=1, output_padding=1).result
    one = upsample.conv_transpose(x[:1], kernel[None, None], stride=2, padding=1, output_padding=1)
    np.testing.assert_allclose(bare[:1], one)
    expected = upsample.conv_transpose(x, weight, stride=2, padding=1, output_size=(7, 9))
    for layout in ("torch", "keras", "jax"):
        done = upsample.enlarge(
            upsample.convert_map(x, "torch", layout),
            upsample.convert_weight(weight, "torch", layout),
            padding=1,
            output_size=(7, 9),
            layout=layout,
        )
        np.testing.assert_allclose(upsample.convert_map(done.result, layout), expected, atol=1e-13)


def test_a_constant_map_stays_constant_up_to_the_border():
    for kernel in ("bilinear", "nearest", "cubic"):
        np.testing.assert_allclose(upsample.enlarge(np.ones((3, 4)), kernel, stride=3).result, 1)
    assert upsample.enlarge(np.ones((3, 4)), border="zero").result[0, 0] == 0.5625


def test_the_settings_reproduce_the_result_and_the_steps_end_in_it():
    x = np.random.default_rng(0).standard_normal((2, 4, 5))
    done = upsample.enlarge(x, stride=(2, 3), output_size=(8, 19), dilation=(1, 2))
    assert done.result.shape == (2, 8, 19)
    again = upsample.conv_transpose(
        done.map, done.weight, stride=done.stride, padding=done.padding, dilation=done.dilation, groups=done.groups
    )
    np.testing.assert_array_equal(again, done.result)
    np.testing.assert_allclose(done.steps.result, done.result, atol=1e-13)
    sizes = [line.split("  ")[-1].strip() for line in done.explanation.splitlines()[1:5]]
    assert sizes == [" x ".join(map(str, size)) for size in done.steps.sizes.values()]
    assert done.explanation.splitlines()[-1].endswith("= 19")


def test_the_diagnosis_is_that_of_the_weight():
    assert upsample.enlarge(np.ones((3, 3))).diagnosis.even
    uneven = upsample.enlarge(np.ones((3, 3)), np.ones((3, 3))).diagnosis
    assert not uneven.even
    np.testing.assert_array_equal(uneven.overlap, [[4, 2], [2, 1]])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"stride": 1 << 20},
            "output must have at most 268435456 samples, got 1 x 2097153 x 3145729",
        ),
        ({"limit": 10}, "output must have at most 10 samples, got 1 x 5 x 7"),
        ({"kernel": "cubic", "stride": 1 << 30, "output_size": 1 << 30}, "output_size must lie"),
        ({"kernel": "lanczos"}, "kernel must be an array or one of"),
        ({"kernel": np.ones((2, 2, 2))}, r"kernel must be \(k, k\) or a weight with four axes, got shape"),
        ({"groups": 2}, "groups must be left out for a bare kernel, got 2"),
        ({"border": "wrap"}, "border must be 'replicate' or 'zero', got 'wrap'"),
    ],
)
def test_refusals(settings, message):
    kernel = settings.pop("kernel", np.ones((1, 1)))
    with pytest.raises(ValueError, match=message):
        upsample.enlarge(np.ones((3, 4)), kernel, **settings)


def test_maps_of_another_kind_are_refused():
    with pytest.raises(ValueError, match=r"x must be \(H, W\), .* got shape \(3,\)"):
        upsample.enlarge(np.ones(3))
    with pytest.raises(TypeError, match=r"x must be one of .*, got uint8; convert it first"):
        upsample.enlarge(np.ones((3, 3), np.uint8))


def test_a_huge_named_kernel_is_refused_before_it_is_made():
    with pytest.raises(ValueError, match="at most 268435456 samples, got 1 x 1 x 65536 x 65536"):
        upsample.enlarge(np.ones((1, 1)), "cubic", stride=1 << 14)
    with pytest.raises(ValueError, match="at most 268435456 samples, got 1 x "):
        upsample.enlarge(np.ones((1, 1)), "cubic", stride=1 << 40)


def test_what_the_output_does_not_show_is_limited_too():
    """A wide dilation repeats the edge far and crops it again; a kernel is copied for every channel."""
    with pytest.raises(ValueError, match=r"map with its edge repeated must have at most .*, got 1 x 400016 x 400016"):
        upsample.enlarge(
            np.ones((16, 16)), np.ones((3, 3)), stride=1, dilation=100_000, padding=100_000, border="replicate"
        )
    with pytest.raises(ValueError, match=r"kernel must have at most .*, got 64 x 1 x 4000 x 4000"):
        upsample.enlarge(np.ones((64, 1, 1)), stride=2000)


def test_the_weight_of_one_channel_enlarges_every_channel_as_the_bare_kernel_does():
    x, kernel = np.random.default_rng(0).random((3, 5, 4)), np.random.default_rng(1).random((4, 4))
    by_weight, by_kernel = (
        upsample.enlarge(x, k, padding="same", border="replicate") for k in (kernel[None, None], kernel)
    )
    np.testing.assert_array_equal(by_weight.result, by_kernel.result)
    with pytest.raises(ValueError, match="weight must be"):
        upsample.enlarge(x, kernel[None, None], groups=1)
