"""The samples: what their README says of them holds."""

import json
import re
import shlex
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

import cli

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ROOT / "samples"


def test_every_sample_has_source_and_licence():
    table = (SAMPLES / "README.md").read_text()
    listed = set(re.findall(r"^\| `([^`]+)`", table, re.MULTILINE))
    assert listed == {path.name for path in SAMPLES.iterdir()} - {"README.md"}


def test_photo_is_what_its_command_makes(tmp_path):
    words = sample_command("blur")
    made = tmp_path / "photo.png"
    words[words.index("samples/photo.png")] = str(made)
    assert cli.main([str(ROOT / w) if w.startswith("samples/") else w for w in words]) == 0
    np.testing.assert_array_equal(np.asarray(Image.open(made)), np.asarray(Image.open(SAMPLES / "photo.png")))


def test_photo_is_restored_without_a_sigma(tmp_path, capsys):
    words = [str(ROOT / w) if w.startswith("samples/") else w for w in sample_command("deblur", "photo.png")]
    words[words.index("photo.restored.png")] = str(tmp_path / "restored.png")
    assert cli.main([*words, "--json", "--no-figure"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["psf"]["sigma"] == pytest.approx(1.8, rel=0.1)
    assert found["isnr"] > 2


def test_the_clock_shows_its_hands_again(tmp_path):
    """Motion along the rows wiped out what changes along them: hands and rim. Noise is averaged out of the measure."""
    words = [str(ROOT / w) if w.startswith("samples/") else w for w in sample_command("deblur", "clock.png")]
    words[words.index("clock.restored.png")] = str(tmp_path / "restored.png")
    assert cli.main([*words, "--no-figure"]) == 0
    changes = []
    for path in (SAMPLES / "clock.png", tmp_path / "restored.png"):
        smooth = ndimage.uniform_filter(np.asarray(Image.open(path), float), 3)
        dial, wall = smooth[100:190, 160:255], smooth[10:60, 20:380]
        changes.append(np.abs(np.diff(dial, axis=1)).mean() - np.abs(np.diff(wall, axis=1)).mean())
    assert changes[1] > 2.5 * changes[0]


def sample_command(name, source=""):
    """Return the words of a command of the samples' README."""
    lines = [line.strip() for line in (SAMPLES / "README.md").read_text().splitlines()]
    lines = [line for line in lines if line.startswith(f"python cli.py {name}") and source in line]
    return shlex.split(lines[0])[2:]
