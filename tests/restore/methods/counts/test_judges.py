"""Where Richardson-Lucy stops under noise that neighbours share: files of cameras and JPEGs."""

import io
from functools import partial

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

import restore
from restore.methods.counts import judges
from restore.methods.counts.detector import Detector, counting_of
from restore.methods.counts.judges import Risk
from restore.methods.counts.poisson_likelihood import Iteration, Variant
from restore.methods.counts.settings import RichardsonLucySettings
from restore.noise.jpeg_rounding import rounding_variance
from restore.observation.observation import observe


def compressed(picture, quality):
    """Return a picture as a JPEG gives it back, and what reads the variance of its rounding off it."""
    file = io.BytesIO()
    codes = (255 * np.clip(picture, 0, 1)).round().astype(np.uint8)
    Image.fromarray(codes).save(file, "JPEG", quality=quality)
    with Image.open(file) as image:
        table, samples = np.array(image.quantization[0]).reshape(8, 8), np.asarray(image, np.float32) / 255
    return samples, partial(rounding_variance, samples, table, None)


def smoothed_noise(shape, width, sigma, seed=3):
    noise = ndimage.gaussian_filter(np.random.default_rng(seed).standard_normal(shape), width, mode="wrap")
    return sigma * noise / noise.std()


def stops(observed, kernel, sharp, compression_var):
    """Return where Richardson-Lucy stops by itself, and the errors after every number of iterations up to beyond."""
    result = restore.deconvolve(observed, kernel, method="richardson_lucy", extra_noise_var=compression_var)
    errors = []
    restore.richardson_lucy(
        observed,
        kernel,
        iterations=80,
        callback=lambda _, light: errors.append(np.mean((light - sharp) ** 2)),
    )
    return int(result.parameter), np.array(errors)


@pytest.mark.parametrize(
    ("name", "kernel", "sigma"),
    [("camera", restore.psf.disk(3), 0.003), ("coins", restore.psf.disk(5), 0.003)],
)
def test_a_jpeg_is_restored_nearly_as_well_as_by_the_best_number_of_iterations(pictures, name, kernel, sigma):
    sharp = pictures[name][60:220, 60:220]
    observed, variance = compressed(restore.degrade(sharp, kernel, noise_sigma=sigma, rng=0), 92)
    count, errors = stops(observed, kernel, sharp, variance)
    assert 10 * np.log10(errors[count - 1] / errors.min()) < 0.3


@pytest.mark.parametrize("width", [0.5, 0.7])
def test_smoothed_noise_is_not_taken_for_light(pictures, width):
    sharp, kernel = pictures["moon"][60:220, 60:220], restore.psf.gaussian(2)
    observed = restore.degrade(sharp, kernel) + smoothed_noise(sharp.shape, width, 0.01)
    count, errors = stops(observed, kernel, sharp, 0.0)
    assert 10 * np.log10(errors[count - 1] / errors.min()) < 0.3


def test_a_dead_area_in_a_jpeg_does_not_change_when_to_stop(pictures):
    """What a JPEG does to samples near the area, and what light there is under it, nobody foretells."""
    sharp, kernel = pictures["camera"][40:264, 40:264], restore.psf.motion(11, 30)
    observed = restore.degrade(sharp, kernel, noise_sigma=0.003, rng=0)
    y, x = np.mgrid[:224, :224] - 111.5
    dead = np.hypot(y, x) > 128
    whole, whole_var = compressed(observed, 90)
    round_, round_var = compressed(np.where(dead, 1.0, observed), 90)
    count = restore.deconvolve(whole, kernel, method="richardson_lucy", extra_noise_var=whole_var).parameter
    beside = restore.deconvolve(
        round_, kernel, method="richardson_lucy", extra_noise_var=round_var, mask=dead
    ).parameter
    assert abs(np.log(beside / count)) < 0.3


def test_the_risk_falls_and_rises_as_the_error_of_the_blurred_picture_does(pictures, monkeypatch):
    """Stein's estimate is right on average where the law of the noise is: here it is given."""
    sharp, kernel = pictures["camera"][60:188, 60:188], restore.psf.disk(3)
    blurred = restore.degrade(sharp, kernel)
    observation = observe(blurred + smoothed_noise(sharp.shape, 0.8, 0.02), kernel, "unknown")
    monkeypatch.setattr(judges, "_drawn_noise", lambda _: smoothed_noise(sharp.shape, 0.8, 0.02, seed=5)[..., None])
    detector = Detector(observation, observation.psf)
    counting, variant = counting_of(detector, RichardsonLucySettings(background=0.0)), Variant()
    data, frame = detector.place
    run = Iteration(counting, data, variant)
    tested = np.ones(observation.picture.shape, bool)
    risk = Risk.of(detector, counting, variant, tested, run.estimate)
    said, true = [], []
    for _ in range(40):
        run.step()
        said.append(risk.error(run.estimate))
        true.append(np.sum((counting.forward(run.estimate)[frame][..., 0] - blurred) ** 2))
    said, true = np.array(said) - said[4], np.array(true) - true[4]
    assert said[20:] == pytest.approx(true[20:], rel=0.2)
    assert abs(np.log((1 + said.argmin()) / (1 + true.argmin()))) < 0.3
