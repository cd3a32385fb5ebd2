"""AVIF, JPEG XL and JPEG 2000 are read, in their depth; what is not read is refused by its right name."""

import struct

import imagecodecs
import numpy as np
import pytest
import tifffile
from PIL import Image

from deconv import settings
from deconv.pictures import Picture, PictureError, light_of, read, write
from deconv.pictures.formats import READ_ONLY, jpeg_xl

ROWS, COLUMNS = np.mgrid[:24, :40]
RGB = np.stack([10 * ROWS, 6 * COLUMNS, 3 * (ROWS + COLUMNS)], axis=-1).astype(np.uint8)


def samples(shape, depth):
    array = {1: RGB[..., 0], 3: RGB, 4: np.dstack([RGB, 255 - RGB[..., 0]])}[shape].astype(np.uint16)
    return (array.astype(float) / 255 * (2**depth - 1)).round().astype(np.uint8 if depth == 8 else np.uint16)


CODECS = {
    "avif": lambda array, depth: imagecodecs.avif_encode(array, level=100, bitspersample=depth),
    "jxl": lambda array, depth: imagecodecs.jpegxl_encode(array, lossless=True, bitspersample=depth),
    "jp2": lambda array, depth: imagecodecs.jpeg2k_encode(array, level=0, bitspersample=depth),
}


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize(
    ("suffix", "depth"),
    [("avif", 8), ("avif", 10), ("avif", 12), *((s, d) for s in ("jxl", "jp2") for d in (8, 10, 12, 16))],
)
def test_every_depth_is_read_over_the_whole_range(tmp_path, suffix, depth, channels):
    array = samples(channels, depth)
    (tmp_path / "a").write_bytes(CODECS[suffix](array, depth))
    picture = read(tmp_path / "a")
    full = 255 if depth == 8 else 65535
    expected = np.rint(array.astype(float) * full / (2**depth - 1))
    colour = expected[..., :3] if channels > 1 else expected
    stored = picture.samples[..., 0] if channels == 1 and picture.channels == 3 else picture.samples  # AVIF has no gray
    assert np.abs(stored - colour).max() <= (2 if suffix == "avif" and depth == 8 else 0)
    assert picture.dtype == (np.uint8 if depth == 8 else np.uint16)
    assert (picture.alpha is not None) == (channels == 4)
    if channels == 4:
        np.testing.assert_array_equal(picture.alpha, expected[..., 3])
    said = f"{depth}-bit samples widened to 16 bits"
    assert (said in picture.notes) == (depth in (10, 12))
    write(picture, tmp_path / "b.png")
    with pytest.raises(PictureError, match="names no format that can be written"):
        write(picture, tmp_path / f"b.{suffix}")


def test_floating_jpeg_xl_is_light(tmp_path):
    array = (RGB / 255).astype(np.float32)
    (tmp_path / "a.jxl").write_bytes(imagecodecs.jpegxl_encode(array, lossless=True))
    picture = read(tmp_path / "a.jxl")
    np.testing.assert_array_equal(picture.samples, array)
    assert light_of(picture) == "linear"


@pytest.mark.parametrize("height", [8, 24, 300, 600])
@pytest.mark.parametrize("width", [8, 24, 40, 300, 777])
def test_the_header_of_jpeg_xl(tmp_path, height, width):
    data = imagecodecs.jpegxl_encode(np.zeros((height, width), np.uint16), lossless=True, effort=1, bitspersample=13)
    (tmp_path / "a.jxl").write_bytes(data)
    with pytest.raises(PictureError, match=f"declares {height * width} pixels"):
        read(tmp_path / "a.jxl", max_pixels=height * width - 1)
    assert jpeg_xl._header(None, jpeg_xl._codestream(data)) == (width, height, 13)


def test_metadata_of_avif(tmp_path, icc, make_exif, exif_facts):
    Image.fromarray(RGB).save(tmp_path / "a.avif", exif=make_exif(6), icc_profile=icc, xmp=b"<x/>")
    picture = read(tmp_path / "a.avif")
    assert picture.samples.shape == (40, 24, 3)
    assert (picture.icc, picture.xmp) == (icc, b"<x/>")
    assert exif_facts(picture.exif) == ("Zeiss", "2026:11:20 12:00:00", "N", None)


