"""What a file says beside its samples is written again, or its loss is said in one sentence."""

import re
import struct
import zlib
from dataclasses import replace

import numpy as np
import pytest
import tifffile
from PIL import Image, PngImagePlugin

from deconv.pictures import Picture, losses, read, write

GRAY = np.arange(35, dtype=np.uint16).reshape(5, 7) * 1800
STACK = np.arange(6 * 35, dtype=np.uint16).reshape(6, 5, 7)
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><r xmp:Rating="5"/></x:xmpmeta>'
IMAGEJ = {"imagej": True, "resolution": (9.6, 4.8)}


def facts(path):
    """What an independent reader says of the planes and scales of a TIFF."""
    with tifffile.TiffFile(path) as tiff:
        page, series = tiff.pages[0], tiff.series[0]
        x, y = (page.tags[tag].value for tag in (282, 283))
        imagej = {key: value for key, value in (tiff.imagej_metadata or {}).items() if key != "ImageJ"}
        ome = None if tiff.ome_metadata is None else re.sub(r'UUID="[^"]*"|<TiffData.*?/>', "", tiff.ome_metadata)
        scale = (x[0] / x[1], y[0] / y[1], int(page.tags[296].value))
        return series.kind, series.axes, series.shape, scale, imagej, (ome or "").replace(" ", "")


@pytest.mark.parametrize(
    ("axes", "options"),
    [
        ("ZYX", IMAGEJ | {"metadata": {"axes": "ZYX", "spacing": 0.3, "unit": "um", "Labels": list("abcdef")}}),
        ("TYX", IMAGEJ | {"metadata": {"axes": "TYX", "finterval": 0.5, "min": 3.0, "max": 9.0}}),
        ("ZCYX", IMAGEJ | {"metadata": {"axes": "ZCYX", "spacing": 2, "unit": "um"}}),
        (
            "CZYX",
            {"ome": True, "metadata": {"axes": "CZYX", "PhysicalSizeZ": 3, "Channel": {"Name": ["a", "b", "c"]}}},
        ),
        ("TZYX", {"ome": True, "metadata": {"axes": "TZYX", "PhysicalSizeX": 0.1, "PhysicalSizeXUnit": "µm"}}),
        ("TZYX", {"photometric": "minisblack", "metadata": {"axes": "TZYX", "exposure": 0.2}}),
        ("YX", IMAGEJ | {"metadata": {"unit": "um"}}),
    ],
)
def test_what_a_microscope_says_of_its_planes_is_kept(tmp_path, axes, options):
    stack = STACK if len(axes) == 3 else STACK.reshape(3, 2, 5, 7) if len(axes) == 4 else STACK[0]
    tifffile.imwrite(tmp_path / "a.tif", stack, **options)
    picture = read(tmp_path / "a.tif", frame="all")
    assert losses(picture, tmp_path / "b.tif") == ()
    write(picture, tmp_path / "b.tif")
    assert facts(tmp_path / "b.tif") == facts(tmp_path / "a.tif")
    assert facts(tmp_path / "a.tif")[1] == axes
    np.testing.assert_array_equal(tifffile.imread(tmp_path / "b.tif"), stack)
    with tifffile.TiffFile(tmp_path / "b.tif") as tiff:
        assert [page.dataoffsets[0] for page in tiff.pages]


@pytest.mark.parametrize("kind", ["imagej", "ome"])
def test_what_is_said_of_all_planes_is_not_said_of_one(tmp_path, kind):
    tifffile.imwrite(tmp_path / "a.tif", STACK, metadata={"axes": "ZYX"}, software=False, **{kind: True})
    one = read(tmp_path / "a.tif", frame=2)
    write(one, tmp_path / "b.tif")
    program = {"imagej": "ImageJ", "ome": "OME-XML"}[kind]
    assert losses(one, tmp_path / "b.tif") == (
        f"TIFF cannot hold the axes and scales of {program} of the input: left out",
    )
    every = read(tmp_path / "a.tif", frame="all")
    larger = replace(every, samples=np.zeros((6, 10, 14), np.uint16))
    write(larger, tmp_path / "c.tif")
    with tifffile.TiffFile(tmp_path / "b.tif") as single, tifffile.TiffFile(tmp_path / "c.tif") as stack:
        assert (single.series[0].shape, stack.series[0].shape) == ((5, 7), (6, 10, 14))
    assert program in losses(larger, tmp_path / "c.tif")[0]
    assert losses(every, tmp_path / "c.npy") == (
        f".npy cannot hold the axes and scales of {program} of the input: left out",
    )


