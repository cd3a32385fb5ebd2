"""The blur of known pictures is found, and none is found where there is none."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage, signal
from skimage import data

from restore import blur, psf
from restore.blur_identification.spectral.blur_models import blur_models
from restore.blur_identification.spectral.from_spectrum import estimate_psf
from restore.operators.otf import psf_to_otf
from restore.psf.family import FAMILIES


def decoded(codes: np.ndarray) -> np.ndarray:
    """Linear light of 8-bit sRGB codes."""
    v = codes / 255
    return np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)


def encoded(light: np.ndarray) -> np.ndarray:
    """8-bit sRGB codes of linear light."""
    v = np.clip(light, 0, 1)
    return np.rint(255 * np.where(v <= 0.0031308, 12.92 * v, 1.055 * v ** (1 / 2.4) - 0.055)).astype(np.uint8)


def stored(light: np.ndarray) -> np.ndarray:
    """Linear light after a trip through an 8-bit sRGB file."""
    return decoded(encoded(light))


def stored_as_jpeg(light: np.ndarray, quality: int) -> tuple[np.ndarray, np.ndarray]:
    """Linear light after a trip through a JPEG file, and the file's luminance table."""
    file = io.BytesIO()
    Image.fromarray(encoded(light)).save(file, "JPEG", quality=quality)
    with Image.open(file) as picture:
        return decoded(np.asarray(picture)), np.reshape(picture.quantization[0], (8, 8))


def blurred(sharp: np.ndarray, kernel: np.ndarray, noise: float = 0.003) -> np.ndarray:
    """Blur without any assumption about the outside, with noise."""
    picture = signal.fftconvolve(sharp, kernel, mode="valid")
    return picture + np.random.default_rng(7).normal(0, noise, picture.shape)


def sampled_gaussian(sigma: float) -> np.ndarray:
    """Another generator than the package's: no average over pixels."""
    x = np.arange(-int(6 * sigma), int(6 * sigma) + 1)
    profile = np.exp(-(x**2) / (2 * sigma**2))
    return np.outer(profile, profile) / profile.sum() ** 2


def supersampled_disk(radius: float) -> np.ndarray:
    half = int(np.ceil(radius))
    fine = (np.arange((2 * half + 1) * 9) + 0.5) / 9 - half - 0.5
    inside = np.hypot(fine[:, None], fine) <= radius
    kernel = inside.reshape(2 * half + 1, 9, 2 * half + 1, 9).mean(axis=(1, 3))
    return kernel / kernel.sum()


def splatted_line(length: float, angle: float) -> np.ndarray:
    """Points along the path, each shared between its four nearest pixels."""
    half = int(np.ceil(length / 2)) + 1
    t = length * ((np.arange(2000) + 0.5) / 2000 - 0.5)
    x, y = half + t * np.cos(np.deg2rad(angle)), half - t * np.sin(np.deg2rad(angle))
    kernel = np.zeros((2 * half + 1, 2 * half + 1))
    for i in (0, 1):
        for j in (0, 1):
            row, column = np.floor(y).astype(int) + i, np.floor(x).astype(int) + j
            np.add.at(kernel, (row, column), (1 - np.abs(y - row)) * (1 - np.abs(x - column)))
    return kernel / kernel.sum()


@pytest.fixture(scope="module")
def camera() -> np.ndarray:
    return decoded(data.camera()[80:432, 80:432])


@pytest.mark.parametrize("sigma", [1.0, 3.5])
def test_gaussian_of_a_photograph(camera, sigma):
    estimate = estimate_psf(stored(blurred(camera, sampled_gaussian(sigma))))
    assert estimate.family == "gaussian"
    assert estimate.parameters["sigma"] == pytest.approx(sigma, rel=0.1)
    assert estimate.confidence == "confident"
    assert abs(estimate.parameters["sigma"] - sigma) < 4 * estimate.uncertainty["sigma"]
    assert np.array_equal(estimate.psf, psf.gaussian(**estimate.parameters))
    assert estimate.runner_up is not None
    assert estimate.runner_up[0] != estimate.family


