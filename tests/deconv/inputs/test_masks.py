"""Samples that nobody knows: clipped lights, scratches, NaN."""

import json

import numpy as np
import pytest
import tifffile
from PIL import Image
from skimage import data

import restore

GAUSSIAN = ["--psf", "gaussian", "--sigma", "1.5"]


@pytest.fixture
def lamp(texture, tmp_path):
    """A blurred picture with a light that clips: the sharp file and the blurred one."""
    sharp = (80 * texture((96, 96))).astype(np.float64) / 255
    sharp[40:46, 50:56] = 20.0
    np.save(tmp_path / "sharp.npy", np.minimum(sharp, 1))
    blurred = restore.degrade(sharp, restore.psf.disk(3), noise_sigma=0.002, rng=0)
    path = tmp_path / "lamp.png"
    Image.fromarray(np.clip(255 * blurred, 0, 255).round().astype(np.uint8)).save(path)
    return sharp, path


def around_the_lamp(path, sharp):
    values = np.asarray(Image.open(path)) / 255.0
    rows, columns = slice(25, 61), slice(35, 71)
    return float(np.mean((values - np.minimum(sharp, 1))[rows, columns] ** 2))


def test_lights_far_above_the_top_are_not_taken_for_wrong_samples(run, tmp_path, capsys):
    """What they spread contradicts any light that a robust estimate finds for them; it is unknown, as they are."""
    sharp = 0.04 + 0.25 * data.moon()[:150, :150] / 255
    sharp[40:44, 40:44], sharp[110:116, 100:104], sharp[70, 110] = 9.0, 6.0, 30.0
    codes = np.rint(65535 * np.clip(restore.degrade(sharp, restore.psf.disk(3), noise_sigma=0.002, rng=0), 0, 1))
    tifffile.imwrite(tmp_path / "lights.tif", codes.astype(np.uint16))
    words = ["--psf", "disk", "--radius", 3, "--no-figure", "--json", "-o", tmp_path / "restored.tif"]
    assert run("deblur", tmp_path / "lights.tif", *words) == 0
    assert json.loads(capsys.readouterr().out)["contradicting"] == 0
    error = np.where(sharp > 1, 0, tifffile.imread(tmp_path / "restored.tif") / 65535 - sharp)
    assert np.sqrt(np.mean(error**2)) < 0.005  # 0.06 as it is, 0.025 with the light that the robust estimate finds


def test_clipped_lights_are_unknown_unless_kept(run, lamp, capsys):
    sharp, path = lamp
    errors, masked = {}, {}
    for word in ("auto", "mask", "keep"):
        output = path.with_name(f"{word}.png")
        words = ["--psf", "disk", "--radius", 3, "--linear", "--clipped", word, "--no-figure", "--json"]
        assert run("deblur", path, *words, "-o", output) == 0
        errors[word], masked[word] = around_the_lamp(output, sharp), json.loads(capsys.readouterr().out)["masked"]
    assert max(errors["auto"], errors["mask"]) < 0.5 * errors["keep"]
    assert masked["auto"] == masked["mask"] > 0 == masked["keep"]


def test_a_white_ground_is_not_taken_for_lights(run, tmp_path, capsys):
    page = np.full((64, 64), 255, np.uint8)
    page[20:40, 20:40] = 30
    Image.fromarray(page).save(tmp_path / "page.png")
    assert run("deblur", tmp_path / "page.png", *GAUSSIAN, "--no-figure", "--json") == 0
    assert json.loads(capsys.readouterr().out)["masked"] == 0


