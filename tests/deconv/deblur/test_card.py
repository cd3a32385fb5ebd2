"""The card: what is in use there is what was written, and its neighbours are restored as the picture was."""

import json

import numpy as np
import pytest
from PIL import Image

import cli
import restore
from deconv.deblur import card


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
    sharp = np.asarray(Image.open("samples/sharp.png").convert("L"), float)[:96, :112] / 255
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
def test_in_use_is_the_restoration_that_was_written(case, tmp_path, work, calls, capsys):
    name, words = CASES[case]
    file = photograph(tmp_path / name)
    call = ["deblur", file, "--psf", "disk", "--radius", 2, *words, "--no-figure", "--json", "-o", tmp_path / "a.png"]
    assert cli.main([str(word) for word in [*call, "--card", tmp_path / "card.png"]]) == 0
    assert (tmp_path / "card.png").exists()
    assert len(calls) == 4  # the picture, and three variants
    assert all(call == calls[0] for call in calls[1:])
    assert (calls[0]["extra_noise_var"] > 0) == (case == "a JPEG")
    in_use = next(v for v in work["variants"] if v.name == "in use")
    with Image.open(tmp_path / "a.png") as written:
        np.testing.assert_array_equal(np.rint(255 * in_use.image), np.asarray(written))
    record = json.loads(capsys.readouterr().out)
    assert [trial["psf"] for trial in record["sensitivity"]] == ["size -10 %", "in use", "size +10 %"]


def test_after_a_kernel_was_found_the_method_is_that_of_the_picture(tmp_path, work, calls):
    file = photograph(tmp_path / "photo.png")
    call = ["deblur", file, "--psf", "blind", "--psf-size", 9, "--no-figure", "--quiet", "-o", tmp_path / "a.png"]
    assert cli.main([str(word) for word in [*call, "--card", tmp_path / "card.png"]]) == 0
    assert {call["method"] for call in calls} == {"hyper_laplacian"}
    assert {call["strength"] for call in calls} == {5e-4}
