"""PSNR, SSIM and ISNR against their definitions."""

import numpy as np
import pytest

from restore import isnr, psnr, ssim

RNG = np.random.default_rng(5)
SHARP = RNG.random((20, 24))
NEAR, FAR = SHARP + 0.01 * RNG.standard_normal(SHARP.shape), SHARP + 0.05 * RNG.standard_normal(SHARP.shape)


def squared_error(image):
    return np.mean((image - SHARP) ** 2)


def test_psnr_is_the_error_below_the_range():
    assert psnr(SHARP, NEAR, data_range=1.0) == pytest.approx(-10 * np.log10(squared_error(NEAR)))
    assert psnr(SHARP, NEAR) == pytest.approx(10 * np.log10(np.ptp(SHARP) ** 2 / squared_error(NEAR)))
    assert psnr(SHARP, SHARP) == np.inf
    assert psnr(np.ones((4, 4)), np.full((4, 4), 0.9)) == pytest.approx(20)  # no range: that of the unit
    assert psnr(np.zeros((4, 4)), np.full((4, 4), 1e200), data_range=1e-200) == pytest.approx(-8000)


def test_isnr_is_the_gain_whatever_the_unit():
    gain = 10 * np.log10(squared_error(FAR) / squared_error(NEAR))
    assert isnr(SHARP, FAR, NEAR) == pytest.approx(gain)
    assert isnr(1000 * SHARP, 1000 * FAR, 1000 * NEAR) == pytest.approx(gain)
    assert isnr(SHARP, NEAR, FAR) == pytest.approx(-gain)


def test_ssim_is_the_mean_over_windows():
    windows = [np.lib.stride_tricks.sliding_window_view(a, (7, 7)).reshape(-1, 49) for a in (SHARP, FAR)]
    (mean_a, mean_b), (var_a, var_b) = zip(*((w.mean(axis=1), w.var(axis=1, ddof=1)) for w in windows), strict=True)
    both = np.mean((windows[0] - mean_a[:, None]) * (windows[1] - mean_b[:, None]), axis=1) * 49 / 48
    small, smaller = 0.01**2, 0.03**2
    likeness = (2 * mean_a * mean_b + small) * (2 * both + smaller)
    likeness /= (mean_a**2 + mean_b**2 + small) * (var_a + var_b + smaller)
    assert ssim(SHARP, FAR, data_range=1.0) == pytest.approx(likeness.mean())
    assert ssim(SHARP, NEAR) > ssim(SHARP, FAR)


def test_ssim_of_small_pictures_and_of_colour():
    assert ssim(SHARP[:5], SHARP[:5]) == pytest.approx(1)
    assert np.isnan(ssim(SHARP[:2], SHARP[:2]))
    colour, noisy = np.stack([SHARP, SHARP]), np.stack([NEAR, FAR])
    span = {"data_range": 1.0}
    mean = (ssim(SHARP, NEAR, **span) + ssim(SHARP, FAR, **span)) / 2
    assert ssim(colour, noisy, channel_axis=0, **span) == pytest.approx(mean)


@pytest.mark.parametrize("metric", [psnr, ssim])
def test_other_shapes_are_refused(metric):
    with pytest.raises(ValueError, match=r"image must have the shape \(20, 24\) of the reference, got \(24, 20\)"):
        metric(SHARP, NEAR.T)
    with pytest.raises(TypeError, match="reference must be floating"):
        metric(np.ones((8, 8), int), np.ones((8, 8)))
