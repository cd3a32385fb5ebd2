"""`deblur` says what speaks against its result, and draws why."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

SHARP = Path(__file__).resolve().parents[3] / "samples" / "sharp.png"


@pytest.fixture(scope="module")
def blurred(run, tmp_path_factory):
    folder = tmp_path_factory.mktemp("defocused")
    sharp, file = folder / "sharp.png", folder / "blurred.png"
    with Image.open(SHARP) as picture:
        picture.crop((100, 100, 244, 228)).save(sharp)
    words = ["blur", sharp, "--psf", "disk", "--radius", 4, "--noise", 0.003, "--seed", 1, "--no-figure", "-o", file]
    assert run(*words, "--quiet") == 0
    return file


@pytest.fixture
def deblurred(run, capsys):
    """Return the record of a run and what people read of it."""

    def deblur(file, *words):
        assert run("deblur", file, "--psf", "disk", *words, "--json", "--force") == 0
        said = capsys.readouterr()
        return json.loads(said.out), said.err

    return deblur


def test_a_psf_that_looks_wrong_is_said(blurred, deblurred):
    record, said = deblurred(blurred, "--radius", "6", "--no-figure")
    assert record["psf_looks"] == "too wide"
    assert "the PSF looks too wide" in said
    assert any("too wide" in warning for warning in record["warnings"])


def test_the_right_one_is_not_doubted(blurred, deblurred):
    record, said = deblurred(blurred, "--radius", "4", "--no-figure")
    assert record["psf_looks"] == "consistent"
    assert record["warnings"] == []
    assert "warning" not in said
    assert 0.5 * record["noise_sigma"] < record["residual_sigma"] < 1.2 * record["noise_sigma"]
    assert 0 < record["whiteness"] <= 1


@pytest.mark.parametrize("method", ["cls", "inverse"])
def test_the_figure_grows_by_a_row(blurred, deblurred, method, tmp_path):
    heights = []
    for words in ([], ["--diagnostics"]):
        figure = tmp_path / f"figure{len(words)}.png"
        deblurred(blurred, "--radius", "4", "--method", method, "--figure", str(figure), *words)
        with Image.open(figure) as drawn:
            heights.append(drawn.size[1])
            row = np.asarray(drawn.convert("L"))[heights[0] :]
    assert heights[1] > heights[0] + 300
    assert (row < 128).mean() > 0.005
