"""Gradient descent comes to the exact solution."""

import numpy as np
import pytest

import upsample


def smooth_pairs(count=2, size=40):
    """Pictures whose power falls with frequency, and the means of their 2 x 2 blocks."""
    rng = np.random.default_rng(0)
    radius = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.fftfreq(size))
    for _ in range(count):
        large = np.fft.ifft2(np.fft.fft2(rng.standard_normal((size, size))) / (0.05 + radius)).real
        large /= 10 * large.std()
        yield large.reshape(size // 2, 2, size // 2, 2).mean((1, 3)), large


@pytest.mark.parametrize(("method", "rate"), [("adam", 0.01), ("momentum", 20.0)])
def test_it_comes_to_the_exact_solution(method, rate):
    exact = upsample.learn_kernel(smooth_pairs(), stride=2, size=6)
    learned = upsample.descend_kernel(
        smooth_pairs(), stride=2, size=6, steps=400, rate=rate, method=method, batch=4, rng=0
    )
    assert learned.start_error == pytest.approx(exact.start_error)
    in_decibels = 10 * np.log10(np.array([learned.start_error, learned.training_error]) / exact.training_error)
    assert in_decibels[0] > 0.3
    assert 0 <= in_decibels[1] < 0.02
    np.testing.assert_allclose(learned.weight, exact.weight, atol=0.05)
    assert learned.curve[0] == learned.start_error
    assert learned.curve[-1] == learned.training_error
    assert len(learned.curve) == 101


def test_seeds_channels_and_axes():
    rng = np.random.default_rng(1)
    teacher = np.eye(2)[:, :, None] * np.array([0.2, 0.9, 0.6, 0.3])
    x = rng.standard_normal((4, 2, 30)).astype(np.float32)
    y = upsample.conv_transpose(x, teacher.astype(np.float32), stride=2, padding=1)
    options = {"stride": 2, "size": 4, "axes": 1, "border": "zero", "steps": 200, "batch": 4, "crop": 100}
    once, again = (upsample.descend_kernel([(x, y)], **options, rng=3) for _ in range(2))
    np.testing.assert_array_equal(once.weight, again.weight)
    assert once.weight.dtype == np.float32
    np.testing.assert_allclose(once.weight, teacher, atol=1e-3)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"rate": 0}, "rate must be finite and > 0"),
        ({"method": "newton"}, "method must be"),
        ({"steps": 0}, "steps must be >= 1"),
        ({"pairs": []}, "at least one"),
        ({"start": np.ones((1, 1, 4, 3))}, r"start must be a real weight of shape \(1, 1, 4, 4\)"),
        ({"start": np.ones((1, 1, 4, 4), complex)}, "start must be a real weight"),
        ({"rate": 1e300, "method": "momentum", "steps": 5}, "runs away"),
    ],
)
def test_what_cannot_descend_is_refused(change, words):
    settings = {"pairs": smooth_pairs(1), "stride": 2, "size": 4} | change
    with np.errstate(all="ignore"), pytest.raises(ValueError, match=words):
        upsample.descend_kernel(settings.pop("pairs"), **settings)


def test_it_may_start_anywhere():
    """From where it arrived it goes no farther; from the answer of other pairs it comes to that of these."""
    pairs, options = list(smooth_pairs()), {"stride": 2, "size": 4, "batch": 4, "rng": 0}
    exact = upsample.learn_kernel(pairs, stride=2, size=4)
    stays = upsample.descend_kernel(pairs, steps=1, rate=1e-9, start=exact.weight, **options)
    np.testing.assert_allclose(stays.weight, exact.weight, atol=1e-8)
    assert stays.start_error == pytest.approx(exact.training_error)
    moved = upsample.descend_kernel(pairs, steps=100, start=0.9 * exact.weight, **options)
    np.testing.assert_allclose(moved.weight, exact.weight, atol=0.05)
