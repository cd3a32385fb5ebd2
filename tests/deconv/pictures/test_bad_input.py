"""Every bad file gives one `PictureError` whose text names file, fault and remedy, and no warning."""

import io
import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import png
import pytest
import tifffile
from PIL import Image

from deconv.pictures import Picture, PictureError, read, write

ROOT = Path(__file__).resolve().parents[3]


def chunk(name, data):
    return struct.pack(">L", len(data)) + name + data + struct.pack(">L", zlib.crc32(name + data))


def png_declaring(width, height, bits=8):
    header = struct.pack(">LLBBBBB", width, height, bits, 0, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(b"\0" * 64))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + pixels + chunk(b"IEND", b"")


def tiff_declaring(width, height):
    entries = [
        (256, width),
        (257, height),
        (258, 8),
        (259, 1),
        (262, 1),
        (273, 8),
        (277, 1),
        (278, height),
        (279, 64),
    ]
    packed = b"".join(struct.pack("<HHLL", tag, 4, 1, value) for tag, value in entries)
    return b"II*\0" + struct.pack("<LH", 8, len(entries)) + packed + bytes(64)


def npy_declaring(shape, dtype="<f8"):
    text = repr({"descr": dtype, "fortran_order": False, "shape": shape}).encode()
    text += b" " * (117 - len(text)) + b"\n"
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(text)) + text + bytes(64)


def valid(name, **options):
    buffer = io.BytesIO()
    rows, columns = np.mgrid[:40, :50]
    Image.fromarray((rows * columns % 251).astype(np.uint8)).save(buffer, format=name, **options)
    return buffer.getvalue()


def zipped():
    buffer = io.BytesIO()
    np.savez(buffer, a=np.zeros(3))
    return buffer.getvalue()


