"""Processes that are killed, disks that are full, and several writers at once: outputs are whole or as they were."""

import os
import resource
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import restore
import upsample
from deconv import main, process
from deconv.pictures import read
from tests.fuzz.corpus import build

pytestmark = pytest.mark.fuzz

COMMANDS = {
    "blur": ["blur", "uint16c.png", "--psf", "disk", "--radius", "2", "-o", "out.png"],
    "deblur": ["deblur", "uint8c.png", "--psf", "disk", "--radius", "2", "--quality", "fast", "-o", "out.png"],
    "estimate": ["estimate", "uint8.png", "-o", "out.npy"],
    "upsample": ["upsample", "uint8c.png", "-o", "out.png"],
    "contrast": ["contrast", "float64.tif", "-o", "out.png"],
}
KILLS, DISKS = 6, 4


@pytest.fixture
def folder(tmp_path, monkeypatch):
    build(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def begun(words, *, bytes_at_most=None):
    """Begin the program in a forked process, which has loaded everything already; nothing of it is printed."""
    child = os.fork()
    if child:
        return child
    try:
        os.dup2(os.open("said.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
        sys.stderr = open(2, "w", closefd=False)  # noqa: SIM115
        process.prepare(debug=False)
        if bytes_at_most is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_at_most, bytes_at_most))
        code = main.main([*words, "--force"])
    except SystemExit as end:
        code = end.code
    finally:
        os._exit(code)


def ended(child):
    """Return the exit code of a process, or minus the signal that ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def content(folder):
    files = [path for path in folder.iterdir() if path.name != "said.txt" and not path.name.startswith(".")]
    return {path.name: path.read_bytes() for path in files}


def hidden(folder):
    return [path.name for path in folder.iterdir() if path.name.startswith(".")]


def is_whole(path):
    return np.load(path).size > 0 if path.suffix == ".npy" else read(path).samples.size > 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=["term", "kill"])
@pytest.mark.parametrize("command", COMMANDS)
def test_killed(command, number, folder):
    words, rng = COMMANDS[command], np.random.default_rng(0)
    started = time.monotonic()
    assert ended(begun(words)) == 0
    lasts = time.monotonic() - started
    for _ in range(KILLS):
        former = content(folder)
        child = begun(words)
        time.sleep(lasts * rng.random() * 1.1)
        os.kill(child, number)
        code = ended(child)
        for name, data in former.items():
            assert (folder / name).read_bytes() == data or is_whole(folder / name)
        if number == signal.SIGTERM:
            assert code in (0, 143, -signal.SIGTERM)
            assert hidden(folder) == []
    assert ended(begun(words)) == 0
    assert hidden(folder) == []


@pytest.mark.parametrize("command", COMMANDS)
def test_full_disk(command, folder):
    words, rng = COMMANDS[command], np.random.default_rng(1)
    assert ended(begun(words)) == 0
    former = content(folder)
    largest = max(len(data) for name, data in former.items() if name.startswith("out"))
    for size in rng.integers(120, largest - 1, DISKS):  # the line that says it is written too
        assert ended(begun(words, bytes_at_most=int(size))) == 2
        assert content(folder) == former
        line = (folder / "said.txt").read_text(encoding="utf-8")
        assert line.count("\n") == 1
        assert line.startswith("error: out.")
        assert "cannot be written" in line


@pytest.mark.parametrize("command", COMMANDS)
def test_several_writers_of_one_output(command, folder):
    words = COMMANDS[command]
    for _ in range(3):
        children = [begun(words) for _ in range(4)]
        codes = [ended(child) for child in children]
        assert set(codes) <= {0, 2}
        assert 0 in codes
        assert hidden(folder) == []
        assert all(is_whole(path) for path in folder.glob("out*"))


def test_threads_do_not_disturb_each_other():
    rng = np.random.default_rng(0)
    pictures = [rng.random((40, 44)) for _ in range(16)]
    psf, weight = restore.psf.disk(2), rng.random((1, 1, 4, 4))
    calls = (
        lambda picture: restore.deconvolve(picture, psf).image,
        lambda picture: restore.wiener(picture, psf),
        lambda picture: restore.richardson_lucy(picture, psf, iterations=5),
        lambda picture: upsample.conv_transpose(picture[None], weight, stride=2),
    )
    for call in calls:
        with ThreadPoolExecutor(8) as pool:
            at_once = list(pool.map(call, pictures))
        for picture, result in zip(pictures, at_once, strict=True):
            assert np.array_equal(result, call(picture))
