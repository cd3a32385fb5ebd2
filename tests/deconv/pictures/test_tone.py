"""The light of a file is that of the tone curve it states: in an ICC profile, in cICP or in gAMA."""

import struct

import numpy as np
import png
import pytest
import tifffile
from PIL import Image

from deconv.pictures import Picture, from_float, light_of, read, to_float, tone_of, write

CODES = np.arange(256, dtype=np.uint8).reshape(16, 16)


def fixed(*values):
    return b"".join(struct.pack(">i", round(v * 65536)) for v in values)


def curv(*entries):
    return b"curv\0\0\0\0" + struct.pack(f">I{len(entries)}H", len(entries), *entries)


def para(kind, *values):
    return b"para\0\0\0\0" + struct.pack(">HH", kind, 0) + fixed(*values)


def profile(name, *curves):
    """Return a matrix profile with a curve for each of red, green and blue, or one of gray."""
    text = name.encode() + b"\0"
    white = b"XYZ \0\0\0\0" + fixed(0.9642, 1, 0.8249)
    tags = {
        b"desc": b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + bytes(78),
        b"cprt": b"text\0\0\0\0x\0",
        b"wtpt": white,
    }
    if len(curves) == 1:
        tags[b"kTRC"] = curves[0]
    else:
        primaries = ((0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141))
        for channel, curve, xyz in zip((b"r", b"g", b"b"), curves, primaries, strict=True):
            tags[channel + b"XYZ"], tags[channel + b"TRC"] = b"XYZ \0\0\0\0" + fixed(*xyz), curve
    table, data = struct.pack(">I", len(tags)), b""
    start = 132 + 12 * len(tags)
    for tag, value in tags.items():
        table += struct.pack(">4sII", tag, start + len(data), len(value))
        data += value + bytes(-len(value) % 4)
    space = b"GRAY" if len(curves) == 1 else b"RGB "
    head = struct.pack(">I4sI4s4s4s12x4s", start + len(data), b"lcms", 0x02400000, b"mntr", space, b"XYZ ", b"acsp")
    return (head + bytes(28) + fixed(0.9642, 1, 0.8249)).ljust(128, b"\0") + table + data


LAW = {
    "linear": (curv(), lambda v: v),
    "linear sRGB look": (curv(int(2.2 * 256)), lambda v: v ** (int(2.2 * 256) / 256)),
    "linear table": (curv(0, 65535), lambda v: v),
    "gamma 1.8": (para(0, 1.8), lambda v: v**1.8),
    "shifted": (para(1, 2, 1.25, -0.25), lambda v: np.where(v >= 0.2, (1.25 * v - 0.25) ** 2, 0)),
    "lifted": (para(2, 2, 0.9, 0, 0.1), lambda v: (0.9 * v) ** 2 + 0.1),
    "television": (
        para(4, 1 / 0.45, 1 / 1.099, 0.099 / 1.099, 1 / 4.5, 0.081, 0, 0),
        lambda v: np.where(v >= 0.081, ((v + 0.099) / 1.099) ** (1 / 0.45), v / 4.5),
    ),
    "table": (curv(*(round(65535 * (i / 200) ** 2) for i in range(201))), lambda v: v**2),
}


@pytest.mark.parametrize("name", LAW)
@pytest.mark.parametrize("channels", [1, 3])
def test_the_curve_of_the_profile_decodes_and_its_name_means_nothing(tmp_path, name, channels):
    curve, law = LAW[name]
    icc = profile(f"{name}, not linear, sRGB", *[curve] * channels)
    samples = CODES if channels == 1 else np.stack([CODES] * 3, axis=-1)
    for picture in (
        Picture(samples, icc=icc, channel_axis=None if channels == 1 else -1),
        Picture((samples / 255).astype(np.float32), icc=icc, channel_axis=None if channels == 1 else -1, format="TIFF"),
    ):
        light = to_float(picture)
        np.testing.assert_allclose(light, law(samples / 255), atol=2e-5)
        assert light_of(picture) == ("linear" if name in ("linear", "linear table") else "profile")
        again = from_float(picture, light).samples
        unique = slice(4, None) if name == "shifted" else slice(None)  # below, many codes are dark
        np.testing.assert_allclose(again[unique].astype(float), picture.samples[unique], atol=1e-5)