def test_the_curve_of_an_avif_is_that_of_its_colour_box(tmp_path):
    data = imagecodecs.avif_encode(RGB, level=100)
    at = data.index(b"colrnclx") + 10
    for transfer, kind in ((13, "srgb"), (8, "linear"), (16, "profile"), (2, "srgb")):
        (tmp_path / "a.avif").write_bytes(data[:at] + struct.pack(">H", transfer) + data[at + 2 :])
        assert light_of(read(tmp_path / "a.avif")) == kind


@pytest.mark.parametrize("suffix", CODECS)
def test_damaged_and_too_large_files_are_refused(tmp_path, suffix):
    data = CODECS[suffix](RGB, 8)
    (tmp_path / "a").write_bytes(data)
    with pytest.raises(PictureError, match=r"more .*than the limit of 100"):
        read(tmp_path / "a", max_pixels=100)
    with pytest.raises(PictureError, match="has one plane, no plane 1"):
        read(tmp_path / "a", frame=1)
    for cut in (40, len(data) // 2):
        (tmp_path / "a").write_bytes(data[:cut])
        with pytest.raises(PictureError, match=r"is damaged or not supported|is truncated"):
            read(tmp_path / "a")


@pytest.mark.parametrize(
    ("head", "name", "remedy"),
    [
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "a HEIC picture", "export it as JPEG or 16-bit TIFF"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", "a HEIC picture", "export it as JPEG or 16-bit TIFF"),
        (b"\0\0\0\x18ftypcrx \0\0\0\1crx isom", r"a camera's raw file \(CR3\)", "develop it to 16-bit TIFF"),
        (b"\0\0\0\x18ftypisom\0\0\0\1", "a video of the MP4 family", "export its frames"),
        (b"II*\0\x10\0\0\0CR\2\0", r"a camera's raw file \(CR2\)", "develop it to 16-bit TIFF"),
        (b"FUJIFILMCCD-RAW 0201", r"a camera's raw file \(RAF\)", "develop it to 16-bit TIFF"),
        (b"IIU\0\x18\0\0\0", r"a camera's raw file \(RW2\)", "develop it to 16-bit TIFF"),
        (b"IIRO\x08\0\0\0", r"a camera's raw file \(ORF\)", "develop it to 16-bit TIFF"),
        (b"P6\n4 4\n255\n", "a portable pixmap", "convert it to PNG"),
        (b"v/1\x01\2\0\0\0", "an OpenEXR file", "convert it to PNG"),
    ],
)
def test_what_is_not_read_is_refused_by_its_name(tmp_path, head, name, remedy):
    (tmp_path / "a").write_bytes(head.ljust(200, b"\0"))
    with pytest.raises(PictureError, match=rf"is {name} \({remedy}"):
        read(tmp_path / "a")


@pytest.mark.parametrize(
    ("file", "options", "kind"),
    [
        ("a.dng", {"extratags": [(50706, 1, 4, b"\1\4\0\0", True)]}, "DNG"),
        ("a.tif", {"extratags": [(50706, 1, 4, b"\1\4\0\0", True)]}, "DNG"),
        ("a.tif", {"photometric": "cfa"}, "DNG"),
        ("a.NEF", {"subfiletype": 1}, "NEF"),
        ("a.arw", {}, "ARW"),
    ],
)
def test_raw_files_that_are_a_kind_of_tiff(tmp_path, file, options, kind):
    tifffile.imwrite(tmp_path / file, RGB[..., 0], **{"photometric": "minisblack", "metadata": None} | options)
    with pytest.raises(PictureError, match=rf"is a camera's raw file \({kind}\) \(develop it to 16-bit TIFF"):
        read(tmp_path / file)


def test_the_program_writes_a_png_beside_what_it_only_reads(run, tmp_path):
    suffixes = {suffix for record in READ_ONLY.values() for suffix in record.suffixes}
    assert suffixes == set(settings.READ_ONLY)
    (tmp_path / "a.jp2").write_bytes(CODECS["jp2"](samples(3, 16), 16))
    words = ["--psf", "box", "--size", 3, "--no-figure"]
    assert run("blur", tmp_path / "a.jp2", *words) == 0
    assert read(tmp_path / "a.blurred.png").dtype == np.uint16
    assert run("blur", tmp_path / "a.jp2", *words, "-o", f"{tmp_path}/out/") == 0
    assert (tmp_path / "out" / "a.png").is_file()
    assert isinstance(read(tmp_path / "out" / "a.png"), Picture)
