"""The program's PSFs from a boxed point or edge, and the sensitivity card."""

import json

import numpy as np
import pytest
from PIL import Image

import cli
import restore


def run(*words):
    return cli.main([str(word) for word in words])


def texture(shape, seed=0):
    rng = np.random.default_rng(seed)
    frequency = np.hypot(np.fft.fftfreq(shape[0])[:, None], np.fft.rfftfreq(shape[1]))
    field = np.fft.irfft2(np.fft.rfft2(rng.standard_normal(shape)) / (frequency + 0.01) ** 1.3, s=shape)
    return 0.1 + 0.6 * (field - field.min()) / np.ptp(field)


def encoded(light):
    light = np.clip(light, 0, 1)
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


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
def wall(tmp_path):
    """A defocused photograph, 8-bit sRGB in colour: a slanted edge between two even walls above some texture."""
    y, x = np.mgrid[:120, :128]
    light = 0.15 + 0.5 * np.clip(x - 50 - 0.12 * y, 0, 1)
    light[80:] = texture((40, 128))
    light = restore.degrade(light, restore.psf.disk(3.5), noise_sigma=0.002, rng=0)
    path = tmp_path / "wall.png"
    Image.fromarray(
        (255 * encoded(np.stack([light, 0.9 * light, 0.8 * light], axis=-1))).round().astype(np.uint8)
    ).save(path)
    return path


def test_deblur_takes_the_psf_from_a_star(night, tmp_path, capsys):
    words = ["--psf-from-point", "25,45,31,31", "--linear", "--json", "-o", tmp_path / "out.png"]
    assert run("deblur", night, *words) == 0
    out, err = capsys.readouterr()
    psf = json.loads(out)["psf"]
    assert psf["family"] == "gaussian"
    assert psf["sigma"] == pytest.approx(2.2, rel=0.02)
    assert psf["estimated"] == ["sigma"]
    assert 0 < psf["uncertainty"]["sigma"] < 0.05
    assert psf["confidence"] == "confident"
    assert psf["measured"]["from"] == "point"
    assert psf["measured"]["box"] == [25, 45, 31, 31]
    assert psf["measured"]["center"] == pytest.approx([40, 60], abs=0.05)
    assert "from the point" in err
    assert (tmp_path / "out.figure.png").exists()


def test_the_model_of_a_point_can_be_named(night, tmp_path, capsys):
    box = ["--psf-from-point", "25,45,31,31", "--linear", "--json"]
    psf = tmp_path / "psf.npy"
    assert run("estimate", night, *box, "--psf", "measured", "-o", psf) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["psf"]["family"] == "measured"
    assert found["psf"]["fwhm"] == pytest.approx(2.355 * 2.2, rel=0.02)
    assert np.abs(restore.psf.centroid_offset(np.load(psf))).max() < 1e-3
    assert run("deblur", night, "--psf", psf, "--linear", "--no-figure", "-o", tmp_path / "out.png") == 0


def test_estimate_tells_the_blur_of_an_edge(wall, capsys):
    assert run("estimate", wall, "--psf-from-edge", "20,10,70,55", "--json") == 0
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert found["psf"]["family"] == "disk"
    assert found["psf"]["radius"] == pytest.approx(3.5, rel=0.03)
    assert found["uncertainty"]["radius"] < 0.1
    assert found["from"] == "edge"
    assert found["edge_angle"] == pytest.approx(np.rad2deg(np.arctan2(1, -0.12)), abs=0.5)
    assert found["runner_up"]["family"] == "gaussian"
    assert "from an edge" in err


def test_deblur_takes_the_psf_from_an_edge(wall, tmp_path, capsys):
    words = ["--psf-from-edge", "20,10,70,55", "--json", "--no-figure", "-o", tmp_path / "out.png"]
    assert run("deblur", wall, *words) == 0
    psf = json.loads(capsys.readouterr().out)["psf"]
    assert psf["family"] == "disk"
    assert psf["radius"] == pytest.approx(3.5, rel=0.03)
    assert psf["measured"]["edge_angle"] == pytest.approx(96.8, abs=0.5)


