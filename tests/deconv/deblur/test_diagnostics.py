"""`deblur` says what speaks against its result, and draws why."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import cli
from deconv.figures.diagnostics import by_radius

SHARP = Path(__file__).resolve().parents[3] / "samples" / "sharp.png"


@pytest.fixture
def blurred(tmp_path):
    file = tmp_path / "blurred.png"
    words = ["blur", SHARP, "--psf", "disk", "--radius", 4, "--noise", 0.003, "--seed", 1, "--no-figure", "-o", file]
    assert cli.main([str(word) for word in [*words, "--quiet"]]) == 0
    return file


def deblurred(file, *words, capsys):
    assert cli.main(["deblur", str(file), "--psf", "disk", *words, "--json", "--force"]) == 0
    said = capsys.readouterr()
    return json.loads(said.out), said.err


def test_a_psf_that_looks_wrong_is_said(blurred, capsys):
    record, said = deblurred(blurred, "--radius", "6", "--no-figure", capsys=capsys)
    assert record["psf_looks"] == "too wide"
    assert "the PSF looks too wide" in said
    assert any("too wide" in warning for warning in record["warnings"])


def test_the_right_one_is_not_doubted(blurred, capsys):
    record, said = deblurred(blurred, "--radius", "4", "--no-figure", capsys=capsys)
    assert record["psf_looks"] == "consistent"
    assert record["warnings"] == []
    assert "warning" not in said
    assert 0.5 * record["noise_sigma"] < record["residual_sigma"] < 1.2 * record["noise_sigma"]
    assert 0 < record["whiteness"] <= 1


@pytest.mark.parametrize("method", ["wiener", "cls", "inverse"])
def test_the_figure_grows_by_a_row(blurred, method, tmp_path, capsys):
    heights = []
    for words in ([], ["--diagnostics"]):
        figure = tmp_path / f"figure{len(words)}.png"
        deblurred(blurred, "--radius", "4", "--method", method, "--figure", str(figure), *words, capsys=capsys)
        with Image.open(figure) as drawn:
            heights.append(drawn.size[1])
            row = np.asarray(drawn.convert("L"))[heights[0] :]
    assert heights[1] > heights[0] + 300
    assert (row < 128).mean() > 0.005


def test_rings_hold_the_mean_of_their_frequencies():
    rows, columns = 16, 9
    radius = np.hypot(np.fft.fftfreq(rows)[:, None], np.linspace(0, 0.5, columns))
    found, mean = by_radius(np.exp(-3 * radius))
    np.testing.assert_allclose(mean, np.exp(-3 * found), rtol=0.08)
    assert found[0] == 0
    assert found[-1] <= 0.5
