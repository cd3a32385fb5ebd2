"""The simulated camera of benchmarks/camera_files.py: what it promises of every step."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps, JpegImagePlugin

from benchmarks.camera_chain import (
    KINDS,
    MARGIN,
    Camera,
    bilinear,
    charged,
    exposed,
    malvar,
    mosaic,
    photographed,
    resampled,
    sensed,
    sharpened,
    without_margin,
    write,
)
from deconv.inputs.linear_light import read_light
from deconv.pictures import linear_to_srgb
from deconv.settings import Reading

ROWS, COLUMNS = np.mgrid[:40, :48]
RAMP = 0.2 + 0.003 * ROWS + 0.005 * COLUMNS
QUIET = Camera(electrons=1e12, read_noise=0.0)


def rng():
    return np.random.default_rng(5)


def flat(level, edge=128):
    return np.full((edge, edge, 3), level)


@pytest.mark.parametrize("demosaiced", [bilinear, malvar])
def test_demosaicing_keeps_gray_ramps_and_flat_colours(demosaiced):
    gray = np.repeat(RAMP[..., None], 3, axis=-1)
    inner = (slice(2, -2), slice(2, -2))
    np.testing.assert_allclose(demosaiced(mosaic(gray))[inner], gray[inner], atol=1e-12)
    colour = np.broadcast_to([0.7, 0.4, 0.1], gray.shape)
    np.testing.assert_allclose(demosaiced(mosaic(colour)), colour, atol=1e-12)


@pytest.mark.parametrize("demosaiced", [bilinear, malvar])
def test_demosaicing_keeps_what_the_sensor_saw(demosaiced):
    samples = rng().random((20, 24))
    np.testing.assert_allclose(mosaic(demosaiced(samples)), samples, atol=1e-12)


def test_malvar_follows_what_is_no_ramp_more_closely():
    wave = np.repeat((0.5 + 0.3 * np.cos(0.9 * ROWS + 0.5 * COLUMNS))[..., None], 3, axis=-1)
    inner = (slice(4, -4), slice(4, -4))
    error = [np.std((d(mosaic(wave)) - wave)[inner]) for d in (bilinear, malvar)]
    assert error[1] < 0.5 * error[0]


def test_shot_noise_is_that_of_counted_electrons():
    samples = charged(flat(0.25), Camera(electrons=4000, read_noise=3), rng())
    assert np.mean(samples) == pytest.approx(0.25, abs=0.001)
    assert np.var(samples) == pytest.approx((0.25 * 4000 + 3**2) / 4000**2, rel=0.03)
    assert charged(flat(0.999), Camera(), rng()).max() == 1


def test_green_of_a_quad_is_the_mean_of_two():
    variance = np.var(sensed(flat(0.25), Camera(demosaicing="half"), rng()), axis=(0, 1))
    np.testing.assert_allclose(variance[[0, 2]] / variance[1], 2, rtol=0.1)


def test_demosaiced_noise_is_missing_at_the_highest_frequencies():
    def power(camera):
        noise = sensed(flat(0.25), camera, rng())[..., 0] - 0.25
        spectrum = np.abs(np.fft.fft2(noise)) ** 2
        return spectrum[56:73, 56:73].mean() / spectrum[:9, :9].mean()

    assert power(Camera(demosaicing=None)) == pytest.approx(1, abs=0.3)
    assert power(Camera()) < 0.01


def test_sharpening_overshoots_at_edges_alone():
    step = np.repeat(np.where(COLUMNS < 24, 0.3, 0.6)[..., None], 3, axis=-1)
    for camera in (Camera(sharpening=(0.5, 1.0)), Camera(sharpening=(0.5, 1.0), sharpen_in="light")):
        values = sharpened(step, camera)
        assert values[0, 24, 0] > 0.63
        assert values[0, 23, 0] < 0.27
        np.testing.assert_allclose(values[:, [0, -1]], step[:, [0, -1]], atol=1e-9)


@pytest.mark.parametrize("scale", [0.5, 1.5])
def test_resizing_moves_nothing(scale):
    bump = np.exp(-((ROWS - 19.5) ** 2 + (COLUMNS - 22) ** 2) / 50)[..., None] * [0.5, 0.4, 0.3]
    camera = replace(QUIET, demosaicing=None, scale=scale, encoded=False)
    values = photographed(bump, camera, rng())
    np.testing.assert_allclose(values, without_margin(bump), atol=0.01)
    columns = without_margin(np.broadcast_to(COLUMNS[..., None], bump.shape))
    before, after = ((v * columns).sum() / v.sum() for v in (without_margin(bump), values))
    assert after == pytest.approx(before, abs=0.01)


def test_a_picture_of_the_same_size_is_not_resampled():
    np.testing.assert_array_equal(resampled(RAMP[..., None], RAMP.shape, Image.Resampling.BICUBIC)[..., 0], RAMP)


@pytest.mark.parametrize("shape", [(1, 1), (5, 3)])
def test_the_sharp_frame_lies_where_the_blurred_one_does(shape):
    scene = rng().random((90, 100, 3))
    point = np.zeros(shape)
    point[shape[0] // 2, shape[1] // 2] = 1
    light, sharp = exposed(scene, point, 40)
    assert sharp.shape == (40, 40, 3)
    np.testing.assert_allclose(without_margin(light), sharp, atol=1e-12)


def test_a_small_scene_gives_a_small_frame():
    light, sharp = exposed(np.zeros((60, 200, 3)), np.ones((1, 3)) / 3, 100)
    assert sharp.shape == (60 - 2 * MARGIN, 100, 3)
    assert without_margin(light).shape == sharp.shape


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_a_file_of_the_frame_and_the_same_again(kind, tmp_path):
    light = np.repeat(RAMP[..., None], 3, axis=-1)
    camera = KINDS[kind]
    first, again = (photographed(light, camera, rng()) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    path = tmp_path / f"frame{camera.suffix}"
    write(path, first, camera)
    file = read_light(str(path), Reading(axes=None if camera.encoded else "YXC"))
    sharp = without_margin(light)
    assert file.image.shape == sharp.shape
    assert (file.compression_var() > 0) == (camera.quality is not None)
    assert np.std(file.image - sharp) < 0.05
    assert np.mean(file.image - sharp) == pytest.approx(0, abs=0.01)


@pytest.mark.parametrize("quality", [None, 95])
def test_a_turned_file_is_turned_back_by_its_tag(quality, tmp_path):
    values = linear_to_srgb(np.repeat(RAMP[..., None], 3, axis=-1))
    camera = Camera(quality=quality, orientation=6)
    path = tmp_path / f"turned{camera.suffix}"
    write(path, values, camera)
    with Image.open(path) as stored:
        assert stored.size == (40, 48)
        upright = np.asarray(ImageOps.exif_transpose(stored)) / 255
    np.testing.assert_allclose(upright, values, atol=0.02)
    assert read_light(str(path), Reading()).image.shape == values.shape


@pytest.mark.parametrize(("subsampling", "code"), [("4:4:4", 0), ("4:2:0", 2)])
def test_a_jpeg_has_the_quality_and_the_colours_that_were_asked_for(subsampling, code, tmp_path):
    path = tmp_path / "frame.jpg"
    write(path, flat(0.5, 32), Camera(quality=92, subsampling=subsampling))
    with Image.open(path) as stored:
        assert JpegImagePlugin.get_sampling(stored) == code
        assert stored.quantization[0][0] == round(16 * (200 - 2 * 92) / 100)


def test_the_benchmark_runs_and_prints_its_tables():
    options = ["--quick", "--edge", "64", "--kinds", "camera", "--psfs", "disk 2.2", "--methods", "wiener"]
    script = Path(__file__).resolve().parents[2] / "benchmarks" / "camera_files.py"
    run = subprocess.run([sys.executable, script, *options], capture_output=True, text=True, check=True, timeout=300)
    lines = [line.split() for line in run.stdout.splitlines() if "wiener" in line]
    groups = [line[: line.index("wiener")] for line in lines]
    assert groups == [["camera"], ["disk", "2.2"], ["all"]]
    assert all(line[line.index("wiener") + 1] == "1" for line in lines)
