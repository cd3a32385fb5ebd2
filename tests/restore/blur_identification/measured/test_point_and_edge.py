"""The PSF from a point and from an edge: against rasters made another way, and everything that must be refused."""

import contextlib

import numpy as np
import pytest

import restore
from restore import psf, psf_from_edge, psf_from_point

FINE = 12  # sub-samples per pixel and axis of the independent rasters


def gaussian_spot(fine_y, fine_x, size):
    # psf.gaussian counts the pixel's own variance in, and the raster adds it.
    return np.exp(-(fine_y**2 + fine_x**2) / (2 * (size**2 - 1 / 12)))


def moffat_spot(fine_y, fine_x, size):
    alpha = size / (2 * np.sqrt(2 ** (1 / 2.5) - 1))
    return (1 + (fine_y**2 + fine_x**2) / alpha**2) ** -2.5


def disk_spot(fine_y, fine_x, size):
    return (np.hypot(fine_y, fine_x) <= size).astype(float)


SPOTS = {"gaussian": gaussian_spot, "moffat": moffat_spot, "disk": disk_spot}
SIZES = {"gaussian": "sigma", "moffat": "fwhm", "disk": "radius"}


def spot(family, size, center=(20.3, 19.6), shape=(41, 37)):
    """A point of height 1 at row, column `center`, averaged over the pixels by brute force."""
    y, x = ((np.arange(n * FINE) + 0.5) / FINE - 0.5 - c for n, c in zip(shape, center, strict=True))
    values = SPOTS[family](y[:, None], x[None, :], size)
    values = values.reshape(shape[0], FINE, shape[1], FINE).mean(axis=(1, 3))
    return values / values.max()


def edge(degrees, shape=(64, 64), offset=0.3):
    """A straight edge at `degrees` counter-clockwise from +x, averaged over the pixels by brute force."""
    y, x = ((np.arange(n * FINE) + 0.5) / FINE - 0.5 for n in shape)
    turn = np.deg2rad(degrees)
    d = (x[None, :] - shape[1] / 2) * np.sin(turn) + (y[:, None] - shape[0] / 2) * np.cos(turn) - offset
    return (d > 0).reshape(shape[0], FINE, shape[1], FINE).mean(axis=(1, 3))


def noisy(values, sigma, seed=0):
    return values + np.random.default_rng(seed).normal(0, sigma, values.shape)


# --- points ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("family", "size"), [("gaussian", 1.0), ("gaussian", 2.5), ("moffat", 4.0), ("disk", 3.3), ("disk", 5.0)]
)
def test_a_point_tells_family_size_and_place(family, size):
    image = np.full((80, 90), 0.3)
    image[10:51, 30:67] += spot(family, size)
    found = psf_from_point(noisy(image, 0.01), (30, 10, 37, 41))
    name = SIZES[family]
    assert found.family == family
    assert found.parameters[name] == pytest.approx(size, rel=0.03)
    assert abs(found.parameters[name] - size) < 4 * found.uncertainty[name] + 0.005 * size
    assert found.center == pytest.approx((30 + 19.6, 10 + 20.3), abs=0.03)
    assert found.confidence == "confident"
    assert np.array_equal(found.psf, getattr(psf, family)(**found.parameters))
    assert found.residual == pytest.approx(0.01, rel=0.2)
    assert found.edge_angle is None


@pytest.mark.parametrize("angle", [0.0, 34.0, 90.0, 120.0])
def test_a_trail_tells_length_and_angle(angle):
    image = np.zeros((61, 61))
    image[30, 30] = 10
    found = psf_from_point(noisy(restore.blur(image, psf.motion(11, angle)), 0.01), (8, 8, 45, 45))
    assert found.family == "motion"
    assert found.parameters["length"] == pytest.approx(11, rel=0.02)
    assert abs((found.parameters["angle"] - angle + 90) % 180 - 90) < 0.5
    assert found.center == pytest.approx((30, 30), abs=0.03)


def test_the_uncertainty_is_that_of_repeated_noise():
    clean = spot("gaussian", 2.0)
    found = [psf_from_point(noisy(clean, 0.04, seed), (0, 0, 37, 41), model="gaussian") for seed in range(30)]
    sigmas = [f.parameters["sigma"] for f in found]
    assert np.mean([f.uncertainty["sigma"] for f in found]) == pytest.approx(np.std(sigmas), rel=0.4)
    assert np.mean(sigmas) == pytest.approx(2.0, rel=0.01)