@pytest.mark.parametrize("byteorder", ["<", ">"])
@pytest.mark.parametrize("bigtiff", [False, True])
def test_descriptive_tags_survive_in_every_layout(tmp_path, bigtiff, byteorder):
    words = {"description": "M31, 300 s", "datetime": "2024:01:02 03:04:05", "software": "NINA"}
    tifffile.imwrite(tmp_path / "a.tif", GRAY, bigtiff=bigtiff, byteorder=byteorder, metadata=None, **words)
    picture = read(tmp_path / "a.tif")
    assert picture.notes == ()
    write(picture, tmp_path / "b.tif")
    with tifffile.TiffFile(tmp_path / "b.tif") as tiff:
        tags = tiff.pages[0].tags
        assert [tags[tag].value for tag in (270, 306, 305)] == list(words.values())


@pytest.mark.parametrize(("unit", "expected"), [("NONE", (9.6, 4.8, 1)), ("CENTIMETER", (24.384, 12.192, 2))])
def test_the_resolution_is_kept_in_its_unit(tmp_path, unit, expected):
    tifffile.imwrite(tmp_path / "a.tif", GRAY, resolution=(9.6, 4.8), resolutionunit=unit, metadata=None)
    write(read(tmp_path / "a.tif"), tmp_path / "b.tif")
    assert facts(tmp_path / "b.tif")[3] == pytest.approx(expected)


@pytest.mark.parametrize("source", ["png", "jpg", "webp", "tif"])
@pytest.mark.parametrize("target", ["png", "jpg", "webp", "tif"])
def test_xmp_crosses_from_every_format_to_every_other(tmp_path, source, target):
    gray = GRAY.astype(np.uint8)
    a, b = tmp_path / f"a.{source}", tmp_path / f"b.{target}"
    if source == "tif":
        tifffile.imwrite(a, gray, metadata=None, software=False, extratags=[(700, 1, len(XMP), XMP, True)])
    elif source == "png":
        info = PngImagePlugin.PngInfo()
        info.add_itxt("XML:com.adobe.xmp", XMP.decode())
        Image.fromarray(gray).save(a, pnginfo=info)
    else:
        Image.fromarray(gray).save(a, xmp=XMP)
    picture = read(a)
    assert picture.texts == ()
    assert losses(picture, b) == ()
    write(picture, b)
    assert read(b).xmp == XMP
    if target != "tif":
        with Image.open(b) as image:
            assert image.info["xmp"] == XMP
    assert losses(picture, tmp_path / "b.npy") == (".npy cannot hold XMP of the input: left out",)


