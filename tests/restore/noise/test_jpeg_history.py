"""An array tells whether it was a JPEG, with which steps, and where its blocks begin, whatever file it lies in now."""

import io

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from PIL import Image
from skimage import data, transform

import restore
from deconv import pictures
from deconv.inputs.linear_light import compression_variance, steps_of
from deconv.pictures import srgb_to_linear
from restore.noise.jpeg_history import jpeg_history, rounding_in

KERNEL = restore.psf.gaussian(1)


def photo():
    sharp = data.astronaut()[:256, :256] / 255
    return np.rint(255 * np.clip(restore.blur(sharp, KERNEL, channel_axis=-1), 0, 1)).astype(np.uint8)


def jpeg(samples, quality, subsampling=0):
    file = io.BytesIO()
    Image.fromarray(samples).save(file, "JPEG", quality=quality, subsampling=subsampling)
    stored = Image.open(file)
    table = np.array(stored.quantization[0], float).reshape(8, 8)
    return np.asarray(stored), table


@pytest.mark.parametrize(("quality", "subsampling"), [(40, 2), (75, 2), (85, 1), (92, 0), (95, 0)])
def test_the_steps_of_what_was_kept_are_found(quality, subsampling):
    codes, table = jpeg(photo(), quality, subsampling)
    history = jpeg_history(srgb_to_linear(codes / np.float32(255)))
    low = table[:4, :4].copy()
    low[0, 0] = history.table[0, 0]  # of the mean of blocks nothing is told
    assert_array_equal(np.where(low > 1, history.table[:4, :4], low), low)
    assert history.corner == (0, 0)
    assert np.median(history.table / table) == pytest.approx(1, abs=0.25)


@pytest.mark.parametrize("quality", [75, 90])
def test_a_cropped_picture_shows_where_its_blocks_begin(quality):
    codes, _ = jpeg(photo(), quality)
    assert jpeg_history(codes[3:, 6:]).corner == (5, 2)


@pytest.mark.parametrize("quality", [75, 95])
def test_gray_unit_and_memory_order_do_not_matter(quality):
    codes, _ = jpeg(photo()[..., 1], quality)
    variance = rounding_in(codes, None)(None)
    assert variance > 0
    assert rounding_in(np.asfortranarray(1e-6 * codes), None)(None) == pytest.approx(1e-12 * variance, rel=1e-9)
    assert rounding_in(np.stack([codes] * 3), 0)(None) == pytest.approx(variance, rel=0.05)


@pytest.mark.parametrize("quality", [60, 85, 92])
@pytest.mark.parametrize("light", ["linear", "srgb"])
def test_the_variance_is_that_of_the_file_that_states_its_table(tmp_path, quality, light):
    Image.fromarray(photo()).save(tmp_path / "picture.jpg", quality=quality)
    file = pictures.read(tmp_path / "picture.jpg")
    Image.fromarray(file.samples).save(tmp_path / "picture.png")
    stated = compression_variance(file, light)
    assert compression_variance(pictures.read(tmp_path / "picture.png"), light) == pytest.approx(stated, rel=0.15)


@pytest.mark.parametrize(
    "samples",
    [
        photo(),
        np.rint(257.0 * photo()).astype(np.uint16),
        np.random.default_rng(0).normal(128, 5, (128, 128)).round(),
        np.tile(np.random.default_rng(0).integers(0, 256, (8, 8)), (40, 40)),  # blocks that repeat themselves
        np.kron(np.random.default_rng(0).integers(0, 256, (40, 40)), np.ones((8, 8))),
        np.full((64, 64), 90.0),
        np.zeros((5, 300)),
        np.full((64, 64), np.nan),
    ],
    ids=["photo", "16 bits", "noise", "texture", "large pixels", "flat", "narrow", "nan"],
)
def test_what_was_no_jpeg_has_no_history(samples):
    assert jpeg_history(np.atleast_3d(samples)) is None


@pytest.mark.parametrize("size", [200, 240, 512])
def test_nor_has_one_that_was_resized_since(size):
    codes, _ = jpeg(photo(), 85)
    resized = np.rint(transform.resize(codes, (size, size), preserve_range=True))
    assert jpeg_history(resized) is None


def test_a_volume_has_none():
    assert rounding_in(np.zeros((16, 16, 16)), None)(None) == 0


def test_hidden_blocks_are_not_looked_at():
    codes, _ = jpeg(photo(), 85)
    broken, hidden = codes.copy(), np.zeros(codes.shape[:2], bool)
    broken[64:128, 64:200] = np.random.default_rng(0).integers(0, 256, (64, 136, 3))
    hidden[64:128, 64:200] = True
    shown = rounding_in(codes, -1)(None)
    assert rounding_in(broken, -1)(hidden) == pytest.approx(shown, rel=0.25)
    assert rounding_in(broken, -1)(None) > 1.5 * shown


def test_the_front_door_counts_it():
    image = srgb_to_linear(jpeg(photo(), 85)[0] / np.float32(255))
    settled, stated, without = (
        restore.deconvolve(image, KERNEL, channel_axis=-1, quality="fast", **extra).image
        for extra in ({}, {"extra_noise_var": rounding_in(image, -1)(None)}, {"extra_noise_var": 0.0})
    )
    assert_array_equal(settled, stated)
    assert not np.array_equal(settled, without)


def test_tiles_count_what_the_middle_shows():
    image = srgb_to_linear(jpeg(photo(), 85)[0] / np.float32(255))
    settings = {"channel_axis": -1, "quality": "fast", "tile": 160}
    settled, stated, without = (
        restore.map_tiles(image, KERNEL, **settings, **extra)
        for extra in ({}, {"extra_noise_var": rounding_in(image, -1)(None)}, {"extra_noise_var": 0.0})
    )
    assert_array_equal(settled, stated)
    assert not np.array_equal(settled, without)


@pytest.mark.parametrize(("first", "second"), [(75, 95), (60, 85), (90, 97)])
def test_a_jpeg_that_was_saved_again_keeps_what_coarser_steps_did(tmp_path, first, second):
    codes, coarse = jpeg(photo(), first)
    Image.fromarray(codes).save(tmp_path / "again.jpg", quality=second, subsampling=0)
    again = pictures.read(tmp_path / "again.jpg")
    assert np.median(steps_of(again) / coarse) == pytest.approx(1, abs=0.2)
    Image.fromarray(photo()).save(tmp_path / "once.jpg", quality=second, subsampling=0)
    once = pictures.read(tmp_path / "once.jpg")
    assert_array_equal(steps_of(once), once.jpeg_table)
    assert compression_variance(again, "srgb") > 1.5 * compression_variance(once, "srgb")
