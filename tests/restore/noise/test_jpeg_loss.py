"""What a JPEG kept and added agrees with the spectrum before and after it."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage
from skimage import data

from restore.noise.jpeg_blocks import floor_at
from restore.noise.jpeg_loss import _within_step, aliases, jpeg_response, over_frequency
from restore.spectrum.periodogram import periodogram

GREY = np.ones(1)


def compressed(codes: np.ndarray, quality: int) -> tuple[np.ndarray, np.ndarray]:
    """The codes after a trip through a JPEG file, and the file's luminance table."""
    file = io.BytesIO()
    Image.fromarray(codes).save(file, "JPEG", quality=quality)
    with Image.open(file) as picture:
        return np.asarray(picture), np.reshape(picture.quantization[0], (8, 8)).astype(float)


@pytest.fixture(scope="module")
def soft() -> np.ndarray:
    noise = np.random.default_rng(0).normal(0, 0.7, (512, 512))
    return np.rint(np.clip(ndimage.gaussian_filter(data.camera().astype(float), 1.2) + noise, 0, 255)).astype(np.uint8)


def test_all_coefficients_together_are_flat():
    v, u = np.linspace(-0.5, 0.5, 21), np.linspace(0, 0.5, 13)
    assert over_frequency(np.ones((8, 8)), u, v) == pytest.approx(np.ones((21, 13)))


def test_frequencies_are_named_right_then_down():
    fine_columns = np.zeros((8, 8))
    fine_columns[0, 7] = 1  # the coefficient of the highest frequency to the right
    right, down = np.array([0.0, 7 / 16]), np.array([0.0, 7 / 16])
    assert np.unravel_index(np.argmax(over_frequency(fine_columns, right, down)), (2, 2)) == (0, 1)
    grid = np.meshgrid(right, down)
    assert np.unravel_index(np.argmax(floor_at(fine_columns, 1.0, *grid)), (2, 2)) == (0, 1)


def test_a_gain_for_all_moves_nothing():
    v, u = np.fft.fftfreq(64), np.fft.rfftfreq(64)
    power = np.random.default_rng(0).exponential(size=(64, 33))
    everywhere = np.ones((64, 33), bool)
    assert aliases(np.full((8, 8), 0.7), power, u, v, everywhere) == pytest.approx(0, abs=1e-12)


def test_what_is_moved_is_lost_by_the_gain():
    # Of white noise the blocks keep sum a^2 / 64: at its own frequency or moved to another.
    v, u = np.fft.fftfreq(64), np.fft.fftfreq(64)
    gain = np.random.default_rng(1).uniform(size=(8, 8))
    white = np.ones((64, 64))
    moved = aliases(gain, white, u, v, white.astype(bool))
    assert np.mean(over_frequency(gain, u, v) ** 2 + moved) == pytest.approx(np.mean(gain**2))


@pytest.mark.parametrize("quality", [70, 80, 90])
def test_the_spectrum_after_is_told_from_the_one_before(soft, quality):
    stored, table = compressed(soft, quality)
    loss = jpeg_response(stored[..., None].astype(float), GREY, table)
    assert loss is not None
    before, shape = periodogram(soft.astype(float), 2)
    after, _ = periodogram(stored.astype(float), 2)
    v, u = np.fft.fftfreq(shape[0]), np.fft.rfftfreq(shape[1])
    used = (np.abs(v)[:, None] > 0.01) & (u > 0.01)
    added = over_frequency(loss[1], u, v) + aliases(loss[0], after, u, v, used)
    expected = over_frequency(loss[0], u, v) ** 2 * before + added
    f = np.hypot(v[:, None], u)
    for low in np.arange(0.05, 0.5, 0.05):
        ring = used & (f >= low) & (f < low + 0.05)
        assert after[ring].mean() == pytest.approx(expected[ring].mean(), rel=0.25)
    share = over_frequency(loss[0], u, v)[used]
    assert share.min() < 0.2  # the compression did empty some frequencies
    assert share.max() > 0.99


def test_any_curve_and_any_crop_will_do(soft):
    stored, table = compressed(soft, 80)
    loss = jpeg_response(stored[..., None].astype(float), GREY, table)
    doubled = jpeg_response(2.0 * stored[..., None], GREY, table)
    assert loss is not None
    assert doubled is not None
    assert doubled[0] == pytest.approx(loss[0])
    assert doubled[1] == pytest.approx(4 * loss[1])
    cropped = jpeg_response(stored[5:, 3:, None].astype(float), GREY, table)
    assert cropped is not None
    assert over_frequency(cropped[0], np.array([0.2]), np.array([0.2])) == pytest.approx(
        over_frequency(loss[0], np.array([0.2]), np.array([0.2])), rel=0.05
    )


def test_nothing_is_told_of_other_samples(soft):
    stored, table = compressed(soft, 80)
    assert jpeg_response(stored[..., None] + np.random.default_rng(0).normal(size=(512, 512, 1)), GREY, table) is None
    resampled = ndimage.zoom(stored.astype(float), 0.8, order=1)
    assert jpeg_response(np.rint(resampled)[..., None], GREY, table) is None
    assert jpeg_response(stored[..., None].astype(float), GREY, np.ones((8, 8))) is None


@pytest.mark.parametrize("rate", [0.5, 2.0, 6.0])
def test_within_a_step_as_a_laplacian_does(rate):
    x = np.random.default_rng(4).laplace(scale=1 / rate, size=(200_000, 1, 1))
    whole = np.rint(x)
    lost, shift, spread = (float(m[0, 0]) for m in _within_step(np.abs(whole)))
    zero = whole == 0
    beside = (np.abs(x) - np.abs(whole))[~zero]
    assert lost == pytest.approx(float((x[zero] ** 2).mean()), rel=0.05)
    assert shift == pytest.approx(float(beside.mean()), abs=0.02)
    assert spread == pytest.approx(float((beside**2).mean()), rel=0.05)
