"""The PSF by its family: what the user gives is kept, the rest is estimated."""

import json
from pathlib import Path

import pytest

CLOCK = Path(__file__).resolve().parents[3] / "samples" / "clock.png"


def test_known_parameters_are_kept_and_the_rest_is_estimated(run, capsys, tmp_path):
    words = ["--psf", "motion", "--angle", 2, "--json", "--no-figure", "-o", tmp_path / "out.png"]
    assert run("deblur", CLOCK, *words) == 0
    psf = json.loads(capsys.readouterr().out)["psf"]
    assert psf["angle"] == 2
    assert psf["length"] == pytest.approx(36, abs=1)
    assert psf["estimated"] == ["length"]


def test_auto_finds_the_family_too(run, capsys, tmp_path):
    assert run("deblur", CLOCK, "--psf", "auto", "--json", "--no-figure", "-o", tmp_path / "out.png") == 0
    psf = json.loads(capsys.readouterr().out)["psf"]
    assert psf["family"] == "motion"
    assert psf["estimated"] == ["length", "angle"]
    assert psf["confidence"] == "confident"