@pytest.mark.parametrize("radius", [1.7, 9.3])
def test_disk_of_a_photograph(camera, radius):
    estimate = estimate_psf(stored(blurred(camera, supersampled_disk(radius))))
    assert estimate.family == "disk"
    assert estimate.parameters["radius"] == pytest.approx(radius, rel=0.03)
    assert estimate.confidence == "confident"


@pytest.mark.parametrize(("length", "angle"), [(6.0, 60.0), (8.5, 2.5), (38.0, 178.0)])
def test_motion_of_a_photograph(camera, length, angle):
    estimate = estimate_psf(stored(blurred(camera, splatted_line(length, angle))))
    assert estimate.family == "motion"
    assert estimate.parameters["length"] == pytest.approx(length, rel=0.03)
    turned = (estimate.parameters["angle"] - angle + 90) % 180 - 90
    assert abs(turned) < (1 if length >= 8 else 3)
    assert 0 <= estimate.parameters["angle"] < 180


@pytest.mark.parametrize(("told", "quality"), [("table", 92), ("yes", 75), ("nothing", 75)])
def test_jpeg(camera, told, quality):
    picture, table = stored_as_jpeg(blurred(camera, supersampled_disk(4.0)), quality)
    estimate = estimate_psf(picture, jpeg={"table": table, "yes": True, "nothing": None}[told])
    assert estimate.family == "disk"
    assert estimate.parameters["radius"] == pytest.approx(4.0, rel=0.03)


def test_the_coefficients_of_a_jpeg_show_a_small_blur(camera):
    picture, table = stored_as_jpeg(blurred(camera, sampled_gaussian(1.1)), 72)
    estimate = estimate_psf(picture[5:, 3:], jpeg=table)  # the blocks begin anywhere
    assert estimate.family == "gaussian"
    assert estimate.parameters["sigma"] == pytest.approx(1.1, rel=0.15)


def test_jpeg_does_not_mislead_even_when_denied(camera):
    picture, _ = stored_as_jpeg(blurred(camera, sampled_gaussian(2.0)), 85)
    assert estimate_psf(picture, family="gaussian", jpeg=False).parameters["sigma"] == pytest.approx(2.0, rel=0.15)


def test_a_real_motion_blur():
    # What this photograph shows was read off its restoration: about 36 pixels, 2 degrees.
    estimate = estimate_psf(decoded(data.clock()))
    assert estimate.family == "motion"
    assert estimate.confidence == "confident"
    assert estimate.parameters["length"] == pytest.approx(36, rel=0.03)
    assert estimate.parameters["angle"] == pytest.approx(2, abs=1)


def test_given_parameters_stay(camera):
    picture = blurred(camera, splatted_line(12.0, 30.0))
    estimate = estimate_psf(picture, given={"angle": 31.0})
    assert (estimate.family, estimate.parameters["angle"], estimate.uncertainty["angle"]) == ("motion", 31.0, 0.0)
    assert estimate.parameters["length"] == pytest.approx(12, rel=0.05)
    estimate = estimate_psf(picture, given={"length": 12.0})
    assert (estimate.parameters["length"], estimate.uncertainty["length"]) == (12.0, 0.0)
    assert estimate.parameters["angle"] == pytest.approx(30, abs=1)
    everything = estimate_psf(picture, given={"length": 12.0, "angle": 30.0})
    assert np.array_equal(everything.psf, psf.motion(12, 30))


def test_a_sharp_picture_has_no_blur(camera):
    estimate = estimate_psf(stored(camera))
    assert estimate.confidence == "none"
    assert "looks sharp" in estimate.verdict


