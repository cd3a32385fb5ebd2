"""PNG against pypng, an independent writer and reader."""

import numpy as np
import png
import pytest
from PIL import Image

from deconv.pictures import Picture, PictureError, read, write

SHAPE = (37, 53)


def independent_write(path, array, bits):
    channels = array.shape[2] if array.ndim == 3 else 1
    writer = png.Writer(array.shape[1], array.shape[0], bitdepth=bits, greyscale=channels < 3, alpha=channels in (2, 4))
    with path.open("wb") as file:
        writer.write(file, array.reshape(array.shape[0], -1).tolist())


def independent_read(path):
    width, height, rows, info = png.Reader(bytes=path.read_bytes()).read()
    dtype = np.uint16 if info["bitdepth"] == 16 else np.uint8
    array = np.array([list(row) for row in rows], dtype=dtype)
    return array.reshape(height, width, info["planes"]) if info["planes"] > 1 else array


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_every_kind_survives_both_ways(tmp_path, rng, bits, channels):
    shape = SHAPE if channels == 1 else (*SHAPE, channels)
    array = rng.integers(0, 2**bits, shape, dtype=np.uint16 if bits == 16 else np.uint8)
    independent_write(tmp_path / "in.png", array, bits)
    picture = read(tmp_path / "in.png")
    colour = array[..., :3] if channels >= 3 else array.reshape(*SHAPE, -1)[..., 0]
    assert picture.dtype == array.dtype
    np.testing.assert_array_equal(picture.samples, colour)
    assert (picture.alpha is None) == (channels in (1, 3))
    if picture.alpha is not None:
        np.testing.assert_array_equal(picture.alpha, array[..., -1])
    assert picture.channel_axis == (-1 if channels >= 3 else None)
    assert (picture.planes, picture.format, picture.bit_depth, picture.notes) == (0, "PNG", bits, ())
    write(picture, tmp_path / "out.png")
    np.testing.assert_array_equal(independent_read(tmp_path / "out.png"), array)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("edge", [1024, 1536])
def test_large_ones_are_packed_quickly(tmp_path, dtype, edge):
    samples = np.multiply.outer(np.arange(edge), np.arange(edge)).astype(dtype)
    write(Picture(samples), tmp_path / "out.png")
    encoded = (tmp_path / "out.png").read_bytes()
    word_on_level = encoded[encoded.index(b"IDAT") + 5] >> 6  # of zlib's header: 2 by default, 1 is "fast"
    assert word_on_level == (2 if edge == 1024 else 1)
    np.testing.assert_array_equal(read(tmp_path / "out.png").samples, samples)


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("colour", [False, True])
def test_metadata_survives(tmp_path, rng, icc, make_exif, exif_facts, bits, colour):
    dtype = np.dtype(f"uint{bits}")
    samples = rng.integers(0, 2**bits, (*SHAPE, 3) if colour else SHAPE, dtype=dtype)
    alpha = rng.integers(0, 2**bits, SHAPE, dtype=dtype)
    exif = make_exif().removeprefix(b"Exif\0\0")
    axis = -1 if colour else None
    picture = Picture(samples, alpha, icc=icc, exif=exif, channel_axis=axis, dpi=(300.0, 150.0))
    write(picture, tmp_path / "a.png")
    again = read(tmp_path / "a.png")
    np.testing.assert_array_equal(again.samples, samples)
    np.testing.assert_array_equal(again.alpha, alpha)
    assert again.icc == icc
    assert again.exif == exif
    assert exif_facts(again.exif) == ("Zeiss", "2026:11:20 12:00:00", "N", None)
    np.testing.assert_allclose(again.dpi, (300, 150), rtol=1e-3)
    with Image.open(tmp_path / "a.png") as image:  # an independent reader finds them where they belong
        assert image.info["icc_profile"] == icc
        assert image.getexif()[271] == "Zeiss"
    assert independent_read(tmp_path / "a.png").shape == (*SHAPE, 4 if colour else 2)