def test_photon_noise_and_a_sloping_ground_do_not_mislead():
    ground = np.linspace(0.2, 0.6, 37) + np.linspace(0, 0.2, 41)[:, None]
    counts = np.random.default_rng(1).poisson(2000 * (ground + 2 * spot("gaussian", 2.0)))
    found = psf_from_point(counts / 2000, (0, 0, 37, 41), model="gaussian")
    assert abs(found.parameters["sigma"] - 2) < 4 * found.uncertainty["sigma"] < 0.1


@pytest.mark.parametrize("center", [(20.0, 18.0), (20.5, 18.5), (19.73, 18.21)])
def test_a_measured_point_is_exactly_centred_and_not_broadened(center):
    image = spot("gaussian", 2.0, center)
    found = psf_from_point(noisy(image, 0.003), (0, 0, 37, 41), model="measured").psf
    assert np.abs(psf.centroid_offset(found)).max() < 1e-3
    assert found.sum() == pytest.approx(1)
    assert all(n % 2 for n in found.shape)
    rows = np.arange(found.shape[0]) - found.shape[0] // 2
    # What stays below the noise is cut off: the width may shrink by that, and never grow by the shift.
    assert 0.93 * 2.0 < np.sqrt(found.sum(axis=1) @ rows**2) < 1.01 * 2.0


def test_an_asymmetric_point_is_measured_as_it_is():
    kernel = np.zeros((16, 18))
    kernel[6:10, 6:12] = [[1, 2, 3, 1, 0, 0], [0, 4, 9, 5, 2, 1], [0, 1, 3, 6, 4, 0], [0, 0, 1, 1, 1, 0]]
    kernel = restore.blur(kernel, psf.gaussian(1.0))
    image = np.zeros((50, 54))
    image[15:31, 20:38] = kernel
    found = psf_from_point(image, (12, 8, 33, 31))
    assert found.family == "measured"
    assert np.abs(psf.centroid_offset(found.psf)).max() < 1e-3
    # Moving changes no amplitude of the spectrum.
    spectra = [np.abs(np.fft.rfft2(k / k.sum(), (32, 32))) for k in (kernel, found.psf)]
    assert np.abs(spectra[0] - spectra[1]).max() < 0.02


def test_what_no_model_explains_is_measured_in_the_noise_too():
    image = spot("disk", 5.0) * (np.hypot(*np.meshgrid(np.arange(37) - 19.6, np.arange(41) - 20.3)) > 2.5)
    assert psf_from_point(noisy(image, 0.01), (0, 0, 37, 41)).family == "measured"


def test_colour_is_averaged_and_float32_serves():
    plane = noisy(spot("gaussian", 2.0), 0.005).astype(np.float32)
    colour = np.stack([plane, 0.5 * plane, 2 * plane], axis=0)
    gray = psf_from_point(plane, (0, 0, 37, 41))
    found = psf_from_point(colour, (0, 0, 37, 41), channel_axis=0)
    assert found.parameters["sigma"] == pytest.approx(gray.parameters["sigma"], rel=1e-4)


def point_scene():
    image = np.zeros((64, 64))
    image[30, 30] = 20
    return noisy(restore.blur(image, psf.gaussian(2.0)), 0.01)


def two_points():
    image = np.zeros((64, 64))
    image[30, 30], image[30, 42] = 20, 15
    return restore.blur(image, psf.gaussian(2.0)) + noisy(np.zeros((64, 64)), 0.01)


WHOLE = (4, 4, 56, 56)
BAD_POINTS = {
    "noise": (lambda: noisy(np.full((64, 64), 0.5), 0.05), WHOLE, "no|none above|rim"),
    "cut": (point_scene, (28, 20, 20, 20), "whole point"),
    "clipped": (lambda: np.minimum(point_scene(), 0.5), WHOLE, "clipped"),
    "two": (two_points, WHOLE, "one point, got 2"),
    "edge": (lambda: noisy(edge(80), 0.01), WHOLE, "rim"),
    "small": (point_scene, (28, 28, 5, 5), "7 or more"),
    "outside": (point_scene, (30, 30, 60, 60), "within the image"),
    "negative": (point_scene, (-1, 0, 30, 30), "within the image"),
    "three numbers": (point_scene, (1, 2, 3), "x, y, width, height"),
}