BAD = {
    "empty": (b"", r"is empty \(0 bytes\) \(copy or export"),
    "text": (b"This is no picture, only a text renamed .png", "is not a picture of a supported kind"),
    "short": (b"\x89PNG\r\n\x1a\n", "is truncated"),
    "gif": (valid("GIF"), r"is a GIF \(convert it"),
    "zip": (zipped(), "is a zip archive"),
    "pickle": (b"\x80\x04\x95" + bytes(50), "is a pickle"),
    "truncated png": (valid("PNG")[:-60], "is damaged: it is truncated, with fewer rows"),
    "truncated jpeg": (valid("JPEG")[:-60], "is damaged or not supported"),
    "truncated tiff": (valid("TIFF")[:-60], "truncated|damaged"),
    "truncated webp": (valid("WEBP")[:-60], "is damaged or not supported"),
    "bomb png": (png_declaring(30_000, 30_000), "more pixels than the limit|declares 900000000 pixels"),
    "bomb png 16": (png_declaring(30_000, 30_000, 16), "declares 900000000 pixels, more than the limit"),
    "bomb tiff": (tiff_declaring(2**31, 2**31), r"declares \d+ pixels, more than the limit of 200000000"),
    "bomb npy": (npy_declaring((10**6, 10**6)), "is damaged or not supported"),
    "huge npy": (npy_declaring((2**40, 2**40)), "is damaged or not supported"),
    "wide text chunk": (
        valid("PNG")[:33] + chunk(b"iCCP", b"x\0\0" + zlib.compress(bytes(200_000_000), 1)) + valid("PNG")[33:],
        "is damaged or not supported",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_one_error_with_file_fault_and_remedy(tmp_path, name):
    data, message = BAD[name]
    path = tmp_path / "größe Ω.png"
    path.write_bytes(data)
    with pytest.raises(PictureError, match=message) as caught:
        read(path)
    text = str(caught.value)
    assert text.startswith(f"{path}: ")
    assert text.endswith(")")
    assert "\n" not in text
    assert len(text) < 300 + len(str(path))


@pytest.mark.parametrize("name", ["PNG", "JPEG", "TIFF", "WEBP"])
def test_the_limit_on_pixels_holds_for_every_reader(tmp_path, name):
    (tmp_path / "a").write_bytes(valid(name))
    assert read(tmp_path / "a", max_pixels=2000).samples.shape[:2] == (40, 50)
    with pytest.raises(PictureError, match=r"limit of 1999 \(raise max_pixels, or crop the picture"):
        read(tmp_path / "a", max_pixels=1999)


def test_the_limit_counts_the_planes_that_are_read(tmp_path):
    array = np.zeros((6, 4, 5), np.uint16)
    tifffile.imwrite(tmp_path / "a.tif", array, photometric="minisblack")
    np.save(tmp_path / "a.npy", array)
    for name, axes in (("a.tif", None), ("a.npy", "ZYX")):
        assert read(tmp_path / name, frame=3, axes=axes, max_pixels=20).samples.shape == (4, 5)
        with pytest.raises(PictureError, match="declares 120 pixels"):
            read(tmp_path / name, frame="all", axes=axes, max_pixels=119)


def test_pillows_own_limit_comes_back(tmp_path):
    before = Image.MAX_IMAGE_PIXELS
    (tmp_path / "a").write_bytes(valid("PNG"))
    with pytest.raises(PictureError):
        read(tmp_path / "a", max_pixels=5)
    assert before == Image.MAX_IMAGE_PIXELS


def test_a_missing_file(tmp_path):
    with pytest.raises(PictureError, match=r"nowhere.png: does not exist \(check the name\)"):
        read(tmp_path / "nowhere.png")


def test_a_folder(tmp_path):
    with pytest.raises(PictureError, match="is a folder"):
        read(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_does_not_hang(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(PictureError, match="is not a regular file"):
        read(tmp_path / "pipe")


def test_an_unreadable_file(tmp_path, monkeypatch):
    (tmp_path / "a.png").write_bytes(valid("PNG"))

    def refuse(*arguments, **options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)  # permission bits do not stop root
    with pytest.raises(PictureError, match=r"cannot be read \(check its permissions\)"):
        read(tmp_path / "a.png")


def test_axes_are_only_for_arrays(tmp_path):
    (tmp_path / "a.png").write_bytes(valid("PNG"))
    with pytest.raises(PictureError, match=r"leave axes out; it is for .npy and FITS and OME-Zarr and TIFF"):
        read(tmp_path / "a.png", axes="YX")


def test_the_extension_does_not_matter(tmp_path):
    (tmp_path / "a.jpg").write_bytes(valid("PNG"))
    assert read(tmp_path / "a.jpg").format == "PNG"


def test_a_directory_that_points_to_itself(tmp_path):
    data = bytearray(valid("TIFF"))
    start = struct.unpack("<L", data[4:8])[0]
    count = struct.unpack("<H", data[start : start + 2])[0]
    end = start + 2 + 12 * count
    data[end : end + 4] = struct.pack("<L", start)
    (tmp_path / "a.tif").write_bytes(data)
    with pytest.raises(PictureError, match="its pages lead back to each other"):  # some had no end
        read(tmp_path / "a.tif")


def test_a_damaged_sixteen_bit_png(tmp_path, rng):
    write(Picture(rng.integers(0, 65536, (40, 50, 3), dtype=np.uint16), channel_axis=-1), tmp_path / "a.png")
    data = (tmp_path / "a.png").read_bytes()
    for cut in (len(data) // 2, len(data) - 20):
        (tmp_path / "b.png").write_bytes(data[:cut])
        with pytest.raises(PictureError, match="is damaged"):
            read(tmp_path / "b.png")


@pytest.mark.skipif(sys.platform != "linux", reason="the limit on memory works on Linux")
def test_bombs_need_no_memory(tmp_path):
    for name, (data, _) in BAD.items():
        (tmp_path / f"{name}.bad").write_bytes(data)
    script = """
import resource, sys
from pathlib import Path
from deconv.pictures import PictureError, read
limit = 3 * 2**30
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
for path in sorted(Path(sys.argv[1]).iterdir()):
    try:
        read(path)
    except PictureError as error:
        assert "memory" not in error.what, error
    else:
        raise SystemExit(f"{path} was read")
print("done")
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("done\n", "")


def test_importing_is_light():
    script = "import sys, deconv.pictures; print(sorted({name.split('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    for heavy in ("scipy", "skimage", "matplotlib", "tifffile", "imagecodecs"):
        assert f"'{heavy}'" not in done.stdout


@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize("bits", [1, 8, 16])
def test_a_png_with_fewer_rows_than_it_declares_is_truncated(tmp_path, rng, bits, interlaced):
    rows = rng.integers(0, 2**bits, (9, 11)).tolist()
    writer = png.Writer(11, 9, bitdepth=bits, greyscale=True, interlace=interlaced)
    with (tmp_path / "a.png").open("wb") as file:
        writer.write(file, rows)
    assert read(tmp_path / "a.png").samples.shape == (9, 11)
    (header, first), *others = png.Reader(bytes=(tmp_path / "a.png").read_bytes()).chunks()
    for height in (10, 32767):
        with (tmp_path / "b.png").open("wb") as file:
            png.write_chunks(file, [(header, first[:4] + struct.pack(">I", height) + first[8:]), *others])
        with pytest.raises(PictureError, match="it is truncated, with fewer rows than it declares"):
            read(tmp_path / "b.png")


def test_a_frame_of_an_animated_png_with_fewer_rows_is_truncated(tmp_path, rng):
    frames = [Image.fromarray(rng.integers(0, 255, (9, 11), dtype=np.uint8)) for _ in range(3)]
    frames[0].save(tmp_path / "a.png", save_all=True, append_images=frames[1:])
    assert read(tmp_path / "a.png", frame="all").planes == 3
    chunks = list(png.Reader(bytes=(tmp_path / "a.png").read_bytes()).chunks())
    last = max(i for i, (name, _) in enumerate(chunks) if name == b"fdAT")
    content = chunks[last][1]
    chunks[last] = (b"fdAT", content[:4] + zlib.compress(zlib.decompress(content[4:])[:-12]))
    with (tmp_path / "b.png").open("wb") as file:
        png.write_chunks(file, chunks)
    with pytest.raises(PictureError, match="it is truncated, with fewer rows"):
        read(tmp_path / "b.png", frame="all")