def test_a_crooked_path_is_none_of_the_families(camera):
    corner = np.zeros((15, 15))
    corner[2, 2:12] = corner[2:14, 11] = 1
    corner[13, 6:12] = 0.5
    picture = blurred(camera, corner / corner.sum())
    assert estimate_psf(picture).confidence == "none"


@pytest.mark.parametrize("empty", ["constant", "noise"])
def test_without_texture_it_cannot_tell(empty):
    noise = 0.01 * (empty == "noise") * np.random.default_rng(0).normal(size=(80, 64))
    assert estimate_psf(0.5 + noise).confidence == "none"


def test_unit_and_orientation_do_not_matter(camera):
    picture = blurred(camera, splatted_line(10.0, 25.0))
    found = estimate_psf(1000 * picture.T[::-1] - 5, family="motion").parameters
    assert found["length"] == pytest.approx(10, rel=0.03)
    assert found["angle"] == pytest.approx(115, abs=1)  # mirrored about the diagonal, then upside down


def test_colour_is_looked_at_as_luminance():
    sharp = decoded(data.astronaut())
    picture = np.stack([stored(blurred(sharp[..., c], sampled_gaussian(2.0))) for c in range(3)], axis=0)
    before = picture.copy()
    estimate = estimate_psf(picture.astype(np.float32), family="gaussian", channel_axis=0)
    assert estimate.parameters["sigma"] == pytest.approx(2.0, rel=0.1)
    assert np.array_equal(picture, before)


def test_of_a_large_picture_the_textured_part_counts():
    rng = np.random.default_rng(0)
    sharp = np.tile(decoded(data.camera()), (2, 2))
    large = np.full((900, 2500), 0.2) + rng.normal(0, 0.002, (900, 2500))
    large[:, 1700:2500] = blurred(sharp, supersampled_disk(3.0), 0.002)[:900, :800]
    estimate = estimate_psf(large, family="disk")
    assert estimate.confidence == "confident"
    assert estimate.parameters["radius"] == pytest.approx(3.0, rel=0.03)


@pytest.mark.parametrize("shape", [(60, 200), (150, 97), (64, 64), (24, 25)])
def test_small_pictures_give_a_psf_that_fits(camera, shape):
    picture = blurred(camera, sampled_gaussian(2.0))[100 : 100 + shape[0], 120 : 120 + shape[1]]
    estimate = estimate_psf(picture, family="gaussian")
    assert all(k <= n for k, n in zip(estimate.psf.shape, shape, strict=True))
    if min(shape) >= 60:
        assert estimate.parameters["sigma"] == pytest.approx(2.0, rel=0.25)


def test_the_step_of_codes_is_found_or_told(camera):
    steps = 64  # so coarse that ignoring the rounding would mislead
    picture = np.rint(steps * blurred(camera, supersampled_disk(3.0), noise=0)) / steps
    hidden = picture + np.random.default_rng(0).normal(0, 1e-9, picture.shape)
    found, told = estimate_psf(picture, family="disk"), estimate_psf(hidden, family="disk", quantization=1 / steps)
    assert found.parameters["radius"] == pytest.approx(3.0, rel=0.05)
    assert told.parameters["radius"] == pytest.approx(found.parameters["radius"], rel=1e-3)


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("gaussian", {"sigma": 1.4}),
        ("disk", {"radius": 3.3}),
        ("motion", {"length": 9.0, "angle": 5.0}),
        ("motion", {"length": 12.0, "angle": 100.0}),
    ],
)
def test_the_models_agree_with_the_psfs_they_stand_for(name, parameters):
    model = blur_models()[name]
    v, u = np.meshgrid(np.fft.fftfreq(64), np.fft.rfftfreq(64), indexing="ij")
    band = np.hypot(u, v) < 0.3
    expected = np.abs(psf_to_otf(model.family.draw(**parameters), (64, 64)))
    found = np.exp(model.log_power(u, v, model.theta(parameters)) / 2)
    assert np.abs(found - expected)[band].max() < 0.1
    assert model.parameters_at(model.theta(parameters)) == pytest.approx(parameters)


