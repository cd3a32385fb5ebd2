"""The error that JPEG left in a picture is counted as far as the file kept coefficients to be wrong about."""

import numpy as np
import pytest
from PIL import Image
from scipy.fft import dctn
from skimage import data

from deconv import pictures
from deconv.inputs.linear_light import compression_variance
from restore import blur, psf


def stored(tmp_path, samples, quality):
    file = tmp_path / f"picture{quality}.jpg"
    Image.fromarray(samples).save(file, quality=quality, subsampling=0)
    return pictures.read(file)


def blurred_photo(shape=(256, 256)):
    return np.rint(blur(data.camera()[: shape[0], : shape[1]].astype(float), psf.disk(3))).astype(np.uint8)


def block_transforms(plane):
    rows, columns = (n // 8 for n in plane.shape)
    blocks = plane[: 8 * rows, : 8 * columns].reshape(rows, 8, columns, 8).swapaxes(1, 2)
    return dctn(blocks.reshape(-1, 8, 8), axes=(1, 2), norm="ortho")


@pytest.mark.parametrize("quality", [75, 85, 95])
def test_the_counted_variance_is_about_the_real_error_of_what_was_kept(tmp_path, quality):
    samples = blurred_photo()
    picture = stored(tmp_path, samples, quality)
    decoded = pictures.to_float(picture, light="linear").astype(float)
    often = np.mean(np.abs(block_transforms(255 * decoded)) > 1, axis=0) > 0.01
    errors = np.mean(block_transforms(decoded - samples / 255) ** 2, axis=0)[often]
    assert (
        0.7 < compression_variance(picture, "linear") / errors.mean() < 4
    )  # where most blocks are 0 the error is less


def test_a_better_quality_counts_for_less(tmp_path):
    found = [compression_variance(stored(tmp_path, blurred_photo(), q), "srgb") for q in (60, 75, 90, 98)]
    assert found == sorted(found, reverse=True)
    assert found[-1] > 0


def test_coefficients_that_no_block_kept_do_not_count(tmp_path):
    """A flat picture keeps its mean alone."""
    picture = stored(tmp_path, np.full((64, 64), 90, np.uint8), 75)
    assert compression_variance(picture, "linear") == pytest.approx(float(picture.jpeg_table[0, 0]) ** 2 / 12 / 255**2)


def test_colour_counts_as_its_luma_does(tmp_path):
    gray = blurred_photo()
    colour = stored(tmp_path, np.stack([gray] * 3, axis=-1), 85)
    assert compression_variance(colour, "linear") == pytest.approx(
        compression_variance(stored(tmp_path, gray, 85), "linear"), rel=0.05
    )


@pytest.mark.parametrize("shape", [(7, 40), (8, 8), (200, 131)])
def test_any_size(tmp_path, shape):
    assert compression_variance(stored(tmp_path, blurred_photo(shape), 80), "srgb") > 0


def test_other_files_count_nothing(tmp_path):
    Image.fromarray(blurred_photo()).save(tmp_path / "picture.png")
    assert compression_variance(pictures.read(tmp_path / "picture.png"), "srgb") == 0
