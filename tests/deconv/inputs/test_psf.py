"""The PSF by its family: what the user gives is kept, the rest is estimated.

A quick method restores, which has no say in the PSF.
"""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

import restore
from deconv.inputs.linear_light import read_light
from deconv.inputs.psf import WEAKLY, estimate, estimated_kernel
from deconv.pictures import linear_to_srgb, srgb_to_linear
from deconv.settings import PSFChoice, Reading, Reporting

CLOCK = Path(__file__).resolve().parents[3] / "samples" / "clock.png"
QUICK = ("--method", "wiener", "--no-figure")


def test_known_parameters_are_kept_and_the_rest_is_estimated(run, capsys, tmp_path):
    words = ["--psf", "motion", "--angle", 2, *QUICK, "--json", "-o", tmp_path / "out.png"]
    assert run("deblur", CLOCK, *words) == 0
    psf = json.loads(capsys.readouterr().out)["psf"]
    assert psf["angle"] == 2
    assert psf["length"] == pytest.approx(36, abs=1)
    assert psf["estimated"] == ["length"]


@pytest.fixture(scope="module")
def defocused(tmp_path_factory):
    file = tmp_path_factory.mktemp("defocused") / "photo.png"
    seen = restore.degrade(
        (data.camera() / 255)[60:300, 90:400], restore.psf.disk(4), noise_sigma=0.006, rng=0, boundary="valid"
    )
    Image.fromarray(np.rint(255 * np.clip(seen, 0, 1)).astype(np.uint8)).save(file)
    return file


def deblurred(run, capsys, file, *words):
    """Run the deblur command without a figure; return exit code, JSON object and what was told to people."""
    code = run("deblur", file, "--linear", *QUICK, "--json", "--force", "-o", file.with_name("out.png"), *words)
    said = capsys.readouterr()
    return code, json.loads(said.out) if code == 0 else None, said.err


def test_left_out_it_is_found(run, capsys, defocused):
    code, record, _ = deblurred(run, capsys, defocused)
    assert code == 0
    assert (record["psf"]["family"], record["psf"]["confidence"]) == ("disk", "confident")
    assert record["psf"]["radius"] == pytest.approx(4, rel=0.02)
    assert record["notes"] == []


def test_a_wide_blur_is_said_to_have_been_seen_in_a_copy(defocused):
    with Image.open(defocused) as stored:
        enlarged = stored.crop((60, 60, 180, 180)).resize((480, 480), Image.Resampling.BICUBIC)
    file = defocused.with_name("enlarged.png")
    enlarged.save(file)
    light = read_light(str(file), Reading(light="linear"))
    kernel = estimated_kernel(PSFChoice(psf="auto", parameters={}), light, Reporting(quiet=True))
    assert kernel.parameters["radius"] == pytest.approx(16, rel=0.03)
    assert "it was seen in a copy of 1/4 of the size" in kernel.notes[0]


@pytest.mark.parametrize(("confidence", "notes"), [("confident", ()), ("weak", (WEAKLY,))])
def test_of_a_weak_blur_the_result_is_to_be_looked_at(defocused, confidence, notes):
    light = read_light(str(defocused), Reading(light="linear"))

    def look(choice, picture):
        return replace(estimate(choice, picture), confidence=confidence)

    choice = PSFChoice(psf="disk", parameters={"radius": 4.0})
    assert estimated_kernel(choice, light, Reporting(quiet=True), look).notes == notes


def test_a_family_that_does_not_show_is_refused_with_the_one_that_does(run, capsys, defocused):
    code, _, said = deblurred(run, capsys, defocused, "--psf", "motion")
    assert code == 2
    assert "it looks like disk, radius 3.99" in said
    assert "try --psf disk" in said


def test_a_family_that_fits_worse_is_used_and_the_better_one_named(run, capsys, defocused):
    code, record, said = deblurred(run, capsys, defocused, "--psf", "gaussian")
    assert code == 0
    assert record["psf"]["family"] == "gaussian"
    assert "note      disk, radius 3.99" in said
    assert "explains the picture better: try --psf disk" in record["notes"][0]


def test_a_picture_that_no_family_explains_may_be_shaken(run, capsys, tmp_path):
    Image.fromarray(data.camera()[140:284, 180:324]).save(tmp_path / "sharp.png")
    code, _, said = deblurred(run, capsys, tmp_path / "sharp.png")
    assert code == 2
    assert "looks sharp" in said
    assert "try --psf blind" in said


def test_a_rival_is_named(run, capsys, tmp_path):
    scene = srgb_to_linear((data.coins() / 255)[60:])
    seen = restore.degrade(scene, restore.psf.gaussian(1), noise_sigma=0.006, rng=0, boundary="valid")
    Image.fromarray(np.rint(255 * linear_to_srgb(np.clip(seen, 0, 1))).astype(np.uint8)).save(tmp_path / "photo.png")
    assert run("deblur", tmp_path / "photo.png", "--json", *QUICK) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["psf"]["family"] == "gaussian"
    assert "disk, radius 1.3" in record["notes"][0]
    assert "fits nearly as well: try --psf disk" in record["notes"][0]
