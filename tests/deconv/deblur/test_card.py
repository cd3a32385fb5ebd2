"""The card: what is in use there is what was written, and its neighbours are restored as the picture was."""

import json

import numpy as np
import pytest
from PIL import Image

import restore
from deconv.deblur import card
from deconv.figures.sheet import Sheet
from deconv.inputs.kernel import Kernel
from restore.blur_identification.shake.from_shake import USUAL_ERROR
from restore.psf.family import FAMILIES, Family, Parameter


@pytest.fixture
def work(monkeypatch):
    """What the card is made from, and the variants on it, of the last run."""
    seen = {}

    def spy(one, variants=card.try_variants):
        seen["work"], seen["variants"] = one, variants(one)
        return seen["variants"]

    monkeypatch.setattr(card, "try_variants", spy)
    return seen


@pytest.fixture
def calls(monkeypatch):
    """The arguments of every restoration of a run."""
    told = []

    def spy(image, psf, *, plain=restore.deconvolve, **settings):
        told.append({name: value for name, value in settings.items() if name not in ("mask", "callback")})
        return plain(image, psf, **settings)

    monkeypatch.setattr(restore, "deconvolve", spy)
    monkeypatch.setattr("restore.sensitivity.deconvolve", spy)
    return told


def photograph(path, **options):
    sharp = np.asarray(Image.open("samples/sharp.png").convert("L"), float)[:64, :72] / 255
    observed = restore.degrade(sharp, restore.psf.disk(2), noise_sigma=0.005, rng=0)
    Image.fromarray(np.rint(255 * np.clip(observed, 0, 1)).astype(np.uint8)).save(path, **options)
    return path


CASES = {
    "a JPEG": ("photo.jpg", []),
    "a strength that was given": ("photo.png", ["--method", "total_variation", "--strength", 0.01]),
    "a number of iterations": ("photo.png", ["--method", "richardson_lucy", "--iterations", 5]),
    "photons": ("photo.png", ["--method", "richardson_lucy", "--gain", 0.001, "--read-noise", 0.01]),
    "a rule": ("photo.png", ["--method", "cls", "--rule", "gcv", "--operator", "gradient"]),
    "a boundary": ("photo.png", ["--boundary", "reflect"]),
}


@pytest.mark.parametrize("case", CASES)
def test_in_use_is_the_restoration_that_was_written(run, case, tmp_path, work, calls, capsys, monkeypatch):
    monkeypatch.setattr(Sheet, "save", lambda _, path: path.write_bytes(b"card"))  # drawn below
    name, words = CASES[case]
    file = photograph(tmp_path / name)
    call = ["deblur", file, "--psf", "disk", "--radius", 2, *words, "--no-figure", "--json", "-o", tmp_path / "a.png"]
    assert run(*call, "--card", tmp_path / "card.png") == 0
    assert (tmp_path / "card.png").exists()
    assert len(calls) == 4  # the picture, and three variants
    assert all(call == calls[0] for call in calls[1:])
    assert (calls[0]["extra_noise_var"](None) > 0) == (case == "a JPEG")
    in_use = next(v for v in work["variants"] if v.name == "in use")
    with Image.open(tmp_path / "a.png") as written:
        np.testing.assert_array_equal(np.rint(255 * in_use.image), np.asarray(written))
    record = json.loads(capsys.readouterr().out)
    assert [trial["psf"] for trial in record["sensitivity"]] == ["size -10 %", "in use", "size +10 %"]


def test_after_a_kernel_was_found_the_method_is_that_of_the_picture(run, tmp_path, work, calls):
    file = photograph(tmp_path / "photo.png")
    call = ["deblur", file, "--psf", "blind", "--psf-size", 9, "--no-figure", "--quiet", "-o", tmp_path / "a.png"]
    assert run(*call, "--card", tmp_path / "card.png") == 0
    assert {call["method"] for call in calls} == {"hyper_laplacian"}
    assert {call["psf_error"] for call in calls} == {USUAL_ERROR}


# --- what it shows ----------------------------------------------------------------------------------------------------


@pytest.fixture
def shown(run, tmp_path, capsys):
    """Return what the card of a picture shows, by the names of the PSFs."""

    def show(path, *words):
        figure = tmp_path / "card.png"
        assert run("deblur", path, *words, "--card", figure, "--no-figure", "--json", "-o", tmp_path / "out.png") == 0
        out, err = capsys.readouterr()
        found = json.loads(out)
        assert found["card"] == str(figure)
        assert err.count("misfit") == len(found["sensitivity"])
        with Image.open(figure) as picture:
            assert picture.width == 1600
        return {entry["psf"]: entry for entry in found["sensitivity"]}

    return show


def test_the_card_shows_sizes_and_finds_the_right_one(wall, shown):
    found = shown(wall, "--psf", "disk", "--radius", "3.5", "--method", "wiener")
    assert list(found) == ["size -10 %", "in use", "size +10 %"]
    assert found["in use"]["misfit"] == 0
    assert all(entry["misfit"] > 2 for name, entry in found.items() if name != "in use")


def test_the_card_of_motion_shows_angles_too(run, texture, tmp_path, capsys):
    blurred = restore.degrade(texture((96, 90), span=0.6), restore.psf.motion(13, 20), noise_sigma=0.002, rng=0)
    np.save(tmp_path / "moved.npy", blurred)
    words = ["--psf", "motion", "--length", 13, "--angle", 20, "--method", "wiener", "--card", tmp_path / "card.png"]
    assert run("deblur", tmp_path / "moved.npy", *words, "--no-figure", "--json", "-o", tmp_path / "out.npy") == 0
    found = json.loads(capsys.readouterr().out)["sensitivity"]
    assert [entry["psf"] for entry in found][3:] == ["angle -3 deg", "angle +3 deg"]
    assert min(found, key=lambda entry: entry["misfit"])["psf"] == "in use"


def test_the_card_of_a_measured_psf_scales_the_array(night, tmp_path, shown):
    np.save(tmp_path / "psf.npy", restore.psf.gaussian(2.2))
    found = shown(night, "--psf", tmp_path / "psf.npy", "--linear", "--method", "wiener")
    assert list(found) == ["size -10 %", "in use", "size +10 %"]


def test_no_card_unless_asked_for(run, wall, tmp_path, capsys):
    assert run("deblur", wall, "--psf", "disk", "--radius", 3, "--no-figure", "--json", "-o", tmp_path / "o.png") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["card"] is None
    assert found["sensitivity"] == []


def test_a_family_may_call_its_angle_otherwise(monkeypatch):
    parameters = (Parameter("way", "px"), Parameter("heading", "deg"))
    drift = Family(name="drift", draw=lambda way, heading: restore.psf.motion(way, heading), parameters=parameters)
    monkeypatch.setitem(FAMILIES, "drift", drift)
    drawn = {"way": 9.0, "heading": 20.0}
    kernel = Kernel(psf=restore.psf.motion(9, 20), family="drift", parameters=drawn)
    titles = [
        card.title(name, kernel, "drift") for name in restore.psf_variants(kernel.psf, family="drift", parameters=drawn)
    ]
    assert titles[0] == "way 8.1 px (\N{MINUS SIGN}10 %)"
    assert titles[1] == "in use: way 9, heading 20"
    assert titles[3:] == ["heading 17 deg (\N{MINUS SIGN}3 deg)", "heading 23 deg (+3 deg)"]
