"""TIFF against tifffile as writer, imagecodecs and Pillow as readers."""

import imagecodecs
import numpy as np
import pytest
import tifffile
from PIL import Image

from deconv.pictures import Picture, PictureError, light_of, read, write
from deconv.pictures.tiled.opening import open_source

SHAPE = (37, 53)


def random_samples(rng, dtype, shape):
    dtype = np.dtype(dtype)
    if dtype.kind == "f":
        return rng.normal(size=shape).astype(dtype)
    return rng.integers(np.iinfo(dtype).min, np.iinfo(dtype).max, shape, dtype=dtype, endpoint=True)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "uint32", "int16", "float16", "float32", "float64"])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_every_kind_survives_both_ways(tmp_path, rng, dtype, channels):
    array = random_samples(rng, dtype, SHAPE if channels == 1 else (*SHAPE, channels))
    tifffile.imwrite(
        tmp_path / "in.tif",
        array,
        photometric="rgb" if channels >= 3 else "minisblack",
        planarconfig="contig" if channels > 1 else None,
        extrasamples=["unassalpha"] if channels in (2, 4) else None,
    )
    picture = read(tmp_path / "in.tif")
    assert picture.dtype == array.dtype
    assert (picture.alpha is None) == (channels in (1, 3))
    assert picture.channel_axis == (-1 if channels >= 3 else None)
    write(picture, tmp_path / "out.tif")
    np.testing.assert_array_equal(tifffile.imread(tmp_path / "out.tif"), array)
    np.testing.assert_array_equal(imagecodecs.imread(tmp_path / "out.tif"), array)
    again = read(tmp_path / "out.tif")
    np.testing.assert_array_equal(again.samples, picture.samples)
    assert again.notes == ()


@pytest.mark.parametrize(
    ("compression", "predictor"),
    [
        (None, False),
        ("packbits", False),
        *((c, p) for c in ("lzw", "zlib", "zstd", "lzma") for p in (False, True)),
    ],
)
@pytest.mark.parametrize("dtype", ["uint16", "float32"])
def test_compressions(tmp_path, rng, compression, predictor, dtype):
    array = random_samples(rng, dtype, (*SHAPE, 3))
    tifffile.imwrite(tmp_path / "a.tif", array, photometric="rgb", compression=compression, predictor=predictor)
    np.testing.assert_array_equal(read(tmp_path / "a.tif").samples, array)


@pytest.mark.parametrize("options", [{"bigtiff": True}, {"tile": (16, 16)}, {"byteorder": ">"}, {"rowsperstrip": 5}])
def test_layouts(tmp_path, rng, options):
    array = random_samples(rng, "uint16", (*SHAPE, 3))
    tifffile.imwrite(tmp_path / "a.tif", array, photometric="rgb", **options)
    picture = read(tmp_path / "a.tif")
    np.testing.assert_array_equal(picture.samples, array)
    assert picture.dtype.isnative


def test_planar_colour(tmp_path, rng):
    array = random_samples(rng, "uint16", (3, *SHAPE))
    tifffile.imwrite(tmp_path / "a.tif", array, photometric="rgb", planarconfig="separate")
    picture = read(tmp_path / "a.tif")
    np.testing.assert_array_equal(picture.samples, np.moveaxis(array, 0, -1))
    assert picture.channel_axis == -1


@pytest.mark.parametrize("count", [3, 4, 5])
def test_pages_are_never_taken_for_colour(tmp_path, rng, count):
    array = random_samples(rng, "uint16", (count, *SHAPE))
    tifffile.imwrite(tmp_path / "a.tif", array, photometric="minisblack")
    with pytest.raises(PictureError, match=rf"holds {count} planes \(choose one with frame, 0 to {count - 1},"):
        read(tmp_path / "a.tif")
    np.testing.assert_array_equal(read(tmp_path / "a.tif", frame=2).samples, array[2])
    every = read(tmp_path / "a.tif", frame="all")
    assert (every.planes, every.channel_axis) == (count, None)
    np.testing.assert_array_equal(every.samples, array)
    write(every, tmp_path / "b.tif")
    np.testing.assert_array_equal(read(tmp_path / "b.tif", frame="all").samples, array)


