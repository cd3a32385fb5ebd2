"""The default Wiener filter's own eyes: spectrum and noise of a blurred picture."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from skimage import data

from restore import constrained_least_squares, deconvolve, degrade, psf, wiener
from restore.noise.white import flat_places
from restore.observation.observation import observe
from restore.operators.fourier import frequencies
from restore.spectrum.observed_spectrum import circular
from restore.spectrum.periodogram import periodogram, window_smoothed
from restore.spectrum.spectral_law import SpectralLaw, basis

BLURS = {
    "gaussian": psf.gaussian(2.0),
    "disk": psf.disk(4.0),
    "motion": psf.motion(15, 30),
    "even-sized": np.full((4, 6), 1 / 24),
}


def fit(observed, kernel):
    """Signal spectrum and noise as every method sees them."""
    return observe(observed, kernel, "unknown").fit


#: Not the moon at 40 dB: its own grain is as strong, and motion lets it pass.
SCENES = [("camera", 20), ("camera", 30), ("camera", 40), ("coins", 20), ("coins", 40), ("moon", 20), ("moon", 30)]


@pytest.mark.parametrize(
    ("name", "bsnr", "blur"),
    [(*scene, list(BLURS)[(i + shift) % 4]) for i, scene in enumerate(SCENES) for shift in (0, 2)],  # each with two
)
def test_noise_is_found_within_half_a_decibel(name, bsnr, blur, pictures):
    sharp, kernel = pictures[name], BLURS[blur]
    observed = degrade(sharp, kernel, bsnr=bsnr, rng=5, boundary="valid")
    true = np.std(degrade(sharp, kernel, boundary="valid")) * 10 ** (-bsnr / 20)
    found = np.sqrt(fit(observed, kernel).noise_var)
    assert abs(20 * np.log10(found / true)) < 0.5


def test_power_law_finds_its_own_law():
    n, exponent, noise = 256, 2.4, 0.5
    w2 = sum(x**2 for x in np.meshgrid(*[2 * np.pi * np.fft.fftfreq(n)] * 2))
    w2[0, 0] = 1
    white = np.random.default_rng(2).standard_normal((2, n, n))
    picture = np.fft.ifft2(np.fft.fft2(white[0]) * w2 ** (-exponent / 4)).real + noise * white[1]
    law = fit(picture, [[1.0]])
    assert_allclose(np.sqrt(law.noise_var), noise, rtol=0.05)
    for w in (0.25, 0.5, 1.0):  # below, a few bins decide
        along = [law.law.log_spectrum([np.array([w * np.sin(p)]), np.array([w * np.cos(p)])]) for p in (0, 1, 2)]
        assert_allclose(along, -exponent * np.log(w), atol=0.35)  # some 25 independent bins


def test_a_law_sees_the_direction_of_a_texture():
    rows, columns = np.indices((128, 128))
    rng = np.random.default_rng(6)
    picture = sum(
        rng.normal() * np.cos(2 * np.pi * (k * columns + rng.integers(-2, 3) * rows) / 128 + rng.uniform(0, 6))
        for k in range(2, 40)
    )
    law = fit(picture + rng.normal(0, 0.1, (128, 128)), [[1.0]]).law
    along_columns = law.log_spectrum([np.array([0.0]), np.array([1.0])])
    along_rows = law.log_spectrum([np.array([1.0]), np.array([0.0])])
    assert along_columns - along_rows > 1


@pytest.mark.parametrize("shape", [(300,), (64, 81), (16, 18, 20), (600, 40), (12, 200)], ids=str)
def test_periodogram_of_white_noise_is_its_variance(shape):
    noise = np.random.default_rng(0).normal(7, 0.3, shape)
    power, _ = periodogram(noise, noise.ndim)
    # Half of the N bins are independent, and the window leaves one in 1.94 of them along each axis: four sigmas.
    assert_allclose(power[..., 2:].mean(), 0.09, rtol=4 * np.sqrt(2 * 1.94**noise.ndim / noise.size))


def test_periodogram_averages_channels():
    picture = np.random.default_rng(0).random((20, 24, 3))
    power, shape = periodogram(picture, 2)
    assert shape == (20, 24)
    assert_allclose(
        power, np.mean([periodogram(picture[..., c], 2)[0] for c in range(3)], axis=0), rtol=1e-12, atol=1e-20
    )


@pytest.mark.parametrize("shape", [(32, 16), (17, 33), (40,), (20, 18, 16)], ids=str)
def test_window_smoothing_is_a_circular_convolution_of_the_full_spectrum(shape):
    full = np.abs(np.fft.fftn(np.random.default_rng(1).random(shape))) ** 2
    expected = full
    for axis in range(len(shape)):
        expected = (np.roll(expected, 1, axis) + 4 * expected + np.roll(expected, -1, axis)) / 6
    half = shape[-1] // 2 + 1
    assert_allclose(window_smoothed(full[..., :half], shape), expected[..., :half], rtol=1e-12)


@pytest.mark.parametrize("boundary", ["unknown", "periodic", "reflect"])
@pytest.mark.parametrize("shape", [(64, 64), (1, 64), (17, 3), (33,), (8, 9, 10)], ids=str)
def test_default_wiener_keeps_the_mean_of_pure_noise(shape, boundary):
    noise = np.random.default_rng(4).random(shape)
    restored = wiener(noise, np.ones((1,) * len(shape)), boundary=boundary)
    # The gap shares in the mean of the extended grid; nothing is darkened.
    assert_allclose(restored.mean(), noise.mean(), rtol=1e-9 if boundary == "periodic" else 0.15)


@pytest.mark.parametrize("level", [0.0, 0.5, -3.0, 255.0, 1e-6])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_default_wiener_leaves_a_flat_picture_flat(level, dtype):
    flat = np.full((32, 40), level, dtype)
    assert_allclose(wiener(flat, psf.disk(2)), flat, rtol=500 * np.finfo(dtype).eps)


@pytest.mark.parametrize("shape", [(2,), (5,), (2, 2), (3, 3), (2, 1), (4, 5, 6)], ids=str)
def test_default_wiener_on_tiny_pictures(shape):
    tiny = np.random.default_rng(3).random(shape)
    restored = wiener(tiny, np.ones((1,) * len(shape)))
    assert restored.shape == shape
    assert np.isfinite(restored).all()
    assert tiny.min() - 1 < restored.min() <= restored.max() < tiny.max() + 1


def test_a_single_sample_has_no_spectrum():
    with pytest.raises(ValueError, match=r"image must vary in space .* got shape \(1, 1\): give nsr"):
        wiener(np.ones((1, 1)), np.ones((1, 1)))


def test_a_circular_picture_is_seen_whole():
    """Power and |H|^2 are those of the grid; a step at the seam of the sides is signal."""
    rng = np.random.default_rng(7)
    picture = rng.standard_normal((24, 30))
    seen = circular(picture[..., None], 2)
    assert_allclose(seen.power, np.abs(np.fft.rfft2(picture)) ** 2 / picture.size, rtol=1e-12)
    assert_allclose(seen.otf_power(psf.disk(2)), seen.response(psf.disk(2)))
    assert np.flatnonzero(seen.weights == 0).tolist() == [0]


def test_a_step_at_the_seam_of_circular_data_is_restored():
    """Through a window it would not be seen, and its sharp rim would be smoothed away as noise."""
    ramp = np.linspace(0, 1, 128) + np.zeros((128, 1))
    h = psf.disk(3)
    observed = degrade(ramp, h, bsnr=50, rng=0, boundary="periodic")
    error = np.mean((wiener(observed, h, boundary="periodic") - ramp) ** 2)
    best = min(
        np.mean((constrained_least_squares(observed, h, regularization=s, boundary="periodic") - ramp) ** 2)
        for s in 10.0 ** np.arange(-8, 0)
    )
    assert error < best


def test_a_large_spectrum_is_thinned_to_about_the_bins_of_a_tile():
    large = circular(np.zeros((2048, 2048, 1)), 2)
    tile = circular(np.zeros((512, 512, 1)), 2)
    assert 0.5 < np.count_nonzero(large.thinned) / np.count_nonzero(tile.thinned) < 1.5
    assert_allclose(large.thinned.sum(), large.weights.sum(), rtol=0.01)


@pytest.mark.parametrize("shape", [(24, 31), (40,), (10, 12, 9)])
def test_the_law_on_a_grid_is_its_columns_times_coefficients(shape):
    axes = frequencies(shape)
    every = [w.ravel() for w in np.broadcast_arrays(*axes)]
    columns = basis(every)
    law = SpectralLaw(np.random.default_rng(1).standard_normal(columns.shape[1]), len(shape))
    assert_allclose(law.log_spectrum(axes).ravel(), columns @ law.coefficients, rtol=0, atol=1e-12)


class TestBlurOfLessThanAPixel:
    """Noise and fine detail look alike there; what the strength comes from depends on how much the noise shows."""

    @pytest.mark.parametrize(
        ("picture", "bsnr", "rule"),
        [("camera", 20, "whittle"), ("camera", 35, "upre"), ("gravel", 20, "whittle"), ("gravel", 40, "gcv")],
    )
    def test_the_rule_and_its_loss(self, picture, bsnr, rule):
        sharp = getattr(data, picture)()[128:384, 128:384] / 255.0
        h = psf.gaussian(0.4)
        observed = degrade(sharp, h, bsnr=bsnr, rng=0, boundary="periodic")
        found = deconvolve(observed, h, boundary="periodic")
        assert found.rule == rule
        best = min(
            np.mean((constrained_least_squares(observed, h, regularization=s, boundary="periodic") - sharp) ** 2)
            for s in 10.0 ** np.arange(-6, 1, 0.5)
        )
        assert np.mean((found.image - sharp) ** 2) < 10**0.05 * best

    def test_detail_everywhere_is_told_from_noise_by_its_blocks(self):
        gravel = data.gravel()[:256, :256] / 255.0
        assert flat_places(gravel)[1] > 1.3
        assert 1 < flat_places(np.random.default_rng(0).standard_normal((512, 512)))[1] < 1.25