@pytest.mark.parametrize("case", BAD_POINTS)
def test_a_box_without_a_whole_single_point_is_refused(case):
    make, box, message = BAD_POINTS[case]
    with pytest.raises(ValueError, match=message):
        psf_from_point(make(), box)


def test_saturation_is_what_the_caller_says():
    image = point_scene()
    with pytest.raises(ValueError, match="clipped"):
        psf_from_point(image, WHOLE, saturation=0.3)
    flat = spot("disk", 5.0)
    with pytest.raises(ValueError, match="saturation"):
        psf_from_point(flat, (0, 0, 37, 41))
    assert psf_from_point(flat, (0, 0, 37, 41), saturation=np.inf).family == "disk"


def test_kinds_are_checked():
    image = point_scene()
    with pytest.raises(TypeError, match="whole numbers"):
        psf_from_point(image, (1.0, 2.0, 30.0, 30.0))
    with pytest.raises(TypeError, match="floating"):
        psf_from_point((255 * image).astype(int), WHOLE)
    with pytest.raises(ValueError, match="model must be one of"):
        psf_from_point(image, WHOLE, model="airy")
    with pytest.raises(ValueError, match="channel_axis"):
        psf_from_point(np.stack([image] * 3, axis=-1), WHOLE)
    before = image.copy()
    psf_from_point(image, WHOLE)
    assert np.array_equal(image, before)


# --- edges -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("degrees", [5, 35, 45, 84, 100, 174])
@pytest.mark.parametrize(("family", "size"), [("gaussian", 1.5), ("disk", 4.0)])
def test_an_edge_tells_family_size_and_angle(family, size, degrees):
    sharp = edge(degrees)
    image = noisy(0.2 + 0.6 * restore.blur(sharp, getattr(psf, family)(size), boundary="edge"), 0.01)
    found = psf_from_edge(image, (10, 9, 45, 44))
    name = {"gaussian": "sigma", "disk": "radius"}[family]
    assert found.family == family
    assert found.parameters[name] == pytest.approx(size, rel=0.03)
    assert abs(found.parameters[name] - size) < 4 * found.uncertainty[name] + 0.01 * size
    assert found.edge_angle == pytest.approx(degrees, abs=0.3)
    assert found.runner_up[0] != family
    assert found.runner_up[2] > found.residual
    mirrored = psf_from_edge(image[:, ::-1], (64 - 10 - 45, 9, 45, 44))
    assert mirrored.parameters[name] == pytest.approx(found.parameters[name], rel=1e-3)
    assert mirrored.edge_angle == pytest.approx(180 - found.edge_angle, abs=0.01)


def test_the_center_lies_on_the_edge():
    found = psf_from_edge(noisy(restore.blur(edge(80), psf.gaussian(2.0)), 0.01), (12, 8, 44, 46))
    x, y = found.center
    turn = np.deg2rad(80)
    assert (x - 32) * np.sin(turn) + (y - 32) * np.cos(turn) == pytest.approx(0.3, abs=0.05)


def test_the_edge_of_a_darker_right_side_and_colour():
    image = noisy(1 - restore.blur(edge(80), psf.gaussian(2.0)), 0.01)
    found = psf_from_edge(np.stack([image, image / 2], axis=-1), (8, 8, 48, 48), channel_axis=-1)
    assert found.parameters["sigma"] == pytest.approx(2.0, rel=0.03)


def test_a_sharp_edge_is_told_from_a_blurred_one():
    found = psf_from_edge(noisy(edge(84), 0.01), (8, 8, 48, 48))
    assert found.confidence == "none"
    assert "sharp" in found.verdict


def test_little_light_is_weak_evidence():
    found = psf_from_edge(noisy(restore.blur(edge(84), psf.gaussian(3.0)), 0.5), (20, 20, 24, 24))
    assert found.confidence == "weak"
    assert found.uncertainty["sigma"] > 0.05 * found.parameters["sigma"]


