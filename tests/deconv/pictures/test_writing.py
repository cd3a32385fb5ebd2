"""What a format cannot hold is refused with a remedy, before anything is written."""

import os
from pathlib import Path

import numpy as np
import pytest

from deconv.pictures import Picture, PictureError, check_format, read, write


def picture(dtype="uint8", shape=(4, 5), **fields):
    return Picture(np.zeros(shape, dtype), **fields)


@pytest.mark.parametrize(
    ("stored", "suffix", "message"),
    [
        (
            picture("uint16"),
            ".jpg",
            r"JPEG cannot hold uint16 samples, only uint8 \(write PNG or TIFF instead\)",
        ),
        (picture("uint16", shape=(3, 4, 5), planes=3), ".jpg", r"JPEG cannot hold uint16 .*write TIFF or .npy instead"),
        (picture("uint16"), ".webp", r"WEBP cannot hold uint16 samples.*PNG or TIFF"),
        (picture("float32"), ".png", r"PNG cannot hold float32 .*TIFF or .npy"),
        (picture("float32"), ".jpeg", r"JPEG cannot hold float32 .*TIFF or .npy"),
        (picture("int64"), ".tif", r"TIFF cannot hold int64 .*write .npy"),
        (picture("bool"), ".png", r"PNG cannot hold bool .*write .npy"),
        (picture(alpha=np.zeros((4, 5), np.uint8)), ".jpg", r"JPEG cannot hold transparency \(write PNG"),
        (
            picture(shape=(3, 4, 5), planes=3),
            ".png",
            r"PNG cannot hold 3 planes \(write TIFF or .npy, or choose one with frame",
        ),
        (picture(shape=(4, 5, 7), channel_axis=-1), ".tif", r"TIFF cannot hold 7 colour channels"),
        (picture(shape=(1, 20_000)), ".webp", "WEBP cannot hold more than 16383 pixels a side"),
        (picture(), ".gif", r"names no format that can be written \(.gif\) \(use one of .png"),
    ],
)
def test_refusals(tmp_path, stored, suffix, message):
    path = tmp_path / f"a{suffix}"
    for function in (write, check_format):
        with pytest.raises(PictureError, match=message):
            function(stored, path)
    assert not path.exists()


def test_the_format_comes_from_the_suffix_or_the_picture_or_the_caller(tmp_path):
    stored = picture(format="TIFF")
    assert check_format(stored, "a.PNG") == "PNG"
    assert check_format(stored, "a") == "TIFF"
    assert check_format(stored, "a.out", format="WEBP") == "WEBP"
    write(stored, tmp_path / "a")
    assert read(tmp_path / "a").format == "TIFF"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("suffix", ["png", "tif", "jpg", "webp", "npy"])
def test_a_full_disk(tmp_path, suffix):
    os.symlink("/dev/full", tmp_path / f"a.{suffix}")
    with pytest.raises(PictureError, match="the disk is full"):
        write(picture(), tmp_path / f"a.{suffix}")


@pytest.mark.parametrize("suffix", ["png", "tif", "jpg", "webp", "npy"])
def test_a_disk_that_takes_a_part(tmp_path, rng, suffix):
    noise = Picture(rng.integers(0, 256, (30, 40), dtype=np.uint8))
    resource = pytest.importorskip("resource")
    former = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (700, former[1]))
    try:
        with pytest.raises(PictureError, match="the disk is full"):
            write(noise, tmp_path / f"a.{suffix}")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, former)


def test_a_missing_folder(tmp_path):
    with pytest.raises(PictureError, match=r"cannot be written: no such file or directory \(check the folder"):
        write(picture(), tmp_path / "sub" / "a.png")


def test_exif_too_long_for_jpeg(tmp_path):
    with pytest.raises(PictureError, match=r"cannot be written as JPEG: EXIF data is too long \(write PNG or TIFF"):
        write(picture(exif=bytes(70_000)), tmp_path / "a.jpg")


def test_npy_takes_alpha_as_the_last_channel(tmp_path, rng):
    samples, alpha = rng.random((4, 5, 3)), rng.random((4, 5))
    write(Picture(samples, alpha, channel_axis=-1), tmp_path / "a.npy")
    np.testing.assert_array_equal(np.load(tmp_path / "a.npy"), np.dstack([samples, alpha]))