@pytest.mark.parametrize("table", [False, True])
def test_the_curve_of_srgb_is_known_however_it_is_written(table):
    v = np.arange(1024) / 1023
    exact = np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)
    curve = (
        curv(*np.rint(65535 * exact).astype(int))
        if table
        else para(3, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
    )
    picture = Picture(CODES, icc=profile("camera linear", curve))
    assert light_of(picture) == "srgb"
    np.testing.assert_allclose(to_float(picture), to_float(picture, light="srgb"), atol=2e-4)


def test_each_channel_has_its_curve(tmp_path):
    samples = np.stack([CODES] * 3, axis=-1)
    icc = profile("one for each", para(0, 1.0), para(0, 1.8), para(0, 2.4))
    write(Picture(samples, icc=icc, channel_axis=-1), tmp_path / "a.png")
    picture = read(tmp_path / "a.png")
    light = to_float(picture)
    for channel, gamma in enumerate((1, 1.8, 2.4)):
        np.testing.assert_allclose(light[..., channel], (CODES / 255) ** gamma, atol=2e-5)
    np.testing.assert_array_equal(from_float(picture, light).samples, samples)
    assert tone_of(picture).describe() == "gamma 1.8 of the ICC profile one for each"
    deep = Picture(samples.astype(np.float64) / 255, icc=icc, channel_axis=-1, format="TIFF")
    np.testing.assert_allclose(from_float(deep, to_float(deep)).samples, deep.samples, atol=1e-9)


@pytest.mark.parametrize(
    "curve", [curv(0), para(0, -1), para(3, 2.4, 0, 0, 0, 0), curv(9, 5, 70), b"mft2" + bytes(20), b"para", curv(1)[:9]]
)
def test_a_profile_without_a_usable_curve_is_said(tmp_path, curve):
    tifffile.imwrite(tmp_path / "a.tif", CODES, iccprofile=profile("odd", curve), photometric="minisblack")
    picture = read(tmp_path / "a.tif")
    assert light_of(picture) == "srgb"
    assert picture.notes == ("ICC profile odd states no curve; its tone curve is taken as that of sRGB",)


def with_chunks(path, *pairs, bits=8):
    writer = png.Writer(16, 16, bitdepth=bits, greyscale=True)
    with path.open("wb") as file:
        writer.write(file, (CODES.astype(int) * (257 if bits == 16 else 1)).tolist())
    chunks = list(png.Reader(bytes=path.read_bytes()).chunks())
    with path.open("wb") as file:
        png.write_chunks(file, [chunks[0], *pairs, *chunks[1:]])
    return path


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize(
    ("chunk", "kind", "middle"),
    [
        ((b"gAMA", struct.pack(">I", 100000)), "linear", 0.5),
        ((b"gAMA", struct.pack(">I", 45455)), "srgb", 0.21404),
        ((b"gAMA", struct.pack(">I", 55556)), "profile", 0.5**1.8),
        ((b"cICP", bytes([1, 8, 0, 1])), "linear", 0.5),
        ((b"cICP", bytes([1, 13, 0, 1])), "srgb", 0.21404),
        ((b"cICP", bytes([1, 1, 0, 1])), "profile", ((0.5 + 0.099) / 1.099) ** (1 / 0.45)),
        ((b"cICP", bytes([1, 8, 0, 0])), "profile", (0.5 * 255 - 16) / 219),
        ((b"cICP", bytes([9, 16, 0, 1])), "profile", 0.00922457),  # 92.2 candela per square metre
        ((b"cICP", bytes([9, 18, 0, 1])), "profile", 1 / 12),
    ],
)
def test_a_png_states_its_curve_in_chunks_that_come_back(tmp_path, bits, chunk, kind, middle):
    picture = read(with_chunks(tmp_path / "a.png", chunk, bits=bits))
    assert light_of(picture) == kind
    grown = Picture(np.full((1, 1), 0.5), colour_chunks=picture.colour_chunks)
    np.testing.assert_allclose(to_float(grown), middle, rtol=1e-4)
    again = from_float(picture, to_float(picture))
    np.testing.assert_array_equal(again.samples, picture.samples)
    write(again, tmp_path / "b.png")
    assert read(tmp_path / "b.png").colour_chunks == (chunk,)


def test_cicp_goes_before_the_profile_and_that_before_gama(tmp_path, icc):
    gama, cicp = (b"gAMA", struct.pack(">I", 100000)), (b"cICP", bytes([1, 4, 0, 1]))
    samples = Picture(CODES, icc=icc, colour_chunks=(gama,))
    assert light_of(samples) == "srgb"
    both = Picture(CODES, icc=icc, colour_chunks=(gama, cicp))
    assert tone_of(both).describe() == "gamma 2.2 of the cICP chunk"
    assert light_of(Picture(CODES, colour_chunks=((b"sRGB", b"\0"), gama))) == "srgb"


@pytest.mark.parametrize("channels", [2, 3, 4, 5])
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_channels_that_are_no_colours_are_light(tmp_path, channels, dtype):
    stack = np.full((channels, 8, 9), np.iinfo(dtype).max // 3, dtype)
    tifffile.imwrite(tmp_path / "a.tif", stack, photometric="minisblack", metadata={"axes": "CYX"})
    assert light_of(read(tmp_path / "a.tif", frame="all")) == "linear"
    assert light_of(read(tmp_path / "a.tif", axes="CYX", frame=1)) == "linear"


def test_a_jpeg_with_a_profile_counts_its_loss_in_the_light_of_that_profile(run, tmp_path, capsys):
    icc = profile("scan", para(0, 1.8))
    Image.fromarray(np.kron(CODES, np.ones((4, 4), np.uint8))).save(tmp_path / "a.jpg", icc_profile=icc)
    words = ["--psf", "box", "--size", 3, "--method", "wiener", "--nsr", 0.1, "--no-figure"]
    assert run("deblur", tmp_path / "a.jpg", *words, "-o", tmp_path / "b.png") == 0
    assert "decoded to linear light by gamma 1.8 of the ICC profile scan" in capsys.readouterr().err
    assert run("deblur", tmp_path / "a.jpg", *words, "--linear", "-o", tmp_path / "c.png") == 0
    assert "taken as linear" in capsys.readouterr().err


def test_the_profiles_of_littlecms_are_read(icc):
    assert tone_of(Picture(CODES, icc=icc)).kind == "srgb"