def test_pages_with_colour_and_alpha(tmp_path, rng):
    array = random_samples(rng, "uint8", (5, *SHAPE, 4))
    tifffile.imwrite(tmp_path / "a.tif", array, photometric="rgb", extrasamples=["unassalpha"])
    every = read(tmp_path / "a.tif", frame="all")
    np.testing.assert_array_equal(every.samples, array[..., :3])
    np.testing.assert_array_equal(every.alpha, array[..., 3])
    one = read(tmp_path / "a.tif", frame=4)
    np.testing.assert_array_equal(one.samples, array[4, ..., :3])
    write(every, tmp_path / "b.tif")
    np.testing.assert_array_equal(tifffile.imread(tmp_path / "b.tif"), array)


@pytest.mark.parametrize("kind", ["ome", "imagej"])
def test_microscopy_stacks_are_planes_in_file_order(tmp_path, rng, kind):
    array = random_samples(rng, "uint16", (3, 2, *SHAPE))  # Z, C, Y, X: neither axis is colour
    tifffile.imwrite(tmp_path / "a.tif", array, metadata={"axes": "ZCYX"}, **{kind: True})
    every = read(tmp_path / "a.tif", frame="all")
    np.testing.assert_array_equal(every.samples, array.reshape(6, *SHAPE))
    np.testing.assert_array_equal(read(tmp_path / "a.tif", frame=3).samples, array[1, 1])


@pytest.mark.parametrize("reader", [read, open_source])
def test_the_smaller_pictures_of_a_pyramid_are_not_dropped_without_a_word(tmp_path, rng, reader):
    array = random_samples(rng, "uint16", (4, 32, 48))
    with tifffile.TiffWriter(tmp_path / "a.ome.tif", ome=True) as writer:
        writer.write(array, subifds=1, metadata={"axes": "ZYX"}, tile=(16, 16))
        writer.write(array[:, ::2, ::2], subfiletype=1, tile=(16, 16))
    opened = reader(tmp_path / "a.ome.tif", frame="all")
    picture = opened if isinstance(opened, Picture) else opened.header
    assert "of the pyramid the largest picture alone is read and written" in picture.notes
    assert (picture.planes, picture.height, picture.width) == array.shape


def test_axes_override_the_file(tmp_path, rng):
    array = random_samples(rng, "float32", (3, *SHAPE))
    tifffile.imwrite(tmp_path / "a.tif", array, photometric="minisblack")
    picture = read(tmp_path / "a.tif", axes="CYX")
    np.testing.assert_array_equal(picture.samples, np.moveaxis(array, 0, -1))
    assert picture.channel_axis == -1


def test_pages_of_different_sizes(tmp_path, rng):
    small, large = random_samples(rng, "uint8", (8, 9)), random_samples(rng, "uint8", SHAPE)
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        writer.write(small, metadata=None)
        writer.write(large, metadata=None)
    np.testing.assert_array_equal(read(tmp_path / "a.tif", frame=1).samples, large)
    with pytest.raises(PictureError, match="different kinds"):
        read(tmp_path / "a.tif", frame="all")
    with pytest.raises(PictureError, match="holds 2 planes"):
        read(tmp_path / "a.tif")


def test_a_preview_is_not_a_plane(tmp_path, rng):
    large, small = random_samples(rng, "uint8", SHAPE), random_samples(rng, "uint8", (8, 9))
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        writer.write(large, metadata=None)
        writer.write(small, metadata=None, subfiletype=1)
    np.testing.assert_array_equal(read(tmp_path / "a.tif").samples, large)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