@pytest.mark.parametrize("bits", [1, 2, 4])
def test_few_bits_become_eight(tmp_path, rng, bits):
    codes = rng.integers(0, 2**bits, SHAPE, dtype=np.uint8)
    independent_write(tmp_path / "a.png", codes, bits)
    picture = read(tmp_path / "a.png")
    np.testing.assert_array_equal(picture.samples, codes * (255 // (2**bits - 1)))
    assert picture.dtype == np.uint8


def test_palette_becomes_colour(tmp_path, rng):
    colours = [(255, 0, 0), (0, 255, 0), (9, 8, 7)]
    indices = rng.integers(0, 3, SHAPE)
    with (tmp_path / "a.png").open("wb") as file:
        png.Writer(SHAPE[1], SHAPE[0], bitdepth=8, palette=colours).write(file, indices.tolist())
    picture = read(tmp_path / "a.png")
    np.testing.assert_array_equal(picture.samples, np.array(colours)[indices])
    assert picture.alpha is None
    assert picture.notes == ("palette expanded to RGB",)


def test_transparent_palette_becomes_colour_and_alpha(tmp_path, rng):
    colours = [(255, 0, 0, 255), (0, 255, 0, 128), (9, 8, 7, 0)]
    indices = rng.integers(0, 3, SHAPE)
    with (tmp_path / "a.png").open("wb") as file:
        png.Writer(SHAPE[1], SHAPE[0], bitdepth=8, palette=colours).write(file, indices.tolist())
    picture = read(tmp_path / "a.png")
    np.testing.assert_array_equal(picture.samples, np.array(colours)[indices][..., :3])
    np.testing.assert_array_equal(picture.alpha, np.array(colours)[indices][..., 3])


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("colour", [False, True])
def test_one_transparent_colour_becomes_alpha(tmp_path, rng, bits, colour):
    array = rng.integers(0, 200, (*SHAPE, 3) if colour else SHAPE)
    key = array[3, 4]
    writer = png.Writer(
        SHAPE[1],
        SHAPE[0],
        bitdepth=bits,
        greyscale=not colour,
        transparent=tuple(key.tolist()) if colour else int(key),
    )
    with (tmp_path / "a.png").open("wb") as file:
        writer.write(file, array.reshape(SHAPE[0], -1).tolist())
    picture = read(tmp_path / "a.png")
    hit = (array == key).all(axis=-1) if colour else array == key
    np.testing.assert_array_equal(picture.samples, array)
    np.testing.assert_array_equal(picture.alpha == 0, hit)


@pytest.mark.parametrize("channels", [1, 3])
def test_interlaced_sixteen_bits(tmp_path, rng, channels):
    array = rng.integers(0, 2**16, (*SHAPE, channels), dtype=np.uint16)
    writer = png.Writer(SHAPE[1], SHAPE[0], bitdepth=16, greyscale=channels == 1, interlace=True)
    with (tmp_path / "a.png").open("wb") as file:
        writer.write_array(file, array.ravel().tolist())
    np.testing.assert_array_equal(read(tmp_path / "a.png").samples.reshape(array.shape), array)


def test_an_animation_asks_for_a_frame(tmp_path):
    frames = [Image.new("RGB", (6, 4), (value, 0, 0)) for value in (10, 20, 30)]
    frames[0].save(tmp_path / "a.png", save_all=True, append_images=frames[1:])
    with pytest.raises(PictureError, match=r'holds 3 planes \(choose one with frame, .* frame="all"\)'):
        read(tmp_path / "a.png")
    assert read(tmp_path / "a.png", frame=1).samples[0, 0, 0] == 20
    every = read(tmp_path / "a.png", frame="all")
    assert every.planes == 3
    assert every.samples.shape == (3, 4, 6, 3)
    assert every.samples[:, 0, 0, 0].tolist() == [10, 20, 30]
    with pytest.raises(PictureError, match="has 3 planes, no plane 3"):
        read(tmp_path / "a.png", frame=3)


def test_a_single_picture_is_also_its_first_and_its_every_frame(tmp_path):
    Image.new("L", (6, 4)).save(tmp_path / "a.png")
    for frame in (None, 0, "all"):
        picture = read(tmp_path / "a.png", frame=frame)
        assert (picture.planes, picture.samples.shape) == (0, (4, 6))
    with pytest.raises(PictureError, match="has one plane, no plane 1"):
        read(tmp_path / "a.png", frame=1)


def test_describe(tmp_path, icc):
    picture = Picture(np.zeros((480, 640, 3), np.uint16), icc=icc, exif=b"x", channel_axis=-1)
    assert picture.describe() == "16-bit RGB PNG, 640 x 480, ICC profile, EXIF"


@pytest.mark.parametrize("bits", [1, 2, 4])
def test_one_transparent_gray_of_few_bits_becomes_alpha(tmp_path, rng, bits):
    codes = rng.integers(0, 2**bits, SHAPE, dtype=np.uint8)
    writer = png.Writer(SHAPE[1], SHAPE[0], bitdepth=bits, greyscale=True, transparent=1)
    with (tmp_path / "a.png").open("wb") as file:
        writer.write(file, codes.tolist())
    picture = read(tmp_path / "a.png")
    np.testing.assert_array_equal(picture.samples, codes * (255 // (2**bits - 1)))
    np.testing.assert_array_equal(picture.alpha, np.where(codes == 1, 0, 255))