def arc():
    y, x = np.mgrid[:64, :64]
    return noisy(restore.blur((np.hypot(y - 32, x - 80) < 50).astype(float), psf.gaussian(1.5)), 0.01)


def slight_arc():
    y, x = np.mgrid[:64, :64]
    return noisy(restore.blur(np.clip(200.3 - np.hypot(y - 32, x - 230), 0, 1), psf.gaussian(3)), 0.002)


BAD_EDGES = {
    "noise": (lambda: noisy(np.full((64, 64), 0.5), 0.05), WHOLE, "edge"),
    "flat": (lambda: np.full((64, 64), 0.5), WHOLE, "all directions"),
    "bar": (lambda: noisy(restore.blur(edge(85) - edge(85, offset=8.3), psf.gaussian(2)), 0.01), WHOLE, "one straight"),
    "arc": (arc, WHOLE, "straight edge"),
    "slight arc": (slight_arc, WHOLE, "wanders|straight"),
    "corner": (lambda: noisy(edge(90) * edge(0), 0.01), WHOLE, "edge"),
    "cut": (lambda: noisy(restore.blur(edge(85), psf.gaussian(4)), 0.01), (29, 10, 12, 44), "further"),
    "small": (arc, (0, 0, 11, 30), "12 or more"),
    "outside": (arc, (40, 40, 30, 30), "within the image"),
}


@pytest.mark.parametrize("case", BAD_EDGES)
def test_a_box_without_one_straight_edge_is_refused(case):
    make, box, message = BAD_EDGES[case]
    with pytest.raises(ValueError, match=message):
        psf_from_edge(make(), box)


def test_a_clipped_side_is_refused_where_the_top_is_known():
    image = np.minimum(noisy(restore.blur(edge(85), psf.gaussian(2.0)), 0.01), 0.8)
    with pytest.raises(ValueError, match="clipped"):
        psf_from_edge(image, WHOLE, saturation=0.8)
    with pytest.raises(ValueError, match="model must be one of"):
        psf_from_edge(image, WHOLE, model="motion")


@pytest.mark.parametrize("measure", [psf_from_point, psf_from_edge])
def test_any_part_of_a_picture_is_measured_or_refused(measure):
    """Whatever is boxed: numbers or a reason, never a warning or a NaN."""
    y, x = np.mgrid[:96, :96]
    scene = np.sin(x / 7.0) * np.cos(y / 11.0) + (x + y > 100) + 3 * (np.hypot(x - 70, y - 20) < 6)
    scene = np.where(y > 70, 0.25, restore.blur(scene, psf.gaussian(1.2)))
    scene[80:, :40] = np.arange(40)
    for top in range(0, 80, 8):
        for left in range(0, 80, 8):
            box = (left, top, min(8 + left, 96 - left, 30), min(24, 96 - top))
            with contextlib.suppress(ValueError):
                found = measure(scene, box)
                assert np.isfinite([*found.parameters.values(), *found.uncertainty.values(), *found.center]).all()
                assert found.psf.sum() == pytest.approx(1)


@pytest.mark.parametrize(
    ("spot", "words"),
    [
        (lambda y, x: 0.7 * gauss(y - 30, x - 30) + 0.5 * gauss(y - 34, x - 36), "two peaks"),
        (lambda y, x: 0.9 * ((y == 31) & (x == 31)), "no wider than a sample"),
        (lambda y, x: 0.6 * np.exp(-np.hypot(y - 31, x - 32) / 4), "beta is the end"),
        (lambda y, x: 0.7 * gauss(y - 31.3, x - 32.6), ""),
        (lambda y, x: 0.7 * np.exp(-((y - 31) ** 2) / 32 - (x - 32) ** 2 / 4.5), ""),
    ],
    ids=["a double star", "a hot pixel", "a galaxy", "a star", "one drawn out"],
)
def test_what_may_be_no_point_is_weak_evidence(spot, words):
    rows, columns = np.mgrid[:64, :64]
    picture = 0.05 + spot(rows, columns) + np.random.default_rng(0).normal(0, 0.002, (64, 64))
    found = restore.psf_from_point(picture, (16, 16, 32, 32))
    assert (found.confidence, words in found.verdict) == ("weak" if words else "confident", True)


def gauss(y, x):
    return np.exp(-(y**2 + x**2) / 8)