BAD = {
    "clipped star": (["deblur", "night.png", "--linear", "--psf-from-point", "10,5,31,31"], "clipped"),
    "empty sky": (["deblur", "night.png", "--linear", "--psf-from-point", "80,60,20,20"], "hold a point"),
    "cut star": (["deblur", "night.png", "--linear", "--psf-from-point", "38,50,20,20"], "whole point"),
    "outside": (["deblur", "night.png", "--linear", "--psf-from-point", "90,60,40,40"], "within the image"),
    "no numbers": (["deblur", "night.png", "--psf-from-point", "here"], "x,y,width,height"),
    "negative": (["estimate", "night.png", "--psf-from-edge=-1,2,30,30"], "x,y,width,height"),
    "both": (["deblur", "night.png", "--psf-from-point", "1,1,20,20", "--psf-from-edge", "1,1,20,20"], "not allowed"),
    "known parameter": (["deblur", "night.png", "--psf-from-point", "25,45,31,31", "--sigma", "2"], "--sigma"),
    "foreign model": (["deblur", "wall.png", "--psf-from-edge", "20,10,70,55", "--psf", "motion"], "gaussian, disk"),
    "measured from nothing": (["estimate", "wall.png", "--psf", "measured"], "--psf-from-point"),
    "texture": (["deblur", "wall.png", "--psf-from-edge", "20,84,70,30"], "edge"),
    "nothing named": (["deblur", "wall.png"], "--psf"),
    "card of two": (["deblur", "wall.png", "night.png", "--psf", "disk", "--radius", "3", "--card", "c.png"], "--card"),
    "card is input": (["deblur", "wall.png", "--psf", "disk", "--radius", "3", "--card", "wall.png"], "input"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_measured_is_one_line(case, night, wall, tmp_path, monkeypatch, capsys):
    words, expected = BAD[case]
    monkeypatch.chdir(tmp_path)
    before = sorted(p.name for p in tmp_path.iterdir())
    assert run(*words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert expected in err
    assert sorted(p.name for p in tmp_path.iterdir()) == before


# --- the card --------------------------------------------------------------------------------------------------------


def card(path, tmp_path, capsys, *words):
    figure = tmp_path / "card.png"
    assert run("deblur", path, *words, "--card", figure, "--no-figure", "--json", "-o", tmp_path / "out.png") == 0
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert found["card"] == str(figure)
    assert err.count("misfit") == len(found["sensitivity"])
    with Image.open(figure) as picture:
        assert picture.width == 1600
    return {entry["psf"]: entry for entry in found["sensitivity"]}


def test_the_card_shows_sizes_and_finds_the_right_one(wall, tmp_path, capsys):
    found = card(wall, tmp_path, capsys, "--psf", "disk", "--radius", "3.5")
    assert list(found) == ["size -10 %", "in use", "size +10 %"]
    assert found["in use"]["misfit"] == 0
    assert all(entry["misfit"] > 2 for name, entry in found.items() if name != "in use")


def test_the_card_of_motion_shows_angles_too(tmp_path, capsys):
    blurred = restore.degrade(texture((96, 90)), restore.psf.motion(13, 20), noise_sigma=0.002, rng=0)
    np.save(tmp_path / "moved.npy", blurred)
    words = ["--psf", "motion", "--length", 13, "--angle", 20, "--card", tmp_path / "card.png"]
    assert run("deblur", tmp_path / "moved.npy", *words, "--no-figure", "--json", "-o", tmp_path / "out.npy") == 0
    found = json.loads(capsys.readouterr().out)["sensitivity"]
    assert [entry["psf"] for entry in found][3:] == ["angle -3 deg", "angle +3 deg"]
    assert min(found, key=lambda entry: entry["misfit"])["psf"] == "in use"


def test_the_card_of_a_measured_psf_scales_the_array(night, tmp_path, capsys):
    np.save(tmp_path / "psf.npy", restore.psf.gaussian(2.2))
    found = card(night, tmp_path, capsys, "--psf", tmp_path / "psf.npy", "--linear")
    assert list(found) == ["size -10 %", "in use", "size +10 %"]


def test_no_card_unless_asked_for(wall, tmp_path, capsys):
    assert run("deblur", wall, "--psf", "disk", "--radius", 3, "--no-figure", "--json", "-o", tmp_path / "o.png") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["card"] is None
    assert found["sensitivity"] == []