@pytest.mark.parametrize("bits", [8, 16])
def test_texts_of_png_survive(tmp_path, bits):
    texts = (("Title", "Blick über Jena"), ("Author", "Ω"), ("Comment", "long " * 500))
    write(Picture(GRAY.astype(f"uint{bits}"), texts=texts), tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as image:
        assert tuple(image.text.items()) == texts
    picture = read(tmp_path / "a.png")
    assert picture.texts == texts
    write(picture, tmp_path / "b.png")
    assert read(tmp_path / "b.png").texts == texts
    assert losses(picture, tmp_path / "a.tif") == (
        "TIFF cannot hold the comment and the texts Title, Author of the input: left out",
    )


@pytest.mark.parametrize("comment", ["hello", "Größe Ω"])
def test_the_comment_of_a_jpeg_survives(tmp_path, comment):
    Image.fromarray(GRAY.astype(np.uint8)).save(tmp_path / "a.jpg", comment=comment.encode())
    picture = read(tmp_path / "a.jpg")
    for name in ("b.jpg", "b.png"):
        assert losses(picture, tmp_path / name) == ()
        write(picture, tmp_path / name)
        assert read(tmp_path / name).texts == (("Comment", comment),)
    Image.fromarray(GRAY.astype(np.uint8)).save(tmp_path / "c.jpg", comment=b"Gr\xf6\xdfe")
    assert read(tmp_path / "c.jpg").texts == (("Comment", "Größe"),)


def test_a_curve_that_only_png_can_state_is_not_lost_in_silence(tmp_path):
    picture = Picture(GRAY, colour_chunks=((b"gAMA", struct.pack(">I", 100000)),))
    assert losses(picture, tmp_path / "a.png") == ()
    assert losses(picture, tmp_path / "a.tif") == ("TIFF cannot hold the gAMA chunk of the input: left out",)
    assert losses(replace(picture, colour_chunks=((b"sRGB", b"\0"),)), tmp_path / "a.tif") == ()


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
@pytest.mark.parametrize("suffix", ["jpg", "webp", "png"])
def test_exif_and_xmp_speak_of_the_upright_picture(tmp_path, orientation, suffix):
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif.get_ifd(0x8769).update({0xA002: 24, 0xA003: 16, 36867: "2026:11:20 12:00:00"})
    xmp = b'<r tiff:Orientation="%d" tiff:ImageWidth="24" tiff:ImageLength="16"/>' % orientation
    options = {"xmp": xmp} if suffix == "jpg" else {}
    Image.new("RGB", (24, 16)).save(tmp_path / f"a.{suffix}", exif=exif, **options)
    picture = read(tmp_path / f"a.{suffix}")
    write(picture, tmp_path / f"b.{suffix}")
    with Image.open(tmp_path / f"b.{suffix}") as image:
        block = image.getexif()
        assert (block.get_ifd(0x8769)[0xA002], block.get_ifd(0x8769)[0xA003]) == image.size
        assert block.get_ifd(0x8769)[36867] == "2026:11:20 12:00:00"
        assert block.get(0x0112, 1) == 1
    if suffix == "jpg":
        width, height = (16, 24) if orientation > 4 else (24, 16)
        told = dict(re.findall(rb'tiff:(\w+)="(\d+)"', picture.xmp))
        assert told == {b"Orientation": b"1", b"ImageWidth": b"%d" % width, b"ImageLength": b"%d" % height}


def test_a_larger_picture_says_its_own_size_in_exif(tmp_path):
    exif = Image.Exif()
    exif.get_ifd(0x8769).update({0xA002: 7, 0xA003: 5})
    block = exif.tobytes().removeprefix(b"Exif\0\0")
    write(Picture(np.zeros((10, 14), np.uint8), exif=block), tmp_path / "a.jpg")
    with Image.open(tmp_path / "a.jpg") as image:
        assert (image.getexif().get_ifd(0x8769)[0xA002], image.getexif().get_ifd(0x8769)[0xA003]) == (14, 10)


def test_the_program_says_what_a_result_cannot_hold(run, tmp_path, capsys):
    Image.fromarray(GRAY.astype(np.uint8)).save(tmp_path / "a.jpg", comment=b"hello")
    for command, words in (("blur", []), ("deblur", ["--method", "wiener", "--nsr", 0.1]), ("upsample", [])):
        psf = [] if command == "upsample" else ["--psf", "box", "--size", 3]
        output = tmp_path / f"{command}.webp"
        assert run(command, tmp_path / "a.jpg", *psf, *words, "--no-figure", "-o", output) in (0, 2)
        err = capsys.readouterr().err
        assert "WebP cannot hold the comment of the input: left out" in err or "error" in err


def test_what_is_not_carried_over_is_said(tmp_path):
    resource = b"8BIM\x04\x04\0\0\0\0\0\x04\x1c\x02\0\0"
    app13 = b"\xff\xed" + struct.pack(">H", 2 + 14 + len(resource)) + b"Photoshop 3.0\0" + resource
    Image.fromarray(GRAY.astype(np.uint8)).save(tmp_path / "a.jpg")
    data = (tmp_path / "a.jpg").read_bytes()
    (tmp_path / "a.jpg").write_bytes(data[:2] + app13 + data[2:])
    assert read(tmp_path / "a.jpg").notes == ("IPTC data were left out",)
    options = {"metadata": None, "photometric": "minisblack", "software": False}
    tifffile.imwrite(tmp_path / "a.tif", GRAY, extratags=[(33723, 7, 8, b"\x1c\x02" + bytes(6), True)], **options)
    assert read(tmp_path / "a.tif").notes == ("IPTC data were left out",)
    tifffile.imwrite(tmp_path / "b.tif", GRAY, description="Aperio Image Library", **options)
    assert read(tmp_path / "b.tif").notes == ("the file's description of its planes was left out",)


@pytest.mark.parametrize(("samples", "bits"), [(GRAY, (12,)), (np.zeros((4, 4, 3), np.uint8), (5, 6, 5))])
def test_significant_bits_of_a_png_are_said_where_they_are_fewer(tmp_path, samples, bits):
    for significant in (bits, (8 * samples.itemsize,) * len(bits)):
        write(Picture(samples, channel_axis=-1 if samples.ndim == 3 else None), tmp_path / "a.png")
        data = (tmp_path / "a.png").read_bytes()
        chunk = b"sBIT" + bytes(significant)
        chunk = struct.pack(">I", len(significant)) + chunk + struct.pack(">I", zlib.crc32(chunk))
        (tmp_path / "a.png").write_bytes(data[:33] + chunk + data[33:])
        said = f"the chunk sBIT ({', '.join(map(str, bits))} significant bits) was left out: results use all bits"
        assert read(tmp_path / "a.png").notes == ((said,) if significant == bits else ())
        (tmp_path / "a.png").unlink()
