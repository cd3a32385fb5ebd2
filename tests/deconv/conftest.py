"""What tests of the program share: how it is run, pictures to run it on, and how bad input is refused."""

import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import png
import pytest
from PIL import Image, ImageCms

import cli
import restore

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def run():
    """Run the program in this process and return its exit code; a module may bind its command."""
    return lambda *words: cli.main([str(word) for word in words])


@pytest.fixture
def refused(run, tmp_path, monkeypatch, capsys):
    """Run words in the folder of the test, which shall be refused, change nothing there, and say why in one line."""

    def refuse(*words, expected):
        monkeypatch.chdir(tmp_path)
        before = content(tmp_path)
        assert run(*words) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith("error: ")
        assert err.count("\n") == 1, err
        assert expected in err
        assert content(tmp_path) == before

    return refuse


def content(folder):
    """Return what every file below a folder holds, None for folders."""
    return {str(p.relative_to(folder)): p.read_bytes() if p.is_file() else None for p in folder.rglob("*")}


@pytest.fixture(scope="session")
def texture():
    """Return smooth random pictures from 0.1 on with edges and detail of many sizes; channels differ by a power."""

    def field_of(shape, seed=0, *, span=0.8):
        rng = np.random.default_rng(seed)
        spectrum = np.fft.rfft2(rng.standard_normal(shape[:2]))
        frequency = np.hypot(np.fft.fftfreq(shape[0])[:, None], np.fft.rfftfreq(shape[1]))
        field = np.fft.irfft2(spectrum / (frequency + 0.01) ** 1.3, s=shape[:2])
        field = 0.1 + span * (field - field.min()) / np.ptp(field)
        return field if len(shape) == 2 else np.stack([field**power for power in (1, 0.8, 1.2)], axis=-1)

    return field_of


@pytest.fixture
def photo(tmp_path, texture):
    """An 8-bit PNG in colour."""
    path = tmp_path / "photo.png"
    Image.fromarray((255 * texture((96, 120, 3))).astype(np.uint8)).save(path)
    return path


@pytest.fixture
def rgb16(tmp_path, texture):
    """A 16-bit RGB PNG with ICC profile and EXIF, written by independent means: the file, its samples, the profile."""
    path = tmp_path / "deep.png"
    samples = (65535 * texture((64, 80, 3))).astype(np.uint16)
    with path.open("wb") as file:
        png.Writer(80, 64, greyscale=False, bitdepth=16).write(file, samples.reshape(64, -1).tolist())
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    exif = Image.Exif()
    exif[271], exif[305] = "Maker", "Deconv test"
    chunks = list(png.Reader(bytes=path.read_bytes()).chunks())
    chunks[1:1] = [
        (b"iCCP", b"icc\0\0" + zlib.compress(profile)),
        (b"eXIf", exif.tobytes().removeprefix(b"Exif\0\0")),
    ]
    with path.open("wb") as file:
        png.write_chunks(file, chunks)
    return path, samples, profile


@pytest.fixture
def night(tmp_path):
    """Stars under a blur of sigma 2.2, 16 bit and linear; the first is clipped."""
    sky = np.full((90, 110), 0.02)
    sky[20, 25], sky[60, 40], sky[30, 80] = 80, 12, 9
    blurred = restore.degrade(sky, restore.psf.gaussian(2.2), noise_sigma=0.002, rng=0)
    path = tmp_path / "night.png"
    Image.fromarray((65535 * np.clip(blurred, 0, 1)).round().astype(np.uint16)).save(path)
    return path


@pytest.fixture
def wall(tmp_path, texture):
    """A defocused photograph, 8-bit sRGB in colour: a slanted edge between two even walls above some texture."""
    y, x = np.mgrid[:120, :128]
    light = 0.15 + 0.5 * np.clip(x - 50 - 0.12 * y, 0, 1)
    light[80:] = texture((40, 128), span=0.6)
    light = restore.degrade(light, restore.psf.disk(3.5), noise_sigma=0.002, rng=0)
    path = tmp_path / "wall.png"
    Image.fromarray(
        (255 * encoded(np.stack([light, 0.9 * light, 0.8 * light], axis=-1))).round().astype(np.uint8)
    ).save(path)
    return path


def encoded(light):
    """Return light as sRGB codes from 0 to 1."""
    light = np.clip(light, 0, 1)
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


@pytest.fixture(scope="session")
def loaded_by():
    """Run words of the program in a process of its own: its lines, and what of the scientific packages it loaded."""

    def load(*words):
        code = f"import sys, runpy; sys.argv = ['cli.py', *{words!r}]\n"
        code += "try:\n    runpy.run_path('cli.py', run_name='__main__')\n"
        code += "except SystemExit as end: print('exit', end.code)\n"
        code += (
            "print(*sorted(m for m in ('scipy', 'skimage', 'matplotlib', 'numpy', 'starlette') if m in sys.modules))"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
        *lines, loaded = done.stdout.splitlines()
        return lines, loaded.split()

    return load
