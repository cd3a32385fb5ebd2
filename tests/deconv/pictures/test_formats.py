"""A format is one record: what can be read and written, and every list of it, follows from `FORMATS`."""

import numpy as np
import pytest

from deconv.options import PICTURES
from deconv.pictures import Picture, PictureError, check_format, light_of, read, write
from deconv.pictures.content import Content
from deconv.pictures.formats import FORMATS, Format, labels, of_head, suffixes
from deconv.pictures.planes import take_plane


def read_pgm(request):
    header, size, top, data = request.path.read_bytes().split(b"\n", 3)
    assert (header, top) == (b"P5", b"255")
    columns, rows = map(int, size.split())
    request.check_pixels(rows * columns)
    array, planes = take_plane(request, np.frombuffer(data, np.uint8).reshape(rows, columns), "YX")
    return Content(format="PGM", array=array, planes=planes, notes=("a toy was read",))


def write_pgm(file, picture):
    file.write(b"P5\n%d %d\n255\n" % (picture.width, picture.height) + picture.samples.tobytes())


PGM = Format(
    name="PGM",
    label="portable graymap",
    suffixes=(".pgm", ".pnm"),
    signature=rb"P5\s",
    read=read_pgm,
    write=write_pgm,
    dtypes=("uint8",),
    colours=(),
    longest_side=99,
    alpha=False,
    stores_light=lambda picture: True,
    shortest=12,
)


@pytest.fixture
def pgm(monkeypatch):
    monkeypatch.setitem(FORMATS, "PGM", PGM)


@pytest.fixture
def gray(rng):
    return Picture(rng.integers(0, 256, (5, 7), dtype=np.uint8))


def test_a_new_format_is_written_and_read(pgm, tmp_path, gray):
    assert check_format(gray, tmp_path / "a.pnm") == "PGM"
    write(gray, tmp_path / "a.PGM")
    picture = read(tmp_path / "a.PGM")
    np.testing.assert_array_equal(picture.samples, gray.samples)
    assert (picture.format, picture.notes) == ("PGM", ("a toy was read",))
    assert light_of(picture) == "linear"
    write(picture, tmp_path / "without_suffix")
    assert read(tmp_path / "without_suffix").format == "PGM"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"samples": np.zeros((4, 5), np.uint16)}, r"PGM cannot hold uint16 samples, only uint8 \(write PNG or TIFF"),
        ({"samples": np.zeros((4, 5, 3), np.uint8), "channel_axis": -1}, r"PGM cannot hold 3 colour channels \(write"),
        ({"samples": np.zeros((4, 5), np.uint8), "alpha": np.zeros((4, 5), np.uint8)}, "PGM cannot hold transparency"),
        ({"samples": np.zeros((2, 4, 5), np.uint8), "planes": 2}, "PGM cannot hold 2 planes"),
        ({"samples": np.zeros((4, 100), np.uint8)}, "PGM cannot hold more than 99 pixels a side"),
    ],
)
def test_what_a_new_format_cannot_hold_is_refused(pgm, tmp_path, fields, message):
    with pytest.raises(PictureError, match=message):
        write(Picture(**fields), tmp_path / "a.pgm")


def test_the_same_refusals_meet_a_new_format(pgm, tmp_path, gray):
    write(gray, tmp_path / "a.pgm")
    with pytest.raises(
        PictureError,
        match=r"is a PGM, whose axes are known \(leave axes out; it is for .npy and FITS and OME-Zarr and TIFF",
    ):
        read(tmp_path / "a.pgm", axes="YX")
    with pytest.raises(PictureError, match="declares 35 pixels, more than the limit of 34"):
        read(tmp_path / "a.pgm", max_pixels=34)
    (tmp_path / "b.pgm").write_bytes(b"P5\n1 1\n255")
    with pytest.raises(PictureError, match="is truncated"):
        read(tmp_path / "b.pgm")


def test_a_new_format_is_named_where_formats_are_listed(pgm, tmp_path, gray):
    (tmp_path / "a").write_text("This is no picture, only a text without any meaning")
    with pytest.raises(
        PictureError, match=r"convert it to PNG, TIFF, JPEG, WebP, .npy, FITS, OME-Zarr or portable graymap first"
    ):
        read(tmp_path / "a")
    with pytest.raises(
        PictureError,
        match=r"use one of .png, .tif, .tiff, .jpg, .jpeg, .webp, .npy, .fits, .fit, .fts, .zarr, .pgm, .pnm",
    ):
        write(gray, tmp_path / "a.gif")


def test_without_its_record_the_format_is_unknown(tmp_path, gray):
    with pytest.raises(PictureError, match="names no format that can be written"):
        write(gray, tmp_path / "a.pgm")


def test_the_program_names_the_formats_that_there_are():
    assert labels() == PICTURES


def test_the_records_agree_with_each_other():
    assert all(name == record.name for name, record in FORMATS.items())
    assert len(suffixes()) == sum(len(record.suffixes) for record in FORMATS.values())
    assert all(suffix == suffix.lower() and suffix.startswith(".") for suffix in suffixes())


@pytest.mark.parametrize("record", FORMATS.values(), ids=FORMATS)
def test_a_format_holds_what_its_record_says(record, tmp_path, rng):
    """Every type of samples, gray and colour, one plane or several."""
    if record.write_folder:
        pytest.importorskip("zarr")
    dtypes = record.dtypes or ("bool", "uint8", "int16", "float32", "uint64")
    shapes = {(6, 7): None, (6, 7, 3): -1, **({(2, 6, 7): None, (2, 6, 7, 3): -1} if record.planes else {})}
    for dtype in dtypes:
        for shape, channel_axis in shapes.items():
            planes = 2 if shape[0] == 2 else 0
            samples = (rng.random(shape) * 100).astype(dtype)
            picture = Picture(samples, planes=planes, channel_axis=channel_axis, format=record.name)
            write(picture, tmp_path / "a")
            if (tmp_path / "a").is_file():
                head = (tmp_path / "a").read_bytes()
                assert of_head(head[:64]) is record
                assert len(head) >= record.shortest
            axes = "ZYXC"[0 if planes else 1 : None if channel_axis else 3] if record.name == "NPY" else None
            back = read(tmp_path / "a", frame="all", axes=axes)
            assert (back.format, back.dtype, back.planes) == (record.name, samples.dtype, planes)
            if record.lossless:
                stored = back.samples[..., 0] if back.channels > picture.channels else back.samples  # WebP has no gray
                np.testing.assert_array_equal(stored, samples)
