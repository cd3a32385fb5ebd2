"""Whatever the libraries, the decoders and the system refuse: one line, exit code 2, nothing changed."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from deconv import console

ROOT = Path(__file__).resolve().parents[2]
GAUSSIAN = ["--psf", "gaussian", "--sigma", "1"]


def header(description):
    """Return a .npy file of that description and a few bytes of data."""
    text = description.encode().ljust(117) + b"\n"
    return b"\x93NUMPY\1\0" + len(text).to_bytes(2, "little") + text + bytes(64)


def loop():
    """Return a TIFF file whose only page is followed by itself."""
    file = io.BytesIO()
    tifffile.imwrite(file, np.ones((3, 3), np.uint8))
    file.seek(0)
    with tifffile.TiffFile(file) as tiff:
        end = tiff.pages.first.offset + 2 + 12 * len(tiff.pages.first.tags)
        start = tiff.pages.first.offset
    return file.getvalue()[:end] + start.to_bytes(4, "little") + file.getvalue()[end + 4 :]


@pytest.fixture
def files(tmp_path):
    """A folder of small pictures and arrays: an ordinary one, and what nobody should have to expect."""
    rng = np.random.default_rng(0)
    g = rng.random((24, 20))
    Image.fromarray((200 * g).astype(np.uint8)).save(tmp_path / "g.png")
    Image.fromarray(np.full((5, 5), 90, np.uint8)).save(tmp_path / "flat.png")
    arrays = {
        "f": g.astype(np.float32),
        "negative": g.astype(np.float32) - 1,
        "large": np.where(g > 0.5, 1e300, -1e300),
        "psf3": np.ones((3, 3, 3)) / 27,
        "psf1": np.ones(3),
        "complex": np.ones((3, 3), complex),
        "half": np.full((4, 4), 60000, np.float16),
        "nines": np.full((3, 3), 9, np.float32),
    }
    for name, array in arrays.items():
        np.save(tmp_path / f"{name}.npy", array)
    tifffile.imwrite(tmp_path / "half.tif", np.where(g > 0.5, 65504, 0).astype(np.float16))
    (tmp_path / "loop.tif").write_bytes(loop())
    headers = {
        "token": "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 3",
        "overflow": "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 9999999999999999999), }",
        "memmap": "{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296, 4294967296), }",
        "text": "{'descr': '<f8', 'fortran_order': False, 'shape': ('3', 3), }",
        "pickle": "{'descr': '|O', 'fortran_order': False, 'shape': (3, 3), }",
    }
    for name, description in headers.items():
        (tmp_path / f"{name}.npy").write_bytes(header(description))
    os.mkfifo(tmp_path / "fifo.npy")
    return tmp_path


LONG = "a" * 300 + ".png"
REFUSED = {
    "psf larger than the picture": ("blur g.png --psf motion --length 500 --angle 3", "larger than the picture"),
    "psf larger than anything": ("blur g.png --psf gaussian --sigma 1e30", "sigma"),
    "psf beyond numbers": ("deblur g.png --psf moffat --fwhm 1e308 --beta 20", "fwhm"),
    "psf beyond memory": ("blur g.png --psf disk --radius 1e6", "radius"),
    "psf of three axes": ("blur g.png --psf psf3.npy", "the PSF has 3 axes, the picture 2"),
    "psf of one axis": ("blur g.png --psf psf1.npy", "psf1.npy"),
    "psf that is complex": ("blur g.png --psf complex.npy", "complex.npy"),
    "psf without a peak": ("deblur g.png --psf flat.png", "must rise above"),
    "psf with too many samples": ("blur g.png --psf memmap.npy", "memmap.npy"),
    "psf of a wrong header": ("blur g.png --psf token.npy", "token.npy"),
    "psf of an overflowing header": ("blur g.png --psf overflow.npy", "overflow.npy"),
    "psf of a header of words": ("blur g.png --psf text.npy", "text.npy"),
    "psf of objects": ("blur g.png --psf pickle.npy", "pickle.npy"),
    "psf from a pipe": ("blur g.png --psf fifo.npy", "fifo.npy: is not a regular file"),
    "mask from a pipe": ("deblur g.png --psf gaussian --sigma 1 --mask fifo.npy", "is not a regular file"),
    "reference from a pipe": ("deblur g.png --psf gaussian --sigma 1 --reference fifo.npy", "is not a regular file"),
    "kernel from a pipe": ("upsample f.npy --kernel fifo.npy", "fifo.npy"),
    "map from a pipe": ("upsample fifo.npy", "is not a regular file"),
    "word of the boundary": ("blur g.png --psf gaussian --sigma 1 --boundary foo", "--boundary must be one of"),
    "photons of negative light": (
        "blur negative.npy --psf gaussian --sigma 1 --photons 9",
        ">= 0 where photons",
    ),
    "more photons than are counted": ("blur g.png --psf gaussian --sigma 1 --photons 1e30", "--photons"),
    "noise beyond numbers": ("blur f.npy --psf gaussian --sigma 1 --noise 1e300", "range of float32"),
    "noise as ratio beyond numbers": ("blur f.npy --psf gaussian --sigma 1 --bsnr -1e5", "--bsnr"),
    "light of an encoding beyond numbers": ("blur large.npy --srgb --psf gaussian --sigma 1", "--srgb"),
    "result beyond a half": ("blur half.tif --psf gaussian --sigma 1 --noise 9000", "range of float16"),
    "enlargement beyond numbers": ("upsample half.npy --kernel nines.npy", "range of float16"),
    "pages without end": ("estimate loop.tif", "lead back to each other"),
    "enlargement beyond a half": ("upsample half.tif --kernel nines.npy", "range of float16"),
    "noise beyond laws": ("contrast f.npy --noise 1e300 --psf gaussian --sigma 1", "light or noise of 1.0e+300"),
    "name of an output": (f"blur g.png --psf gaussian --sigma 1 -o {LONG}", "file name too long"),
    "name of a figure": (f"blur g.png --psf gaussian --sigma 1 -o o.png --figure {LONG}", "file name too long"),
    "name of an input": (f"estimate {LONG}", "file name too long"),
    "name of a psf": (f"blur g.png --psf {LONG}", "file name too long"),
    "name of a kernel": (f"upsample f.npy --kernel {LONG}", "file name too long"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refusals_are_one_line(case, files, refused):
    words, expected = REFUSED[case]
    figure = [] if "--figure" in words or words.startswith("estimate") else ["--no-figure"]
    refused(*words.split(), *figure, expected=expected)


@pytest.mark.parametrize("command", ["blur", "estimate"])
def test_a_refusal_does_not_end_a_batch(command, files, run, capsys):
    psf = ["-o", f"{files}/out/", "--no-figure", "--psf", "disk", "--radius", "3"] if command == "blur" else []
    inputs = [files / name for name in ("negative.npy", "fifo.npy", "flat.png", "g.png")]
    assert run(command, *inputs, *psf, *(["--photons", "9"] if psf else []), "--json") == 2
    out, err = capsys.readouterr()
    if command == "blur":
        done = [record["input"] for record in map(json.loads, out.splitlines()) if "error" not in record]
        assert done == [str(files / "g.png")]
    assert "fifo.npy: is not a regular file" in err
    assert "pictures failed" in err.splitlines()[-1]


def test_a_fault_does_not_end_a_batch_and_is_called_one(files, run, monkeypatch, capsys):
    import deconv.estimate.run

    looked = []

    def look(request, light):
        looked.append(light)
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr(deconv.estimate.run, "estimate", look)
    assert run("estimate", files / "f.npy", files / "g.png") == 1
    assert len(looked) == 2
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == f"{files / 'f.npy'}: internal error: ZeroDivisionError: division by zero (--debug shows where)"
    assert lines[-1] == "2 of 2 pictures failed"


def process(folder, command):
    """Run a line of the shell in which `deconv` is the program: exit code and what both streams hold."""
    script = f'deconv() {{ "{sys.executable}" "{ROOT / "cli.py"}" "$@"; }}\n{command}'
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, cwd=folder, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no device that is full")
def test_streams_that_are_full_or_closed(files):
    blur = "deconv blur g.png --psf box --size 3 --no-figure --force -o o.png --json"
    code, _, err = process(files, f"{blur} --quiet > /dev/full")
    assert (code, err) == (
        2,
        "error: stdout: no space left on device (what was to be printed is lost; send it elsewhere)\n",
    )
    code, out, _ = process(files, f"{blur} 2>&-")
    assert (code, out.count("\n"), json.loads(out)["output"]) == (0, 1, "o.png")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no device that is full")
def test_what_is_for_people_may_be_lost(monkeypatch):
    with open("/dev/full", "w", encoding="utf-8") as full:
        monkeypatch.setattr(sys, "stderr", full)
        console.tell("lost")
        console.tell("lost")


def test_a_line_stays_one(capsys):
    console.tell("error: a\nb\x1b[2J\udcff.png: größe")
    assert capsys.readouterr().err == "error: a\\nb\\x1b[2J\\udcff.png: größe\n"


def test_the_reader_of_a_help_may_leave(files):
    assert process(files, 'deconv --help | head -1; echo "${PIPESTATUS[0]}"')[1:] == (
        "usage: cli.py [-h] [--version] COMMAND ...\n0\n",
        "",
    )


def test_warnings_of_the_libraries_are_for_programmers(files):
    code = "import warnings, sys; from deconv import main, process\n"
    code += "main._run = lambda *_: warnings.warn('raw', RuntimeWarning) or 0\n"
    code += "sys.argv = ['deconv', *sys.argv[1:]]; sys.exit(main.main())"
    for words, shown in (([], False), (["--debug"], True)):
        done = subprocess.run(
            [sys.executable, "-c", code, *words], capture_output=True, text=True, cwd=ROOT, check=True
        )
        assert ("RuntimeWarning: raw" in done.stderr) is shown


def test_numbers_near_the_end_of_their_range_are_enlarged_and_drawn(files, run):
    for name, array in {
        "large": np.where(np.eye(5) > 0, 1.7e308, -1.7e308),
        "small": np.full((5, 5), 1e-320),
        "complex": np.full((5, 5), 3e38 + 3e38j, np.complex64),
    }.items():
        np.save(files / f"{name}.npy", array)
        words = [] if name == "large" else ["--no-figure"]
        assert (
            run("upsample", files / f"{name}.npy", "-o", files / f"{name}.up.npy", "--kernel", "nearest", *words) == 0
        )
        assert np.array_equal(np.load(files / f"{name}.up.npy"), np.kron(array, np.ones((2, 2), array.dtype)))