def test_metadata_survives(tmp_path, rng, icc, make_exif, exif_facts, dtype):
    samples = random_samples(rng, dtype, (*SHAPE, 3))
    exif = make_exif().removeprefix(b"Exif\0\0")
    picture = Picture(samples, format="TIFF", icc=icc, exif=exif, channel_axis=-1, dpi=(300.0, 150.0))
    write(picture, tmp_path / "a.tif")
    again = read(tmp_path / "a.tif")
    np.testing.assert_array_equal(again.samples, samples)
    assert again.icc == icc
    assert exif_facts(again.exif) == ("Zeiss", "2026:11:20 12:00:00", "N", None)
    assert again.dpi == (300, 150)
    if dtype == "uint8":  # the one depth of colour that Pillow can open
        with Image.open(tmp_path / "a.tif") as image:
            np.testing.assert_array_equal(np.asarray(image), samples)
            assert image.getexif().get_ifd(0x8769)[36867] == "2026:11:20 12:00:00"


def test_metadata_crosses_from_png_to_tiff_and_back(tmp_path, icc, make_exif, exif_facts):
    exif = make_exif().removeprefix(b"Exif\0\0")
    write(Picture(np.full(SHAPE, 7, np.uint16), icc=icc, exif=exif), tmp_path / "a.png")
    write(read(tmp_path / "a.png"), tmp_path / "b.tif")
    write(read(tmp_path / "b.tif"), tmp_path / "c.png")
    last = read(tmp_path / "c.png")
    assert exif_facts(last.exif) == ("Zeiss", "2026:11:20 12:00:00", "N", None)
    assert last.icc == icc


