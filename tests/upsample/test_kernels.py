"""Start weights and checkerboards: closed forms, and SciPy's resampling as a second opinion."""

import runpy
from pathlib import Path

import numpy as np
import pytest
from scipy.ndimage import map_coordinates

import upsample

SCRIPTS = Path(__file__).resolve().parents[2] / "benchmarks"
STRIDES = [1, 2, 3, 4, 5, 8]


def resized(image, stride, order):
    """Resize with half-pixel centres and repeated edges, by SciPy's interpolation."""
    grid = [(np.arange(size * stride) + 0.5) / stride - 0.5 for size in image.shape]
    return map_coordinates(image, np.meshgrid(*grid, indexing="ij"), order=order, mode="nearest")


@pytest.mark.parametrize("stride", STRIDES)
@pytest.mark.parametrize("maker", [upsample.nearest_kernel, upsample.bilinear_kernel, upsample.cubic_kernel])
def test_every_phase_of_an_interpolating_kernel_sums_to_one(maker, stride):
    kernel = maker(stride)
    np.testing.assert_allclose(kernel.sum(), stride**2)
    found = upsample.checkerboard(kernel, stride)
    np.testing.assert_allclose(found.phase_sums, 1)
    assert found.even
    assert found.imbalance == 0


@pytest.mark.parametrize("stride", [*STRIDES, 32])
def test_bilinear_equals_bilinear_resizing_also_at_the_border(stride):
    image = np.random.default_rng(0).standard_normal((4, 6))
    result = upsample.interpolate(image[None], stride)[0]
    np.testing.assert_allclose(result, resized(image, stride, 1), atol=1e-14)
    bare = upsample.interpolate(image[None], stride, border="zero")[0]
    inside = (slice(stride, -stride or None),) * 2
    np.testing.assert_allclose(bare[inside], result[inside], atol=1e-14)
    assert stride == 1 or not np.allclose(bare, result)


@pytest.mark.parametrize("stride", STRIDES)
def test_nearest_repeats_every_sample(stride):
    image = np.random.default_rng(0).standard_normal((2, 3, 5))
    expected = image.repeat(stride, 1).repeat(stride, 2)
    np.testing.assert_array_equal(upsample.interpolate(image, stride, kernel="nearest"), expected)


@pytest.mark.parametrize("stride", STRIDES)
def test_cubic_reproduces_parabolas(stride):
    x = np.arange(12.0)
    fine = (np.arange(12 * stride) + 0.5) / stride - 0.5
    result = upsample.interpolate((x**2 - 3 * x)[None], stride, kernel="cubic", axes=1)[0]
    inside = slice(2 * stride, -2 * stride)
    np.testing.assert_allclose(result[inside], (fine**2 - 3 * fine)[inside], atol=1e-12)


