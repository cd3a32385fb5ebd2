"""The exact solution against a dense one, and what it must do on pairs whose best weights are known."""

from itertools import product

import numpy as np
import pytest

import upsample
from upsample.learning import normal_equations


def design_matrix(learned, x, out):
    """Columns: what each single weight makes of x."""
    columns = []
    for place in np.ndindex(*learned.weight.shape):
        unit = np.zeros(learned.weight.shape)
        unit[place] = 1
        single = upsample.LearnedKernel(**{**vars(learned), "weight": unit})
        columns.append(single(x).ravel())
    return np.stack(columns, axis=1)


SETTINGS = [
    {"axes": 1, "stride": 2, "size": 5, "border": "periodic"},
    {"axes": 1, "stride": 3, "size": 4, "border": "zero", "channels": (2, 4), "groups": 2},
    {"axes": 2, "stride": (2, 1), "size": (5, 2), "border": "replicate", "channels": (2, 1)},
    {"axes": 2, "stride": 1, "size": 3, "border": "replicate", "channels": (2, 2)},
    {"axes": 3, "stride": (1, 2, 1), "size": (2, 3, 1), "border": "zero"},
]


@pytest.mark.parametrize("setting", SETTINGS, ids=str)
def test_it_is_the_least_squares_solution(setting):
    setting = dict(setting)
    inputs, outputs = setting.pop("channels", (1, 1))
    rng = np.random.default_rng(0)
    axes = setting["axes"]
    stride = np.broadcast_to(setting["stride"], axes)
    sizes = [[7, 8, 4][:axes], [6, 5, 5][:axes]]
    pairs = [(rng.standard_normal((inputs, *n)), rng.standard_normal((outputs, *(stride * n)))) for n in sizes]
    learned = upsample.learn_kernel(iter(pairs), ridge=0, **setting)
    matrix = np.concatenate([design_matrix(learned, x, outputs) for x, _ in pairs])
    targets = np.concatenate([y.ravel() for _, y in pairs])
    expected = np.linalg.lstsq(matrix, targets)[0]
    np.testing.assert_allclose(learned.weight.ravel(), expected, atol=1e-9)
    residual = targets - matrix @ expected
    assert learned.training_error == pytest.approx(np.mean(residual**2))
    assert learned.explained_variance == pytest.approx(1 - np.mean(residual**2) / targets.var())
    assert learned.start_error > learned.training_error


@pytest.mark.parametrize(("stride", "size"), [(1, 3), (2, 2), (2, 5), (3, 7), (4, 6)])
def test_it_finds_the_kernel_that_made_the_large_maps(stride, size):
    rng = np.random.default_rng(size)
    teacher = rng.standard_normal((2, 1, size, size))
    x = rng.standard_normal((4, 2, 9, 8))
    begin = (size - stride) // 2
    y = upsample.conv_transpose(x, teacher, stride=stride, padding=[(begin, size - stride - begin)] * 2, groups=2)
    learned = upsample.learn_kernel(zip(x, y, strict=True), stride=stride, size=size, groups=2, border="zero", ridge=0)
    np.testing.assert_allclose(learned.weight, teacher, atol=1e-9)
    np.testing.assert_allclose(learned(x), y, atol=1e-8)
    assert learned.explained_variance == pytest.approx(1)