def test_without_metadata_nothing_is_invented(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", np.zeros(SHAPE, np.uint8), software=False, metadata=None)
    picture = read(tmp_path / "a.tif")
    assert (picture.icc, picture.exif) == (None, None)


def test_white_as_zero_is_inverted(tmp_path, rng):
    array = random_samples(rng, "uint16", SHAPE)
    tifffile.imwrite(tmp_path / "a.tif", array, photometric="miniswhite")
    picture = read(tmp_path / "a.tif")
    np.testing.assert_array_equal(picture.samples, 65535 - array)
    assert "white as zero" in picture.notes[0]


def test_white_as_zero_does_not_invert_alpha(tmp_path, rng):
    array = random_samples(rng, "uint8", (*SHAPE, 2))
    options = {"planarconfig": "contig", "extrasamples": ["unassalpha"]}
    tifffile.imwrite(tmp_path / "a.tif", array, photometric="miniswhite", **options)
    picture = read(tmp_path / "a.tif")
    np.testing.assert_array_equal(picture.samples, 255 - array[..., 0])
    np.testing.assert_array_equal(picture.alpha, array[..., 1])


def test_one_bit_becomes_gray(tmp_path, rng):
    array = rng.integers(0, 2, SHAPE).astype(bool)
    tifffile.imwrite(tmp_path / "a.tif", array, photometric="minisblack")
    np.testing.assert_array_equal(read(tmp_path / "a.tif").samples, array * np.uint8(255))


def test_palette_becomes_colour(tmp_path, rng):
    indices = random_samples(rng, "uint8", SHAPE)
    table = rng.integers(0, 256, (3, 256)).astype(np.uint16) * 257
    tifffile.imwrite(tmp_path / "a.tif", indices, photometric="palette", colormap=table)
    picture = read(tmp_path / "a.tif")
    np.testing.assert_array_equal(picture.samples, (table.T >> 8)[indices])
    assert picture.dtype == np.uint8


def test_premultiplied_alpha_keeps_what_it_shows(tmp_path, rng):
    alpha = random_samples(rng, "uint8", (*SHAPE, 1))
    colour = (random_samples(rng, "uint8", (*SHAPE, 3)) * (alpha / 255)).astype(np.uint8)
    array = np.concatenate([colour, alpha], axis=-1)
    tifffile.imwrite(tmp_path / "a.tif", array, photometric="rgb", extrasamples=["assocalpha"])
    picture = read(tmp_path / "a.tif")
    shown = picture.samples * (picture.alpha[..., None] / 255)
    assert np.abs(shown - colour).max() <= 0.5
    assert "premultiplied" in picture.notes[0]


def test_jpeg_inside_tiff_is_read_as_rgb(tmp_path):
    array = np.full((*SHAPE, 3), (200, 100, 50), np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", array, photometric="rgb", compression="jpeg")
    samples = read(tmp_path / "a.tif").samples.astype(int)
    assert np.abs(samples - array).max() < 6


@pytest.mark.parametrize(
    ("shape", "options", "message"),
    [
        ((*SHAPE, 4), {"photometric": "separated"}, "has the colour space SEPARATED"),
        ((*SHAPE, 3), {"photometric": "cielab"}, "has the colour space CIELAB"),
        ((*SHAPE, 5), {"photometric": "minisblack", "planarconfig": "contig"}, "5 samples per pixel"),
    ],
)
def test_what_is_neither_gray_nor_rgb_is_refused(tmp_path, shape, options, message):
    tifffile.imwrite(tmp_path / "a.tif", np.zeros(shape, np.uint8), **options)
    with pytest.raises(PictureError, match=message):
        read(tmp_path / "a.tif")


def test_complex_samples_are_refused(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", np.zeros(SHAPE, np.complex64))
    with pytest.raises(PictureError, match="of a kind not supported"):
        read(tmp_path / "a.tif")


@pytest.mark.parametrize(
    ("dtype", "shape", "with_profile", "light"),
    [
        ("uint8", SHAPE, False, "srgb"),
        ("uint8", (*SHAPE, 3), False, "srgb"),
        ("uint16", SHAPE, False, "linear"),
        ("uint16", SHAPE, True, "srgb"),
        ("uint16", (*SHAPE, 3), True, "srgb"),
        ("uint32", SHAPE, False, "linear"),
        ("float32", (*SHAPE, 3), True, "srgb"),
    ],
)
def test_light_of_tiff(tmp_path, icc, dtype, shape, with_profile, light):
    photometric = "rgb" if len(shape) == 3 else "minisblack"
    profile = icc if with_profile else None
    tifffile.imwrite(tmp_path / "a.tif", np.zeros(shape, dtype), photometric=photometric, iccprofile=profile)
    assert light_of(read(tmp_path / "a.tif")) == light


@pytest.mark.parametrize("kind", ["ome", "imagej", "shaped"])
def test_the_arrangement_of_planes_is_not_carried_into_another_file(tmp_path, rng, kind):
    array = random_samples(rng, "uint16", (3, *SHAPE))
    options = {kind: True} if kind != "shaped" else {"photometric": "minisblack"}
    tifffile.imwrite(tmp_path / "a.tif", array, software=False, **options)
    write(read(tmp_path / "a.tif", frame=1), tmp_path / "b.tif")
    again = read(tmp_path / "b.tif")
    np.testing.assert_array_equal(again.samples, array[1])
    assert again.exif is None


@pytest.mark.parametrize("encoding", ["latin-1", "utf-8"])
def test_a_description_for_people_survives(tmp_path, encoding):
    text = "Blick über Jena".encode(encoding)
    samples = np.zeros(SHAPE, np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", samples, description=text, metadata=None, software=False)
    write(read(tmp_path / "a.tif"), tmp_path / "b.png")
    write(read(tmp_path / "b.png"), tmp_path / "c.tif")
    for name in ("a.tif", "b.png", "c.tif"):
        assert text + b"\0" in read(tmp_path / name).exif


def test_huge_tiles_count_as_pixels(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", np.zeros((16, 16), np.uint8), tile=(1024, 1024), compression="zlib")
    with pytest.raises(PictureError, match="declares 1048576 pixels"):
        read(tmp_path / "a.tif", max_pixels=1000)
