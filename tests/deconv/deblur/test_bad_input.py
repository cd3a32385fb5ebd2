"""Bad input of the deblur command: exit code 2, one line, nothing changed."""

import struct
import zlib

import numpy as np
import pytest
from PIL import Image

GAUSSIAN = ["--psf", "gaussian", "--sigma", "1.5"]


def png_header(width, height):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"0" * 99)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def make_bad(folder, photo, texture):
    nan = texture((32, 32))
    nan[3, 4] = np.nan
    np.save(folder / "nan.npy", nan)
    np.save(folder / "colour.npy", texture((32, 32, 3)))
    np.save(folder / "complex.npy", texture((32, 32)) * 1j)
    (folder / "empty.png").write_bytes(b"")
    (folder / "text.png").write_text("not a picture\n")
    (folder / "cut.png").write_bytes(photo.read_bytes()[:2000])
    (folder / "bomb.png").write_bytes(png_header(30_000, 30_000))
    np.save(folder / "huge_psf.npy", np.ones((300, 300)))
    np.save(folder / "zero_psf.npy", np.zeros((5, 5)))
    np.save(folder / "nan_psf.npy", np.full((5, 5), np.nan))
    (folder / "photo.restored.png").write_bytes(b"precious")


BAD = {
    "NaN": (["nan.npy", *GAUSSIAN], "NaN"),
    "unnamed axes": (["colour.npy", *GAUSSIAN], "--axes"),
    "complex": (["complex.npy", *GAUSSIAN], "complex"),
    "empty file": (["empty.png", *GAUSSIAN], "empty"),
    "text as png": (["text.png", *GAUSSIAN], "not a picture"),
    "truncated": (["cut.png", *GAUSSIAN], "truncated"),
    "900 megapixels": (["bomb.png", *GAUSSIAN], "--max-pixels"),
    "missing file": (["nothing.png", *GAUSSIAN], "does not exist"),
    "folder": (["folder", *GAUSSIAN], "folder"),
    "psf too large": (["photo.png", "--psf", "huge_psf.npy", "-o", "x.png"], "larger than the picture"),
    "psf sums to zero": (["photo.png", "--psf", "zero_psf.npy", "-o", "x.png"], "sum"),
    "psf with NaN": (["photo.png", "--psf", "nan_psf.npy", "-o", "x.png"], "NaN"),
    "no such family": (["photo.png", "--psf", "gausian", "-o", "x.png"], "gaussian"),
    "foreign parameter": (["photo.png", "--psf", "gaussian", "--radius", "2", "-o", "x.png"], "--radius"),
    "missing parameter": (["photo.png", "--psf", "box", "-o", "x.png"], "--size"),
    "negative sigma": (["photo.png", "--psf", "gaussian", "--sigma", "-1"], "> 0"),
    "sigma no number": (["photo.png", "--psf", "gaussian", "--sigma", "two"], "number"),
    "existing output": (["photo.png", *GAUSSIAN], "--force"),
    "output is input": (["photo.png", *GAUSSIAN, "-o", "photo.png", "--force"], "input"),
    "missing folder": (["photo.png", *GAUSSIAN, "-o", "none/x.png"], "no folder"),
    "read-only folder": (["photo.png", *GAUSSIAN, "-o", "locked/x.png"], "read-only"),
    "figure over output": (["photo.png", *GAUSSIAN, "-o", "x.png", "--figure", "x.png"], "twice"),
    "16 bit to jpeg": (["deep.png", *GAUSSIAN, "-o", "x.jpg"], "PNG or TIFF"),
    "unknown suffix": (["photo.png", *GAUSSIAN, "-o", "x.xyz"], "format"),
    "unknown boundary": (["photo.png", *GAUSSIAN, "--boundary", "wrap", "-o", "x.png"], "periodic"),
    "unknown rule": (["photo.png", *GAUSSIAN, "--method", "cls", "--rule", "best", "-o", "x.png"], "upre"),
    "foreign strength": (["photo.png", *GAUSSIAN, "--method", "cls", "--nsr", "1", "-o", "x.png"], "nsr"),
    "other reference": (["photo.png", *GAUSSIAN, "--reference", "deep.png", "-o", "x.png"], "same size"),
    "two lights": (["photo.png", *GAUSSIAN, "--srgb", "--linear"], "not allowed"),
    "no input": ([*GAUSSIAN], "PICTURE"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_line_and_changes_nothing(case, photo, rgb16, texture, tmp_path, refused):
    words, expected = BAD[case]
    make_bad(tmp_path, photo, texture)
    (tmp_path / "folder").mkdir()
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o555)
    refused("deblur", *words, expected=expected)


def test_a_sharp_picture_is_not_deblurred_by_an_estimate(run, tmp_path, capsys):
    path = tmp_path / "noise.png"
    noise = np.random.default_rng(0).integers(0, 256, (128, 128))
    Image.fromarray(noise.astype(np.uint8)).save(path)
    assert run("deblur", path, "--psf", "gaussian") == 2
    assert "--sigma" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == [path]
