"""The program's PSFs from a boxed point or edge."""

import json

import numpy as np
import pytest

import restore


def test_deblur_takes_the_psf_from_a_star(run, night, tmp_path, capsys):
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


def test_the_model_of_a_point_can_be_named(run, night, tmp_path, capsys):
    box = ["--psf-from-point", "25,45,31,31", "--linear", "--json"]
    psf = tmp_path / "psf.npy"
    assert run("estimate", night, *box, "--psf", "measured", "-o", psf) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["psf"]["family"] == "measured"
    assert found["psf"]["fwhm"] == pytest.approx(2.355 * 2.2, rel=0.02)
    assert np.abs(restore.psf.centroid_offset(np.load(psf))).max() < 1e-3
    assert run("deblur", night, "--psf", psf, "--linear", "--no-figure", "-o", tmp_path / "out.png") == 0


def test_estimate_tells_the_blur_of_an_edge(run, wall, capsys):
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


def test_deblur_takes_the_psf_from_an_edge(run, wall, tmp_path, capsys):
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
    "card of two": (["deblur", "wall.png", "night.png", "--psf", "disk", "--radius", "3", "--card", "c.png"], "--card"),
    "card is input": (["deblur", "wall.png", "--psf", "disk", "--radius", "3", "--card", "wall.png"], "input"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_measured_is_one_line(case, night, wall, refused):
    words, expected = BAD[case]
    refused(*words, expected=expected)
