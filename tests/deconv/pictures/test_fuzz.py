"""Damaged files: a picture of some sensible shape or a `PictureError`, nothing else and no warning."""

import numpy as np
import pytest

from deconv.pictures import Picture, PictureError, read, write

CASES = 300


def small_picture(rng, dtype, colour):
    samples = rng.integers(0, np.iinfo(dtype).max, (9, 11, 3) if colour else (9, 11), dtype=dtype)
    return Picture(samples, channel_axis=-1 if colour else None)


def damaged(rng, data):
    """Flip a few bytes, and in one case of three cut the file too."""
    data = bytearray(data)
    for position in rng.integers(0, len(data), rng.integers(1, 5)):
        data[position] = rng.integers(0, 256)
    return bytes(data[: rng.integers(1, len(data))] if rng.random() < 1 / 3 else data)


@pytest.mark.parametrize(
    ("suffix", "dtype", "colour"),
    [
        ("png", "uint8", True),
        ("png", "uint16", True),
        ("jpg", "uint8", True),
        ("tif", "uint8", False),
        ("tif", "uint16", True),
        ("webp", "uint8", True),
        ("npy", "uint16", False),
    ],
)
def test_damaged_files(tmp_path, rng, icc, make_exif, suffix, dtype, colour):
    picture = small_picture(rng, dtype, colour)
    metadata = Picture(picture.samples, icc=icc, exif=make_exif()[6:], channel_axis=picture.channel_axis)
    path = tmp_path / f"a.{suffix}"
    for whole in (picture, metadata):
        write(whole, path)
        data = path.read_bytes()
        for _ in range(CASES // 2):
            path.write_bytes(damaged(rng, data))
            try:
                found = read(path, frame="all", max_pixels=100_000)
            except PictureError:
                continue
            assert found.samples.ndim == 2 + bool(found.planes) + (found.channel_axis is not None)
            assert found.samples.size > 0
            assert found.alpha is None or found.alpha.shape == found.samples.shape[: found.alpha.ndim]
            write(found, tmp_path / "again.npy")
