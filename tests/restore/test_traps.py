"""What goes wrong in silence elsewhere is refused here with the remedy, or goes right."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from restore import (
    blur,
    constrained_least_squares,
    deconvolve,
    degrade,
    estimate_noise,
    geometric_mean_filter,
    inverse_filter,
    psf,
    wiener,
)

RESTORING = {
    "wiener": wiener,
    "wiener with nsr": lambda g, h, **k: wiener(g, h, nsr=0.01, **k),
    "constrained_least_squares": constrained_least_squares,
    "inverse_filter": inverse_filter,
    "geometric_mean_filter": lambda g, h, **k: geometric_mean_filter(g, h, nsr=0.01, **k),
    "deconvolve": deconvolve,
    "blur": blur,
    "degrade": degrade,
}
every = pytest.mark.parametrize("restoring", RESTORING.values(), ids=RESTORING)
KERNEL = psf.gaussian(1.0)


@pytest.fixture
def image():
    return np.random.default_rng(0).random((32, 30))


@every
class TestRefusals:
    @pytest.mark.parametrize(
        ("dtype", "message"),
        [
            (np.uint8, r"image must be floating, got uint8: .* image\.astype\(np\.float32\) / 255"),
            (np.uint16, r"image must be floating, got uint16: .* image\.astype\(np\.float32\) / 65535"),
            (np.int32, r"image must be floating, got int32: .* / 2147483647"),
            (bool, r"image must be floating, got bool: .* / 1"),
            (np.complex128, "image must be real, got complex128: restore the real and imaginary parts apart"),
            (np.float16, r"image must be float32 or float64, got float16: use image\.astype\(np\.float64\)"),
        ],
    )
    def test_type_of_the_image(self, image, restoring, dtype, message):
        with pytest.raises(TypeError, match=message):
            restoring((100 * image).astype(dtype), KERNEL)

    def test_one_sample_not_finite(self, image, restoring):
        image[3, 4] = np.nan
        with pytest.raises(ValueError, match=r"image must be finite, got 1 NaN .* the first at \(3, 4\): replace"):
            restoring(image, KERNEL)
        image[7, 7] = np.inf
        with pytest.raises(ValueError, match=r"image must be finite, got 2 NaN or infinite samples"):
            restoring(image, KERNEL)

    def test_opposite_infinities(self, image, restoring):
        image[3, 4], image[3, 5] = np.inf, -np.inf
        with pytest.raises(ValueError, match=r"got 2 NaN or infinite samples, the first at \(3, 4\)"):
            restoring(image, KERNEL)

    def test_empty_image(self, restoring):
        with pytest.raises(ValueError, match=r"image must hold samples, got shape \(0, 5\)"):
            restoring(np.zeros((0, 5)), np.ones((1, 1)))

    @pytest.mark.parametrize(("total", "shown"), [(25, "25"), (-1, "-1"), (0.99, "0.99"), (1.001, "1.001")])
    def test_psf_does_not_sum_to_one(self, image, restoring, total, shown):
        with pytest.raises(ValueError, match=rf"psf must sum to 1, got {shown}: pass psf / psf\.sum\(\)"):
            restoring(image, total * KERNEL)

    def test_psf_without_a_sum(self, image, restoring):
        for nothing in (np.zeros((3, 3)), np.array([[1.0, -1.0]])):
            with pytest.raises(ValueError, match="psf must have a positive sum, got 0"):
                restoring(image, nothing)

    def test_colour_without_channel_axis(self, image, restoring):
        with pytest.raises(ValueError, match=r"psf must have 3 axes .*\(32, 30, 3\).* pass channel_axis for a colour"):
            restoring(np.stack([image] * 3, -1), KERNEL)

    def test_psf_larger_than_the_picture(self, image, restoring):
        with pytest.raises(ValueError, match=r"psf must fit into the image of shape \(32, 30\), got shape \(5, 31\)"):
            restoring(image, np.full((5, 31), 1 / 155))

    def test_complex_psf(self, image, restoring):
        with pytest.raises(TypeError, match="psf must be real, got complex128: pass the impulse response"):
            restoring(image, np.fft.fft2(KERNEL, image.shape))

    def test_psf_not_finite(self, image, restoring):
        kernel = KERNEL.copy()
        kernel[0, 1] = np.nan
        with pytest.raises(ValueError, match=r"psf must be finite, got 1 .* the first at \(0, 1\)"):
            restoring(image, kernel)

    def test_empty_psf(self, image, restoring):
        with pytest.raises(ValueError, match="psf must hold samples"):
            restoring(image, np.zeros((0, 3)))

    @pytest.mark.parametrize("axis", [2, -3])
    def test_channel_axis_out_of_range(self, image, restoring, axis):
        with pytest.raises(ValueError, match=f"channel_axis must name an axis of a 2-D image, got {axis}"):
            restoring(image, KERNEL, channel_axis=axis)

    def test_psf_of_integers_that_sums_to_one(self, image, restoring):
        restoring(image, np.array([[0, 1, 0]]))


def test_a_sum_that_overflows_is_finite():
    image = np.full((64, 64), 3e38, np.float32)
    assert np.isfinite(blur(image / 1e20, KERNEL)).all()
    assert estimate_noise(np.full((64, 64), 3e38, np.float32)) >= 0


@pytest.mark.parametrize("size", [(4, 4), (6, 6), (4, 7), (5, 5)], ids=str)
def test_even_sized_psf_does_not_move_the_picture(size):
    """Blurred with the package's own convention or with SciPy's centre, the spot comes back where it was."""
    spot = np.zeros((40, 41))
    spot[15:22, 18:27] = 1
    kernel = np.ones(size) / np.prod(size)
    restored = wiener(blur(spot, kernel), kernel, nsr=1e-3)
    y, x = np.mgrid[:40, :41]
    bright = restored * (restored > 0.2)
    assert_allclose([(bright * y).sum() / bright.sum(), (bright * x).sum() / bright.sum()], [18, 22], atol=0.05)


def test_asymmetric_psf_keeps_its_phase(oracle):
    """One-sided motion: correlation instead of convolution, or a real part only, would move the edges."""
    sharp = np.zeros((48, 48))
    sharp[12:30, 10:35] = 1
    kernel = np.array([[0, 0, 0, 0.4, 0.3, 0.2, 0.1]])
    observed = degrade(sharp, kernel, noise_sigma=0.002, rng=0)
    for found in (wiener(observed, kernel), constrained_least_squares(observed, kernel)):
        assert oracle.decibel(found - sharp) > oracle.decibel(observed - sharp) + 10
        assert oracle.decibel(wiener(observed, kernel[:, ::-1]) - sharp) < oracle.decibel(observed - sharp)


@pytest.mark.parametrize("scale", [255.0, 65535.0, 1e-4])
@pytest.mark.parametrize("restoring", [wiener, constrained_least_squares, inverse_filter])
def test_values_of_any_range_are_neither_clipped_nor_scaled(image, restoring, scale):
    observed = degrade(image, KERNEL, noise_sigma=1e-3, rng=0)
    expected = scale * restoring(observed, KERNEL)
    assert_allclose(restoring(scale * observed, KERNEL), expected, rtol=0, atol=1e-3 * scale)
    assert expected.max() > scale * 1.0  # overshoots are kept


def test_restored_border_is_as_good_as_the_centre(pictures, oracle):
    sharp = pictures["camera"][140:400, 100:380]
    for kernel in (psf.gaussian(2), psf.disk(4), psf.motion(15, 30)):
        observed = degrade(sharp, kernel, bsnr=30, rng=0, boundary="valid")
        top, left = (k // 2 for k in kernel.shape)
        error = wiener(observed, kernel) - sharp[top : top + observed.shape[0], left : left + observed.shape[1]]
        rim = np.ones(error.shape, bool)
        rim[8:-8, 8:-8] = False
        assert oracle.decibel(error[rim]) > oracle.decibel(error[~rim]) - 3


def test_opposite_sides_do_not_meet(oracle):
    """A PSF one row high needs no gap along the columns, but top and bottom are still no neighbours."""
    rng = np.random.default_rng(3)
    sharp = np.where(np.arange(128)[:, None] < 64, 0.1, 0.9) + np.where(np.arange(156) // 13 % 2, 0.08, 0.0)
    kernel = psf.motion(29)
    observed = blur(sharp, kernel, boundary="valid") + rng.normal(0, 0.01, (128, 128))
    sharp = sharp[:, 14:142]
    for restoring in (wiener, constrained_least_squares):
        error = restoring(observed, kernel) - sharp
        rim = np.r_[error[:3], error[-3:]]
        assert oracle.decibel(rim) > oracle.decibel(error[20:44]) - 3