def test_refusals():
    small = np.zeros((40, 40))
    with pytest.raises(TypeError, match="floating, got uint8"):
        estimate_psf(data.camera())
    with pytest.raises(ValueError, match=r"two spatial axes, got shape \(8, 8, 3\): pass channel_axis"):
        estimate_psf(np.zeros((8, 8, 3)))
    with pytest.raises(ValueError, match=r"24 pixels or more per axis, got \(8, 40\)"):
        estimate_psf(np.zeros((8, 40)))
    with pytest.raises(ValueError, match=r"family must be one of .*, got 'square'"):
        estimate_psf(small, family="square")
    with pytest.raises(ValueError, match=r"parameters of family gaussian \(sigma\), got length"):
        estimate_psf(small, family="gaussian", given={"length": 3})
    with pytest.raises(ValueError, match="radius must be finite and > 0, got -1"):
        estimate_psf(small, given={"radius": -1})
    with pytest.raises(ValueError, match="angle must be finite, got nan"):
        estimate_psf(small, given={"angle": np.nan})
    with pytest.raises(ValueError, match="quantization must be finite and > 0, got 0"):
        estimate_psf(small, quantization=0)
    with pytest.raises(ValueError, match=r"8 x 8 table of steps > 0, got shape \(64,\)"):
        estimate_psf(small, jpeg=np.ones(64))
    with pytest.raises(ValueError, match="1 NaN or infinite"):
        estimate_psf(np.full((1, 1), np.nan))


def smoothed_noise(shape, sigma, rng):
    """Noise as demosaicing leaves it: less of it at high frequencies."""
    return ndimage.convolve(np.random.default_rng(rng).normal(0, sigma, shape), np.outer([1, 3, 1], [1, 3, 1]) / 25)


@pytest.mark.parametrize("family", ["motion", "gaussian"])
def test_coloured_noise_is_not_taken_for_the_picture(pictures, family):
    parameters = {"motion": {"length": 13, "angle": 20}, "gaussian": {"sigma": 2}}[family]
    blurred = blur(pictures["camera"][40:340, 60:360], FAMILIES[family].draw(**parameters), boundary="valid")
    found = estimate_psf(blurred + smoothed_noise(blurred.shape, 0.005, rng=1))
    assert (found.family, found.confidence) == (family, "confident")
    size = FAMILIES[family].size
    assert found.parameters[size] == pytest.approx(parameters[size], rel=0.05)


def test_a_sharp_picture_with_coloured_noise_stays_sharp(pictures):
    sharp = pictures["coins"][40:290, 60:360]
    assert estimate_psf(sharp + smoothed_noise(sharp.shape, 0.02, rng=2)).confidence == "none"


def test_clipped_light_does_not_mislead():
    scene = 1.6 * decoded(data.coffee()[:384, 100:484].astype(float))
    light = np.stack([blur(scene[..., c], psf.disk(4.3), boundary="valid") for c in range(3)], axis=-1)
    seen = stored(light)
    clipped = light >= 1
    assert 0.03 < clipped.mean() < 0.2
    found = estimate_psf(seen, channel_axis=-1, mask=clipped)
    assert (found.family, found.confidence) == ("disk", "confident")
    assert found.parameters["radius"] == pytest.approx(4.3, rel=0.02)
    assert (
        estimate_psf(seen, channel_axis=-1).family == "gaussian"
    )  # the edges of what is clipped look like the picture's


def test_a_mask_that_leaves_nothing_is_ignored(camera):
    picture = blurred(camera[:150, :150], supersampled_disk(4.0))
    found = estimate_psf(picture, family="disk", mask=np.ones(picture.shape, bool))
    assert found.parameters == estimate_psf(picture, family="disk").parameters
    with pytest.raises(ValueError, match="mask must have the shape"):
        estimate_psf(picture, mask=np.ones((3, 3), bool))