def test_dense_and_depthwise_weights_do_the_same():
    x = np.random.default_rng(0).standard_normal((1, 6, 4, 5))
    for groups in (1, 2, 3):
        dense = upsample.bilinear_kernel(2, channels=6, groups=groups)
        assert dense.shape == (6, 6 // groups, 4, 4)
        np.testing.assert_allclose(
            upsample.conv_transpose(x, dense, stride=2, padding=1, groups=groups),
            upsample.interpolate(x, 2, border="zero"),
            atol=1e-15,
        )


def test_icnr_starts_as_nearest_neighbour_enlargement():
    rng = np.random.default_rng(0)
    weight = upsample.icnr((3, 5, 6, 4), (3, 2), rng=1, dtype=np.float64)
    x = rng.standard_normal((2, 3, 4, 4))
    y = upsample.conv_transpose(x, weight, stride=(3, 2))
    np.testing.assert_allclose(y, y[:, :, ::3, ::2].repeat(3, 2).repeat(2, 3), atol=1e-13)
    assert upsample.checkerboard(weight, (3, 2)).even
    shuffle_weight = upsample.subpixel(x, weight, stride=(3, 2)).kernel.reshape(5, 6, 3, 2, 2)
    np.testing.assert_array_equal(shuffle_weight, shuffle_weight[:, :1].repeat(6, 1))
    np.testing.assert_array_equal(weight, upsample.icnr((3, 5, 6, 4), (3, 2), rng=1, dtype=np.float64))
    assert upsample.icnr((3, 5, 6, 4), (3, 2)).dtype == np.float32


@pytest.mark.parametrize(
    ("kernel", "stride", "overlap"),
    [
        (3, 2, [2, 1]),
        (4, 2, [2, 2]),
        (2, 2, [1, 1]),
        (3, 3, [1, 1, 1]),
        (5, 2, [3, 2]),
        (4, 3, [2, 1, 1]),
        (6, 3, [2, 2, 2]),
        (2, 3, [1, 1, 0]),
    ],
)
def test_overlap(kernel, stride, overlap):
    found = upsample.checkerboard(np.ones(kernel), stride)
    np.testing.assert_array_equal(found.overlap, overlap)
    assert found.even == (len(set(overlap)) == 1)
    inside = upsample.overlap_map(12, kernel, stride=stride)[6 * stride : 7 * stride]
    np.testing.assert_array_equal(inside, overlap)


def test_phase_sums_are_what_a_constant_map_becomes():
    weight = np.random.default_rng(0).standard_normal((3, 2, 5, 4))
    found = upsample.checkerboard(weight, (2, 3))
    y = upsample.conv_transpose(np.ones((3, 9, 9)), weight, stride=(2, 3))
    np.testing.assert_allclose(found.phase_sums.sum(axis=0), y[:, 8:10, 12:15], atol=1e-13)
    assert not found.even


def test_imbalance_is_scale_free_and_a_divisible_kernel_may_still_be_uneven():
    assert upsample.checkerboard(np.ones(3), 2).imbalance == pytest.approx(1 / 3)
    uneven = np.array([1.0, 2.0, 1.0, 2.0])
    assert upsample.checkerboard(uneven, 2).imbalance == pytest.approx(1 / 3)
    assert upsample.checkerboard(7e5 * uneven.astype(np.float32), 2).imbalance == pytest.approx(1 / 3)
    assert upsample.checkerboard(np.array([1.0, -1.0]), 2).imbalance == np.inf
    assert upsample.checkerboard(np.ones(3), 2, dilation=2).overlap.tolist() == [3, 0]


def test_the_ready_kernel_is_symmetric_even_and_what_its_script_learns(monkeypatch):
    monkeypatch.syspath_prepend(SCRIPTS)
    script = runpy.run_path(str(SCRIPTS / "ready_kernel.py"))
    kernel = upsample.learned_kernel()
    np.testing.assert_array_equal(kernel[:4, :4] * script["UNIT"], script["learned"]())
    for image in (kernel.T, kernel[::-1], kernel[:, ::-1]):
        np.testing.assert_array_equal(image, kernel)
    np.testing.assert_array_equal(upsample.checkerboard(kernel, 2).phase_sums, 1)
    assert upsample.learned_kernel((2, 2), channels=3).shape == (3, 1, 8, 8)
    flat = upsample.enlarge(np.full((3, 4), 0.3), "learned")
    assert flat.padding == ((3 + 6, 3 + 6),) * 2  # the edge is repeated three times
    np.testing.assert_allclose(flat.result, np.full((6, 8), 0.3), rtol=1e-15)


@pytest.mark.parametrize(("stride", "axes"), [(3, 2), ((2, 1), 2), (2, 1), (1 << 30, 2)])
def test_the_ready_kernel_enlarges_by_two_along_two_axes_alone(stride, axes):
    x = np.ones((1, *(3,) * axes))
    with pytest.raises(ValueError, match=r"kernel 'learned' is for stride \(2, 2\), got"):
        upsample.interpolate(x, stride, kernel="learned", axes=axes)
    if axes == 2:
        with pytest.raises(ValueError, match=r"kernel 'learned' is for stride"):
            upsample.enlarge(x, "learned", stride=stride)
