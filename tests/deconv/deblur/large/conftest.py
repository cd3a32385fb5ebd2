"""Small pictures that do not fit: a budget that counts what is restored alone, as if the program took nothing."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tifffile

import restore
from deconv.pictures.formats.ome_zarr import codec

ROOT = Path(__file__).resolve().parents[4]
#: Edge of the tiles that a file is written in, half of the usual one: a picture of 304 x 328 has nine of them.
EDGE = 128
#: What makes a small picture a large one, in this process and in others.
COUNTED_ALONE = {
    "deconv.deblur.large.budget.PROGRAM": 0,
    "deconv.deblur.large.budget.BESIDE": 0,
    "deconv.deblur.large.route.SMALL": 0,
    "deconv.pictures.tiled.tiff_sink.EDGE": EDGE,
}


@pytest.fixture
def cut(run, monkeypatch):
    """Run the deblur command where small pictures are large."""
    for name, value in COUNTED_ALONE.items():
        monkeypatch.setattr(name, value)
    for axis in "YX":
        monkeypatch.setitem(codec.CHUNK, axis, EDGE)
    monkeypatch.setattr("deconv.deblur.large.budget.resident", lambda: 0)
    return lambda *words: run("deblur", *words)


@pytest.fixture
def process():
    """Start the same in a process of its own."""
    lines = [
        "import sys",
        *(f"import {name.rpartition('.')[0]}" for name in COUNTED_ALONE),
        "from deconv.deblur.large import budget",
        "from deconv.pictures.formats.ome_zarr import codec",
        *(f"{name} = {value}" for name, value in COUNTED_ALONE.items()),
        f"codec.CHUNK.update(Y={EDGE}, X={EDGE})",
        "budget.resident = lambda: 0",
        "from deconv.main import main",
        "sys.exit(main(['deblur', *sys.argv[1:]]))",
    ]

    def start(*words):
        command = [sys.executable, "-c", "\n".join(lines), *map(str, words)]
        return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    return start


@pytest.fixture(scope="session")
def light(texture):
    """Blurred and noisy light, and the PSF."""
    psf = restore.psf.gaussian(1.2)
    return restore.degrade(texture((304, 328)), psf, noise_sigma=0.004, rng=0).astype(np.float32), psf


@pytest.fixture
def large(tmp_path, light):
    """A 16-bit TIFF in tiles, which stores light."""
    path = tmp_path / "large.tif"
    tifffile.imwrite(path, np.round(np.clip(light[0], 0, 1) * 65535).astype(np.uint16), tile=(64, 64))
    return path


@pytest.fixture
def wiener():
    """Words for tiles of 128 by the cheapest method, and the boundary that costs least."""
    words = ("--psf", "gaussian", "--sigma", "1.2", "--method", "wiener", "--nsr", "0.02", "--boundary", "reflect")
    return (*words, "--memory", "2M")