@pytest.mark.parametrize("stride", [1, 2, 3, 4])
def test_it_starts_from_the_bilinear_kernel(stride):
    """A ridge without end leaves it there; in a larger kernel zeros lie round it."""
    bilinear = upsample.bilinear_kernel(stride)
    rng = np.random.default_rng(0)
    pairs = [(rng.random((6, 5)), rng.random((6 * stride, 5 * stride)))]
    for extra in (0, 4):
        size = len(bilinear) + extra
        learned = upsample.learn_kernel(pairs, stride=stride, size=size, ridge=1e12)
        np.testing.assert_allclose(learned.weight[0, 0], np.pad(bilinear, extra // 2), atol=1e-9)
        assert learned.training_error == pytest.approx(learned.start_error)


def test_maps_in_bands_give_the_same_sums(monkeypatch):
    rng = np.random.default_rng(0)
    pairs = [(rng.random((2, 1, 31, 9)), rng.random((2, 1, 62, 18)))]
    whole = upsample.learn_kernel(pairs, stride=2, size=5)
    monkeypatch.setattr(normal_equations, "BAND", 100)
    np.testing.assert_allclose(upsample.learn_kernel(pairs, stride=2, size=5).weight, whole.weight, atol=1e-12)


def test_with_constants_kept_every_phase_sums_to_one_and_nothing_else_is_given_up():
    rng = np.random.default_rng(3)
    x = rng.random((2, 12, 10))
    y = np.stack([0.8 * x[0], 0.3 * x[1]]).repeat(2, 1).repeat(2, 2) + 0.1 * rng.standard_normal((2, 24, 20))
    options = {"stride": 2, "size": 6, "ridge": 0}
    free = upsample.learn_kernel([(x, y)], **options)
    even = upsample.learn_kernel([(x, y)], keep_constant=True, **options)
    assert not upsample.checkerboard(free.weight, 2).even
    np.testing.assert_allclose(
        upsample.checkerboard(even.weight, 2).phase_sums, np.eye(2)[:, :, None, None] * np.ones((2, 2)), atol=1e-12
    )
    np.testing.assert_allclose(even(np.full((2, 5, 5), 0.4)), 0.4, atol=1e-12)
    # The gradient of the error is the same for all taps of a channel and phase: no change that keeps the sums helps.
    bordered = np.pad(x, [(0, 0), (3, 3), (3, 3)], mode="edge")
    crop = [(2 + 6, 2 + 6)] * 2
    off = upsample.conv_transpose(bordered, even.weight, stride=2, padding=crop) - y
    slope = upsample.conv_transpose_gradients(bordered, even.weight, off, stride=2, padding=crop).weight
    for r, s in product(range(2), range(2)):
        taps = slope[:, :, r::2, s::2]
        np.testing.assert_allclose(taps - taps.mean((2, 3), keepdims=True), 0, atol=1e-9)
    assert free.training_error < even.training_error < even.start_error


def test_precision_and_maps_without_channels():
    x = np.random.default_rng(0).random((8, 8)).astype(np.float32)
    learned = upsample.learn_kernel([(x, x)], stride=1, size=3)
    assert learned.weight.dtype == np.float32
    np.testing.assert_allclose(learned.weight[0, 0], np.pad([[1.0]], 1), atol=1e-6)
    assert learned(x[None]).dtype == np.float32
    assert learned.padding == ((1, 1), (1, 1))
    assert learned.stride == (1, 1)


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"pairs": []}, ValueError, "at least one"),
        ({"pairs": [(np.ones((4, 4)), np.ones((4, 8)))]}, ValueError, r"\(8, 8\) for \(4, 4\), got \(4, 8\)"),
        ({"pairs": [(np.ones((4, 4)), np.ones((8, 8), int))]}, TypeError, "must be one of float16"),
        ({"pairs": [(np.ones((4, 4)), np.full((8, 8), np.nan))]}, ValueError, "finite"),
        ({"pairs": [(np.ones((4, 4)), np.ones((8, 8), complex))]}, TypeError, "must be real"),
        ({"pairs": [(np.ones(4), np.ones(8))]}, ValueError, "with 2 spatial axes"),
        ({"pairs": [np.ones((2, c, 4, 4)) for c in (1, 2)], "stride": 1}, ValueError, "the same channels"),
        ({"pairs": [np.ones((2, 3, 4, 4))], "stride": 1, "groups": 2}, ValueError, "groups must divide"),
        ({"pairs": [np.ones((3, 4, 4))], "stride": 1}, ValueError, "got 3 arrays"),
        ({"pairs": [np.full((2, 4, 4), 1e200)], "stride": 1}, ValueError, "scale them to about 1"),
        ({"size": 1000}, ValueError, "at most 10000 samples"),
        ({"size": 1}, ValueError, "size must be >= stride"),
        ({"ridge": -1}, ValueError, "ridge must be"),
        ({"border": "mirror"}, ValueError, "border must be"),
        ({"size": 5, "symmetric": True}, ValueError, "size - stride must be even"),
        ({"axes": 4}, ValueError, "axes must be"),
        ({"ridge": 0}, ValueError, "must determine every weight"),
    ],
)
def test_what_it_cannot_learn_from_is_refused(change, error, words):
    settings = {"pairs": [(np.ones((4, 4)), np.ones((8, 8)))], "stride": 2, "size": 4} | change
    with pytest.raises(error, match=words):
        upsample.learn_kernel(settings.pop("pairs"), **settings)


def images(maps, *, turned):
    """All mirror images of maps (C, H, W), and their turns."""
    sides = [maps, maps.swapaxes(1, 2)] if turned else [maps]
    return [side[:, ::down, ::right] for side in sides for down in (1, -1) for right in (1, -1)]


@pytest.mark.parametrize(("stride", "size"), [((2, 2), (8, 8)), ((3, 3), (5, 5)), ((2, 2), (4, 6)), ((2, 1), (4, 3))])
def test_symmetric_is_what_all_mirror_images_of_the_pairs_teach(stride, size):
    rng = np.random.default_rng(0)
    x, y = rng.random((2, 7, 6)), rng.random((2, 7 * stride[0], 6 * stride[1]))
    options = {"stride": stride, "size": size, "ridge": 1e-3, "keep_constant": True}
    turned = len({*stride}) == len({*size}) == 1
    expected = upsample.learn_kernel(zip(*(images(maps, turned=turned) for maps in (x, y)), strict=True), **options)
    learned = upsample.learn_kernel([(x, y)], symmetric=True, **options)
    np.testing.assert_allclose(learned.weight, expected.weight, atol=1e-12)
    assert learned.training_error == pytest.approx(expected.training_error)
    for image in images(learned.weight[0], turned=turned):
        np.testing.assert_allclose(image, learned.weight[0], atol=1e-12)