def test_scratch_by_mask_file_and_nan(run, texture, tmp_path):
    sharp = texture((80, 88))
    blurred = restore.degrade(sharp, restore.psf.gaussian(1.5), noise_sigma=0.002, rng=0)
    scratch = np.zeros((80, 88), bool)
    scratch[30:32, 10:70] = True
    spoiled = np.where(scratch, 3.0, blurred)
    np.save(tmp_path / "spoiled.npy", spoiled)
    np.save(tmp_path / "nan.npy", np.where(scratch, np.nan, blurred))
    Image.fromarray(255 * scratch.astype(np.uint8)).save(tmp_path / "mask.png")
    words = [*GAUSSIAN, "--no-figure", "--force", "-o", tmp_path / "out.npy"]
    errors = []
    for source, extra in (("spoiled", []), ("spoiled", ["--mask", tmp_path / "mask.png"]), ("nan", ["--nan", "mask"])):
        assert run("deblur", tmp_path / f"{source}.npy", *words, *extra) == 0
        errors.append(float(np.mean((np.load(tmp_path / "out.npy") - sharp) ** 2)))
    assert errors[1] < 0.1 * errors[0]
    assert errors[2] == pytest.approx(errors[1], rel=1e-6)


def test_a_mask_of_another_size_is_refused(run, photo, tmp_path, capsys):
    Image.new("L", (5, 5)).save(tmp_path / "mask.png")
    assert run("deblur", photo, *GAUSSIAN, "--mask", tmp_path / "mask.png", "-o", tmp_path / "x.png") == 2
    assert "same height and width" in capsys.readouterr().err


def test_the_report_says_why_samples_are_unknown(run, texture, tmp_path, capsys):
    picture = (np.clip(texture((40, 50)), 0, 0.9) * 255).astype(np.uint8)
    picture[10:14, 10:15] = 255  # 20 of 2000
    Image.fromarray(picture).save(tmp_path / "a.png")
    scratch = np.zeros((40, 50), np.uint8)
    scratch[30, 5:45] = 255
    Image.fromarray(scratch).save(tmp_path / "mask.png")
    words = [*GAUSSIAN, "--linear", "--method", "wiener", "--no-figure", "--mask", tmp_path / "mask.png"]
    assert run("deblur", tmp_path / "a.png", *words) == 0
    told = capsys.readouterr().err
    assert "  unknown   clipped highlights: 1 % solved for; under the mask: 2 % solved for" in told
    assert run("deblur", tmp_path / "a.png", *words[:-2], "--clipped", "keep", "--force") == 0
    assert "clipped highlights: 1 %, used as they are" in capsys.readouterr().err


def test_a_result_that_leaves_the_range_of_its_file_is_said_to_be_cut(run, night, tmp_path, capsys):
    words = ["--psf", "gaussian", "--sigma", 2.2, "--linear", "--method", "wiener", "--no-figure", "--json"]
    assert run("deblur", night, *words) == 0
    told = capsys.readouterr()
    record, stored = json.loads(told.out), np.asarray(Image.open(night.with_name("night.restored.png")))
    low = record["clipped_output_low"]
    assert 0 < low < record["clipped_output"] <= np.mean((stored == 0) | (stored == 65535))
    assert low <= np.mean(stored == 0)
    shares = f"{100 * low:.2g} % at the bottom and {100 * (record['clipped_output'] - low):.2g} % at the top"
    assert f"  clipped   {shares}: samples of the result" in told.err


def test_samples_that_contradict_the_psf_are_said_and_solved_for(run, texture, tmp_path, capsys):
    sharp = 0.2 + 0.5 * texture((72, 80))
    observed = restore.degrade(sharp, restore.psf.gaussian(1.5), noise_sigma=0.004, rng=0)
    observed[10:60:10, 10:70:10] = np.linspace(0.8, 0.97, 30).reshape(5, 6)
    Image.fromarray((255 * observed).round().astype(np.uint8)).save(tmp_path / "hot.png")
    np.save(tmp_path / "sharp.npy", sharp)
    words = [*GAUSSIAN, "--linear", "--force", "--json", "--diagnostics"]
    errors = {}
    for word in ("auto", "keep"):
        assert run("deblur", tmp_path / "hot.png", *words, "--outliers", word, "-o", tmp_path / "out.png") == 0
        told = capsys.readouterr()
        errors[word] = float(np.mean((np.asarray(Image.open(tmp_path / "out.png")) / 255 - sharp) ** 2))
        share = json.loads(told.out)["contradicting"]
        assert ("% of the samples contradict the PSF: solved for" in told.err) == (word == "auto") == (share > 0.004)
    assert errors["auto"] < 0.5 * errors["keep"]
